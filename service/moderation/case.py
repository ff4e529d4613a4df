"""A case, and its place in the queue's order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from service.kit.errors import NotFound
from service.kit.paging import InvalidCursor
from service.moderation.goals import Level, level
from service.moderation.priority import Part
from service.moderation.tables import CaseRow

_DIGITS = 19
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class CaseUnknown(NotFound):
    """There is no such case."""

    type = "case-unknown"


@dataclass(frozen=True)
class CaseSignal:
    """Why a case is a case. `span` is a place in the plain text of the comment's `version`."""

    name: str
    score: float
    reason: str
    span: tuple[int, int] | None
    version: int


@dataclass(frozen=True)
class Case:
    """A comment that needs a person, or needed one."""

    id: int
    site_id: int
    thread_id: int
    comment_id: int
    comment_version: int
    reason: str
    signals: tuple[CaseSignal, ...]
    state: str
    severity: float
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    section: str = ""
    language: str = ""
    reach: float = 1.0
    pressure: float = 0.0
    parts: tuple[Part, ...] = ()
    not_for: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        """True until somebody decides, or the author takes the comment back."""
        return self.state == "open"

    @property
    def level(self) -> Level:
        """The pressure in a word."""
        return level(self.pressure)

    @property
    def signal_names(self) -> frozenset[str]:
        """What was noticed, by name."""
        return frozenset(signal.name for signal in self.signals)

    @property
    def place(self) -> Place:
        """Where the case stands in its queue."""
        return Place(self.due_at, self.id)


@dataclass(frozen=True, order=True)
class Place:
    """A place in a queue's order."""

    due_at: datetime
    case: int

    def encode(self) -> str:
        """As a cursor for URLs."""
        return f"{(self.due_at - _EPOCH) // _MICROSECOND}-{self.case}"

    @classmethod
    def read(cls, text: str) -> Place:
        """The place a cursor names. Raises InvalidCursor."""
        due, dash, case = text.partition("-")
        if not dash or not all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in (due, case)):
            raise InvalidCursor(field="cursor")
        if int(case) >= 2**63:
            raise InvalidCursor(field="cursor")
        try:
            return cls(_EPOCH + int(due) * _MICROSECOND, int(case))
        except OverflowError as error:
            raise InvalidCursor(field="cursor") from error


def signals_of(row: CaseRow) -> tuple[CaseSignal, ...]:
    """Why the case of a row is one."""
    return tuple(_signal(kept) for kept in row.signals)


def _signal(kept: Mapping[str, Any]) -> CaseSignal:
    return CaseSignal(**{**kept, "span": tuple(kept["span"]) if kept["span"] else None})


def case_of(row: CaseRow) -> Case:
    """The case a row holds."""
    return Case(
        row.id,
        row.site_id,
        row.thread_id,
        row.comment_id,
        row.comment_version,
        row.reason,
        signals_of(row),
        row.state,
        row.severity,
        row.opened_at,
        row.due_at,
        row.closed_at,
        row.section,
        row.language,
        row.reach,
        row.pressure,
        tuple(Part(**part) for part in row.priority),
        frozenset(row.not_for),
    )
