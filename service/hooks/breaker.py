"""A breaker for each hook: one that does not answer costs a few posts its timeout, not every post."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_FAILURES = 3  # in a row, until it rests
_FIRST_REST = 10.0
_LONGEST_REST = 300.0


@dataclass
class _State:
    failures: int = 0
    rest: float = _FIRST_REST
    until: float = 0.0
    is_probed: bool = False


class Breaker:
    """For one process. After three failures in a row a hook rests, longer each time; then one request tries it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._states: dict[int, _State] = {}

    def admits(self, hook: int) -> bool:
        """Whether to ask now. Whoever is admitted says afterwards how it went."""
        state = self._states.get(hook)
        if state is None or state.failures < _FAILURES:
            return True
        if self._now() < state.until or state.is_probed:
            return False
        state.is_probed = True
        return True

    def rests_for(self, hook: int) -> float:
        """Seconds until it is worth asking again."""
        state = self._states.get(hook)
        return max(0.0, state.until - self._now()) if state else 0.0

    def went(self, hook: int, *, well: bool) -> None:
        """How asking went."""
        if well:
            self._states.pop(hook, None)
            return
        state = self._states.setdefault(hook, _State())
        state.failures += 1
        if state.failures >= _FAILURES:
            if state.is_probed:
                state.rest = min(state.rest * 2, _LONGEST_REST)
            state.until = self._now() + state.rest
        state.is_probed = False
