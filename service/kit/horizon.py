"""How far a copy of the database must have come before it may be believed, page by page.

PostgreSQL numbers its log: whatever was committed when the primary stood at position p is in every copy that has
replayed up to p. So a change that this process knows of is `pending` until the primary was asked for its position after
it; from then on a copy is believed about that page if it has replayed that position. And whatever page it is, a copy
must have replayed where the primary stood `most_lag` seconds ago (`floor`), which bounds what is not known here.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

_COLLECT = 0.05  # seconds to wait for more changes before the primary is asked
_HEARTBEAT = 1.0
_MOST = 100_000  # changes remembered one by one


class Horizon:
    """Positions are bytes of PostgreSQL's write-ahead log. Not for several threads."""

    def __init__(self, most_lag: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_lag = most_lag
        self._clock = clock
        self._number = 0
        self._pending: dict[str, int] = {}
        self._any_pending: int | None = 0  # nothing is known yet
        self._known: OrderedDict[str, int] = OrderedDict()
        self._marks: deque[tuple[float, int]] = deque()
        self._floor = 0
        self._woken = asyncio.Event()

    def outdate(self, tags: Iterable[str] | None) -> None:
        """These changed just now; None for an unknown number of pages."""
        self._number += 1
        if tags is None or len(self._pending) > _MOST:
            self._any_pending = self._number
            self._pending.clear()
        else:
            self._pending.update(dict.fromkeys(tags, self._number))
        self._woken.set()

    def ticket(self) -> int:
        """Taken before the primary is asked for its position, given back to `mark` with the answer."""
        self._woken.clear()
        return self._number

    def mark(self, position: int, ticket: int) -> None:
        """The primary stands at `position`, and did not before `ticket` was taken."""
        now = self._clock()
        for tag in [tag for tag, number in self._pending.items() if number <= ticket]:
            del self._pending[tag]
            self._known[tag] = position
            self._known.move_to_end(tag)
        if self._any_pending is not None and self._any_pending <= ticket:
            self._any_pending = None
            self._floor = max(self._floor, position)
        self._marks.append((now, position))
        while self._marks and self._marks[0][0] <= now - self._most_lag:
            self._floor = max(self._floor, self._marks.popleft()[1])
        while self._known and (len(self._known) > _MOST or next(iter(self._known.values())) <= self._floor):
            self._floor = max(self._floor, self._known.popitem(last=False)[1])

    def believes(self, replayed: int) -> bool:
        """Whether a copy that has come to `replayed` may be asked at all."""
        return self._any_pending is None and replayed >= self._floor

    def believes_about(self, tag: str, replayed: int) -> bool:
        """Whether such a copy knows the last change of pages with this tag."""
        return tag not in self._pending and replayed >= self._known.get(tag, 0)

    async def due(self) -> None:
        """Wait until the primary should be asked again: soon after a change, and now and then."""
        try:
            async with asyncio.timeout(_HEARTBEAT):
                await self._woken.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_COLLECT)
