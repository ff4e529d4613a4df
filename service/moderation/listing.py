"""Cases read: one, many, the queue in SQL's order by keyset, and counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, tuple_, union_all
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from service.kit.columns import Id, UTCDateTime
from service.kit.db import ReadTx
from service.moderation.case import Case, CaseUnknown, Place, case_of
from service.moderation.tables import CaseRow, is_open


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


async def list_open(tx: ReadTx, site_ids: Sequence[int], after: Place | None = None, limit: int = 50) -> list[Case]:
    """The open cases of these sites by due time, from behind `after` on; one index range a site."""
    if not site_ids:
        return []
    parts = [select(_first(site_id, after, limit).subquery().c.id) for site_id in sorted(set(site_ids))]
    wanted = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    rows = await tx.exec(
        select(CaseRow)
        .join(wanted, wanted.c.id == col(CaseRow.id))
        .order_by(col(CaseRow.due_at), col(CaseRow.id))
        .limit(limit)
    )
    return [case_of(row) for row in rows]


async def places(tx: ReadTx, site_id: int, after: Place | None, limit: int) -> list[Place]:
    """Where the open cases of a site stand, in order, from behind `after` on."""
    rows = await tx.exec(_first(site_id, after, limit))
    return [Place(due_at, case) for case, due_at in rows]


async def count_open(tx: ReadTx, site_ids: Sequence[int]) -> dict[int, int]:
    """How many cases of each site are open; counted over the index of open ones, so it cannot drift."""
    counted = await tx.exec(
        select(col(CaseRow.site_id), func.count())
        .where(col(CaseRow.site_id).in_(sorted(set(site_ids))), is_open())
        .group_by(col(CaseRow.site_id))
    )
    return dict.fromkeys(site_ids, 0) | dict(counted.all())


def _first(site_id: int, after: Place | None, limit: int) -> Select[int, datetime]:
    query = select(col(CaseRow.id), col(CaseRow.due_at)).where(col(CaseRow.site_id) == site_id, is_open())
    if after is not None:
        query = query.where(
            tuple_(col(CaseRow.due_at), col(CaseRow.id))
            > tuple_(literal(after.due_at, UTCDateTime), literal(after.case, Id))
        )
    return query.order_by(col(CaseRow.due_at), col(CaseRow.id)).limit(limit)
