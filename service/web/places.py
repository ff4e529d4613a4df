"""How many requests a process answers at the same time: as many as it answers in good time.

On a quick machine that is as many as may be; on a slow or a busy one it is fewer, for all who are answered at once
share one processor: two hundred of 20 ms each are answered after four seconds, all of them, when nobody waits any more.
The number goes down by the proportion in which half of the answers took too long, and up again by a fifth while it is
what keeps others out (additive growth, as in TCP, takes longer than a storm lasts).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from service.kit import metrics

_PLACES = metrics.gauge("parley_places", "Requests that may be answered at the same time, as things stand.")
_AIM = 0.5  # seconds in which half of what is taken is to be answered
_LEAST = 32  # however slow: with fewer the stores have nothing to do now and then, and a handful of readers is refused
_FIRST = 64  # until something is known
_WINDOW, _FEWEST = 0.1, 8  # seconds, and answers, that are looked at together


class Places:
    """The places of one process."""

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """At most `most`."""
        self._most = float(most)
        self._least = float(min(most, _LEAST))
        self._limit = float(min(most, _FIRST))
        self._clock = clock
        self._taken = self._promised = 0
        self._times: list[float] = []
        self._since = clock()
        self._was_full = False

    @property
    def limit(self) -> int:
        """How many there are at this moment."""
        return int(self._limit)

    @property
    def is_full(self) -> bool:
        """Whether nobody else is let in now."""
        full = self._taken >= int(self._limit)
        self._was_full |= full
        return full

    @property
    def are_promised(self) -> bool:
        """Whether all are taken, or will be by those who have come since the event loop went round."""
        full = self._taken + self._promised >= int(self._limit)
        self._was_full |= full
        return full

    def promise(self) -> bool:
        """Count somebody who will take one in a moment; whether it is the first since `recount`."""
        self._promised += 1
        return self._promised == 1

    def recount(self) -> None:
        """They have taken theirs by now, or did not want any."""
        self._promised = 0

    def take(self) -> bool:
        """Take one, if there is one."""
        if self.is_full:
            return False
        self._taken += 1
        return True

    def leave(self, seconds: float) -> None:
        """Give it to others; what took so long was our own work."""
        self._taken -= 1
        self._times.append(seconds)
        now = self._clock()
        if len(self._times) >= _FEWEST and now - self._since >= _WINDOW:
            self._learn(statistics.median(self._times))
            self._times, self._since, self._was_full = [], now, False

    def _learn(self, middle: float) -> None:
        if middle > _AIM:
            # Not by more than half at once: what is answered now was taken when there were more.
            self._limit = max(self._least, self._limit * max(0.5, _AIM / middle))
        elif self._was_full:
            self._limit = min(self._most, self._limit * 1.2)
        _PLACES.set(self._limit)
