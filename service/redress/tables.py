"""Statements of reasons, and appeals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class StatementRow(SQLModel, table=True):
    """Why something was restricted, in the words of that day: later changes of a site's rules do not change it."""

    __tablename__ = "statement"
    __table_args__ = (Index("ix_statement_site_id", "site_id", "id"),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    comment_id: int | None = Field(default=None, sa_type=Id, foreign_key="comment.id", index=True)
    thread_id: int | None = Field(default=None, sa_type=Id, foreign_key="thread.id")
    person_id: int | None = Field(default=None, sa_type=Id, foreign_key="person.id", index=True)
    # Rooms above and beside own those tables.
    decision_id: int | None = Field(default=None, sa_type=Id, index=True)
    sanction_id: int | None = Field(default=None, sa_type=Id, index=True)
    restriction: str = Field(max_length=12)  # held, rejected, removed, ban, suspend, premoderate, slow, shadow
    reason: str = Field(max_length=40)
    title: str = Field(max_length=200)
    rule: str = Field(max_length=1_000)
    ground: str = Field(max_length=10)  # illegal, terms
    dsa_category: str = Field(max_length=80)
    facts: str = Field(max_length=1_000)
    note: str = Field(default="", max_length=1_000)
    source: str = Field(max_length=10)  # own, notice
    automated_detection: bool = False
    content_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    withdrawn_by: int | None = Field(default=None, sa_type=Id)  # the decision that ended it


class AppealRow(SQLModel, table=True):
    """An author's word against a decision; one a decision."""

    __tablename__ = "appeal"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id", index=True)
    comment_id: int = Field(sa_type=Id, foreign_key="comment.id", index=True)
    person_id: int = Field(sa_type=Id, foreign_key="person.id", index=True)
    against: int = Field(sa_type=Id, unique=True)  # the decision, or the statement where nobody decided
    text: str = Field(max_length=2_000)
    state: str = Field(default="open", max_length=10)  # open, upheld, reversed
    decision_id: int | None = Field(default=None, sa_type=Id, index=True)  # what was decided about it
    answer: str = Field(default="", max_length=1_000)
    created_at: datetime = Field(sa_type=UTCDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
