"""Bulk decisions: previewed, started with the preview's token, watched, cancelled, undone as a whole.

The preview keeps what it found, and its token starts one job, once, by whoever made it, within a quarter of an hour.
The work itself is in bulk_work.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import delete
from sqlmodel import col, select

from service import record, redress, sites
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Invalid, NotFound
from service.kit.seal import new_token, token_hash
from service.moderation.actions import ACTIONS, LEADS, OF_EDITORS, RESTRICTED, Action
from service.moderation.decisions import EditorNeeded
from service.moderation.selecting import BulkFilter, Selection
from service.moderation.tables import BulkJobRow, BulkSelectionRow
from service.sites import Site, SiteUnknown

State = Literal["previewed", "waiting", "running", "done", "cancelled", "failed"]
_OVER = frozenset({"done", "cancelled", "failed"})
_PREVIEW_LIFE = timedelta(minutes=15)
UNDO_LIFE = timedelta(days=30)


class BulkUnknown(NotFound):
    """There is no such job."""

    type = "bulk-unknown"


class BulkTokenInvalid(Invalid):
    """This preview is too old, was used already, or is somebody else's. Preview anew."""

    type = "bulk-token-invalid"


class BulkNotOver(Conflict):
    """This job is still at work. Cancel it first, or wait."""

    type = "bulk-not-over"


class BulkUndoImpossible(Conflict):
    """This job cannot be undone: it is an undoing itself, was undone already, or is older than thirty days."""

    type = "bulk-undo-impossible"


@dataclass(frozen=True)
class Job:
    """A bulk decision and how far it is. `skipped` counts what was refused, by the type of the refusal."""

    id: int
    site_id: int
    account_id: int
    state: State
    filter: Mapping[str, Any]
    action: str
    reason: str
    note: str
    total: int
    done: int
    skipped: Mapping[str, int]
    undo_of: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Nothing more will be done."""
        return self.state in _OVER


async def keep(tx: WriteTx, staff: Staff, site: Site, asked: BulkFilter, found: Selection) -> tuple[Job, str]:
    """Keep what a preview found; the job it would be, and the token that starts it."""
    token = new_token()
    row = BulkJobRow(
        id=ids.new_id(),
        site_id=site.id,
        account_id=staff.account.id,
        token_hash=token_hash(token),
        state="previewed",
        filter=asked.as_json(),
        total=len(found.items),
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    # The oldest first: a branch is worked from its roots.
    tx.add(BulkSelectionRow(job_id=row.id, items=[list(item) for item in reversed(found.items)]))
    await tx.flush()
    return job_of(row), token


async def start(tx: WriteTx, staff: Staff, token: str, action: Action, *, reason: str = "", note: str = "") -> Job:
    """Turn a preview into a job. Raises BulkTokenInvalid, EditorNeeded, ReasonUnknown."""
    query = select(BulkJobRow).where(BulkJobRow.token_hash == token_hash(token)).with_for_update()
    row = (await tx.exec(query)).first()
    if (
        row is None
        or row.state != "previewed"
        or row.account_id != staff.account.id
        or not staff.is_moderator_at(row.site_id)
        or row.created_at < clock.now() - _PREVIEW_LIFE
    ):
        raise BulkTokenInvalid(field="token")
    await _check(tx, staff, row.site_id, action, reason)
    row.state, row.action, row.reason, row.note, row.token_hash = "waiting", action, reason, note, None
    await tx.flush()
    detail = {"action": action, "reason": reason, "total": row.total}
    words = {"filter": dict(row.filter), "note": note}
    await _note(tx, staff, row, "bulk-started", detail, words)
    return job_of(row)


async def cancel(tx: WriteTx, staff: Staff, job_id: int) -> Job:
    """Stop a job; what it has done stays done. Harmless when it is over. Raises BulkUnknown."""
    row = await _own(tx, staff, job_id)
    if row.state in {"waiting", "previewed"}:
        await close(tx, row, "cancelled")
    elif row.state == "running" and not row.is_cancelled:
        row.is_cancelled = True
    else:
        return job_of(row)  # nothing was stopped, and nothing of the kind is on record
    await tx.flush()
    await _note(tx, staff, row, "bulk-cancelled", {"done": row.done}, {})
    return job_of(row)


async def undo(tx: WriteTx, staff: Staff, job_id: int) -> Job:
    """Take back all decisions of a job that is over, by another job.

    Raises BulkUnknown, BulkNotOver, BulkUndoImpossible.
    """
    row = await _own(tx, staff, job_id)
    if row.state not in _OVER:
        raise BulkNotOver(state=row.state)
    twin = (await tx.exec(select(BulkJobRow.id).where(BulkJobRow.undo_of == row.id))).first()
    too_old = row.finished_at is None or row.finished_at < clock.now() - UNDO_LIFE
    if row.undo_of is not None or twin is not None or too_old:
        raise BulkUndoImpossible
    new = BulkJobRow(
        id=ids.new_id(),
        site_id=row.site_id,
        account_id=staff.account.id,
        state="waiting",
        filter={},
        action="undo",
        total=row.done,
        undo_of=row.id,
        created_at=clock.now(),
    )
    tx.add(new)
    # Two that undo one job at once collide here; the second is run again and is refused.
    await tx.flush()
    await _note(tx, staff, new, "bulk-undone", {"job": str(row.id), "total": row.done}, {})
    return job_of(new)


async def get(tx: ReadTx, staff: Staff, job_id: int) -> Job:
    """A job of a site one moderates. Raises BulkUnknown."""
    return job_of(await _own(tx, staff, job_id, lock=False))


async def of_site(tx: ReadTx, staff: Staff, site_id: int, after: int | None, limit: int) -> list[Job]:
    """The jobs of a site, newest first; previews that were never started are none. Raises SiteUnknown."""
    if not staff.is_moderator_at(site_id):
        raise SiteUnknown(field="site")
    query = select(BulkJobRow).where(BulkJobRow.site_id == site_id, BulkJobRow.state != "previewed")
    if after is not None:
        query = query.where(col(BulkJobRow.id) < after)
    return [job_of(row) for row in await tx.exec(query.order_by(col(BulkJobRow.id).desc()).limit(limit))]


async def forget_previews(tx: WriteTx) -> None:
    """Delete previews that can start nothing any more."""
    old = select(BulkJobRow.id).where(
        BulkJobRow.state == "previewed", col(BulkJobRow.created_at) < clock.now() - _PREVIEW_LIFE
    )
    gone: Sequence[int] = (await tx.exec(old.limit(500))).all()
    await tx.exec(delete(BulkSelectionRow).where(col(BulkSelectionRow.job_id).in_(gone)))
    await tx.exec(delete(BulkJobRow).where(col(BulkJobRow.id).in_(gone)))


async def close(tx: WriteTx, row: BulkJobRow, state: State) -> None:
    """End a job. What it was to be about is not needed any more, and an address least of all."""
    row.state, row.finished_at, row.lease_until, row.token_hash = state, clock.now(), None, None
    row.filter = {name: value for name, value in row.filter.items() if not name.startswith("address")}
    await tx.exec(delete(BulkSelectionRow).where(col(BulkSelectionRow.job_id) == row.id))
    await tx.flush()


def as_action(name: str) -> Action | None:
    """An action by its name, or None."""
    return next((known for known in ACTIONS if known == name), None)


async def _check(tx: ReadTx, staff: Staff, site_id: int, action: Action, reason: str) -> None:
    """Refuse at once what every single decision would be refused for."""
    if action in OF_EDITORS and not staff.may_feature(site_id, next(iter(staff.sections_at(site_id) or ()), None)):
        raise EditorNeeded
    if action in LEADS and (reason or LEADS[action][1] in RESTRICTED):
        site = await sites.by_id(tx, site_id)
        redress.reason_of(site, reason, otherwise=redress.SPAM if action == "spam" else redress.FALLBACK)


async def _own(tx: ReadTx, staff: Staff, job_id: int, *, lock: bool = True) -> BulkJobRow:
    row = await tx.get(BulkJobRow, job_id, with_for_update=lock, populate_existing=True)
    if row is None or row.state == "previewed" or not staff.is_moderator_at(row.site_id):
        raise BulkUnknown
    return row


async def _note(
    tx: WriteTx, staff: Staff, row: BulkJobRow, act: str, detail: Mapping[str, Any], words: Mapping[str, Any]
) -> None:
    actor = record.Actor.account(staff.account.id)
    await record.append(tx, row.site_id, actor, act, f"bulk:{row.id}", detail, words=words or None)


def job_of(row: BulkJobRow) -> Job:
    """The job a row holds."""
    return Job(
        row.id,
        row.site_id,
        row.account_id,
        cast("State", row.state),
        row.filter,
        row.action,
        row.reason,
        row.note,
        row.total,
        row.done,
        row.skipped,
        row.undo_of,
        row.created_at,
        row.started_at,
        row.finished_at,
    )
