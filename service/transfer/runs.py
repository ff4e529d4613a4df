"""The record of imports: what was brought when, by whom, and which run did not come to its end.

A file that is uploaded is first only checked, and counted against what is here already (`checking` to `ready`); its
owner then begins it (`waiting` to `done`). The work itself is in working.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import delete, or_
from sqlmodel import col, select

from service import record
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.kit.leases import has_run_out
from service.record import Actor
from service.sites import Site
from service.transfer import brought
from service.transfer.report import Report
from service.transfer.tables import ImportPieceRow, ImportRow

State = Literal[
    "receiving",
    "checking",
    "ready",
    "waiting",
    "running",
    "done",
    "refused",
    "cancelled",
    "expired",
    "undoing",
    "undone",
]
UNDER_WAY = ("receiving", "checking", "ready", "waiting", "running")
CAN_UNDO = ("done", "cancelled", "refused")
KEPT = timedelta(hours=24)  # an uploaded file that nobody begins
_SILENCE = timedelta(minutes=2)  # after which an upload, or what a terminal does, is not going on any more


class ImportUnknown(NotFound):
    """There is no such import."""

    type = "import-unknown"


class ImportUnderWay(Conflict):
    """An import of this site is under way, or waits to be begun. Let it end, or cancel it."""

    type = "import-under-way"


class ImportNotReady(Conflict):
    """Only an import that was checked and is not begun can be begun."""

    type = "import-not-ready"


class ImportNotDone(Conflict):
    """Only an import that has come to its end, or was stopped, can be taken back, and only once."""

    type = "import-not-done"


@dataclass(frozen=True)
class Run:
    """One import and how far it is. Without an account it is one of the terminal."""

    id: int
    site_id: int
    account_id: int | None
    source: str
    file_name: str
    bytes: int
    state: State
    total: int
    done: int
    plan: Mapping[str, Any] | None
    report: Mapping[str, Any]
    problem: Mapping[str, Any] | None
    moves: tuple[str, ...]
    started_at: datetime
    begun_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None


async def begin(tx: WriteTx, site: Site, report: Report, total: int = 0) -> int:
    """Note that a run of the terminal began, with so many comments to write; its id."""
    now = clock.now()
    row = ImportRow(
        id=ids.new_id(),
        site_id=site.id,
        source=report.source,
        file_name=report.file[:300],
        report={},
        total=total,
        lease_until=now + _SILENCE,
        started_at=now,
        begun_at=now,
    )
    tx.add(row)
    await tx.flush()
    await _note(tx, row, record.TERMINAL, "import-begun", source=row.source, words={"file": row.file_name})
    return row.id


async def note_progress(tx: WriteTx, run: int, report: Report, done: int) -> None:
    """Note how far a run of the terminal is."""
    row = await tx.get_one(ImportRow, run, populate_existing=True)
    row.report, row.done, row.lease_until = report.as_json(), done, clock.now() + _SILENCE
    await tx.flush()


async def finish(tx: WriteTx, run: int, report: Report) -> None:
    """Note how a run of the terminal ended."""
    row = await tx.get_one(ImportRow, run)
    row.report, row.state, row.finished_at, row.lease_until = report.as_json(), "done", clock.now(), None
    await tx.flush()
    await _note(tx, row, record.TERMINAL, "import-ended")


async def begin_undo(tx: WriteTx, site_id: int, run: int, by: int | None, worker: str = "") -> Run:
    """Have an import taken back, by any worker or by the one that is named.

    Raises ImportUnknown, ImportUnderWay, ImportNotDone.
    """
    row = await _own(tx, site_id, run, lock=True)
    now = clock.now()
    if row.state in UNDER_WAY or row.state == "undoing":
        if row.lease_until is not None and row.lease_until < now and (row.account_id is None or row.state == "undoing"):
            pass  # a terminal that was left
        else:
            raise ImportUnderWay(run=str(row.id), state=row.state)
    elif row.state not in CAN_UNDO:
        raise ImportNotDone(state=row.state)
    if row.state != "undoing":
        await _refuse_beside(tx, site_id, run)
        row.done = 0
        row.total = await brought.size(tx, run)
        await _note(tx, row, _by(by), "import-undo-begun", words={"file": row.file_name})
    row.state, row.undone_by, row.worker, row.tries = "undoing", by, worker, 0
    row.lease_until = now + _SILENCE if worker else None
    await tx.flush()
    return run_of(row)


async def hold(tx: WriteTx, worker: str, run: int, done: int) -> None:
    """Note how far a terminal came with taking back. Raises ImportUnderWay when somebody else goes on with it."""
    row = await tx.get(ImportRow, run, with_for_update=True, populate_existing=True)
    if row is None or row.worker != worker or row.state != "undoing":
        raise ImportUnderWay
    row.done, row.lease_until = done, clock.now() + _SILENCE
    await tx.flush()


async def end_undo(tx: WriteTx, run: int, counts: Mapping[str, int]) -> None:
    """An import was taken back."""
    row = await tx.get_one(ImportRow, run)
    await close(tx, row, "undone")
    await _note(tx, row, _by(row.undone_by), "import-undone", **dict[str, Any](counts))


async def any_undone(tx: ReadTx, site_id: int) -> bool:
    """Whether an import of a site was ever taken back, or is being."""
    query = select(ImportRow.id).where(ImportRow.site_id == site_id, col(ImportRow.state).in_(("undoing", "undone")))
    return (await tx.exec(query.limit(1))).first() is not None


async def _refuse_beside(tx: WriteTx, site_id: int, run: int) -> None:
    """One at a time: what an import brings and what is taken back could be about the same comments."""
    now = clock.now()
    query = select(ImportRow).where(
        ImportRow.site_id == site_id,
        col(ImportRow.id) != run,
        col(ImportRow.state).in_((*UNDER_WAY, "undoing")),
        or_(col(ImportRow.account_id).is_not(None), col(ImportRow.lease_until) > now),
    )
    if (other := (await tx.exec(query.limit(1))).first()) is not None:
        raise ImportUnderWay(run=str(other.id), state=other.state)


async def receive(tx: WriteTx, site: Site, by: int, file_name: str, moves: Sequence[str]) -> Run:
    """Note that an account sends a file. Raises ImportUnderWay."""
    query = select(ImportRow).where(
        ImportRow.site_id == site.id,
        (col(ImportRow.account_id).is_not(None) & col(ImportRow.state).in_(UNDER_WAY)) | (ImportRow.state == "undoing"),
    )
    now = clock.now()
    if (other := (await tx.exec(query.with_for_update())).first()) is not None:
        if other.state != "receiving" or (other.lease_until is not None and other.lease_until > now):
            raise ImportUnderWay(run=str(other.id), state=other.state)
        await close(tx, other, "expired")  # whoever sent it has gone
    row = ImportRow(
        id=ids.new_id(),
        site_id=site.id,
        account_id=by,
        source="",
        file_name=file_name,
        moves=list(moves) or None,
        state="receiving",
        report={},
        lease_until=now + _SILENCE,
        started_at=now,
        expires_at=now + KEPT,
    )
    tx.add(row)
    await tx.flush()
    return run_of(row)


async def keep_piece(tx: WriteTx, run: int, number: int, content: bytes) -> None:
    """Keep the next piece of a file. Raises ImportUnknown when it is not awaited any more."""
    row = await tx.get(ImportRow, run, with_for_update=True, populate_existing=True)
    if row is None or row.state != "receiving":
        raise ImportUnknown
    row.bytes, row.lease_until = row.bytes + len(content), clock.now() + _SILENCE
    tx.add(ImportPieceRow(run_id=run, number=number, content=content))
    await tx.flush()


async def received(tx: WriteTx, run: int, source: str) -> Run:
    """The file is here as a whole, and of this format: it can be checked. Raises ImportUnknown."""
    row = await tx.get(ImportRow, run, with_for_update=True, populate_existing=True)
    if row is None or row.state != "receiving":
        raise ImportUnknown
    row.state, row.lease_until, row.source = "checking", None, source
    await tx.flush()
    await _note(tx, row, _by(row.account_id), "import-uploaded", bytes=row.bytes, words={"file": row.file_name})
    return run_of(row)


async def drop(tx: WriteTx, run: int) -> None:
    """Forget an upload that did not come to its end."""
    await tx.exec(delete(ImportPieceRow).where(col(ImportPieceRow.run_id) == run))
    await tx.exec(delete(ImportRow).where(col(ImportRow.id) == run, col(ImportRow.state) == "receiving"))


async def start(tx: WriteTx, site_id: int, run: int, by: int) -> Run:
    """Begin what was checked. Raises ImportUnknown, ImportNotReady."""
    row = await _own(tx, site_id, run, lock=True)
    if row.account_id is None or row.state != "ready":
        raise ImportNotReady(state=row.state)
    row.state, row.begun_at, row.lease_until, row.worker, row.tries = "waiting", clock.now(), None, "", 0
    await tx.flush()
    await _note(tx, row, _by(by), "import-begun", source=row.source, words={"file": row.file_name})
    return run_of(row)


async def check_again(tx: WriteTx, site_id: int, run: int, by: int, moves: Sequence[str]) -> Run:
    """Check an uploaded file anew with other rules about addresses. Raises ImportUnknown, ImportNotReady."""
    row = await _own(tx, site_id, run, lock=True)
    if row.account_id is None or row.state != "ready":
        raise ImportNotReady(state=row.state)
    row.state, row.moves, row.done, row.lease_until, row.worker, row.tries = "checking", list(moves), 0, None, "", 0
    await tx.flush()
    await _note(tx, row, _by(by), "import-checked-again", rules=len(moves), words={"file": row.file_name})
    return run_of(row)


async def cancel(tx: WriteTx, site_id: int, run: int, by: int) -> Run:
    """Stop an import; what it brought stays. Harmless when it is over. Raises ImportUnknown."""
    row = await _own(tx, site_id, run, lock=True)
    if row.account_id is not None and row.state in UNDER_WAY:
        await close(tx, row, "cancelled")
        await _note(tx, row, _by(by), "import-cancelled", done=row.done)
    return run_of(row)


async def get(tx: ReadTx, site_id: int, run: int) -> Run:
    """An import of a site. Raises ImportUnknown."""
    return run_of(await _own(tx, site_id, run))


async def of_site(tx: ReadTx, site_id: int, after: int | None, limit: int) -> list[Run]:
    """The imports of a site, newest first."""
    query = select(ImportRow).where(ImportRow.site_id == site_id)
    if after is not None:
        query = query.where(col(ImportRow.id) < after)
    return [run_of(row) for row in await tx.exec(query.order_by(col(ImportRow.id).desc()).limit(limit))]


async def forget_files(tx: WriteTx) -> int:
    """Delete some uploaded files that nobody began in time, or whose sending broke off; how many. 0: none are left."""
    now = clock.now()
    query = select(ImportRow).where(
        col(ImportRow.account_id).is_not(None),
        or_(
            (col(ImportRow.state) == "ready") & (col(ImportRow.expires_at) < now),
            (col(ImportRow.state) == "receiving") & (has_run_out(col(ImportRow.lease_until), now)),
        ),
    )
    due = list(await tx.exec(query.limit(20).with_for_update(skip_locked=True)))
    for row in due:
        await close(tx, row, "expired")
    return len(due)


async def note_export(tx: WriteTx, site: Site, by: int | None) -> None:
    """Put on record that a site's comments were carried out."""
    await record.append(tx, site.id, _by(by), "exported", "site", {"what": "comments"})


async def was_imported(tx: ReadTx, site: Site, file_name: str) -> bool:
    """Whether a file of this name was imported into the site to its end."""
    run = select(ImportRow.id).where(
        ImportRow.site_id == site.id, ImportRow.file_name == file_name, ImportRow.state == "done"
    )
    return (await tx.exec(run.limit(1))).first() is not None


async def close(tx: WriteTx, row: ImportRow, state: State) -> None:
    """End a run. Its file is not needed any more."""
    row.state, row.finished_at, row.lease_until, row.worker = state, clock.now(), None, ""
    await tx.exec(delete(ImportPieceRow).where(col(ImportPieceRow.run_id) == row.id))
    await tx.flush()


async def note_end(tx: WriteTx, row: ImportRow) -> None:
    """Put the end of an uploaded import on record."""
    counts = {name: row.report.get(name, 0) for name in ("comments", "tombstones", "unchanged")}
    await _note(tx, row, _by(row.account_id), "import-ended", **counts)


async def _own(tx: ReadTx, site_id: int, run: int, *, lock: bool = False) -> ImportRow:
    row = await tx.get(ImportRow, run, with_for_update=lock, populate_existing=True)
    if row is None or row.site_id != site_id:
        raise ImportUnknown
    return row


def _by(account_id: int | None) -> Actor:
    return record.TERMINAL if account_id is None else Actor.account(account_id)


async def _note(
    tx: WriteTx, row: ImportRow, by: Actor, act: str, *, words: Mapping[str, Any] | None = None, **detail: Any
) -> None:
    await record.append(tx, row.site_id, by, act, "site", {"run": str(row.id), **detail}, words=words)


def run_of(row: ImportRow) -> Run:
    """The run a row holds."""
    return Run(
        id=row.id,
        site_id=row.site_id,
        account_id=row.account_id,
        source=row.source,
        file_name=row.file_name,
        bytes=row.bytes,
        state=cast("State", row.state),
        total=row.total,
        done=row.done,
        plan=row.plan,
        report=row.report,
        problem=row.problem,
        moves=tuple(row.moves or ()),
        started_at=row.started_at,
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at if row.state in {"receiving", "checking", "ready"} else None,
    )
