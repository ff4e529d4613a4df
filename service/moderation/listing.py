"""Cases read: one, many, the queue in SQL's order by keyset, and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, tuple_, union_all
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from service.kit.columns import Id, UTCDateTime
from service.kit.db import ReadTx
from service.moderation import queues
from service.moderation.access import Sections
from service.moderation.case import Case, CaseUnknown, Place, case_of
from service.moderation.filters import EVERYTHING, QueueFilter
from service.moderation.index import Slot
from service.moderation.queues import SavedQueue
from service.moderation.tables import CaseRow, is_open


@dataclass(frozen=True)
class QueueCount:
    """How many cases of a queue are open, and how many of them should have been decided by now."""

    queue: SavedQueue
    open: int
    overdue: int


async def get(tx: ReadTx, case_id: int) -> Case:
    """One case, open or not. Raises CaseUnknown."""
    if (row := await tx.get(CaseRow, case_id)) is None:
        raise CaseUnknown
    return case_of(row)


async def get_many(tx: ReadTx, case_ids: Sequence[int]) -> dict[int, Case]:
    """Cases by id, open or not, in one statement; those that do not exist are left out."""
    if not case_ids:
        return {}
    rows = await tx.exec(select(CaseRow).where(col(CaseRow.id).in_(sorted(set(case_ids)))))
    return {row.id: case_of(row) for row in rows}


async def open_among(tx: ReadTx, case_ids: Sequence[int]) -> set[int]:
    """Those of these cases that are open."""
    if not case_ids:
        return set()
    query = select(CaseRow.id).where(col(CaseRow.id).in_(sorted(set(case_ids))), is_open())
    return set(await tx.exec(query))


async def list_open(
    tx: ReadTx,
    site_ids: Sequence[int],
    after: Place | None = None,
    limit: int = 50,
    *,
    asked: QueueFilter = EVERYTHING,
    sections: Sections = None,
) -> list[Case]:
    """The open cases of these sites by due time, from behind `after` on; one index range a site.

    `asked` is the queue, `sections` what the asker may see of it.
    """
    if not site_ids:
        return []
    which = [*asked.conditions(), *_within(sections)]
    parts = [select(_first(site_id, after, limit, which).subquery().c.id) for site_id in sorted(set(site_ids))]
    wanted = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    rows = await tx.exec(
        select(CaseRow)
        .join(wanted, wanted.c.id == col(CaseRow.id))
        .order_by(col(CaseRow.due_at), col(CaseRow.id))
        .limit(limit)
    )
    return [case_of(row) for row in rows]


async def slots(tx: ReadTx, site_id: int, of_site: Sequence[SavedQueue], after: Place | None, limit: int) -> list[Slot]:
    """Where the open cases of a site stand, in order, from behind `after` on, and the queues each is in."""
    ids = _first(site_id, after, limit, []).subquery()
    rows = await tx.exec(
        select(CaseRow).join(ids, ids.c.id == col(CaseRow.id)).order_by(col(CaseRow.due_at), col(CaseRow.id))
    )
    return [slot(case_of(row), of_site) for row in rows]


def slot(found: Case, of_site: Sequence[SavedQueue]) -> Slot:
    """What the index is told of a case."""
    keys = tuple(queue.key for queue in queues.lanes(of_site, found))
    return Slot(found.place, keys, found.section, tuple(sorted(found.not_for)))


async def count_open(tx: ReadTx, site_ids: Sequence[int]) -> dict[int, int]:
    """How many cases of each site are open; counted over the index of open ones, so it cannot drift."""
    counted = await tx.exec(
        select(col(CaseRow.site_id), func.count())
        .where(col(CaseRow.site_id).in_(sorted(set(site_ids))), is_open())
        .group_by(col(CaseRow.site_id))
    )
    return dict.fromkeys(site_ids, 0) | dict(counted.all())


async def count_queues(
    tx: ReadTx, site_id: int, of_site: Sequence[SavedQueue], now: datetime, sections: Sections = None
) -> list[QueueCount]:
    """How many cases each queue of a site has, in one pass over its open ones: counted each time, never kept."""
    sums: list[Any] = []
    for queue in of_site:
        here = and_(literal(value=True), *queue.filter.conditions())
        late = and_(here, col(CaseRow.due_at) < literal(now, UTCDateTime))
        sums += [func.coalesce(func.sum(case((told, 1), else_=0)), 0) for told in (here, late)]
    # As many columns as there are queues, two each: more than the types can tell.
    query: Any = select_columns(*sums).where(col(CaseRow.site_id) == site_id, is_open(), *_within(sections))
    row = (await tx.exec(query)).one()
    return [QueueCount(queue, row[2 * i], row[2 * i + 1]) for i, queue in enumerate(of_site)]


def _within(sections: Sections) -> list[ColumnElement[bool]]:
    return [] if sections is None else [col(CaseRow.section).in_(sorted(sections))]


def _first(site_id: int, after: Place | None, limit: int, which: Sequence[ColumnElement[bool]]) -> SelectOfScalar[int]:
    query = select(col(CaseRow.id)).where(col(CaseRow.site_id) == site_id, is_open(), *which)
    if after is not None:
        query = query.where(
            tuple_(col(CaseRow.due_at), col(CaseRow.id))
            > tuple_(literal(after.due_at, UTCDateTime), literal(after.case, Id))
        )
    return query.order_by(col(CaseRow.due_at), col(CaseRow.id)).limit(limit)
