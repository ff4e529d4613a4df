"""Taking an import back: exactly what it brought, the last batch first, each batch in a transaction of its own.

What readers and moderators added since stays. Where it hangs on a comment that was brought, that one stays as a
tombstone without words; a thread stays as long as something is in it. Whoever is interrupted goes on where they were.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from service import comments, identity, threads, votes
from service.kit.db import Database, WriteTx
from service.kit.pointing import pointed_to
from service.sites import Site
from service.transfer import brought, runs
from service.transfer.brought import Brought

Progress = Callable[[int, int], None]
Hold = Callable[[WriteTx, int], Awaitable[None]]


@dataclass(frozen=True)
class TakenBack:
    """What went, counted; `tombstones` are comments that stay without words because something hangs on them."""

    comments: int = 0
    tombstones: int = 0
    threads: int = 0
    people: int = 0

    def plus(self, other: TakenBack) -> TakenBack:
        """Both together."""
        return TakenBack(
            self.comments + other.comments,
            self.tombstones + other.tombstones,
            self.threads + other.threads,
            self.people + other.people,
        )


def _silent(_done: int, _total: int) -> None:
    pass


async def undo(db: Database, site: Site, run: int, *, progress: Progress = _silent) -> TakenBack:
    """Take an import back, from the terminal. Raises ImportUnknown, ImportUnderWay, ImportNotDone."""
    me = secrets.token_hex(8)
    await db.transact(runs.begin_undo, site.id, run, None, me)

    async def hold(tx: WriteTx, done: int) -> None:
        await runs.hold(tx, me, run, done)

    return await take_back(db, site.id, run, hold, progress)


async def take_back(
    db: Database, site_id: int, run: int, hold: Hold, progress: Progress = _silent, *, done: int = 0
) -> TakenBack:
    """Take back all batches that are left, then note the end. `hold` is part of each transaction, and may end it."""
    total, found = done + await db.read(brought.size, run), TakenBack()
    progress(done, total)
    while (batch := await db.transact(_last_back, site_id, run, hold, done)) is not None:
        found = found.plus(batch[0])
        done += batch[1]
        progress(done, total)
    await db.transact(_end, run, hold, done, found)
    return found


async def _last_back(tx: WriteTx, site_id: int, run: int, hold: Hold, done: int) -> tuple[TakenBack, int] | None:
    known = await brought.last(tx, run)
    if known is None:
        return None
    number, batch = known
    taken = await _back(tx, site_id, batch)
    await brought.forget(tx, run, number)
    await hold(tx, done + len(batch.comments))
    return taken, len(batch.comments)


async def _back(tx: WriteTx, site_id: int, batch: Brought) -> TakenBack:
    # A vote goes with what it was about; a revision is the comment's own.
    held = await pointed_to(tx, "comment", batch.comments, but={"vote", "comment_revision"})
    await votes.forget_votes(tx, batch.comments)
    unmade = await comments.unmake_many(tx, site_id, batch.comments, held)
    gone = await _threads_back(tx, site_id, batch)
    for thread in unmade.threads:
        if thread not in gone:
            await threads.note_last(tx, thread, await comments.last_published_at(tx, thread))
    people = await _people_back(tx, batch)
    return TakenBack(len(unmade.gone), len(unmade.kept), len(gone), people)


async def _threads_back(tx: WriteTx, site_id: int, batch: Brought) -> set[int]:
    used = await comments.threads_in_use(tx, batch.threads)
    used |= await pointed_to(tx, "thread", batch.threads, but={"comment", "thread_alias", "rank_clock", "vote"})
    gone = sorted(set(batch.threads) - used)
    await comments.forget_clocks(tx, gone)
    await threads.forget_addresses(tx, site_id, batch.keys, sorted(used))
    await threads.forget_many(tx, gone)
    return set(gone)


async def _people_back(tx: WriteTx, batch: Brought) -> int:
    used = await comments.people_in_use(tx, batch.people)
    used |= await pointed_to(tx, "person", batch.people, but={"comment"})
    gone = sorted(set(batch.people) - used)
    await identity.forget_imported(tx, gone)
    return len(gone)


async def _end(tx: WriteTx, run: int, hold: Hold, done: int, found: TakenBack) -> None:
    await hold(tx, done)
    await runs.end_undo(tx, run, {"comments": found.comments, "tombstones": found.tombstones})
