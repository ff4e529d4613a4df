"""Facts threads announce."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class ThreadClosed(Fact):
    """Nobody can post to a discussion any more; everybody can read it. `version` tells two closings apart."""

    thread: int
    site: int
    version: int


@dataclass(frozen=True)
class ThreadReopened(Fact):
    """One can post to a discussion again."""

    thread: int
    site: int
    version: int
