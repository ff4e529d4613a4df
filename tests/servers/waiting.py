"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psutil


def until(condition: Callable[[], bool], what: str, seconds: float = 15.0) -> None:
    """Return as soon as `condition()` is true. Raises AssertionError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.01)


async def eventually(condition: Callable[[], bool], what: str, seconds: float = 15.0) -> None:
    """The same for a condition that other tasks of this loop bring about."""
    end = time.monotonic() + seconds
    while not condition():  # what is awaited has no event
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        await asyncio.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether process `pid` exists and is not a zombie that nobody has reaped."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
