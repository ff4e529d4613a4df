"""While all places are taken: what wants one is refused before anything is done for it, what wants none goes on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

import httpx

from service.web.places import Places
from tests.stories.conftest import Wire

POST = "/api/v1/comments"


@contextlib.contextmanager
def full(wire: Wire) -> Iterator[None]:
    """As many are being answered as may be."""
    places: Places = wire.app.state.places
    taken = 0
    while places.take():
        taken += 1
    try:
        yield
    finally:
        for _ in range(taken):
            places.leave(0.0)


def _new(wire: Wire, text: str) -> dict[str, object]:
    return {"site": wire.world.site.name, "url": wire.world.page("article"), "body": text, "author": {"name": "Ada"}}


async def test_a_refusal_costs_next_to_nothing_and_says_what_others_say(wire: Wire) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{wire.port}", trust_env=False) as client:
        with full(wire):
            on_the_wire = [await client.post(POST, json=_new(wire, "Now")) for _ in range(20)]
            drawn = await client.get(wire.page(title="not asked for before"))
            assert wire.app.asked == []
            by_the_app = await wire.world.client.post(POST, json=_new(wire, "Now"))
        assert {answer.status_code for answer in (*on_the_wire, drawn, by_the_app)} == {503}
        for one, other in zip((on_the_wire[0], drawn), (by_the_app, by_the_app), strict=True):
            assert one.json() == other.json()
            same = {name for name in other.headers if name not in {"retry-after", "x-request-id"}}
            assert {name: one.headers[name] for name in same} == {name: other.headers[name] for name in same}
        # Those who were refused together do not come back together.
        assert len({answer.headers["retry-after"] for answer in on_the_wire}) > 1
        assert {int(answer.headers["retry-after"]) for answer in on_the_wire} <= {1, 2, 3, 4}
        # The connection is as good as before.
        assert (await client.post(POST, json=_new(wire, "Later"))).status_code == 201


async def test_what_costs_nothing_is_answered_all_the_same(wire: Wire) -> None:
    ready, old = wire.page(), wire.page(title="as it was")
    for page in (ready, old):
        assert (await wire.get(page, **{"Accept-Encoding": "gzip"})).status_code == 200
    entry = wire.world.parts.pages._entries[old.encode(), "gzip"]
    entry.expires = time.monotonic() - 1
    with full(wire):
        assert (await wire.get(ready, **{"Accept-Encoding": "gzip"})).status_code == 200
        late = await wire.get(old, **{"Accept-Encoding": "gzip"})
        assert late.status_code == 200
        assert "ttl=-" in late.headers["cache-status"]
        assert late.headers["cache-control"] == "no-cache"
        for path in ("/livez", "/readyz", "/embed.js"):
            assert (await wire.get(path)).status_code == 200, path


async def test_a_long_body_is_not_waited_for(wire: Wire) -> None:
    """Refused by its head; what comes of the body is thrown away, and the next request on the line is read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    try:
        with full(wire):
            writer.write(f"POST {POST} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n".encode() + b"x" * 50_000)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            assert head.startswith(b"HTTP/1.1 503 ")
        body = await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        assert b"overloaded" in body
        writer.write(b"x" * 50_000 + b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 200 ")
        # Idle from now on, and ended like any other idle connection (a second, here).
        assert await asyncio.wait_for(reader.read(), 10) == b'{"status":"live"}'
    finally:
        writer.close()


async def test_who_comes_in_the_same_moment_is_refused_on_the_wire_too(wire: Wire) -> None:
    """Each of them finds places free when its head is read, as none of the others has taken one yet."""
    places: Places = wire.app.state.places
    places._limit, most = 8.0, 40
    connections = [await asyncio.open_connection("127.0.0.1", wire.port) for _ in range(most)]
    try:
        for number, (_, writer) in enumerate(connections):
            writer.write(f"GET {wire.page(title=str(number))} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        heads = [await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20) for reader, _ in connections]
    finally:
        for _, writer in connections:
            writer.close()
    answered = [head for head in heads if head.startswith(b"HTTP/1.1 200 ")]
    refused = [head for head in heads if head.startswith(b"HTTP/1.1 503 ")]
    assert len(answered) + len(refused) == most
    assert answered
    # What the framework refuses has an id, and costs ten times as much.
    assert not [head for head in refused if b"x-request-id" in head.lower()]
    assert len(wire.app.asked) == len(answered)
    places._limit = 64.0
    assert (await wire.get(wire.page(title="afterwards"))).status_code == 200
