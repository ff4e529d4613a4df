"""Facts moderation announces."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class CaseOpened(Fact):
    """A comment needs a person."""

    case: int
    site: int


@dataclass(frozen=True)
class CaseRaised(Fact):
    """An open case became more pressing: its due time moved ahead."""

    case: int
    site: int


@dataclass(frozen=True)
class CaseClosed(Fact):
    """A case was decided, or its comment taken back by its author."""

    case: int
    site: int


@dataclass(frozen=True)
class CaseDecided(Fact):
    """Somebody with authority decided about a comment, with or without a case."""

    decision: int
    site: int
