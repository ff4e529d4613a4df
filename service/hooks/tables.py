"""Whom a site asks about comments, and what was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, col

from service.kit.columns import Id, Json, UTCDateTime

_WAITING: dict[str, Any] = {
    "sqlite_where": text("outcome = 'waiting'"),
    "postgresql_where": text("outcome = 'waiting'"),
}


class HookRow(SQLModel, table=True):
    """A program of somebody else's that is asked about comments."""

    __tablename__ = "screening_hook"
    __table_args__ = (Index("uq_hook_site_name", "site_id", "name", unique=True),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    name: str = Field(max_length=30)
    url: str = Field(max_length=2_000)
    timing: str = Field(max_length=10)  # wait, after
    timeout_ms: int
    when_silent: str = Field(max_length=10)  # hold, pass
    hold_at: float
    shadow: bool
    enabled: bool = True
    secrets: list[dict[str, Any]] = Field(sa_type=Json)  # sealed; see kit.signing
    created_at: datetime = Field(sa_type=UTCDateTime)


class QuestionRow(SQLModel, table=True):
    """One hook asked about one text of a comment: waiting to be asked, or with what came of it."""

    __tablename__ = "hook_question"
    __table_args__ = (
        Index("ix_question_waiting", "hook_id", "due_at", "id", **_WAITING),
        Index("ix_question_hook_id", "hook_id", "id"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    hook_id: int = Field(sa_type=Id, foreign_key="screening_hook.id")
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id", index=True)
    comment_version: int
    is_edit: bool = False
    outcome: str = Field(max_length=10)  # waiting, answered, silent, invalid, resting
    attempts: int = 0
    action: str = Field(default="", max_length=10)  # publish, hold, reject; empty while it waits
    signals: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    fault: str = Field(default="", max_length=300)
    milliseconds: int = 0
    is_shadow: bool
    due_at: datetime = Field(sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)


def is_waiting() -> ColumnElement[bool]:
    """Written out: a partial index is not used for a value that comes as a parameter."""
    return col(QuestionRow.outcome) == literal_column("'waiting'")
