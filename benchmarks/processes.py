"""What a process and its children have used: CPU time and memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import psutil


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of processes and all their living children. Robust where wall clock is not."""
    return sum(_cpu(each) for pid in pids for each in _tree(pid))


def pss_megabytes(pids: Iterable[int]) -> float:
    """Proportional set size of processes and their children: shared pages are counted once, by shares."""
    return sum(_pss(each) for pid in pids for each in _tree(pid)) / 2**20


def own_megabytes(pids: Iterable[int]) -> float:
    """Of that, what is not a file's: without the mapped pages of the database, which are the system's to drop."""
    return sum(_own(each.pid) for pid in pids for each in _tree(pid)) / 1_024


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


def _pss(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        return float(process.memory_full_info().pss)
    return 0.0


def _own(pid: int) -> int:
    """Kilobytes."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))
    return 0
