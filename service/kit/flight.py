"""Where acts that share a transaction meet: each says what it wants and waits; when all have, it is carried out.

A flight knows nothing of databases. Acts speak to it through their transactions (gathered.py); what they said is taken
from it, and answered, by who carries it out (flying.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

from service.kit.merging import Write
from service.kit.statements import Rows, Text
from service.kit.tx import LastForAll, WriteTx

S = TypeVar("S", bound="Asked | Counted | Ready")


class Apart(Exception):
    """This act is to be done alone."""


class Asked(NamedTuple):
    """What one of a flight wants to know: answered by rows for each of the texts."""

    texts: tuple[Text, ...]
    values: tuple[list[Any], ...]
    answer: asyncio.Future[list[Rows]]


class Counted(NamedTuple):
    """What one of a flight adds to a row whose state it has to know afterwards."""

    write: Write
    answer: asyncio.Future[Rows]


class Ready(NamedTuple):
    """What one of a flight wants to be written, and done at the end; answered when it is committed."""

    tx: WriteTx
    writes: Sequence[Write]
    last: LastForAll
    answer: asyncio.Future[None]


class Flight:
    """Some acts in one transaction."""

    def __init__(self, count: int) -> None:
        self.is_shared = count > 1
        self.timer: asyncio.TimerHandle | None = None
        self.asked: list[Asked] = []
        self.counted: list[Counted] = []
        self.ready: list[Ready] = []
        self.is_over = False
        # How many are thinking; the flight goes on when all have said what they want.
        self._busy = count
        self._all_said = asyncio.Event()
        self._claimed: set[Hashable] = set()

    def claim(self, key: Hashable) -> None:
        """Say that nobody else of this flight may write what is named. Raises Apart for the second."""
        if key in self._claimed:
            raise Apart
        self._claimed.add(key)

    async def wait(self, line: list[S], wish: Callable[[asyncio.Future[Any]], S]) -> Any:
        """Stand in one of the lines with a wish until it is answered. Raises Apart."""
        if self.is_over:
            raise Apart
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        said = wish(answer)
        line.append(said)
        self.quieter()
        try:
            return await answer
        except asyncio.CancelledError:
            if any(each is said for each in line):
                # Not sent yet: it is as if it had never been said.
                line[:] = [each for each in line if each is not said]
                self._busy += 1
            raise

    def quieter(self) -> None:
        """One is thinking no more."""
        self._busy -= 1
        if self._busy <= 0:
            self._all_said.set()

    async def all_said(self) -> bool:
        """Wait until all have said what they want; False when it is over."""
        while self._busy > 0 and not self.is_over:
            self._all_said.clear()
            await self._all_said.wait()
        return not self.is_over

    def answer(self, waiting: asyncio.Future[Any], result: Any) -> None:
        """Tell somebody, who thinks on from here; nobody when they are gone."""
        if not waiting.done():
            waiting.set_result(result)
        self._busy += 1

    def end(self, error: BaseException) -> None:
        """Tell all who still wait; whoever says something from here on is told to go apart."""
        self.is_over = True
        for line in (self.asked, self.counted, self.ready):
            for said in line:
                if not said.answer.done():
                    said.answer.set_exception(error)
            line.clear()
        self._all_said.set()


def taken(line: list[S]) -> list[S]:
    """What stood in it. The line is emptied, not replaced: whoever is cancelled looks there whether it was sent."""
    found = line.copy()
    line.clear()
    return found


def merged(ready: Sequence[Ready]) -> LastForAll:
    """What all of them want to be done at the end, each once."""
    found: LastForAll = {}
    for each in ready:
        for act, items in each.last.items():
            found.setdefault(act, set()).update(items)
    return found
