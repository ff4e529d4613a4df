"""The web application, put together from its rooms. Nothing is made at import."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

import service
from service import worker
from service.console import api_acts, api_app, api_plain
from service.console import api_sign_in as console_sign_in
from service.delivery import api as delivery_api
from service.delivery import api_alerts, api_mail
from service.demo import api as demo_api
from service.desk import api as desk_api
from service.disqus import api as disqus_api
from service.disqus import api_oauth, api_three
from service.disqus.hosts import ForumHosts
from service.frame import api as frame_api
from service.hooks import api as hooks_api
from service.identity import api as identity_api
from service.keys import api as keys_api
from service.kit import heap
from service.kit.settings import Settings
from service.live import api as live_api
from service.mailing import api as mailing_api
from service.mailing import api_pages as mail_pages
from service.moderation import api as moderation_api
from service.moderation import api_bulk, api_claims, api_live, api_queues, api_rules, api_saved_queues, api_stats
from service.outbox import api as outbox_api
from service.plain import api as plain_api
from service.posting import api as posting_api
from service.posting import api_writing as writing_api
from service.privacy import api as privacy_api
from service.privacy import api_notice, api_pages, api_staff
from service.publishing import api as publishing_api
from service.publishing import api_erasure as erasure_api
from service.publishing import api_jobs as thread_jobs_api
from service.readers import api as readers_api
from service.readers import api_sessions as reader_sessions
from service.readers import api_ways
from service.readers import api_windows as reader_windows
from service.reading import api as reading_api
from service.reading import api_feeds as feeds_api
from service.reading import api_widgets as widgets_api
from service.record import api as record_api
from service.redress import api as redress_api
from service.sanctions import api as sanctions_api
from service.settings import api as settings_api
from service.settings import api_history as settings_history
from service.sites import api as sites_api
from service.sso import api as sso_api
from service.transfer import api as transfer_api
from service.web import health, metrics, problem
from service.web.bodies import BodyLimit
from service.web.built import BuiltFiles
from service.web.direct import Direct
from service.web.fast import FastPages
from service.web.head import HeadAsGet
from service.web.headers import SecurityHeaders
from service.web.openapi import describe
from service.web.parts import Parts, make_parts
from service.web.places import Places
from service.web.shedding import Shedding
from service.web.unexpected import Unexpected
from service.web.watched import Watched

DESCRIPTION = """
Threaded comments for news sites. Ids are strings, times are RFC 3339 in UTC, lists have `items` and `next_cursor`.
Errors are `application/problem+json` (RFC 9457) with a stable `type`.

A guest is recognised by the capability in the answer to the first act (`guest`): send it as
`Authorization: Bearer …`. A member's session, which a site's own sign-in is exchanged for, is sent the same way. Staff
sign in by a link and have a cookie.
"""


def create_app(settings: Settings, parts: Parts | None = None) -> FastAPI:
    """The application for these settings. Tests hand in parts of their own."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        made = parts or make_parts(settings, worker.reactions)
        app.state.parts = made
        tasks = [
            asyncio.create_task(made.purger.run()),
            asyncio.create_task(made.db.watch()),
            asyncio.create_task(made.watch.run()),
            asyncio.create_task(made.fanout.run()),
            asyncio.create_task(heap.keep_small()),
        ]
        if settings.runs_worker:
            tasks.append(asyncio.create_task(worker.run(made)))
        try:
            yield
        finally:
            made.watch.end()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if parts is None:
                await made.close()

    app = FastAPI(
        title="Parley",
        version=service.__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # A redirect would be made from the Host header, which anybody may write.
        redirect_slashes=False,
        # It would look for somebody to tell at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    # Looked through in this order for each request that is not ready: what readers ask for comes first.
    for room in (
        frame_api,
        posting_api,
        writing_api,
        reading_api,
        feeds_api,
        widgets_api,
        live_api,
        identity_api,
        sites_api,
        settings_api,
        keys_api,
        sso_api,
        readers_api,
        reader_sessions,
        settings_history,
        publishing_api,
        thread_jobs_api,
        erasure_api,
        outbox_api,
        moderation_api,
        desk_api,
        redress_api,
        sanctions_api,
        record_api,
        delivery_api,
        api_alerts,
        api_mail,
        hooks_api,
        transfer_api,
        plain_api,
        mailing_api,
        mail_pages,
        privacy_api,
        api_ways,
        api_pages,
        api_notice,
        api_staff,
        api_plain,
        api_acts,
        console_sign_in,
        # Its views last: each has an address of one word, which others of the console have too.
        api_app,
        disqus_api,
        api_three,
        api_oauth,
    ):
        app.include_router(room.router)
    for part in (api_queues, api_saved_queues, api_claims, api_live, api_rules, api_bulk, api_stats):
        app.include_router(part.router)
    app.include_router(reader_windows.router)
    if settings.demo:
        app.include_router(demo_api.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    problem.install(app)
    describe(app)
    # Asked before there is an ASGI request, too: service/web/wire.py.
    app.state.places = Places(settings.most_at_once)
    app.add_middleware(Direct, routes=posting_api.router.routes, handlers=app.exception_handlers)
    app.add_middleware(Unexpected)
    app.add_middleware(
        BodyLimit,
        most=settings.max_body_bytes,
        seconds=settings.client_seconds,
        most_of_files=settings.import_max_bytes,
    )
    app.add_middleware(Shedding, places=app.state.places)
    app.add_middleware(BuiltFiles)
    app.add_middleware(SecurityHeaders, origin=settings.origin)
    app.add_middleware(FastPages)
    # Outside of what is kept: an id is one request's.
    app.add_middleware(Watched)
    app.add_middleware(HeadAsGet)
    app.add_middleware(ForumHosts, suffix=settings.forum_host)
    return app
