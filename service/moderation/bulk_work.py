"""The work of bulk jobs: piece by piece, each a transaction that also notes how far it came.

So a worker that dies in the middle leaves a job that another one goes on with, at the very comment where it stopped.
Each decision is made by `decide` (or `undo`), with all that belongs to it; one that is refused is skipped and counted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select

from service import identity
from service.comments import CommentUnknown
from service.identity import Staff
from service.kit import clock
from service.kit.db import Database, WriteTx
from service.kit.errors import Refused
from service.kit.leases import has_run_out
from service.moderation import bulk
from service.moderation.bulk import Job
from service.moderation.decisions import Decision, decide
from service.moderation.queue import Queue
from service.moderation.tables import BulkJobRow, BulkSelectionRow, DecisionRow
from service.moderation.undo import DecisionUnknown, undo

# So many decisions hold the locks of their threads, and SQLite's one writer, at a time.
_PIECE = 40
_LEASE = timedelta(seconds=60)
_GLANCE = 0.5
_BREATH = 0.01  # seconds between pieces, for those who wait for the same rows
log = structlog.get_logger()

Progress = Callable[[Job], None]


@dataclass
class Piece:
    """What one piece did. `closed`: cases that are not in the queue any more."""

    job: Job
    closed: list[int] = field(default_factory=list)


async def work(db: Database, queue: Queue | None, *, only: int | None = None, progress: Progress | None = None) -> int:
    """Carry out the jobs that wait, or `only` one of them; how many that were. Several workers may do so at once."""
    me, count = secrets.token_hex(8), 0
    while (job := await db.transact(_take, me, only)) is not None:
        log.info("bulk.taken", job=job.id, site=job.site_id, total=job.total, done=job.done)
        await _carry_out(db, queue, me, job, progress)
        count += 1
    return count


async def pause() -> None:
    """Wait a moment before one looks again at a job that somebody else carries out."""
    await asyncio.sleep(_GLANCE)


async def _carry_out(db: Database, queue: Queue | None, me: str, job: Job, progress: Progress | None) -> None:
    while not job.is_over:
        piece = await db.transact(_piece, me, job.id)
        if piece is None:
            return  # another worker thought this one dead, and has it
        job = piece.job
        if queue is not None and piece.closed:
            await queue.forget(job.site_id, piece.closed)
        if progress is not None:
            progress(job)
        await asyncio.sleep(_BREATH)
    log.info("bulk.over", job=job.id, state=job.state, done=job.done, skipped=sum(job.skipped.values()))


async def _take(tx: WriteTx, me: str, only: int | None) -> Job | None:
    now = clock.now()
    is_free = or_(
        col(BulkJobRow.state) == "waiting",
        # Whoever had it has not been heard of for a minute.
        and_(col(BulkJobRow.state) == "running", has_run_out(col(BulkJobRow.lease_until), now)),
    )
    query = select(BulkJobRow).where(is_free).order_by(col(BulkJobRow.id)).limit(1)
    if only is not None:
        query = query.where(BulkJobRow.id == only)
    row = (await tx.exec(query.with_for_update(skip_locked=True))).first()
    if row is None:
        return None
    row.state, row.worker, row.lease_until, row.started_at = "running", me, now + _LEASE, row.started_at or now
    await tx.flush()
    return bulk.job_of(row)


async def _piece(tx: WriteTx, me: str, job_id: int) -> Piece | None:
    row = await tx.get(BulkJobRow, job_id, with_for_update=True, populate_existing=True)
    if row is None or row.worker != me or row.state != "running":
        return None
    staff = await identity.staff_of(tx, row.account_id)
    if staff is None or not staff.is_moderator_at(row.site_id):
        # Who lost the role decides no more, not even by a job that was begun before.
        await bulk.close(tx, row, "failed")
    elif row.is_cancelled:
        await bulk.close(tx, row, "cancelled")
    elif (turn := await _turn(tx, row, staff)).is_last:
        await bulk.close(tx, row, "done")
        return Piece(bulk.job_of(row), turn.closed)
    else:
        row.lease_until = clock.now() + _LEASE
        await tx.flush()
        return Piece(bulk.job_of(row), turn.closed)
    return Piece(bulk.job_of(row))


@dataclass
class _Turn:
    is_last: bool
    closed: list[int] = field(default_factory=list)


async def _turn(tx: WriteTx, row: BulkJobRow, staff: Staff) -> _Turn:
    return await (_decide_some(tx, row, staff) if row.undo_of is None else _undo_some(tx, row, staff, row.undo_of))


async def _decide_some(tx: WriteTx, row: BulkJobRow, staff: Staff) -> _Turn:
    selection = await tx.get(BulkSelectionRow, row.id)
    action = bulk.as_action(row.action)
    if selection is None or action is None:
        return _Turn(is_last=True)
    some, closed, tally = selection.items[row.position : row.position + _PIECE], list[int](), _Tally(row)
    job, reason, note = row.id, row.reason, row.note
    for comment, version in some:

        async def act(comment: int = comment, version: int = version) -> Decision:
            return await decide(tx, staff, comment, version, action, reason=reason, note=note, batch=job)

        if (made := await tally.tried(tx, act)) is not None and made.case_id is not None:
            closed.append(made.case_id)
    row.position += len(some)
    tally.put_down(row)
    await tx.flush()
    return _Turn(row.position >= len(selection.items), closed)


async def _undo_some(tx: WriteTx, row: BulkJobRow, staff: Staff, undone: int) -> _Turn:
    query = select(DecisionRow.id).where(DecisionRow.batch_id == undone, col(DecisionRow.id) > row.position)
    some, tally = (await tx.exec(query.order_by(col(DecisionRow.id)).limit(_PIECE))).all(), _Tally(row)
    job = row.id
    for decision in some:

        async def act(decision: int = decision) -> Decision:
            return await undo(tx, staff, decision, batch=job)

        await tally.tried(tx, act)
    row.position = some[-1] if some else row.position
    tally.put_down(row)
    await tx.flush()
    return _Turn(len(some) < _PIECE)


class _Tally:
    """What was done and what was refused, kept apart from the row while savepoints come and go."""

    def __init__(self, row: BulkJobRow) -> None:
        self._done, self._skipped = row.done, dict(row.skipped)

    async def tried(self, tx: WriteTx, act: Callable[[], Awaitable[Decision]]) -> Decision | None:
        """Make one decision; None when it is refused, and then nothing of it remains."""
        try:
            async with tx.begin_nested():
                made = await act()
        except Refused as refusal:
            kind = CommentUnknown.type if isinstance(refusal, DecisionUnknown) else refusal.type
            self._skipped[kind] = self._skipped.get(kind, 0) + 1
            return None
        self._done += 1
        return made

    def put_down(self, row: BulkJobRow) -> None:
        """Write it into the job."""
        row.done, row.skipped = self._done, self._skipped
