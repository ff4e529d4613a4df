"""The desk as it changes, over real connections: two servers, one Redis."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from service import identity, worker
from service.app import create_app
from service.moderation import watch
from service.web.parts import Parts, make_parts
from service.web.who import console_cookie
from tests.conftest import Floor
from tests.servers.parley import free_port, parley
from tests.servers.waiting import eventually
from tests.world import World

HELD = {"screening": {"pre_moderate": True}}


@dataclass
class Stream:
    """What a listener has heard so far."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    is_over: bool = False

    def has(self, kind: str, **about: Any) -> bool:
        """Whether an event of this kind said so."""
        return any(k == kind and about.items() <= told.items() for k, told in self.events)

    def counts(self) -> dict[str, tuple[int, int]]:
        """(open, held) by queue, as told last."""
        told = next(told for kind, told in reversed(self.events) if kind == "counts")
        return {queue["id"]: (queue["open"], queue["held"]) for queue in told["queues"]}


@dataclass
class Server:
    """A server process in all but name: parts of its own."""

    url: str
    parts: Parts
    uvicorn: uvicorn.Server


@contextlib.asynccontextmanager
async def serving(floor: Floor) -> AsyncIterator[Server]:
    parts = make_parts(floor.settings, worker.reactions)
    config = uvicorn.Config(create_app(parts.settings, parts), port=0, log_config=None, timeout_graceful_shutdown=20)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started and parts.watch._is_heard, "the server to start and to hear")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Server(f"http://127.0.0.1:{port}", parts, server)
    finally:
        parts.watch.end()
        server.should_exit = True
        await task
        await parts.close()


@contextlib.asynccontextmanager
async def listening(server: Server, world: World, cookie: str, **params: Any) -> AsyncIterator[Stream]:
    stream = Stream()

    async def listen() -> None:
        name = console_cookie(server.parts)
        async with (
            httpx.AsyncClient(cookies={name: cookie}, timeout=60, trust_env=False) as client,
            client.stream(
                "GET", f"{server.url}/api/v1/moderation/live", params={"site": world.site.name, **params}
            ) as response,
        ):
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.headers["cache-control"] == "private, no-store"
            kind = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    stream.events.append((kind, json.loads(line.removeprefix("data: "))))
        stream.is_over = True

    task = asyncio.create_task(listen())
    try:
        await eventually(lambda: stream.has("hello"), "the stream to begin")
        yield stream
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def cookie_of(world: World, email: str) -> str:
    client = await world.staff("moderator", email)
    return str(client.cookies[console_cookie(world.parts)])


@pytest.fixture
async def held(world: World) -> World:
    """A site that looks at everything first."""
    return await world.another(HELD)


async def test_what_one_does_at_one_server_is_seen_at_another(floor: Floor, held: World) -> None:
    await held.guest().post(expect=202)
    await held.settle()
    cookie = await cookie_of(held, f"ada@{held.site.name}.test")
    grace = await held.staff("moderator", f"grace@{held.site.name}.test")
    async with serving(floor) as here, serving(floor) as there:
        async with listening(here, held, cookie) as stream, listening(there, held, cookie) as other:
            claimed = await grace.post("/api/v1/moderation/claims", json={"site": held.site.name})
            (item,) = claimed.json()["items"]
            case = item["case"]["id"]
            await eventually(lambda: stream.has("held", cases=[case], by="Moderator"), "the claim to be seen")
            await eventually(lambda: other.has("held", cases=[case]), "the claim to be seen elsewhere")
            await eventually(lambda: stream.counts()["held"] == (1, 1), "the counts to follow")
            await grace.post("/api/v1/moderation/claims/release", json={})
            await eventually(lambda: stream.has("released", cases=[case]), "the release to be seen")
            await grace.post(
                "/api/v1/moderation/decisions",
                json={"items": [{"comment": item["case"]["comment"]["id"], "claim": item["claim"]}], "action": "spam"},
            )
            await eventually(lambda: other.has("decided", cases=[case]), "the decision to be seen")
            await held.guest().post(expect=202)
            await held.settle()
            await eventually(lambda: any(kind == "opened" for kind, _ in other.events), "the new case to be seen")
            await eventually(lambda: other.counts()["all"] == (1, 0), "the counts to follow")
            # No listener holds a connection to the database.
            assert here.parts.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        await eventually(lambda: here.parts.watch.size + there.parts.watch.size == 0, "those who left to be forgotten")


async def test_streams_end_when_the_process_does(floor: Floor, held: World) -> None:
    cookie = await cookie_of(held, f"ada@{held.site.name}.test")
    async with serving(floor) as server, listening(server, held, cookie) as stream:
        began = time.monotonic()
        server.parts.watch.end()
        await eventually(lambda: stream.is_over, "the stream to end")
        assert time.monotonic() - began < 5
        name = console_cookie(server.parts)
        async with httpx.AsyncClient(cookies={name: cookie}, trust_env=False) as late:
            answer = await late.get(f"{server.url}/api/v1/moderation/live", params={"site": held.site.name})
        assert answer.status_code == 503


def test_a_server_that_is_told_to_stop_does_not_wait_for_those_who_look_on(tmp_path: Path) -> None:
    port = free_port()
    for command in (
        ("migrate",),
        ("site", "add", "news", "https://news.test"),
        ("user", "add", "ada@news.test", "--site", "news"),
    ):
        with parley(*command, folder=tmp_path) as process:
            assert process.popen.wait(60) == 0, process.output()
    with parley("user", "link", "ada@news.test", folder=tmp_path) as process:
        process.popen.wait(60)
        token = process.output().strip().rpartition("token=")[2]
    with (
        parley("serve", folder=tmp_path, port=port) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client,
    ):
        answer = client.post("/api/v1/auth/session", json={"token": token}, headers={"Origin": server.url})
        assert answer.status_code == 201, answer.text
        with client.stream("GET", "/api/v1/moderation/live", params={"site": "news"}) as response:
            lines = response.iter_lines()
            assert next(lines) == "retry: 3000"
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 8, "it waited for the stream"
            assert "event: counts" in list(lines)


async def test_who_loses_the_role_hears_no_more(floor: Floor, held: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_PULSE", 0.1)
    email = f"ada@{held.site.name}.test"
    cookie = await cookie_of(held, email)
    async with serving(floor) as server, listening(server, held, cookie) as stream:
        account = await held.parts.db.read(identity.account_by_email, email)
        assert account is not None
        await held.parts.db.transact(identity.revoke, account.id, held.site.id)
        await eventually(lambda: stream.is_over, "the stream to end")


async def test_who_sees_one_section_is_not_told_of_cases_elsewhere(floor: Floor, held: World) -> None:
    client = await held.staff("moderator", sections=["sports"])
    cookie = str(client.cookies[console_cookie(held.parts)])
    await held.guest().post(expect=202)
    await held.settle()
    grace = await held.staff()
    async with serving(floor) as server, listening(server, held, cookie) as stream:
        await grace.post("/api/v1/moderation/claims", json={"site": held.site.name})
        await eventually(lambda: stream.has("changed"), "the change to be seen")
        assert not any(kind in {"held", "released", "opened", "decided"} for kind, _ in stream.events)
        assert stream.counts()["all"] == (0, 0) or stream.counts()["all"][0] == 0


async def test_a_snapshot_for_who_only_asks_now_and_then(held: World) -> None:
    await held.guest().post(expect=202)
    await held.settle()
    client = await held.staff()
    for method in ("GET", "HEAD"):
        answer = await client.request(method, "/api/v1/moderation/live", params={"site": held.site.name, "seconds": 0})
        assert answer.status_code == 200
    answer = await client.get("/api/v1/moderation/live", params={"site": held.site.name, "seconds": 0})
    assert "event: counts" in answer.text
    # For HEAD nothing streams, however long is asked for.
    assert (await client.head("/api/v1/moderation/live", params={"site": held.site.name})).status_code == 200


async def test_a_listener_that_is_too_slow_is_told_to_look_anew(held: World) -> None:
    listener = watch._Listener(held.site.id, 1, None)
    for number in range(500):
        listener.tell(watch.Event("opened", {"cases": [str(number)]}))
    assert listener.is_behind
    assert listener.waiting.qsize() == watch._BACKLOG
    assert (await held.parts.watch._next(listener, 1)).kind == "reset"
    assert listener.waiting.qsize() == 0
