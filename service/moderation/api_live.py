"""The desk as it changes, as a stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from service import identity
from service.kit.errors import Forbidden, Invalid, SignInNeeded, Unavailable
from service.moderation.access import sections_of
from service.moderation.watch import Event, TooManyWatch
from service.sites import SiteUnknown
from service.web.head import HEAD
from service.web.problem import raises
from service.web.team import SiteName, site_named
from service.web.who import AllParts, Moderator, console_cookie

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])

_MEDIA_TYPE = "text/event-stream"
# Proxies that gather answers before they pass them on are asked not to.
_HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
_LONGEST = 3_600


@router.get(
    "/live",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`hello`, then `held`, `released`, `opened`, `decided` (with `cases`), `counts`;"
            " `reset`: look anew; `away`: ask now and then until `reset`",
            "content": {_MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
        **raises(SignInNeeded, Forbidden, SiteUnknown, Invalid, TooManyWatch),
    },
)
async def get_live(
    request: Request,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    seconds: Annotated[
        int, Query(ge=0, le=_LONGEST, description="How long to listen; 0: how it is now, and no more")
    ] = _LONGEST,
) -> Response:
    """Who holds what, what comes and what is done, as it happens. A browser's EventSource comes back by itself."""
    found = await site_named(parts, who, site)
    parts.watch.check_room(who.account.id)
    if request.scope.get(HEAD):
        return Response(media_type=_MEDIA_TYPE, headers=_HEADERS)
    token = request.cookies[console_cookie(parts)]

    async def may_still() -> bool:
        try:
            staff = await parts.db.read(identity.staff_of_session, token)
        except Unavailable:
            return True  # asked again at the next pulse
        return staff is not None and staff.is_moderator_at(found.id)

    events = parts.watch.stream(
        found.id, who.account.id, sections_of(who, found.id), seconds=seconds, may_still=may_still
    )
    return StreamingResponse(_written(events), media_type=_MEDIA_TYPE, headers=_HEADERS)


async def _written(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    async for event in events:
        if event.kind == "pulse":
            yield ": still here\n\n"
        else:
            yield f"event: {event.kind}\ndata: {json.dumps(event.about, ensure_ascii=False)}\n\n"
