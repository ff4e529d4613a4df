"""Comments an import brings, many at once, with all that is counted: each batch leaves every counter true.

So a run that ends in the middle leaves a site that is whole, and the next run goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import col, select

from service import threads
from service.comments.comment import State
from service.comments.counters import shown_changed
from service.comments.tables import CommentRow
from service.identity import ERASED, count_published_many, people
from service.kit import ids
from service.kit.db import ReadTx, WriteTx

_TABLE = CommentRow.metadata.tables[str(CommentRow.__tablename__)]


@dataclass(frozen=True)
class Restored:
    """A comment as an import brings it, under its own time. `origin` is how a second run knows it again.

    `parent` is the origin of the comment it answers, or None. `ranks` are best, hot and controversy.
    """

    origin: str
    parent: str | None
    thread_id: int
    person_id: int
    body: str
    body_format: str
    html: str
    state: State
    created_at: datetime
    ranks: tuple[float, float, float]


@dataclass(frozen=True)
class Place:
    """Where a comment is in the tree."""

    id: int
    thread_id: int
    depth: int


async def places(tx: ReadTx, site_id: int, origins: Sequence[str]) -> dict[str, Place]:
    """Where the comments of these origins are, for those that are there."""
    if not origins:
        return {}
    found = await tx.exec(
        select(CommentRow.origin, CommentRow.id, CommentRow.thread_id, CommentRow.depth).where(
            CommentRow.site_id == site_id, col(CommentRow.origin).in_(sorted(set(origins)))
        )
    )
    return {origin: Place(number, thread, depth) for origin, number, thread, depth in found.all() if origin}


async def restore_many(tx: WriteTx, site_id: int, comments: Sequence[Restored]) -> None:
    """Write comments nobody has brought yet, parents before their replies; a parent may be there already.

    A reply goes to the thread its parent is in, whatever thread it names.
    """
    if not comments:
        return
    comments = await _forgotten(tx, comments)
    within = {comment.origin for comment in comments}
    above = {comment.parent for comment in comments if comment.parent and comment.parent not in within}
    known = await places(tx, site_id, list(above))
    rows: dict[str, dict[str, Any]] = {}
    for comment in comments:
        parent = known.get(comment.parent) if comment.parent else None
        row = _row(site_id, comment, parent)
        rows[comment.origin] = row
        known[comment.origin] = Place(row["id"], row["thread_id"], row["depth"])
    outside = _count_replies(list(rows.values()))
    connection = await tx.connection()
    await connection.execute(insert(_TABLE), list(rows.values()))
    await _count_outside(tx, outside)
    await _count_published(tx, list(rows.values()))


async def _forgotten(tx: WriteTx, comments: Sequence[Restored]) -> list[Restored]:
    """What somebody wrote who was erased comes as the place it had, for the replies below it."""
    known = await people(tx, [comment.person_id for comment in comments])
    return [
        replace(comment, body="", html="", state="deleted") if known[comment.person_id].kind == ERASED else comment
        for comment in comments
    ]


def _row(site_id: int, comment: Restored, parent: Place | None) -> dict[str, Any]:
    thread_id = parent.thread_id if parent else comment.thread_id
    best, hot, controversy = comment.ranks
    return {
        "id": ids.new_id(ids.shard_of(thread_id), comment.created_at),
        "site_id": site_id,
        "thread_id": thread_id,
        "parent_id": parent.id if parent else None,
        "under": parent.id if parent else 0,
        "depth": parent.depth + 1 if parent else 0,
        "person_id": comment.person_id,
        "body": comment.body,
        "body_format": comment.body_format,
        "html": comment.html,
        "state": comment.state,
        "shown": comment.state == "published",
        "reply_count": 0,
        "up": 0,
        "down": 0,
        "best": best,
        "hot": hot,
        "controversy": controversy,
        "moved": 0,
        "version": 1,
        "created_at": comment.created_at,
        "edited_at": None,
        "origin": comment.origin,
    }


def _count_replies(rows: Sequence[dict[str, Any]]) -> Counter[int]:
    """Fill in `shown` and `reply_count`; what is left are shown replies of parents that are not among the rows."""
    by_id = {row["id"]: row for row in rows}
    outside: Counter[int] = Counter()
    # Replies come behind their parents, so from the end each row is complete when it is reached.
    for row in reversed(rows):
        row["shown"] = row["shown"] or row["reply_count"] > 0
        if row["shown"] and row["parent_id"] is not None:
            if (parent := by_id.get(row["parent_id"])) is not None:
                parent["reply_count"] += 1
            else:
                outside[row["parent_id"]] += 1
    return outside


async def _count_outside(tx: WriteTx, replies: Counter[int]) -> None:
    """Add shown replies to parents that were there before; a tombstone that gets its first one appears."""
    if not replies:
        return
    connection = await tx.connection()
    await connection.execute(
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("parent"))
        .values(reply_count=_TABLE.c.reply_count + bindparam("change")),
        # Newest first: from a comment upwards, as everybody takes these locks.
        [{"parent": parent, "change": replies[parent]} for parent in sorted(replies, reverse=True)],
    )
    is_hidden = ~col(CommentRow.shown)
    hidden = select(CommentRow.id).where(
        col(CommentRow.id).in_(sorted(replies)), is_hidden, col(CommentRow.reply_count) > 0
    )
    for number in (await tx.exec(hidden)).all():
        # Asked again: the walk up from another of these may have come by.
        appear = update(CommentRow).where(col(CommentRow.id) == number, is_hidden).values(shown=True)
        above = (await tx.exec(appear.returning(col(CommentRow.parent_id)))).first()
        if above is not None:
            await shown_changed(tx, above[0], +1)


async def _count_published(tx: WriteTx, rows: Sequence[dict[str, Any]]) -> None:
    published = [row for row in rows if row["state"] == "published"]
    await count_published_many(tx, Counter(row["person_id"] for row in published))
    count = Counter(row["thread_id"] for row in published)
    last: dict[int, datetime] = {}
    for row in published:
        last[row["thread_id"]] = max(row["created_at"], last.get(row["thread_id"], row["created_at"]))
    touched = {row["thread_id"] for row in rows}
    await threads.count_brought(tx, {thread: (count[thread], last.get(thread)) for thread in touched})
