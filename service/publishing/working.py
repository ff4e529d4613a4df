"""The work of jobs: piece by piece, each a transaction that also notes how far it came.

A worker that dies leaves a job that another one goes on with. What a piece did not finish, it did not begin.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select

from service import sites
from service.kit import clock
from service.kit.db import Database, WriteTx
from service.kit.errors import Refused
from service.kit.leases import has_run_out
from service.publishing import jobs, merging, purging, remapping
from service.publishing.jobs import Job
from service.publishing.mapping import Mapper
from service.publishing.tables import ThreadJobRow

log = structlog.get_logger()

Progress = Callable[[Job], None]
_LEASE = timedelta(seconds=60)
_GLANCE = 0.5
_BREATH = 0.01  # seconds between pieces, for those who wait for the same rows
_FREE = ("planning", "waiting", "undoing")
forget_old = jobs.forget_old


async def work(db: Database, *, only: int | None = None, progress: Progress | None = None) -> int:
    """Carry out the jobs that wait, or `only` one of them; how many that were. Several workers may do so at once."""
    me, count = secrets.token_hex(8), 0
    await db.transact(merging.wake_late)
    while (job := await db.transact(_take, me, only)) is not None:
        after = await _carry_out(db, me, job, progress)
        if only is None:  # who asked for one is told by the answer, on an output that may be read by a script
            log.info("thread_job.worked", job=job.id, kind=job.kind, state=after.state, done=after.done)
        count += 1
    return count


async def pause() -> None:
    """Wait a moment before one looks again at a job that somebody else carries out."""
    await asyncio.sleep(_GLANCE)


async def _carry_out(db: Database, me: str, job: Job, progress: Progress | None) -> Job:
    while job.state in jobs.AT_WORK:
        try:
            after = await (_plan(db, me, job) if job.state == "planning" else db.transact(_piece, me, job.id))
        except Refused as refusal:
            # What it is about is not there any more, or not so.
            after = await db.transact(_fail, me, job.id, refusal.type)
        if after is None:
            return job  # another worker thought this one dead, and has it
        job = after
        if progress is not None:
            progress(job)
        await asyncio.sleep(_BREATH)
    return job


async def _take(tx: WriteTx, me: str, only: int | None) -> Job | None:
    now = clock.now()
    is_free = or_(
        and_(col(ThreadJobRow.state).in_(_FREE), col(ThreadJobRow.lease_until).is_(None)),
        # Whoever had it has not been heard of for a minute.
        and_(col(ThreadJobRow.state).in_(jobs.AT_WORK), has_run_out(col(ThreadJobRow.lease_until), now)),
    )
    query = select(ThreadJobRow).where(is_free).order_by(col(ThreadJobRow.id)).limit(1)
    if only is not None:
        query = query.where(ThreadJobRow.id == only)
    row = (await tx.exec(query.with_for_update(skip_locked=True))).first()
    if row is None:
        return None
    row.state = "running" if row.state == "waiting" else row.state
    row.worker, row.lease_until = me, now + _LEASE
    await tx.flush()
    return jobs.job_of(row)


async def _plan(db: Database, me: str, job: Job) -> Job | None:
    site = await db.read(sites.by_id, job.site_id)
    position = await db.transact(_position, me, job.id)
    if position is None:
        return None
    plan = await remapping.look(db, site, Mapper.of_json(job.asked), position)
    return await db.transact(_put_down, me, job.id, plan)


async def _position(tx: WriteTx, me: str, job_id: int) -> int | None:
    row = await _mine(tx, me, job_id)
    return row.position if row is not None else None


async def _put_down(tx: WriteTx, me: str, job_id: int, plan: remapping.Plan) -> Job | None:
    row = await _mine(tx, me, job_id)
    if row is None or row.state != "planning":
        return None
    await remapping.put_down(tx, row, plan)
    if plan.is_last:
        row.state, row.lease_until, row.worker = "planned", None, ""
    else:
        row.lease_until = clock.now() + _LEASE
    await tx.flush()
    return jobs.job_of(row)


async def _piece(tx: WriteTx, me: str, job_id: int) -> Job | None:
    row = await _mine(tx, me, job_id)
    if row is None:
        return None
    site = await sites.by_id(tx, row.site_id)
    if row.is_cancelled:
        jobs.close(row, "cancelled")
        await tx.flush()
        return jobs.job_of(row)
    is_undoing = row.state == "undoing"
    if row.kind == "purge":
        is_last = await purging.purge_some(tx, row)
    elif row.kind == "merge":
        is_last = await (merging.move_back_some if is_undoing else merging.move_some)(tx, site, row)
    else:
        is_last = await (remapping.move_back_some if is_undoing else remapping.move_some)(tx, site, row)
    if is_last:
        jobs.close(row, "undone" if is_undoing else "done")
    else:
        row.lease_until = clock.now() + _LEASE
    await tx.flush()
    return jobs.job_of(row)


async def _fail(tx: WriteTx, me: str, job_id: int, why: str) -> Job | None:
    row = await _mine(tx, me, job_id)
    if row is None:
        return None
    row.counts = {**row.counts, why: 1}
    jobs.close(row, "failed")
    await tx.flush()
    return jobs.job_of(row)


async def _mine(tx: WriteTx, me: str, job_id: int) -> ThreadJobRow | None:
    row = await tx.get(ThreadJobRow, job_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.worker == me and row.state in jobs.AT_WORK else None
