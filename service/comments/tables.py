"""The rows of comments, shaped for reading: each list a reader can ask for is one index range.

Ranks move with votes. How often they moved in a thread, and what they were before, is kept beside them, so that a
reader who goes on reading sees the order they began with (docs/decisions/0009).
"""

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

# Ids are made by us (SQLite would count a lone integer key by itself).
_GIVEN: dict[str, Any] = {"autoincrement": False}
_PUBLISHED: dict[str, Any] = {
    "sqlite_where": text("state = 'published'"),
    "postgresql_where": text("state = 'published'"),
}

_UNPUBLISHED: dict[str, Any] = {
    "sqlite_where": text("state <> 'published'"),
    "postgresql_where": text("state <> 'published'"),
}


class CommentRow(SQLModel, table=True):
    """A comment.

    `under` is the parent's id, or 0 for a root: PostgreSQL does not use an index for order behind `IS NULL`.
    `shown` is true when readers see the comment or its tombstone; `reply_count` counts its shown direct replies.
    `moved` is the move of the thread's ranks that made `best`, `hot` and `controversy` what they are.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_by_time", "thread_id", "under", "id", **_SHOWN),
        Index("ix_comment_by_best", "thread_id", "under", "best", "id", **_SHOWN),
        Index("ix_comment_by_hot", "thread_id", "under", "hot", "id", **_SHOWN),
        Index("ix_comment_by_controversy", "thread_id", "under", "controversy", "id", **_SHOWN),
        Index("ix_comment_thread_published", "thread_id", "id", **_PUBLISHED),
        # The others, which are few: with the index above all of a thread, without a cost to those who post.
        Index("ix_comment_thread_unpublished", "thread_id", "id", **_UNPUBLISHED),
        Index("ix_comment_site_published", "site_id", "id", **_PUBLISHED),
        Index("uq_comment_site_origin", "site_id", "origin", unique=True),
        Index("ix_comment_person", "person_id", "id"),
        # A site's comments by time: what rules are tried on, what is looked for in bulk, what is counted by day.
        Index("ix_comment_site", "site_id", "id"),
        Index("ix_comment_address", "site_id", "address_hash", "id", **_ADDRESSED),
    )

    id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs=_GIVEN)
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
    moved: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": text("0")})
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


class RankClockRow(SQLModel, table=True):
    """How often the ranks of a thread have moved; whoever moves them locks this row. None yet: they never moved.

    Ranks before the move `kept_from` are forgotten.
    """

    __tablename__ = "rank_clock"

    thread_id: int = Field(sa_type=Id, primary_key=True, foreign_key="thread.id", sa_column_kwargs=_GIVEN)
    moves: int = Field(default=0, sa_type=Id)
    kept_from: int = Field(default=0, sa_type=Id)


class PastRankRow(SQLModel, table=True):
    """The ranks a shown comment had over a span of moves (see spans.py), until they moved at `until`.

    Nothing points to the comment: what is here is gone within hours, and a check for each row would cost a lock.
    """

    __tablename__ = "past_rank"
    __table_args__ = (
        Index("ix_past_rank_by_best", "thread_id", "under", "span", "best", "comment_id"),
        Index("ix_past_rank_by_hot", "thread_id", "under", "span", "hot", "comment_id"),
        Index("ix_past_rank_by_controversy", "thread_id", "under", "span", "controversy", "comment_id"),
        Index("ix_past_rank_moved_at", "moved_at"),
    )

    comment_id: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs=_GIVEN)
    span: int = Field(sa_type=Id, primary_key=True, sa_column_kwargs=_GIVEN)
    thread_id: int = Field(sa_type=Id)
    under: int = Field(sa_type=Id)
    best: float
    hot: float
    controversy: float
    until: int = Field(sa_type=Id)
    moved_at: datetime = Field(sa_type=UTCDateTime)
