"""What is counted: shown replies of a parent, published comments of a thread and of a person.

A comment is shown when it is published, or when shown replies hang on it (a tombstone). So one change of state can
make a chain of tombstones appear or vanish: the walk goes up until nothing changes. Locks are always taken from a
comment upwards and then on its thread, which keeps two walks from waiting for each other in a circle.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from service import threads
from service.comments.past import forget_past
from service.comments.tables import CommentRow
from service.identity import count_published
from service.kit import ids
from service.kit.db import ReadTx, WriteTx, changed
from service.kit.merging import adds

_COMMENTS = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
_COUNT_REPLIES = adds(
    update(_COMMENTS)
    .where(_COMMENTS.c.id == bindparam("comment"))
    .values(reply_count=_COMMENTS.c.reply_count + bindparam("change"))
    .returning(*(_COMMENTS.c[name] for name in ("id", "state", "shown", "reply_count", "parent_id"))),
    key="comment",
    sums=("change",),
    returned="id",
)


async def shown_changed(tx: WriteTx, parent_id: int | None, change: int) -> None:
    """A direct reply of `parent_id` appeared (+1) or vanished (-1)."""
    while parent_id is not None:
        parent = (await tx.run(_COUNT_REPLIES, {"comment": parent_id, "change": change})).one()
        is_shown = parent.state == "published" or parent.reply_count > 0
        if is_shown == parent.shown:
            return
        await tx.exec(update(CommentRow).where(col(CommentRow.id) == parent_id).values(shown=is_shown))
        if parent.shown:
            await forget_past(tx, parent_id)
        parent_id, change = parent.parent_id, 1 if is_shown else -1


async def published_changed(tx: WriteTx, row: CommentRow, change: int, *, author_counts: bool = False) -> None:
    """A comment became readable (+1), stopped being so (-1), or changed while readable or not (0).

    `author_counts`: in the author's own number it is counted already.
    """
    if change and not author_counts:
        await count_published(tx, row.person_id, change)
    at = row.created_at if change > 0 else None
    await threads.bump(tx, row.thread_id, published=change, at=at)
    if change:
        # Comes in storms, as votes do: what is new at a whole site may be a second old.
        changed(tx, threads.talk_tag(row.site_id), often=True)


async def count_by_day(tx: ReadTx, site_id: int, above: int, below: int) -> dict[int, int]:
    """How many comments were written at a site on each day (see ids.day_of), from one range of an index."""
    day = ids.day_of(col(CommentRow.id)).label("day")
    query = select(day, func.count()).where(
        col(CommentRow.site_id) == site_id, col(CommentRow.id) >= above, col(CommentRow.id) < below
    )
    return {int(at): count for at, count in await tx.exec(query.group_by(day))}


async def recount_thread(tx: WriteTx, thread_id: int) -> None:
    """Compute shown, reply counts and the thread's count from the rows alone (after an import, or to repair).

    Goes level by level from the deepest, so a tombstone's tombstone is right too; two statements per level.
    """
    here = col(CommentRow.thread_id) == thread_id
    deepest = (await tx.exec(select(func.max(col(CommentRow.depth))).where(here))).one()
    reply = aliased(CommentRow)
    replies = (
        select(func.count())
        .select_from(reply)
        .where(col(reply.thread_id) == thread_id, col(reply.under) == col(CommentRow.id), col(reply.shown))
        .correlate(CommentRow)
        .scalar_subquery()
    )
    for depth in range(-1 if deepest is None else deepest, -1, -1):
        level = update(CommentRow).where(here, col(CommentRow.depth) == depth)
        # The rows in this session's memory are stale afterwards; `fetch` and `evaluate` could not know the subquery.
        quietly = {"synchronize_session": False}
        await tx.exec(level.values(reply_count=replies), execution_options=quietly)
        is_shown = or_(col(CommentRow.state) == "published", col(CommentRow.reply_count) > 0)
        await tx.exec(level.values(shown=is_shown), execution_options=quietly)
    tx.expire_all()
    published = select(func.count(), func.max(col(CommentRow.created_at))).where(here, CommentRow.state == "published")
    count, last = (await tx.exec(published)).one()
    await threads.recounted(tx, thread_id, count, last)
