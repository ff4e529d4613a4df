"""Taking back what an import brought, many at once: each batch leaves every counter true, as bringing it did.

A comment goes as a whole where nothing hangs on it. Where something does (a reader's reply, a decision, a notice) it
stays as a tombstone without words, under an origin by which a later import knows that it is to be filled again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, literal_column
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from service import threads
from service.comments.counters import shown_changed
from service.comments.life import set_state
from service.comments.past import forget_past
from service.comments.tables import CommentRow, PastRankRow, RankClockRow, RevisionRow
from service.identity import count_published_many
from service.kit.bulk import one_of
from service.kit.db import ReadTx, WriteTx

_TABLE = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
UNDONE = "undone:"
_LONGEST_ORIGIN = 200


@dataclass(frozen=True)
class Unmade:
    """What became of the comments of a batch: `gone` as rows, `kept` as tombstones; the threads they were in."""

    gone: tuple[int, ...]
    kept: tuple[int, ...]
    threads: tuple[int, ...]


async def unmake_many(tx: WriteTx, site_id: int, numbers: Sequence[int], pointed_to: set[int]) -> Unmade:
    """Take comments of a site back. `pointed_to` are those that something outside of comments hangs on."""
    rows = await _rows(tx, site_id, numbers)
    stay = await _answered(tx, rows, pointed_to)
    # From the youngest up: as everybody takes these locks.
    go = [row for row in sorted(rows, key=lambda row: -row.id) if row.id not in stay]
    await _delete(tx, [row.id for row in go])
    await _uncount(tx, go)
    for row in rows:
        if row.id in stay:
            await _empty(tx, row)
    return Unmade(tuple(row.id for row in go), tuple(sorted(stay)), tuple(sorted({row.thread_id for row in rows})))


async def _rows(tx: WriteTx, site_id: int, numbers: Sequence[int]) -> list[Any]:
    columns = (_TABLE.c.id, _TABLE.c.parent_id, _TABLE.c.thread_id, _TABLE.c.person_id, _TABLE.c.state, _TABLE.c.shown)
    query = select_columns(*columns).where(_TABLE.c.site_id == site_id, await one_of(tx, _TABLE.c.id, numbers))
    return list(await (await tx.connection()).execute(query.with_for_update(key_share=False)))


async def _answered(tx: WriteTx, rows: Sequence[Any], pointed_to: set[int]) -> set[int]:
    """Those that must stay: something points to them, or a comment does that stays itself."""
    numbers = [row.id for row in rows]
    replies = select(CommentRow.parent_id, CommentRow.id).where(await one_of(tx, col(CommentRow.parent_id), numbers))
    answers = (await tx.exec(replies)).all()
    ours = set(numbers)
    stay = (pointed_to & ours) | {parent for parent, reply in answers if parent is not None and reply not in ours}
    above = {row.id: row.parent_id for row in rows}
    for number in list(stay):
        parent = above.get(number)
        while parent is not None and parent in ours and parent not in stay:
            stay.add(parent)
            parent = above.get(parent)
    return stay


async def _delete(tx: WriteTx, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    connection = await tx.connection()
    for table, column in ((RevisionRow, col(RevisionRow.comment_id)), (PastRankRow, col(PastRankRow.comment_id))):
        await connection.execute(delete(table).where(await one_of(tx, column, numbers)))
    await connection.execute(delete(_TABLE).where(await one_of(tx, _TABLE.c.id, numbers)))
    tx.expire_all()


async def _uncount(tx: WriteTx, gone: Sequence[Any]) -> None:
    numbers = {row.id for row in gone}
    replies = Counter(
        row.parent_id for row in gone if row.shown and row.parent_id is not None and row.parent_id not in numbers
    )
    for parent in sorted(replies, reverse=True):
        await shown_changed(tx, parent, -replies[parent])
    published = [row for row in gone if row.state == "published"]
    await count_published_many(tx, {who: -count for who, count in Counter(row.person_id for row in published).items()})
    count = Counter(row.thread_id for row in published)
    for thread in sorted({row.thread_id for row in gone}):
        await threads.bump(tx, thread, published=-count[thread])


async def _empty(tx: WriteTx, row: Any) -> None:
    await set_state(tx, row.id, None, "deleted")
    await forget_past(tx, row.id)
    found = await tx.get_one(CommentRow, row.id)
    if found.origin is not None:
        found.origin = f"{UNDONE}{found.origin}"[:_LONGEST_ORIGIN]
    found.edited_at = None
    found.pinned = found.featured = False
    found.up = found.down = 0
    await tx.flush()


async def threads_in_use(tx: WriteTx, numbers: Sequence[int]) -> set[int]:
    """Of these threads, those that hold a comment."""
    query = select(CommentRow.thread_id).where(await one_of(tx, col(CommentRow.thread_id), numbers)).distinct()
    return set((await tx.exec(query)).all())


async def people_in_use(tx: WriteTx, numbers: Sequence[int]) -> set[int]:
    """Of these people, those who wrote a comment that is still there."""
    query = select(CommentRow.person_id).where(await one_of(tx, col(CommentRow.person_id), numbers)).distinct()
    return set((await tx.exec(query)).all())


async def forget_clocks(tx: WriteTx, numbers: Sequence[int]) -> None:
    """Forget how often the ranks of threads moved that are no more."""
    if numbers:
        await tx.exec(delete(RankClockRow).where(await one_of(tx, col(RankClockRow.thread_id), numbers)))


async def last_published_at(tx: ReadTx, thread_id: int) -> datetime | None:
    """When the newest published comment of a thread was written, or None."""
    # Written out: a partial index is not used for a value that comes as a parameter.
    is_published = col(CommentRow.state) == literal_column("'published'")
    newest = select(CommentRow.created_at).where(CommentRow.thread_id == thread_id, is_published)
    return (await tx.exec(newest.order_by(col(CommentRow.id).desc()).limit(1))).first()
