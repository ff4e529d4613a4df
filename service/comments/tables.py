"""The rows of comments, shaped for reading: each list a reader can ask for is one index range."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, false, text
from sqlmodel import Field, SQLModel

from service.kit.columns import Id, UTCDateTime

# SQLite uses a partial index only where the query says the same words: SQLAlchemy writes `shown = 1` there.
_SHOWN: dict[str, Any] = {"sqlite_where": text("shown = 1"), "postgresql_where": text("shown")}
_ADDRESSED: dict[str, Any] = {
    "sqlite_where": text("address_hash IS NOT NULL"),
    "postgresql_where": text("address_hash IS NOT NULL"),
}
_NOT_YET: dict[str, Any] = {"server_default": false()}


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
        Index("uq_comment_site_origin", "site_id", "origin", unique=True),
        Index("ix_comment_person", "person_id", "id"),
        # A site's comments by time: what rules are tried on, what is looked for in bulk, what is counted by day.
        Index("ix_comment_site", "site_id", "id"),
        Index("ix_comment_address", "site_id", "address_hash", "id", **_ADDRESSED),
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
    state: str = Field(max_length=10)  # published, held, shadowed, rejected, spam, removed, deleted
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
    featured: bool = Field(default=False, sa_column_kwargs=_NOT_YET)
    pinned: bool = Field(default=False, sa_column_kwargs=_NOT_YET)
    replies_closed: bool = Field(default=False, sa_column_kwargs=_NOT_YET)  # nothing further below it
    # The pseudonym of the address it came from, for some days only; see identity/address_keys.py.
    address_hash: str | None = Field(default=None, max_length=40)


class RevisionRow(SQLModel, table=True):
    """A text as it was before an edit, for moderators and for some weeks."""

    __tablename__ = "comment_revision"

    comment_id: int = Field(sa_type=Id, primary_key=True, foreign_key="comment.id")
    version: int = Field(primary_key=True)
    body: str
    html: str
    at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)
