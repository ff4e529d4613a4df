"""Comments go from one thread to another of the same site, some at a time, as they are: text, place, time and votes.

A comment's place among its siblings hangs on its parent, not on the thread, so counters of replies stay true; the
threads' own counters are moved in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, literal_column, update
from sqlmodel import col, func, select

from service import threads
from service.comments.tables import CommentRow, PastRankRow
from service.kit.db import ReadTx, WriteTx

_PUBLISHED = col(CommentRow.state) == literal_column("'published'")
# As the partial index has it: written with `!=`, it would not be used.
_OTHERS = col(CommentRow.state).op("<>")(literal_column("'published'"))
_REHOME = (
    update(CommentRow)
    .where(col(CommentRow.id).in_(bindparam("comments", expanding=True)))
    .values(thread_id=bindparam("thread"), moved=0)
    .execution_options(synchronize_session=False)
)


async def in_thread(tx: ReadTx, thread_id: int, limit: int) -> list[int]:
    """Some comments of a thread, whatever their state: the published ones first, the oldest first; empty at the end."""
    here = col(CommentRow.thread_id) == thread_id
    for state in (_PUBLISHED, _OTHERS):
        query = select(CommentRow.id).where(here, state).order_by(col(CommentRow.id)).limit(limit)
        if found := list(await tx.exec(query)):
            return found
    return []


async def count_all(tx: ReadTx, thread_id: int) -> int:
    """How many comments a thread has, whatever their state; from two indexes."""
    here = col(CommentRow.thread_id) == thread_id
    counts = [(await tx.exec(select(func.count()).where(here, state))).one() for state in (_PUBLISHED, _OTHERS)]
    return sum(counts)


async def answers_left_behind(tx: ReadTx, comment_ids: Sequence[int], thread_id: int) -> list[int]:
    """Direct replies to some comments that are in this thread."""
    query = select(CommentRow.id).where(
        col(CommentRow.parent_id).in_(comment_ids), col(CommentRow.thread_id) == thread_id
    )
    return list(await tx.exec(query.order_by(col(CommentRow.id))))


async def published_by(tx: ReadTx, comment_ids: Sequence[int]) -> dict[int, int]:
    """Who wrote so many of these comments that are published: person to number."""
    query = select(CommentRow.person_id, func.count()).where(col(CommentRow.id).in_(comment_ids), _PUBLISHED)
    return dict((await tx.exec(query.group_by(col(CommentRow.person_id)))).all())


async def rehome(tx: WriteTx, comment_ids: Sequence[int], from_thread: int, to_thread: int) -> list[int]:
    """Move those of these comments that are in `from_thread`, with what is counted of them; which ones that were.

    Ranks stay as they are. Whoever reads on in an order from before the move meets the comments where they rank now.
    """
    query = (
        select(CommentRow.id, CommentRow.state, CommentRow.created_at)
        .where(col(CommentRow.id).in_(comment_ids), col(CommentRow.thread_id) == from_thread)
        # From a comment upwards, as everybody takes these locks.
        .order_by(col(CommentRow.id).desc())
        .with_for_update()
    )
    rows = (await tx.exec(query)).all()
    if not rows:
        return []
    found = [row[0] for row in rows]
    connection = await tx.connection()
    await connection.execute(_REHOME, {"comments": found, "thread": to_thread})
    await connection.execute(delete(PastRankRow).where(col(PastRankRow.comment_id).in_(found)))
    published = [at for _, state, at in rows if state == "published"]
    await threads.count_moved(tx, from_thread, to_thread, len(published), max(published, default=None))
    return found


async def newest_time(tx: ReadTx, thread_id: int) -> datetime | None:
    """When the newest published comment of a thread was written; None without one."""
    query = select(CommentRow.created_at).where(CommentRow.thread_id == thread_id, _PUBLISHED)
    return (await tx.exec(query.order_by(col(CommentRow.id).desc()).limit(1))).first()
