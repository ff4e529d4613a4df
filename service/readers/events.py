"""Facts readers announces."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class CodeAsked(Fact):
    """Somebody asked for a code; `ask` is the hash it is kept under."""

    ask: str


@dataclass(frozen=True)
class WaysChanged(Fact):
    """The ways into an account changed; `notice` is the row that says whom to tell what."""

    notice: int
