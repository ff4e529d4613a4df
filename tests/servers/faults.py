"""A road between Parley and a store on which things go wrong: slow, narrow, silent, cut.

It runs on a loop in a thread of its own, so that whatever hangs in a test does not hang it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

State = Literal["open", "slow", "narrow", "silent", "cut"]

_DELAY = 0.4  # seconds each piece takes on a slow road
_NARROW = 4_000  # bytes a second on a narrow one


class Road:
    """Accepts at one Unix socket and leads to another."""

    def __init__(self, at: Path, to: Path) -> None:
        self._at = at
        self._to = to
        self._state: State = "open"
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()

    def become(self, state: State) -> None:
        """Be so from now on: `cut` ends all connections and every new one, `silent` keeps them and is deaf and dumb."""
        asyncio.run_coroutine_threadsafe(self._become(state), self._loop).result(5)

    async def _become(self, state: State) -> None:
        self._state = state
        if state == "cut":
            for writer in list(self._writers):
                writer.transport.abort()

    async def serve(self, ready: threading.Event) -> None:
        """Carry what comes, until cancelled."""
        server = await asyncio.start_unix_server(self._carry, self._at)
        ready.set()
        async with server:
            await server.serve_forever()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._state == "cut":
                return
            there, back = await asyncio.open_unix_connection(self._to)
            self._writers.add(back)
            try:
                await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
            finally:
                self._writers.discard(back)
                back.transport.abort()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            if self._state == "silent":
                continue
            if self._state == "slow":
                await asyncio.sleep(_DELAY)
            elif self._state == "narrow":
                await asyncio.sleep(len(piece) / _NARROW)
            writer.write(piece)
            await writer.drain()
        writer.transport.abort()

    def run(self, ready: threading.Event) -> None:
        """The thread's work."""
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self.serve(ready))
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    def end(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._task.cancel)


@contextlib.contextmanager
def road(at: Path, to: Path) -> Iterator[Road]:
    """A road from the Unix socket `at`, made here, to the one at `to`."""
    made, ready = Road(at, to), threading.Event()
    thread = threading.Thread(target=made.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield made
    finally:
        made.end()
        thread.join(10)
