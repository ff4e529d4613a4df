"""Processes whose clock is wrong by as much as a file says, and is set right or wrong again while they run.

Everything of ours asks `kit.clock` for the time (tests/stories/operating/test_clock_moved.py sees to that); what comes
from elsewhere asks `time.time`. Both are moved before the program begins. What cannot be set, the monotonic clock, is
left alone, as a machine leaves it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.parley import ROOT

# Run by Python itself at start, from PYTHONPATH.
_AT_START = """
import os, time
from datetime import UTC, datetime, timedelta

_file, _real = os.environ["CLOCK_IS_WRONG_BY"], time.time

def _wrong_by():
    with open(_file) as said:
        return float(said.read() or 0)

time.time = lambda: _real() + _wrong_by()

from service.kit import clock
clock._source = lambda: datetime.fromtimestamp(_real(), UTC) + timedelta(seconds=_wrong_by())
"""


@dataclass(frozen=True)
class WrongClock:
    """The clock of the processes that are started with `env`."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> WrongClock:
        """One that is right so far."""
        made = cls(folder / "clock")
        made.folder.mkdir()
        (made.folder / "sitecustomize.py").write_text(_AT_START)
        made.set(0)
        return made

    @property
    def env(self) -> Mapping[str, str]:
        """What a process needs to live by it."""
        path = os.pathsep.join([str(self.folder), str(ROOT)])
        return {"PYTHONPATH": path, "CLOCK_IS_WRONG_BY": str(self.folder / "seconds")}

    def set(self, seconds: float) -> None:
        """Be wrong by so much from now on; the file is there whole at any moment."""
        draft = self.folder / "draft"
        draft.write_text(str(seconds))
        draft.replace(self.folder / "seconds")
