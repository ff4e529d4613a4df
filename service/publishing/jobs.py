"""Jobs on a site's discussions: planned and counted, begun by whoever has seen the plan, watched, cancelled, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import delete
from sqlmodel import col, select

from service import comments, record, threads
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Invalid, NotFound
from service.publishing.mapping import Mapper
from service.publishing.tables import ThreadJobItemRow, ThreadJobRow
from service.record import Actor
from service.sites import Site
from service.threads import Thread, ThreadUnknown

Kind = Literal["merge", "remap", "purge"]
State = Literal["planning", "planned", "waiting", "running", "done", "undoing", "undone", "cancelled", "failed"]
AT_WORK = ("planning", "waiting", "running", "undoing")
PLAN_LIFE = timedelta(days=1)
UNDO_LIFE = timedelta(days=30)


class JobUnknown(NotFound):
    """There is no such job at this site."""

    type = "thread-job-unknown"


class JobUnderWay(Conflict):
    """Another job on this site's discussions is at work. One at a time: wait for it, or cancel it."""

    type = "thread-job-under-way"


class JobNotReady(Conflict):
    """This job is not at that point: it is not planned yet, at work already, or over."""

    type = "thread-job-not-ready"


class UndoImpossible(Conflict):
    """This job cannot be undone: nothing was done yet, it was undone already, a month has passed, or it was a purge."""

    type = "thread-job-undo-impossible"


@dataclass(frozen=True)
class Job:
    """A job and how far it is. `counts` are by outcome, `samples` some of what it is about."""

    id: int
    site_id: int
    account_id: int | None
    kind: Kind
    state: State
    asked: Mapping[str, Any]
    counts: Mapping[str, int]
    samples: Sequence[Mapping[str, Any]]
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None


async def plan_merge(tx: WriteTx, site: Site, thread_id: int, into: int, *, by: Actor) -> Job:
    """Plan to merge one discussion into another, and count what would move. Raises ThreadUnknown, MergeImpossible."""
    source, target = await own(tx, site, thread_id), await own(tx, site, into)
    if source.id == target.id:
        # Also of two that were merged already.
        raise threads.MergeImpossible(field="into")
    asked = {"thread": str(source.id), "into": str(target.id)}
    counts = {"comments": await comments.count_all(tx, source.id), "published": source.comment_count}
    samples = [{"thread": str(each.id), "url": each.url, "title": each.title} for each in (source, target)]
    return await _add(tx, site, "merge", "planned", asked, by, counts=counts, samples=samples)


async def plan_purge(tx: WriteTx, site: Site, thread_id: int, *, by: Actor) -> Job:
    """Plan to delete a discussion with all its comments for good, and count them. Raises ThreadUnknown."""
    thread = await own(tx, site, thread_id)
    counts = {"comments": await comments.count_all(tx, thread.id), "published": thread.comment_count}
    samples = [{"thread": str(thread.id), "url": thread.url, "title": thread.title}]
    return await _add(tx, site, "purge", "planned", {"thread": str(thread.id)}, by, counts=counts, samples=samples)


async def plan_remap(tx: WriteTx, site: Site, mapper: Mapper, *, by: Actor) -> Job:
    """Plan to move many discussions to other addresses; a worker counts which. Raises JobUnderWay."""
    await refuse_second(tx, site.id)
    job = await _add(tx, site, "remap", "planning", mapper.as_json(), by, counts={}, samples=[])
    detail = {"rule": mapper.kind, "pairs": len(mapper.pairs)}
    await note(tx, by, job, "remap-planned", detail)
    return job


async def begin(tx: WriteTx, site: Site, job_id: int, *, by: Actor, confirm: str = "") -> Job:
    """Begin what was planned. A purge is confirmed by the address of the discussion, typed.

    Raises JobUnknown, JobNotReady, JobUnderWay, Invalid.
    """
    row = await locked(tx, site, job_id)
    if row.state != "planned" or row.created_at < clock.now() - PLAN_LIFE:
        raise JobNotReady(state=row.state)
    if row.kind == "purge" and confirm.strip() != row.samples[0]["url"]:
        raise Invalid("type the address of the discussion to confirm", field="confirm")
    await refuse_second(tx, site.id)
    row.state, row.position, row.done = "waiting", 0, 0
    await tx.flush()
    await note(tx, by, job_of(row), f"{row.kind}-begun", {"total": row.total, **_named(row)})
    return job_of(row)


async def cancel(tx: WriteTx, site: Site, job_id: int, *, by: Actor) -> Job:
    """Stop a job before it begins, or a remap at work; what it has moved stays moved. Harmless when it is over.

    A merge at work goes on to its end: half of a discussion is in neither place. Raises JobUnknown, JobNotReady.
    """
    row = await locked(tx, site, job_id)
    if row.state in {"planning", "planned", "waiting"}:
        close(row, "cancelled")
    elif row.state in AT_WORK and not (row.state == "running" and row.kind == "remap"):
        raise JobNotReady(state=row.state)
    elif row.state in AT_WORK and not row.is_cancelled:
        row.is_cancelled = True
    else:
        return job_of(row)  # nothing was stopped, and nothing of the kind is on record
    await tx.flush()
    await note(tx, by, job_of(row), f"{row.kind}-cancelled", {"done": row.done})
    return job_of(row)


async def undo(tx: WriteTx, site: Site, job_id: int, *, by: Actor) -> Job:
    """Take back what a merge or a remap did. Raises JobUnknown, UndoImpossible, JobUnderWay."""
    row = await locked(tx, site, job_id)
    is_over = row.state == "done" or (row.state == "cancelled" and row.kind == "remap" and row.done > 0)
    too_old = row.finished_at is None or row.finished_at < clock.now() - UNDO_LIFE
    if row.kind == "purge" or not is_over or too_old:
        raise UndoImpossible(state=row.state)
    await refuse_second(tx, site.id)
    row.state, row.position, row.is_cancelled, row.finished_at = "undoing", 0, False, None
    await tx.flush()
    await note(tx, by, job_of(row), f"{row.kind}-undone", {"total": row.done, **_named(row)})
    return job_of(row)


async def get(tx: ReadTx, site: Site, job_id: int) -> Job:
    """A job of a site. Raises JobUnknown."""
    row = await tx.get(ThreadJobRow, job_id)
    if row is None or row.site_id != site.id:
        raise JobUnknown
    return job_of(row)


async def of_site(tx: ReadTx, site_id: int, before: int | None, limit: int) -> list[Job]:
    """The jobs of a site, newest first."""
    query = select(ThreadJobRow).where(ThreadJobRow.site_id == site_id)
    if before is not None:
        query = query.where(col(ThreadJobRow.id) < before)
    return [job_of(row) for row in await tx.exec(query.order_by(col(ThreadJobRow.id).desc()).limit(limit))]


async def own(tx: ReadTx, site: Site, thread_id: int) -> Thread:
    """A discussion of this site; any other is unknown. Raises ThreadUnknown."""
    thread = await threads.get(tx, thread_id)
    if thread.site_id != site.id:
        raise ThreadUnknown(field="thread")
    return thread


async def refuse_second(tx: WriteTx, site_id: int) -> None:
    """One job at a time works on a site's discussions. Raises JobUnderWay."""
    query = select(ThreadJobRow.id).where(ThreadJobRow.site_id == site_id, col(ThreadJobRow.state).in_(AT_WORK))
    if (other := (await tx.exec(query.limit(1))).first()) is not None:
        raise JobUnderWay(job=str(other))


async def locked(tx: WriteTx, site: Site, job_id: int) -> ThreadJobRow:
    """The row of a site's job, for who changes it. Raises JobUnknown."""
    row = await tx.get(ThreadJobRow, job_id, with_for_update=True, populate_existing=True)
    if row is None or row.site_id != site.id:
        raise JobUnknown
    return row


def close(row: ThreadJobRow, state: State) -> None:
    """End a job."""
    row.state, row.finished_at, row.lease_until, row.worker = state, clock.now(), None, ""


async def forget_old(tx: WriteTx) -> bool:
    """Delete a batch of what undoing needed of jobs that cannot be undone any more; True when there may be more."""
    now = clock.now()
    old = select(ThreadJobItemRow.job_id, ThreadJobItemRow.number).join(
        ThreadJobRow, col(ThreadJobRow.id) == col(ThreadJobItemRow.job_id)
    )
    over = col(ThreadJobRow.finished_at) < now - UNDO_LIFE
    stale = (col(ThreadJobRow.state) == "planned") & (col(ThreadJobRow.created_at) < now - PLAN_LIFE)
    rows = (await tx.exec(old.where(over | stale).limit(500))).all()
    for job_id in sorted({job for job, _ in rows}):
        numbers = [number for job, number in rows if job == job_id]
        mine = col(ThreadJobItemRow.job_id) == job_id
        await tx.exec(delete(ThreadJobItemRow).where(mine, col(ThreadJobItemRow.number).in_(numbers)))
    return len(rows) == 500


async def note(tx: WriteTx, by: Actor, job: Job, act: str, detail: Mapping[str, Any]) -> None:
    """Put a step of a job on the site's record."""
    await record.append(tx, job.site_id, by, act, f"thread-job:{job.id}", detail)


async def _add(
    tx: WriteTx,
    site: Site,
    kind: Kind,
    state: State,
    asked: Mapping[str, Any],
    by: Actor,
    *,
    counts: Mapping[str, int],
    samples: Sequence[Mapping[str, Any]],
) -> Job:
    row = ThreadJobRow(
        id=ids.new_id(),
        site_id=site.id,
        account_id=by.id if by.kind == "account" else None,
        kind=kind,
        state=state,
        asked=dict(asked),
        counts=dict(counts),
        samples=[dict(each) for each in samples],
        total=counts.get("comments", 0),
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    if state == "planned":
        await note(tx, by, job_of(row), f"{kind}-planned", {**_named(row), **counts})
    return job_of(row)


def _named(row: ThreadJobRow) -> dict[str, str]:
    """The discussions a job is about, by number."""
    return {name: row.asked[name] for name in ("thread", "into") if name in row.asked}


def job_of(row: ThreadJobRow) -> Job:
    """The job a row holds."""
    return Job(
        row.id,
        row.site_id,
        row.account_id,
        cast("Kind", row.kind),
        cast("State", row.state),
        row.asked,
        row.counts,
        row.samples,
        row.total,
        row.done,
        row.created_at,
        row.finished_at,
    )
