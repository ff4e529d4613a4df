"""Threads and the addresses they are found by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime

# PostgreSQL keeps at most 2,704 bytes in a B-tree entry; canonical keys are ASCII.
URL_LENGTH = 2_000


_MERGED: dict[str, Any] = {
    "sqlite_where": text("merged_into IS NOT NULL"),
    "postgresql_where": text("merged_into IS NOT NULL"),
}


class ThreadRow(SQLModel, table=True):
    """The discussion of one article."""

    __tablename__ = "thread"
    __table_args__ = (
        Index("uq_thread_site_identifier", "site_id", "identifier", unique=True),
        # What a publisher looks through. Nothing that changes with each comment is in an index here: on PostgreSQL a
        # post would then write all indexes of the thread anew.
        Index("ix_thread_site", "site_id", "id"),
        Index("ix_thread_merged", "merged_into", **_MERGED),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    identifier: str | None = Field(default=None, max_length=300)
    url: str = Field(max_length=URL_LENGTH)
    title: str | None = Field(default=None, max_length=500)
    state: str = Field(default="open", max_length=10)  # open, closed, locked
    # Of the address, by the site's rules; empty for none.
    section: str = Field(default="", max_length=60, sa_column_kwargs={"server_default": ""})
    # What its page named besides, when it was begun.
    slug: str | None = Field(default=None, max_length=200)
    category: str | None = Field(default=None, max_length=60)
    comment_count: int = 0  # published comments
    version: int = 0
    created_at: datetime = Field(sa_type=UTCDateTime)
    last_comment_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # The discussion that everything of this one is in now; whoever asks for this one gets that one. Never one that is
    # merged itself. No foreign key: a backup brings rows in the order of their ids.
    merged_into: int | None = Field(default=None, sa_type=Id)


class ThreadAliasRow(SQLModel, table=True):
    """One address a thread is found by. `key` is the canonical URL without what does not tell articles apart."""

    __tablename__ = "thread_alias"

    site_id: int = Field(sa_type=Id, primary_key=True, foreign_key="site.id")
    key: str = Field(max_length=URL_LENGTH, primary_key=True)
    thread_id: int = Field(sa_type=Id, foreign_key="thread.id", index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
