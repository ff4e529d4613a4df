"""One timer for all that may take equally long: who began first is over first.

A timer of its own for each request, set and taken back again, costs some µs, and nearly none of them ever rings.
"""

from __future__ import annotations

import asyncio


class Sandglass:
    """Times out whoever takes longer than `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        # In the order in which they began, and so that in which they end.
        self._ends: dict[asyncio.Timeout, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, running: asyncio.Timeout) -> float:
        """Its time begins now; what the loop's clock says. `running` was entered, and gets an end by this only."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._ends[running] = now + self.seconds
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_at(now + self.seconds, self._look, loop)
        return now

    def stop(self, running: asyncio.Timeout) -> None:
        """It is over, or may take as long as it likes from here on."""
        self._ends.pop(running, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        for running, ends in list(self._ends.items()):
            if ends > now:
                self._timer = loop.call_at(ends, self._look, loop)
                return
            del self._ends[running]
            running.reschedule(now)
