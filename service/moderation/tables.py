"""Cases, reports and decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, col

from service.kit.columns import Id, Json, UTCDateTime

_OPEN: dict[str, Any] = {"sqlite_where": text("state = 'open'"), "postgresql_where": text("state = 'open'")}


class CaseRow(SQLModel, table=True):
    """A comment that needs a person. At most one case of a comment is open."""

    __tablename__ = "moderation_case"
    __table_args__ = (
        Index("uq_case_open_comment", "comment_id", unique=True, **_OPEN),
        # Queues are read by due order; counts are counted over this index and cannot drift.
        Index("ix_case_open_due", "site_id", "due_at", "id", **_OPEN),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    thread_id: int = Field(sa_type=Id, foreign_key="thread.id")
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id")
    comment_version: int
    reason: str = Field(max_length=20)  # held, reported
    signals: list[dict[str, Any]] = Field(sa_type=Json)
    state: str = Field(default="open", max_length=10)  # open, decided, withdrawn
    severity: float = 0.0
    opened_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ReportRow(SQLModel, table=True):
    """A reader's report; one per reporter and comment."""

    __tablename__ = "report"

    comment_id: int = Field(sa_type=Id, primary_key=True, foreign_key="comment.id")
    reporter: str = Field(max_length=64, primary_key=True)  # keyed hash of the person or address
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    reason: str = Field(max_length=30)
    detail: str = Field(default="", max_length=1_000)
    comment_version: int
    created_at: datetime = Field(sa_type=UTCDateTime)


class DecisionRow(SQLModel, table=True):
    """What somebody with authority decided about one version of a comment. Never changed, never deleted."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_site_id", "site_id", "id"),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id", index=True)
    case_id: int | None = Field(default=None, sa_type=Id, foreign_key="moderation_case.id")
    account_id: int = Field(sa_type=Id, foreign_key="account.id")
    action: str = Field(max_length=20)
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=1_000)
    state_before: str = Field(max_length=10)
    state_after: str = Field(max_length=10)
    comment_version: int
    created_at: datetime = Field(sa_type=UTCDateTime)


def is_open() -> ColumnElement[bool]:
    """That a case is open, written out: a partial index is not used for a value that comes as a parameter."""
    return col(CaseRow.state) == literal_column("'open'")
