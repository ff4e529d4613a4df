"""Who voted how; one row per person and comment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime


class VoteRow(SQLModel, table=True):
    """A vote: -1 or 1. Taking a vote back deletes the row."""

    __tablename__ = "vote"
    __table_args__ = (Index("ix_vote_person_thread", "person_id", "thread_id"),)

    comment_id: int = Field(sa_type=Id, primary_key=True, foreign_key="comment.id")
    person_id: int = Field(sa_type=Id, primary_key=True, foreign_key="person.id")
    thread_id: int = Field(sa_type=Id, foreign_key="thread.id")
    value: int
    created_at: datetime = Field(sa_type=UTCDateTime)
