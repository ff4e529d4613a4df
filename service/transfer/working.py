"""The work of uploaded imports: checked, and once they are begun written, batch by batch.

Each batch is a transaction that also notes how far the run came. A worker that dies leaves a run that another one goes
on with, after the last batch that was written; so the counts are those of one run, however many workers it took.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import or_
from sqlmodel import col, select

from service import sites
from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Refused, Unavailable
from service.kit.leases import has_run_out
from service.sites import Site
from service.transfer import bringing, runs, undoing, uploads
from service.transfer.errors import ImportUnfinished, NoRoom
from service.transfer.formats import named
from service.transfer.moves import Moves, read_moves
from service.transfer.report import Report
from service.transfer.runs import Run, run_of
from service.transfer.staging import Staging, with_room
from service.transfer.tables import ImportRow

_LEASE = timedelta(seconds=60)
_BEAT = 2.0  # seconds between two signs of life, which are also what progress is seen by
_MOST_TRIES = 5
_WORKED_ON = ("checking", "running", "undoing")
log = structlog.get_logger()


class _Lost(Exception):  # cancelled by its owner, or thought dead and taken by another worker
    """This run is not this worker's any more."""


@dataclass
class _Seen:
    done: int = 0

    def __call__(self, done: int, read: int) -> None:
        self.done = done or read


async def work(db: Database) -> int:
    """Check and carry out the imports that wait; how many that were. Several workers may do so at once."""
    me, count = secrets.token_hex(8), 0
    while (run := await db.transact(_take, me)) is not None:
        log.info("import.taken", run=run.id, site=run.site_id, state=run.state, done=run.done)
        await _carry_out(db, me, run)
        count += 1
    return count


async def _take(tx: WriteTx, me: str) -> Run | None:
    now = clock.now()
    query = select(ImportRow).where(
        (col(ImportRow.account_id).is_not(None) & col(ImportRow.state).in_(("checking", "waiting", "running")))
        | (ImportRow.state == "undoing"),
        or_(col(ImportRow.lease_until).is_(None), has_run_out(col(ImportRow.lease_until), now)),
    )
    row = (await tx.exec(query.order_by(col(ImportRow.id)).limit(1).with_for_update(skip_locked=True))).first()
    if row is None:
        return None
    if row.state == "waiting":
        row.state = "running"
    row.worker, row.lease_until, row.tries = me, now + _LEASE, row.tries + 1
    if row.tries > _MOST_TRIES:
        await _give_up(tx, row, ImportUnfinished())
    await tx.flush()
    return run_of(row)


async def _carry_out(db: Database, me: str, run: Run) -> None:
    if run.state not in _WORKED_ON:
        return
    seen = _Seen()
    job = asyncio.create_task(_job(db, me, run, seen))
    alive = asyncio.create_task(_stay_alive(db, me, run, seen, job))
    try:
        await job
    except _Lost:
        log.info("import.lost", run=run.id)
    except NoRoom as refusal:
        # Whoever sent it is told why, instead of seeing it taken up again and again.
        log.warning("import.no-room", run=run.id)
        await db.transact(_refuse, me, run.id, refusal)
    except Unavailable:
        await db.transact(_let_go, me, run.id)
        raise
    except Refused as refusal:
        await db.transact(_refuse, me, run.id, refusal)
    except asyncio.CancelledError:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        # Cancelled by its owner, or is it this worker that ends?
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
    finally:
        alive.cancel()
        await asyncio.gather(alive, return_exceptions=True)


async def _job(db: Database, me: str, run: Run, seen: _Seen) -> None:
    if run.state == "undoing":
        await _undo(db, me, run)
        return
    with with_room():
        if run.state == "checking":
            await _check(db, me, run, seen)
        else:
            await _import(db, me, run)


async def _undo(db: Database, me: str, run: Run) -> None:
    async def hold(tx: WriteTx, done: int) -> None:
        row = await _mine(tx, me, run.id)
        row.done, row.tries = done, 0
        await tx.flush()

    await undoing.take_back(db, run.site_id, run.id, hold, done=run.done)


async def _check(db: Database, me: str, run: Run, seen: _Seen) -> None:
    began = monotonic()
    site = await db.read(_site, run.site_id)
    with tempfile.TemporaryDirectory(prefix="parley-upload-") as folder, Staging() as staging:
        path = Path(folder) / "export"
        await uploads.put_down(db, run.id, path)
        form = named(run.source)
        report = await bringing.prove(staging, site, form, path, run.file_name, seen, _moves(run))
        report = await bringing.foresee(db, site, form, staging, report)
        plan = replace(report, seconds=round(monotonic() - began, 3))
        await db.transact(_checked, me, run.id, plan, bringing.kept(staging))


async def _import(db: Database, me: str, run: Run) -> None:
    site = await db.read(_site, run.site_id)
    with tempfile.TemporaryDirectory(prefix="parley-upload-") as folder, Staging() as staging:
        path = Path(folder) / "export"
        await uploads.put_down(db, run.id, path)
        form = named(run.source)
        report = await bringing.prove(staging, site, form, path, run.file_name, moves=_moves(run))
        report = _so_far(report, run.report)

        async def noted(tx: WriteTx, report: Report, done: int) -> None:
            row = await _mine(tx, me, run.id)
            row.report, row.done, row.tries = _timed(row, report), done, 0
            await tx.flush()

        report = await bringing.write(db, site, form, staging, report, run.id, after=run.done, noted=noted)
        await db.transact(_done, me, run.id, report)


async def _stay_alive(db: Database, me: str, run: Run, seen: _Seen, job: asyncio.Task[None]) -> None:
    while True:
        await asyncio.sleep(_BEAT)
        try:
            await db.transact(_beat, me, run.id, seen.done)
        except _Lost:
            job.cancel()
            return
        except Unavailable:
            continue  # whoever has not been heard of for a minute has lost it


async def _beat(tx: WriteTx, me: str, run: int, done: int) -> None:
    row = await _mine(tx, me, run)
    row.lease_until = clock.now() + _LEASE
    if row.state == "checking":
        row.done = done
    await tx.flush()


async def _checked(tx: WriteTx, me: str, run: int, plan: Report, total: int) -> None:
    row = await _mine(tx, me, run)
    row.state, row.plan, row.total, row.done = "ready", plan.as_json(), total, 0
    row.worker, row.lease_until, row.tries, row.expires_at = "", None, 0, clock.now() + runs.KEPT
    await tx.flush()


async def _done(tx: WriteTx, me: str, run: int, report: Report) -> None:
    row = await _mine(tx, me, run)
    row.report, row.done = _timed(row, report), row.total
    await runs.close(tx, row, "done")
    await runs.note_end(tx, row)


async def _refuse(tx: WriteTx, me: str, run: int, refusal: Refused) -> None:
    row = await tx.get(ImportRow, run, with_for_update=True, populate_existing=True)
    if row is not None and row.worker == me:
        await _give_up(tx, row, refusal)


async def _let_go(tx: WriteTx, me: str, run: int) -> None:
    row = await tx.get(ImportRow, run, with_for_update=True, populate_existing=True)
    if row is not None and row.worker == me:
        row.worker, row.lease_until = "", None
        await tx.flush()


async def _give_up(tx: WriteTx, row: ImportRow, refusal: Refused) -> None:
    row.problem = _told(refusal)
    await runs.close(tx, row, "refused")
    await runs.note_end(tx, row)


async def _mine(tx: WriteTx, me: str, run: int) -> ImportRow:
    row = await tx.get(ImportRow, run, with_for_update=True, populate_existing=True)
    if row is None or row.worker != me or row.state not in _WORKED_ON:
        raise _Lost
    return row


async def _site(tx: ReadTx, site_id: int) -> Site:
    return await sites.by_id(tx, site_id)


def _moves(run: Run) -> Moves:
    return read_moves(run.moves)


def _so_far(report: Report, done: Mapping[str, Any]) -> Report:
    """With what was counted before the run was interrupted."""
    names = ("pages", "aliases", "comments", "tombstones", "people", "unchanged")
    return report.plus(**{name: done.get(name, 0) for name in names})


def _timed(row: ImportRow, report: Report) -> dict[str, Any]:
    seconds = (clock.now() - row.begun_at).total_seconds() if row.begun_at else 0.0
    return replace(report, seconds=round(seconds, 3)).as_json()


def _told(refusal: Refused) -> dict[str, Any]:
    return {
        "type": f"/errors#{refusal.type}",
        "title": refusal.title(),
        "detail": refusal.detail,
        "line": refusal.more.get("line"),
        "column": refusal.more.get("column"),
    }
