"""Jobs on discussions, and what each did to what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, Json, UTCDateTime

_TO_DO: dict[str, Any] = {
    "sqlite_where": text("state IN ('planning', 'waiting', 'running', 'undoing')"),
    "postgresql_where": text("state IN ('planning', 'waiting', 'running', 'undoing')"),
}


class ThreadJobRow(SQLModel, table=True):
    """A merge, a remap or a purge: what it is to do, how far it is, what came of it."""

    __tablename__ = "thread_job"
    __table_args__ = (Index("ix_thread_job_site", "site_id", "id"), Index("ix_thread_job_to_do", "id", **_TO_DO))

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    account_id: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")  # none: at the terminal
    kind: str = Field(max_length=10)  # merge, remap, purge
    # planning, planned, waiting, running, done, undoing, undone, cancelled, failed
    state: str = Field(max_length=10)
    asked: dict[str, Any] = Field(sa_type=Json)
    counts: dict[str, int] = Field(default_factory=dict, sa_type=Json)  # by outcome
    samples: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    position: int = Field(default=0, sa_type=Id)  # the last item that was gone through
    total: int = 0
    done: int = 0
    is_cancelled: bool = False
    worker: str = Field(default="", max_length=20)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ThreadJobItemRow(SQLModel, table=True):
    """One thing a job is about: a comment of a merge, a discussion of a remap."""

    __tablename__ = "thread_job_item"

    job_id: int = Field(sa_type=Id, primary_key=True, foreign_key="thread_job.id")
    number: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    outcome: str = Field(default="", max_length=20)
    before: str = Field(default="", max_length=2_000)
    after: str = Field(default="", max_length=2_000)
