"""What moderation holds in words about somebody who is to be forgotten. That something was decided stays, in codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal_column, update
from sqlmodel import col, select

from service.kit.db import ReadTx, WriteTx
from service.moderation import reporters
from service.moderation.cases import withdraw
from service.moderation.tables import CaseRow, DecisionRow, ReportRow


@dataclass(frozen=True)
class OwnReport:
    """What somebody reported, as they said it."""

    comment_id: int
    reason: str
    detail: str
    created_at: datetime


async def forget_words(tx: WriteTx, site_id: int, before: datetime, most: int) -> int:
    """Take the words away that decisions and reports of a site had before a time, of some; of how many."""
    old = select(DecisionRow.id).where(
        DecisionRow.site_id == site_id, col(DecisionRow.created_at) < before, DecisionRow.note != literal_column("''")
    )
    decisions = list(await tx.exec(old.limit(most)))
    await tx.exec(update(DecisionRow).where(col(DecisionRow.id).in_(decisions)).values(note=""))
    told = select(ReportRow.comment_id, ReportRow.reporter).where(
        ReportRow.site_id == site_id, col(ReportRow.created_at) < before, ReportRow.detail != literal_column("''")
    )
    reports = list(await tx.exec(told.limit(most)))
    for comment_id, reporter in reports:
        this = (col(ReportRow.comment_id) == comment_id, col(ReportRow.reporter) == reporter)
        await tx.exec(update(ReportRow).where(*this).values(detail=""))
    return len(decisions) + len(reports)


async def forget_comments(tx: WriteTx, comment_ids: Sequence[int]) -> None:
    """Close comments' cases, and take away all words about them: of signals, of decisions, of those who reported."""
    with_case = select(CaseRow.comment_id).where(col(CaseRow.comment_id).in_(comment_ids)).distinct()
    for comment_id in (await tx.exec(with_case.order_by(col(CaseRow.comment_id)))).all():
        await withdraw(tx, comment_id)
    await tx.exec(update(CaseRow).where(col(CaseRow.comment_id).in_(comment_ids)).values(priority=[], language=""))
    await tx.exec(update(DecisionRow).where(col(DecisionRow.comment_id).in_(comment_ids)).values(note=""))
    await tx.exec(update(ReportRow).where(col(ReportRow.comment_id).in_(comment_ids)).values(detail=""))


async def reported_by(tx: ReadTx, person_id: int, *, before: int | None = None, limit: int = 100) -> list[OwnReport]:
    """What a person reported, on the newest comments first, from behind the comment `before`."""
    query = select(ReportRow).where(ReportRow.person_id == person_id)
    if before is not None:
        query = query.where(col(ReportRow.comment_id) < before)
    rows = await tx.exec(query.order_by(col(ReportRow.comment_id).desc()).limit(limit))
    return [OwnReport(row.comment_id, row.reason, row.detail, row.created_at) for row in rows]


async def forget_reporter(tx: WriteTx, site_id: int, person_id: int, pseudonym: str) -> None:
    """Delete what a person reported, and how often they were right. A member's `pseudonym` is made of the person."""
    rows = await tx.exec(select(ReportRow).where(ReportRow.person_id == person_id))
    for row in rows.all():
        await tx.delete(row)
    await tx.flush()
    await reporters.forget(tx, site_id, pseudonym)
