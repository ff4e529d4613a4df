"""The queues of a site: those everybody has, and those its team saved under a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from service import record
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Invalid, NotFound
from service.moderation.case import Case
from service.moderation.filters import EVERYTHING, QueueFilter
from service.moderation.tables import SavedQueueRow
from service.sites import SiteUnknown

# Each is a lane of the index, and each case may lie in all of them.
MOST = 24


class QueueUnknown(NotFound):
    """There is no such queue at this site."""

    type = "queue-unknown"


class QueueExists(Conflict):
    """There is already a queue of that name."""

    type = "queue-exists"


class TooManyQueues(Conflict):
    """This site has as many saved queues as it may. Delete one first."""

    type = "too-many-queues"


@dataclass(frozen=True)
class SavedQueue:
    """A queue. `key` names it in the index and in public: a word for those everybody has, an id for saved ones."""

    key: str
    name: str
    filter: QueueFilter
    version: int = 1

    @property
    def is_built_in(self) -> bool:
        """True for those everybody has."""
        return not self.key.isdigit()


ALL = SavedQueue("all", "all", EVERYTHING)
BUILT_IN: tuple[SavedQueue, ...] = (
    ALL,
    SavedQueue("held", "held", QueueFilter(reasons=("held",))),
    SavedQueue("reported", "reported", QueueFilter(reasons=("reported", "reopened"))),
    SavedQueue("appeals", "appeals", QueueFilter(reasons=("appealed",))),
    SavedQueue("sampled", "sampled", QueueFilter(reasons=("sampled",))),
)
_BY_KEY = {queue.key: queue for queue in BUILT_IN}


async def of_site(tx: ReadTx, site_id: int) -> list[SavedQueue]:
    """All queues of a site, those everybody has first."""
    rows = await tx.exec(select(SavedQueueRow).where(SavedQueueRow.site_id == site_id).order_by(SavedQueueRow.name))
    return [*BUILT_IN, *map(_queue, rows)]


async def find(tx: ReadTx, site_id: int, wanted: str | None) -> SavedQueue:
    """A queue of a site by its id or its name; None is all of it. Raises QueueUnknown."""
    if wanted is None or wanted in _BY_KEY:
        return _BY_KEY[wanted or ALL.key]
    query = select(SavedQueueRow).where(SavedQueueRow.site_id == site_id)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 20 and int(wanted) < 2**63:
        query = query.where(SavedQueueRow.id == int(wanted))
    else:
        query = query.where(SavedQueueRow.name == wanted)
    if (row := (await tx.exec(query)).first()) is None:
        raise QueueUnknown(field="queue")
    return _queue(row)


async def save(tx: WriteTx, staff: Staff, site_id: int, name: str, asked: QueueFilter) -> SavedQueue:
    """Save a queue. Raises SiteUnknown, Invalid, QueueExists, TooManyQueues."""
    if not staff.is_moderator_at(site_id):
        raise SiteUnknown(field="site")
    await _check_name(tx, site_id, name)
    count = (await tx.exec(select(func.count()).where(col(SavedQueueRow.site_id) == site_id))).one()
    if count >= MOST:
        raise TooManyQueues(most=MOST)
    row = SavedQueueRow(
        id=ids.new_id(),
        site_id=site_id,
        name=name,
        filter=asked.model_dump(mode="json"),
        account_id=staff.account.id,
        changed_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    await _note(tx, staff, row, "queue-saved")
    return _queue(row)


async def change(tx: WriteTx, staff: Staff, queue_id: int, name: str, asked: QueueFilter) -> SavedQueue:
    """Rename a queue, or let it show something else. Raises QueueUnknown, Invalid, QueueExists."""
    row = await _own(tx, staff, queue_id)
    if name != row.name:
        await _check_name(tx, row.site_id, name)
    row.name, row.filter = name, asked.model_dump(mode="json")
    row.version, row.account_id, row.changed_at = row.version + 1, staff.account.id, clock.now()
    await tx.flush()
    await _note(tx, staff, row, "queue-changed")
    return _queue(row)


async def delete(tx: WriteTx, staff: Staff, queue_id: int) -> None:
    """Delete a queue; its cases are untouched. Raises QueueUnknown."""
    row = await _own(tx, staff, queue_id)
    await _note(tx, staff, row, "queue-deleted")
    await tx.delete(row)
    await tx.flush()


def lanes(queues: Sequence[SavedQueue], case: Case) -> list[SavedQueue]:
    """The queues a case is in."""
    return [queue for queue in queues if queue.filter.matches(case)]


async def _own(tx: WriteTx, staff: Staff, queue_id: int) -> SavedQueueRow:
    row = await tx.get(SavedQueueRow, queue_id, with_for_update=True, populate_existing=True)
    if row is None or not staff.is_moderator_at(row.site_id):
        raise QueueUnknown
    return row


async def _note(tx: WriteTx, staff: Staff, row: SavedQueueRow, act: str) -> None:
    # What a team named and wrote into a filter are words: they may have to go one day.
    words = {"name": row.name, "filter": row.filter}
    actor = record.Actor.account(staff.account.id)
    await record.append(tx, row.site_id, actor, act, f"queue:{row.id}", {"version": row.version}, words=words)


async def _check_name(tx: WriteTx, site_id: int, name: str) -> None:
    # What is all digits is read as an id, and what everybody has cannot be had twice.
    if name.isdigit() or name in _BY_KEY:
        raise Invalid("a queue needs a name that is no number and not one of those everybody has", field="name")
    query = select(SavedQueueRow.id).where(SavedQueueRow.site_id == site_id, SavedQueueRow.name == name)
    if (await tx.exec(query)).first() is not None:
        raise QueueExists(field="name")


def _queue(row: SavedQueueRow) -> SavedQueue:
    return SavedQueue(str(row.id), row.name, QueueFilter.model_validate(row.filter), row.version)
