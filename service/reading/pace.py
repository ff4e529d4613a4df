"""How fast something comes in, by name: whether it is a rush."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

A_SECOND, AT_ONCE = 4.0, 12.0  # of each name: so many go on for ever, so many more may come together
_MOST = 10_000  # names


class Pace:
    """A leaky bucket for each name. Not for several threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` tells seconds."""
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def is_rush(self, name: str) -> bool:
        """Count one more of this name; whether they come faster than A_SECOND, after AT_ONCE of them."""
        now = self._clock()
        level, at = self._levels.pop(name, (0.0, now))
        level = max(0.0, level - (now - at) * A_SECOND) + 1
        # What goes over makes the wait for calm no longer: a rush ends when it is over.
        self._levels[name] = (min(level, AT_ONCE + 1), now)
        if len(self._levels) > _MOST:
            self._levels.popitem(last=False)
        return level > AT_ONCE
