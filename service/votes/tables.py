"""Who voted how; one row per person and comment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime

_WAITS: dict[str, Any] = {"sqlite_where": text("counted IS NOT NULL"), "postgresql_where": text("counted IS NOT NULL")}


class VoteRow(SQLModel, table=True):
    """A vote: -1 or 1, or 0 for one that was taken back and has not been subtracted yet.

    `counted` is None once the comment's counters hold the vote. Until then it says what they hold instead (-1, 0 or
    1; never the value itself, but for 0 and 0: taken back before anybody counted it).
    """

    __tablename__ = "vote"
    __table_args__ = (
        Index("ix_vote_person_thread", "person_id", "thread_id"),
        Index("ix_vote_waiting", "thread_id", "comment_id", **_WAITS),
    )

    comment_id: int = Field(sa_type=Id, primary_key=True, foreign_key="comment.id")
    person_id: int = Field(sa_type=Id, primary_key=True, foreign_key="person.id")
    thread_id: int = Field(sa_type=Id, foreign_key="thread.id")
    value: int
    counted: int | None = None
    created_at: datetime = Field(sa_type=UTCDateTime)
