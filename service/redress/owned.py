"""What was said to one person, and what they said against it."""

from __future__ import annotations

from sqlmodel import col, select

from service.kit.db import ReadTx
from service.redress.appeals import Appeal, appeal_of_row
from service.redress.statements import Statement, statement_of
from service.redress.tables import AppealRow, StatementRow


async def told_to(tx: ReadTx, person_id: int, *, after: int = 0, limit: int = 100) -> tuple[list[Statement], int]:
    """A person's statements behind `after`, the oldest first, withdrawn ones too; and where the next ones begin, or 0.

    Of a shadow they are told when it is over.
    """
    query = select(StatementRow).where(StatementRow.person_id == person_id, col(StatementRow.id) > after)
    rows = (await tx.exec(query.order_by(col(StatementRow.id)).limit(limit))).all()
    found = [each for row in rows if (each := statement_of(row)).is_shown]
    return found, rows[-1].id if len(rows) == limit else 0


async def appeals_by(tx: ReadTx, person_id: int, *, after: int = 0, limit: int = 100) -> list[Appeal]:
    """A person's appeals behind `after`, the oldest first."""
    query = select(AppealRow).where(AppealRow.person_id == person_id, col(AppealRow.id) > after)
    return [appeal_of_row(row) for row in await tx.exec(query.order_by(col(AppealRow.id)).limit(limit))]
