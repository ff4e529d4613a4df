"""Purging a discussion: its comments, with all that was ever kept of them, and then itself; for good."""

from __future__ import annotations

from service import comments, threads
from service.identity import count_published_many
from service.kit.db import WriteTx, changed
from service.publishing import sweeping
from service.publishing.tables import ThreadJobRow

PIECE = 100


async def purge_some(tx: WriteTx, row: ThreadJobRow) -> bool:
    """Delete the next comments, the last answers first; True when the discussion itself is gone."""
    thread_id = int(row.asked["thread"])
    if row.done == 0:
        await threads.set_state(tx, thread_id, "locked")  # nobody writes into what is being deleted
    found = await comments.in_thread(tx, thread_id, PIECE)
    if found:
        gone = await comments.published_by(tx, found)
        await count_published_many(tx, {person: -count for person, count in gone.items()})
        await sweeping.delete_all(tx, "comment", found)
        changed(tx, threads.page_tag(thread_id))
        row.done += len(found)
        await tx.flush()
        return False
    if (known := (await threads.get_many(tx, [thread_id])).get(thread_id)) is not None:
        changed(tx, threads.unopened_tag(known.site_id))
    merged = await threads.merged_into(tx, thread_id)
    await sweeping.delete_all(tx, "thread", [*merged, thread_id])
    changed(tx, threads.page_tag(thread_id))
    # Its address and its title are not kept with the job either.
    row.samples = []
    await tx.flush()
    return True
