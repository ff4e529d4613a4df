"""Decisions as a list: who decided what about which comment, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from service import comments
from service.identity import Staff
from service.kit.db import ReadTx
from service.moderation.names import names
from service.moderation.reach import in_reach
from service.moderation.tables import DecisionRow
from service.sites import SiteUnknown

_PAGE = 100
_PAGES = 20


@dataclass(frozen=True)
class Entry:
    """One decision. `thread_id` is None when the comment is gone for good."""

    id: int
    at: datetime
    account_id: int
    by: str
    action: str
    reason: str
    note: str
    comment_id: int
    comment_version: int
    thread_id: int | None
    case_id: int | None
    state_before: str
    state_after: str


async def entries(tx: ReadTx, staff: Staff, site_id: int, *, after: int | None = None, limit: int = 50) -> list[Entry]:
    """The decisions of a site, newest first; `after` is the id of the last one seen. Raises SiteUnknown."""
    if not staff.is_moderator_at(site_id):
        raise SiteUnknown
    query = select(DecisionRow).where(DecisionRow.site_id == site_id)
    if after is not None:
        query = query.where(col(DecisionRow.id) < after)
    rows = await _in_reach(tx, staff, site_id, query.order_by(col(DecisionRow.id).desc()), limit)
    known = await names(tx, site_id, (row.account_id for row in rows))
    texts = await comments.get_many(tx, [row.comment_id for row in rows], comments.STAFF)
    return [
        Entry(
            row.id,
            row.created_at,
            row.account_id,
            known.get(row.account_id, ""),
            row.action,
            row.reason,
            row.note,
            row.comment_id,
            row.comment_version,
            texts[row.comment_id].thread_id if row.comment_id in texts else None,
            row.case_id,
            row.state_before,
            row.state_after,
        )
        for row in rows
    ]


async def _in_reach(
    tx: ReadTx, staff: Staff, site_id: int, query: SelectOfScalar[DecisionRow], limit: int
) -> list[DecisionRow]:
    """The first rows about comments somebody may decide about; one statement for who has the whole site."""
    if staff.sections_at(site_id) is None:
        return list(await tx.exec(query.limit(limit)))
    found: list[DecisionRow] = []
    for page in range(_PAGES):
        rows = list(await tx.exec(query.offset(page * _PAGE).limit(_PAGE)))
        about = await comments.get_many(tx, [row.comment_id for row in rows], comments.STAFF)
        own = await in_reach(tx, staff, site_id, [comment.thread_id for comment in about.values()])
        found += [row for row in rows if row.comment_id in about and about[row.comment_id].thread_id in own]
        if len(found) >= limit or len(rows) < _PAGE:
            break
    return found[:limit]
