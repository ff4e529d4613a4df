"""The log: who decided what about which comment, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from service import comments
from service.identity import Staff
from service.kit.db import ReadTx
from service.moderation.names import names
from service.moderation.tables import DecisionRow
from service.sites import SiteUnknown


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
    if not staff.may_moderate(site_id):
        raise SiteUnknown
    query = select(DecisionRow).where(DecisionRow.site_id == site_id)
    if after is not None:
        query = query.where(col(DecisionRow.id) < after)
    rows = list(await tx.exec(query.order_by(col(DecisionRow.id).desc()).limit(limit)))
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
