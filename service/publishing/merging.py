"""Merging two discussions: what leads to one leads to the other at once, its comments follow some at a time.

A thread of a hundred thousand is moved in hundreds of transactions, each of which leaves every counter true. Meanwhile
readers see the comments come in. Which comments were moved is kept, so that the two can be parted again.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select

from service import comments, threads
from service.kit import clock
from service.kit.db import WriteTx
from service.publishing import beside
from service.publishing.tables import ThreadJobItemRow, ThreadJobRow
from service.sites import Site

PIECE = 200
# Whoever had begun to post before the merge is looked for so long after it.
_LATE = timedelta(minutes=2)


async def move_some(tx: WriteTx, site: Site, row: ThreadJobRow) -> bool:
    """Move the next comments; True when there are no more. Raises ThreadUnknown, MergeImpossible."""
    source, target = int(row.asked["thread"]), int(row.asked["into"])
    if "carried" not in row.asked:
        carried = await threads.merge(tx, site, source, target)
        row.asked = {**row.asked, "carried": [str(each) for each in carried]}
    found = await comments.in_thread(tx, source, PIECE)
    if not found:
        # Nobody posts into the first one from here to the commit; who had begun to has been waited for.
        await threads.lock_moved(tx, source)
        found = await comments.in_thread(tx, source, PIECE)
    moved = await _move(tx, found, source, target)
    tx.add_all([ThreadJobItemRow(job_id=row.id, number=number) for number in moved])
    row.done += len(moved)
    row.total = max(row.total, row.done)
    await tx.flush()
    return not found


async def move_back_some(tx: WriteTx, site: Site, row: ThreadJobRow) -> bool:
    """Move the next comments back, with what was answered to them since; True when there are no more."""
    source, target = int(row.asked["thread"]), int(row.asked["into"])
    if row.position == 0:
        await threads.part(tx, site, source, [int(each) for each in row.asked.get("carried", ())])
    query = select(ThreadJobItemRow.number).where(
        ThreadJobItemRow.job_id == row.id, col(ThreadJobItemRow.number) > row.position
    )
    found = list(await tx.exec(query.order_by(col(ThreadJobItemRow.number)).limit(PIECE)))
    if not found:
        await threads.set_last(tx, target, await comments.newest_time(tx, target))
        # It may be merged anew; then all is noted anew.
        row.asked = {name: value for name, value in row.asked.items() if name != "carried"}
        return True
    waiting = found
    while waiting:
        moved = await _move(tx, waiting, target, source)
        row.done = max(0, row.done - len(moved))
        # Answers from after the merge: without what they answer they would hang on nothing.
        waiting = await comments.answers_left_behind(tx, moved, target) if moved else []
        known = select(ThreadJobItemRow.number).where(
            ThreadJobItemRow.job_id == row.id, col(ThreadJobItemRow.number).in_(waiting)
        )
        later = set(await tx.exec(known)) if waiting else set[int]()
        waiting = [number for number in waiting if number not in later]
    row.position = found[-1]
    await tx.flush()
    return False


async def wake_late(tx: WriteTx) -> None:
    """Set merges to work again into whose first discussion somebody has posted who had begun to before."""
    query = select(ThreadJobRow).where(
        ThreadJobRow.kind == "merge", ThreadJobRow.state == "done", col(ThreadJobRow.finished_at) > clock.now() - _LATE
    )
    for row in (await tx.exec(query)).all():
        if await comments.in_thread(tx, int(row.asked["thread"]), 1):
            mine = (col(ThreadJobRow.id) == row.id, col(ThreadJobRow.state) == "done")
            await tx.exec(update(ThreadJobRow).where(*mine).values(state="waiting"))


async def _move(tx: WriteTx, comment_ids: list[int], from_thread: int, to_thread: int) -> list[int]:
    if not comment_ids:
        return []
    moved = await comments.rehome(tx, comment_ids, from_thread, to_thread)
    known = await threads.get_many(tx, [to_thread])
    if moved and to_thread in known:
        await beside.rehome(tx, moved, to_thread, known[to_thread].section)
    return moved
