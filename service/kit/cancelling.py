"""An order to end that a library has lost is obeyed all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heeded() -> Iterator[None]:
    """What is inside ends with CancelledError when it was cancelled, even if something below took no notice.

    Before Python 3.12 `asyncio.wait_for` answers a cancellation that comes in the moment of success with the success;
    SQLAlchemy's pool waits by it. Whoever then goes on has an order to end, and nobody will repeat it.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    yield
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError


def end_if_told() -> None:
    """For the head of a loop that runs until cancelled. Raises CancelledError when that was asked for and lost."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
