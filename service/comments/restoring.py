"""Comments an import brings, many at once, with all that is counted: each batch leaves every counter true.

So a run that ends in the middle leaves a site that is whole, and the next run goes on where it stopped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from service import threads
from service.comments.comment import State
from service.comments.counters import shown_changed
from service.comments.moving import lift
from service.comments.tables import CommentRow
from service.identity import ERASED, count_published_many, people
from service.kit import ids
from service.kit.bulk import insert_rows, one_of
from service.kit.db import ReadTx, WriteTx

_OWN = re.compile(r"parley:([1-9][0-9]{0,18})")
_LARGEST = 2**63 - 1
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
    up: int = 0
    down: int = 0
    edited_at: datetime | None = None
    pinned: bool = False
    featured: bool = False
    replies_closed: bool = False


@dataclass(frozen=True)
class Place:
    """Where a comment is in the tree."""

    id: int
    thread_id: int
    depth: int


async def places(tx: ReadTx, site_id: int, origins: Sequence[str]) -> dict[str, Place]:
    """Where the comments of these origins are, for those that are there.

    `parley:N` is also the comment N itself, which an export of this very site calls so.
    """
    if not origins:
        return {}
    wanted = sorted(set(origins))
    is_named = await one_of(tx, col(CommentRow.origin), wanted)
    found = await _places(tx, site_id, col(CommentRow.origin), is_named)
    told = {name: int(match[1]) for name in wanted if name not in found and (match := _OWN.fullmatch(name))}
    own = {name: number for name, number in told.items() if number <= _LARGEST}
    if own:
        is_own = await one_of(tx, col(CommentRow.id), sorted(own.values()))
        known = await _places(tx, site_id, col(CommentRow.id), is_own)
        found |= {name: known[number] for name, number in own.items() if number in known}
    return found


async def _places(tx: ReadTx, site_id: int, key: Any, condition: Any) -> dict[Any, Place]:
    query = select(key, CommentRow.id, CommentRow.thread_id, CommentRow.depth).where(
        CommentRow.site_id == site_id, condition
    )
    return {name: Place(number, thread, depth) for name, number, thread, depth in (await tx.exec(query)).all()}


async def restore_many(
    tx: WriteTx, site_id: int, comments: Sequence[Restored], *, counted: Collection[int] = ()
) -> list[int]:
    """Write comments nobody has brought yet, parents before their replies; a parent may be there already. Their ids.

    A reply goes to the thread its parent is in, whatever thread it names. `counted` are people whose numbers hold
    these comments already.
    """
    if not comments:
        return []
    comments = await _forgotten(tx, comments)
    within = {comment.origin for comment in comments}
    above = {comment.parent for comment in comments if comment.parent and comment.parent not in within}
    known = await places(tx, site_id, list(above))
    rows: list[dict[str, Any]] = []
    for comment in comments:
        parent = known.get(comment.parent) if comment.parent else None
        row = _row(site_id, comment, parent)
        rows.append(row)
        known[comment.origin] = Place(row["id"], row["thread_id"], row["depth"])
    outside = _count_replies(rows)
    await insert_rows(tx, _TABLE, rows)
    await _count_outside(tx, outside)
    await _count_published(tx, rows, counted)
    return [row["id"] for row in rows]


async def refill_many(tx: WriteTx, comments: Mapping[int, Restored]) -> None:
    """Give tombstones of an import that was taken back (see unmaking.py) their words again: by id."""
    forgotten = dict(zip(comments, await _forgotten(tx, list(comments.values())), strict=True))
    for number in sorted(forgotten, reverse=True):
        comment = forgotten[number]
        row = await tx.get_one(CommentRow, number, with_for_update={"key_share": True}, populate_existing=True)
        was_shown = row.shown
        row.origin, row.person_id, row.state = comment.origin, comment.person_id, comment.state
        row.body, row.body_format, row.html = comment.body, comment.body_format, comment.html
        row.up, row.down, row.edited_at = comment.up, comment.down, comment.edited_at
        row.best, row.hot, row.controversy = comment.ranks
        row.shown, row.version = comment.state == "published" or row.reply_count > 0, row.version + 1
        await tx.flush()
        if row.shown != was_shown:
            await shown_changed(tx, row.parent_id, +1)
        names = ("thread_id", "person_id", "state", "created_at")
        await _count_published(tx, [{name: getattr(row, name) for name in names}], ())


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
    if comment.pinned:
        best, hot = best + lift(is_pinned=True), hot + lift(is_pinned=True)
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
        "up": comment.up,
        "down": comment.down,
        "best": best,
        "hot": hot,
        "controversy": controversy,
        "moved": 0,
        "version": 1,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "origin": comment.origin,
        "featured": comment.featured,
        "pinned": comment.pinned,
        "replies_closed": comment.replies_closed,
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


async def _count_published(tx: WriteTx, rows: Sequence[dict[str, Any]], counted: Collection[int]) -> None:
    published = [row for row in rows if row["state"] == "published"]
    wrote = Counter(row["person_id"] for row in published if row["person_id"] not in counted)
    await count_published_many(tx, wrote)
    count = Counter(row["thread_id"] for row in published)
    last: dict[int, datetime] = {}
    for row in published:
        last[row["thread_id"]] = max(row["created_at"], last.get(row["thread_id"], row["created_at"]))
    touched = {row["thread_id"] for row in rows}
    await threads.count_brought(tx, {thread: (count[thread], last.get(thread)) for thread in touched})
