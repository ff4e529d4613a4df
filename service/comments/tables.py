"""The rows of comments, shaped for reading: each list a reader can ask for is one index range."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime

# SQLite uses a partial index only where the query says the same words: SQLAlchemy writes `shown = 1` there.
_SHOWN: dict[str, Any] = {"sqlite_where": text("shown = 1"), "postgresql_where": text("shown")}
_PUBLISHED: dict[str, Any] = {
    "sqlite_where": text("state = 'published'"),
    "postgresql_where": text("state = 'published'"),
}


class CommentRow(SQLModel, table=True):
    """A comment.

    `under` is the parent's id, or 0 for a root: PostgreSQL does not use an index for order behind `IS NULL`.
    `shown` is true when readers see the comment or its tombstone; `reply_count` counts its shown direct replies.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_by_time", "thread_id", "under", "id", **_SHOWN),
        Index("ix_comment_by_best", "thread_id", "under", "best", "id", **_SHOWN),
        Index("ix_comment_by_hot", "thread_id", "under", "hot", "id", **_SHOWN),
        Index("ix_comment_by_controversy", "thread_id", "under", "controversy", "id", **_SHOWN),
        Index("ix_comment_thread_published", "thread_id", "id", **_PUBLISHED),
        Index("ix_comment_site_published", "site_id", "id", **_PUBLISHED),
        Index("uq_comment_site_origin", "site_id", "origin", unique=True),
        Index("ix_comment_person", "person_id", "id"),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs={"autoincrement": False})
    site_id: int = Field(sa_type=Id, foreign_key="site.id")
    thread_id: int = Field(sa_type=Id, foreign_key="thread.id")
    parent_id: int | None = Field(default=None, sa_type=Id, foreign_key="comment.id", index=True)
    under: int = Field(default=0, sa_type=Id)
    depth: int = 0
    person_id: int = Field(sa_type=Id, foreign_key="person.id")
    body: str
    body_format: str = Field(default="markdown", max_length=10)
    html: str
    state: str = Field(max_length=10)  # published, held, rejected, spam, removed, deleted
    shown: bool = False
    reply_count: int = 0
    up: int = 0
    down: int = 0
    best: float = 0.0
    hot: float = 0.0
    controversy: float = 0.0
    version: int = 1
    created_at: datetime = Field(sa_type=UTCDateTime)
    edited_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    origin: str | None = Field(default=None, max_length=200)
