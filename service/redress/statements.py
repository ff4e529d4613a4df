"""Statements of reasons: drawn from every restriction, kept, shown to the author (EU 2022/2065, article 17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import col, select

from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.redress.reasons import Reason
from service.redress.tables import StatementRow


@dataclass(frozen=True)
class Statement:
    """Why something was restricted. `source` is `notice` when readers had reported it."""

    id: int
    site_id: int
    comment_id: int | None
    thread_id: int | None
    person_id: int | None
    decision_id: int | None
    sanction_id: int | None
    restriction: str
    reason: str
    title: str
    rule: str
    ground: str
    dsa_category: str
    facts: str
    note: str
    source: str
    automated_detection: bool
    content_at: datetime | None
    created_at: datetime
    ends_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def automated_decision(self) -> bool:
        """Whether nobody decided it: enough readers reported the comment, and it was hidden."""
        return self.restriction == "held"

    @property
    def is_shown(self) -> bool:
        """Whether the person may see it now: of a shadow they learn when it has ended."""
        if self.restriction != "shadow":
            return True
        return self.withdrawn_at is not None or (self.ends_at is not None and self.ends_at <= clock.now())


async def draw(
    tx: WriteTx,
    site_id: int,
    reason: Reason,
    restriction: str,
    facts: str,
    *,
    note: str = "",
    source: str = "own",
    automated_detection: bool = False,
    comment_id: int | None = None,
    thread_id: int | None = None,
    person_id: int | None = None,
    decision_id: int | None = None,
    sanction_id: int | None = None,
    content_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Statement:
    """Draw the statement of a restriction. `facts` are said by us and hold nothing anybody wrote."""
    row = StatementRow(
        id=ids.new_id(),
        site_id=site_id,
        comment_id=comment_id,
        thread_id=thread_id,
        person_id=person_id,
        decision_id=decision_id,
        sanction_id=sanction_id,
        restriction=restriction,
        reason=reason.code,
        title=reason.title,
        rule=reason.rule,
        ground=reason.ground,
        dsa_category=reason.dsa_category,
        facts=facts,
        note=note,
        source=source,
        automated_detection=automated_detection,
        content_at=content_at,
        created_at=clock.now(),
        ends_at=ends_at,
    )
    tx.add(row)
    await tx.flush()
    return statement_of(row)


async def withdraw(tx: WriteTx, comment_id: int, by_decision: int, *, only: str | None = None) -> None:
    """End the statements of a comment, because readers see it again; or those of one restriction, which gave way."""
    ending = (
        update(StatementRow)
        .where(col(StatementRow.comment_id) == comment_id, col(StatementRow.sanction_id).is_(None))
        .where(col(StatementRow.withdrawn_at).is_(None))
    )
    if only is not None:
        ending = ending.where(col(StatementRow.restriction) == only)
    await tx.exec(ending.values(withdrawn_at=clock.now(), withdrawn_by=by_decision))


async def withdraw_of_decision(tx: WriteTx, decision_id: int) -> None:
    """End the statement of a decision about a comment that was undone."""
    await tx.exec(
        update(StatementRow)
        .where(col(StatementRow.decision_id) == decision_id, col(StatementRow.sanction_id).is_(None))
        .where(col(StatementRow.withdrawn_at).is_(None))
        .values(withdrawn_at=clock.now())
    )


async def withdraw_of_sanction(tx: WriteTx, sanction_id: int) -> None:
    """End the statement of a sanction that was lifted."""
    await tx.exec(
        update(StatementRow)
        .where(col(StatementRow.sanction_id) == sanction_id, col(StatementRow.withdrawn_at).is_(None))
        .values(withdrawn_at=clock.now())
    )


async def reinstate(tx: WriteTx, decision_id: int) -> None:
    """Let statements that a decision had ended hold again, because that decision was undone."""
    await tx.exec(
        update(StatementRow)
        .where(col(StatementRow.withdrawn_by) == decision_id)
        .values(withdrawn_at=None, withdrawn_by=None)
    )


async def of_decision(tx: ReadTx, decision_id: int) -> Statement | None:
    """The statement drawn from a decision about a comment, or None."""
    query = select(StatementRow).where(StatementRow.decision_id == decision_id, col(StatementRow.sanction_id).is_(None))
    row = (await tx.exec(query)).first()
    return statement_of(row) if row else None


async def latest_of_comment(tx: ReadTx, comment_id: int) -> Statement | None:
    """The newest statement about a comment, withdrawn or not; None where none was owed."""
    query = select(StatementRow).where(StatementRow.comment_id == comment_id, col(StatementRow.sanction_id).is_(None))
    row = (await tx.exec(query.order_by(col(StatementRow.id).desc()).limit(1))).first()
    return statement_of(row) if row else None


async def of_person(tx: ReadTx, person_id: int, *, thread_id: int | None = None, limit: int = 50) -> list[Statement]:
    """What a person is to be told: statements in force, of one thread and of sanctions, the newest first.

    Of a shadow they are told when it is over.
    """
    told = or_(col(StatementRow.withdrawn_at).is_(None), col(StatementRow.restriction) == "shadow")
    query = select(StatementRow).where(StatementRow.person_id == person_id, told)
    if thread_id is not None:
        here = (col(StatementRow.thread_id) == thread_id) | col(StatementRow.sanction_id).is_not(None)
        query = query.where(here)
    rows = await tx.exec(query.order_by(col(StatementRow.id).desc()).limit(limit))
    return [found for row in rows if (found := statement_of(row)).is_shown]


async def statements(
    tx: ReadTx, site_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
) -> list[Statement]:
    """Statements of a site: the newest first from behind `before`, or, with `after`, the oldest first behind it."""
    query = select(StatementRow).where(StatementRow.site_id == site_id)
    if after is not None:
        query = query.where(col(StatementRow.id) > after).order_by(col(StatementRow.id))
    else:
        query = query.order_by(col(StatementRow.id).desc())
        query = query if before is None else query.where(col(StatementRow.id) < before)
    return [statement_of(row) for row in await tx.exec(query.limit(limit))]


def statement_of(row: StatementRow) -> Statement:
    """The statement a row holds."""
    return Statement(
        row.id,
        row.site_id,
        row.comment_id,
        row.thread_id,
        row.person_id,
        row.decision_id,
        row.sanction_id,
        row.restriction,
        row.reason,
        row.title,
        row.rule,
        row.ground,
        row.dsa_category,
        row.facts,
        row.note,
        row.source,
        row.automated_detection,
        row.content_at,
        row.created_at,
        row.ends_at,
        row.withdrawn_at,
    )
