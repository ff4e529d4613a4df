"""Erasures under way and done, and what opens a person's own page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime

_OPEN = text("state IN ('waiting', 'running')")
_PARTIAL: dict[str, Any] = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}


class ErasureRow(SQLModel, table=True):
    """That somebody is to be forgotten, from `due_at` on; how far it is. It holds nothing that tells who they were."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index("uq_erasure_open_person", "person_id", unique=True, **_PARTIAL),
        Index("ix_erasure_due", "due_at", "id", **_PARTIAL),
        Index("ix_erasure_site_id", "site_id", "id"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    person_id: int = Field(sa_type=Id, foreign_key="person.id", index=True)
    asked_by: str = Field(max_length=10)  # person, account, terminal, system
    account_id: int | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    reason: str = Field(default="", max_length=20)
    state: str = Field(default="waiting", max_length=10)  # waiting, running, done, called-off
    position: int = Field(default=0, sa_type=Id)  # the last comment that is done
    comments: int = 0
    votes: int = 0
    worker: str = Field(default="", max_length=32)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    asked_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class OwnLinkRow(SQLModel, table=True):
    """A one-time link to a person's own page; only its hash is kept."""

    __tablename__ = "own_link"

    token_hash: str = Field(max_length=64, primary_key=True)
    person_id: int = Field(sa_type=Id, foreign_key="person.id", index=True)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)


class OwnSessionRow(SQLModel, table=True):
    """A browser that has a person's own page open; only the hash of its cookie is kept."""

    __tablename__ = "own_session"

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(sa_type=Id, foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)


class OwnExportRow(SQLModel, table=True):
    """Everything held about a person, written for them: asked for, made by a worker, there for a day."""

    __tablename__ = "own_export"
    __table_args__ = (Index("ix_own_export_to_do", "id", **_PARTIAL),)

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: int = Field(sa_type=Id, foreign_key="person.id", index=True)
    state: str = Field(default="waiting", max_length=10)  # waiting, running, ready
    content: bytes | None = None  # gzip of the JSON
    worker: str = Field(default="", max_length=32)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    asked_at: datetime = Field(sa_type=UTCDateTime)
    ready_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)
