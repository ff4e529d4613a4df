"""What a queue shows: a filter over cases, asked of a row in Python and of all rows in SQL, with the same answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from service.moderation.case import Case
from service.moderation.cases import Reason
from service.moderation.tables import CaseRow


def _name(text: str) -> str:
    if not text.strip() or any(c in "|%_\\" or ord(c) < 32 for c in text):
        raise ValueError("is not a name")
    return text.strip()


def _plain(text: str) -> str:
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds a character that is not text")
    return text


Signal = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9-]+$"), AfterValidator(_name)]
Section = Annotated[str, Field(max_length=60), AfterValidator(_plain)]
Language = Annotated[str, Field(min_length=2, max_length=12, pattern=r"^[A-Za-z0-9-]+$")]


class QueueFilter(BaseModel):
    """Which cases: of each list any will do, an empty list asks nothing, and all that is asked must be so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sections: tuple[Section, ...] = Field(default=(), max_length=50)
    languages: tuple[Language, ...] = Field(default=(), max_length=50)
    reasons: tuple[Reason, ...] = Field(default=(), max_length=5)
    signals: tuple[Signal, ...] = Field(default=(), max_length=20, description="Names of signals, such as `links`")
    min_severity: float = Field(default=0.0, ge=0, le=1)

    def matches(self, case: Case) -> bool:
        """Whether a case is in the queue."""
        return (
            (not self.sections or case.section in self.sections)
            and (not self.languages or case.language in self.languages)
            and (not self.reasons or case.reason in self.reasons)
            and (not self.signals or not case.signal_names.isdisjoint(self.signals))
            and case.severity >= self.min_severity
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        asked: list[Any] = []
        for column, wanted in (
            (CaseRow.section, self.sections),
            (CaseRow.language, self.languages),
            (CaseRow.reason, self.reasons),
        ):
            if wanted:
                asked.append(col(column).in_(wanted))
        if self.signals:
            # No name has a sign that LIKE would read otherwise.
            asked.append(or_(*(col(CaseRow.signal_names).like(f"%|{name}|%") for name in self.signals)))
        if self.min_severity > 0:
            asked.append(col(CaseRow.severity) >= self.min_severity)
        return asked


EVERYTHING = QueueFilter()
