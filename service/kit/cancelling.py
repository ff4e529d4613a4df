"""An order to end that a library has lost is obeyed all the same."""

from __future__ import annotations

import asyncio


class heeded:  # noqa: N801  # a context manager, as those of contextlib are; every act goes through it
    """What is inside ends with CancelledError when it was cancelled, even if something below took no notice.

    Before Python 3.12 `asyncio.wait_for` answers a cancellation that comes in the moment of success with the success;
    SQLAlchemy's pool waits by it. Whoever then goes on has an order to end, and nobody will repeat it.
    """

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._before = self._task.cancelling() if self._task is not None else 0

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._task is not None and self._task.cancelling() > self._before:
            raise asyncio.CancelledError


def end_if_told() -> None:
    """For the head of a loop that runs until cancelled. Raises CancelledError when that was asked for and lost."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
