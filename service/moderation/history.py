"""What was decided and reported about some comments before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from service.kit.db import ReadTx
from service.moderation.names import names
from service.moderation.tables import DecisionRow, ReportRow

_MOST = 100


@dataclass(frozen=True)
class PastDecision:
    """A decision, for people to read. `is_undone`: somebody took it back."""

    id: int
    comment_id: int
    at: datetime
    by: str
    action: str
    reason: str
    note: str
    version: int
    state_before: str
    state_after: str
    undoes: int | None
    is_undone: bool


async def decisions_about(tx: ReadTx, site_id: int, comment_ids: Sequence[int]) -> list[PastDecision]:
    """The newest decisions about these comments of a site, the newest first."""
    if not comment_ids:
        return []
    query = select(DecisionRow).where(col(DecisionRow.comment_id).in_(sorted(set(comment_ids))))
    rows = list(await tx.exec(query.order_by(col(DecisionRow.id).desc()).limit(_MOST)))
    known = await names(tx, site_id, [row.account_id for row in rows])
    undone = {row.undoes for row in rows}
    return [
        PastDecision(
            row.id,
            row.comment_id,
            row.created_at,
            known.get(row.account_id, "Somebody"),
            row.action,
            row.reason,
            row.note,
            row.comment_version,
            row.state_before,
            row.state_after,
            row.undoes,
            row.id in undone,
        )
        for row in rows
    ]


async def reported_among(tx: ReadTx, comment_ids: Sequence[int]) -> set[int]:
    """Those of these comments that readers have reported."""
    if not comment_ids:
        return set()
    query = select(ReportRow.comment_id).where(col(ReportRow.comment_id).in_(sorted(set(comment_ids))))
    return set(await tx.exec(query.distinct()))
