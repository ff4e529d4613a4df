"""More connections than there is room for: who only holds one gives way to who asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.servers.waiting import eventually
from tests.stories.conftest import Wire, wired
from tests.world import World

ROOM = 20


@pytest.fixture
async def narrow(world: World) -> AsyncIterator[Wire]:
    """A server with room for a few connections, and with all the patience in the world."""
    async with wired(world, most=ROOM, patience=600) as served:
        yield served


@pytest.mark.parametrize(
    "begins",
    [
        b"",
        b"GET /embed HTTP/1.1\r\nX-Slow: ",
        b"POST /api/v1/comments HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{",
    ],
)
async def test_those_who_hold_a_connection_give_way(narrow: Wire, begins: bytes) -> None:
    held = [await asyncio.open_connection("127.0.0.1", narrow.port) for _ in range(3 * ROOM)]
    try:
        for _, writer in held:
            writer.write(begins)
        assert (await narrow.get("/livez")).status_code == 200
        await eventually(lambda: len(narrow.server.server_state.connections) <= ROOM, "the others to be ended")
        assert (await narrow.get("/livez")).status_code == 200
        # Those that came last are there still.
        await eventually(
            lambda: sum(reader.at_eof() or reader.exception() is not None for reader, _ in held) >= 2 * ROOM, "ends"
        )
        assert held[-1][0].exception() is None
        assert not held[-1][0].at_eof()
    finally:
        for _, writer in held:
            writer.close()
