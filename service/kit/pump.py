"""Work for many parties of which some are slow: each has places of its own, so none waits for another.

    pump = Pump(source); await pump.run()

What is to be done lies in SQL. A source claims it by moving its due time ahead, in a short transaction, and works on it
with none open; a process that dies in between leaves it to be claimed again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import Sequence
from typing import Protocol

import structlog

from service.kit.cancelling import end_if_told
from service.kit.errors import Unavailable

log = structlog.get_logger()

_EACH = 4  # pieces of work of one party at a time, in one process
_ALL = 96


class Source(Protocol):
    """Where work comes from. A party is the id of whoever may be slow."""

    async def parties(self) -> Sequence[int]:
        """Those for whom something is due."""
        ...

    async def take(self, party: int, most: int) -> Sequence[int]:
        """Claim up to `most` pieces of one party's due work; their ids."""
        ...

    async def work(self, piece: int) -> None:
        """Do one piece; safe to repeat."""
        ...


class Pump:
    """Keeps as much work going as there are places.

    A claim is a transaction. With `ahead` so many pieces of a party are claimed at once, and wait here for a place: no
    more than can be done before their claim ends, however slow the party is.
    """

    def __init__(self, source: Source, *, name: str, poll: float = 1.0, ahead: int = 0) -> None:
        self._source = source
        self._name = name
        self._poll = poll
        self._ahead = ahead
        self._poked = asyncio.Event()
        self._busy: dict[asyncio.Task[None], int] = {}
        self._claimed: dict[int, deque[int]] = {}

    def poke(self) -> None:
        """Say that there may be something to do now."""
        self._poked.set()

    async def run(self) -> None:
        """Work until cancelled; what is going on then is cancelled too, and taken up again when its claim ends."""
        try:
            while True:
                end_if_told()
                self._poked.clear()
                if not await self._begin():
                    await self._wait()
        finally:
            going_on = list(self._busy)
            for task in going_on:
                task.cancel()
            await asyncio.gather(*going_on, return_exceptions=True)

    async def drain(self) -> None:
        """Do everything that is due, and return when it is done."""
        while await self._begin() or self._busy:
            if self._busy:
                await asyncio.wait(list(self._busy), return_when=asyncio.FIRST_COMPLETED)

    async def _begin(self) -> int:
        """Begin what there are places for; how much that was."""
        begun = sum(map(self._go_on, list(self._claimed)))
        try:
            parties = [party for party in await self._source.parties() if party not in self._claimed]
            # In another order each time: where there are more slow parties than places, none is always the last.
            random.shuffle(parties)
            for party in parties:
                if (room := self._room(party)) > 0:
                    # Among many slow ones what was claimed could wait for longer than its claim.
                    most = max(room, self._ahead if len(self._busy) < _ALL // 2 else 0)
                    self._claimed[party] = deque(await self._source.take(party, most))
                    begun += self._go_on(party)
        except Unavailable:
            log.info("pump.postponed", work=self._name)
        return begun

    def _room(self, party: int) -> int:
        return min(_EACH - Counter(self._busy.values())[party], _ALL - len(self._busy))

    def _go_on(self, party: int) -> int:
        """Begin what is claimed of a party, as far as there are places; how much that was."""
        waiting = self._claimed[party]
        begun = min(self._room(party), len(waiting))
        for _ in range(begun):
            self._start(party, waiting.popleft())
        if not waiting:
            del self._claimed[party]
        return begun

    def _start(self, party: int, piece: int) -> None:
        task = asyncio.create_task(self._guarded(piece))
        self._busy[task] = party
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        party = self._busy.pop(task)
        if party in self._claimed and not task.cancelled():
            self._go_on(party)
        if party not in self._claimed or len(self._busy) >= _ALL - 1:
            self._poked.set()

    async def _guarded(self, piece: int) -> None:
        try:
            await self._source.work(piece)
        except Exception as error:  # noqa: BLE001  # whatever it was, the claim ends and the piece is taken up again
            log.warning("pump.failed", work=self._name, piece=piece, error=type(error).__name__)

    async def _wait(self) -> None:
        # Not `wait_for`: before Python 3.12 it loses a cancellation that comes in the moment of a poke.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll * random.uniform(0.8, 1.2)):
                await self._poked.wait()
