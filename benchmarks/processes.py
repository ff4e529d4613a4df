"""What a process and its children have used: CPU time and memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of processes and all their living children. Robust where wall clock is not."""
    return sum(_cpu(each) for pid in pids for each in _tree(pid))


@dataclass(frozen=True)
class Held:
    """Memory of a process and its children, megabytes of proportional set size: shared pages are counted by shares."""

    own: float  # of the process, what is no file's
    children: float  # of its children, the same
    files: float  # mapped by all of them: programs, databases

    @property
    def together(self) -> float:
        """All of it."""
        return self.own + self.children + self.files


def held(pid: int) -> Held:
    """What a process and its children hold at this moment."""
    (own, files), *others = [_pss(each.pid) for each in _tree(pid)]
    return Held(own, sum(anonymous for anonymous, _ in others), files + sum(mapped for _, mapped in others))


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _pss(pid: int) -> tuple[float, float]:
    """Megabytes that are no file's, and those that are."""
    sizes: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, size, _ = line.split()
            sizes[name] = int(size)
    anonymous = sizes.get("Pss_Anon:", 0)
    return anonymous / 1_024, (sizes.get("Pss:", 0) - anonymous) / 1_024
