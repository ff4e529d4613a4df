"""No database connection is held while a request comes in, an answer goes out, or somebody outside is talked to."""

from __future__ import annotations

import asyncio

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import worker
from service.app import create_app
from service.kit.db import Database
from service.web.parts import make_parts
from tests.conftest import ORIGIN, Floor
from tests.world import World, some_address


def held(db: Database) -> int:
    """Connections out of the pools at this moment."""
    return sum(engine.pool.checkedout() for engine in {db.engine, db._read_engine})  # type: ignore[attr-defined]  # of a queue pool


class Watching:
    """Plain ASGI around the app: looks at the pools whenever a client is waited for."""

    def __init__(self, app: ASGIApp, db: Database) -> None:
        self._app = app
        self._db = db
        self.seen: list[tuple[str, str, int]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receiving() -> Message:
            self.seen.append((scope["path"], "receive", held(self._db)))
            return await receive()

        async def sending(message: Message) -> None:
            self.seen.append((scope["path"], str(message["type"]), held(self._db)))
            await send(message)

        await self._app(scope, receiving, sending)


@pytest.fixture
def watched(world: World) -> Watching:
    """The world's callers come through it from now on."""
    watching = Watching(world.app, world.parts.db)
    plain = world.caller

    def caller(address: str) -> AsyncClient:
        client = plain(address)
        client._transport = ASGITransport(app=watching, client=(address, 1), raise_app_exceptions=False)
        return client

    world.caller = caller  # type: ignore[method-assign]  # for this test
    return watching


async def test_nothing_is_held_while_a_client_is_waited_for(world: World, watched: Watching) -> None:
    ada, ben, staff = world.guest("Ada"), world.guest("Ben"), await world.staff()
    posted = (await ada.post("One"))["comment"]
    await ada.post("Two", parent=posted["id"])
    await ada.edit(posted["id"], "One, edited")
    assert (await ben.vote(posted["id"], 1)).is_success
    assert (await ben.report(posted["id"])).is_success
    await world.settle()
    site, url, thread = world.site.name, world.page("article"), posted["thread"]
    reader = world.caller(some_address())
    for path, params in (
        ("/embed", {"site": site, "url": url}),
        ("/embed/comments", {"thread": thread}),
        ("/api/v1/threads", {"site": site, "url": url}),
        (f"/api/v1/threads/{thread}/comments", {}),
        (f"/api/v1/threads/{thread}/viewer", {}),
        (f"/api/v1/comments/{posted['id']}", {}),
        ("/api/v1/counts", {"site": site, "url": url}),
        ("/api/v1/comments/1", {}),
        ("/readyz", {}),
    ):
        world.parts.pages.clear()
        await reader.get(path, params=params)
    for path in ("/console", "/api/v1/moderation/counts", f"/api/v1/moderation/queue?site={site}"):
        assert (await staff.get(path)).is_success, path
    claims = await staff.post("/api/v1/moderation/claims", json={"site": site, "limit": 5})
    assert claims.status_code == 201
    item = {"comment": posted["id"], "version": 2}
    decided = await staff.post("/api/v1/moderation/decisions", json={"items": [item], "action": "approve"})
    assert decided.is_success
    assert (await ada.delete(posted["id"])).is_success

    assert {path for path, _, _ in watched.seen} >= {"/embed", "/console", "/api/v1/comments", "/readyz"}
    assert [seen for seen in watched.seen if seen[2]] == []


async def test_a_mail_server_that_never_answers_holds_nothing(world: World, floor: Floor) -> None:
    called = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = floor.settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}")})
    parts = make_parts(settings, worker.reactions)
    app = create_app(settings, parts)
    app.state.parts = parts
    await world.staff(email=f"mona@{world.site.name}.test")
    transport = ASGITransport(app=app, client=(some_address(), 1))
    async with AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        asked = await client.post("/api/v1/auth/link", json={"email": f"mona@{world.site.name}.test"})
        assert asked.is_success, asked.text
        relaying = asyncio.create_task(parts.relay.drain())
        await asyncio.wait_for(called.wait(), 10)

        assert held(parts.db) == 0
        posted = await client.post(
            "/api/v1/comments",
            json={"site": world.site.name, "url": world.page("x"), "body": "Meanwhile", "author": {"name": "Ada"}},
        )
        assert posted.status_code == 201
        assert not relaying.done()

    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    server.close()
    await parts.close()
