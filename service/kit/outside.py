"""How long the running request has waited for others than us: a screening hook, a provider that signs somebody in.

Whoever measures how busy this process is must not take a slow neighbour for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Waited:
    """Seconds so far."""

    seconds: float = 0.0


_waited: ContextVar[Waited | None] = ContextVar("waited", default=None)


def begin() -> Waited:
    """Count from here, for whatever this task and those it starts wait for."""
    waited = Waited()
    _waited.set(waited)
    return waited


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Somebody outside is waited for."""
    since = time.monotonic()
    try:
        yield
    finally:
        if (waited := _waited.get()) is not None:
            waited.seconds += time.monotonic() - since
