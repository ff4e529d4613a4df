"""How the desk stands, all sites together: what operators look at."""

from __future__ import annotations

from sqlalchemy import bindparam, case, func, literal_column, select

from service.kit import clock
from service.kit.db import ReadTx
from service.moderation.tables import CaseRow

_CASES = CaseRow.metadata.tables[str(CaseRow.__tablename__)]
_OVERDUE = func.sum(case((_CASES.c.due_at < bindparam("now"), 1), else_=0))
_STANDS = select(func.count(), _OVERDUE.label("overdue")).where(_CASES.c.state == literal_column("'open'"))


async def desk_backlog(tx: ReadTx) -> tuple[int, int]:
    """Open cases, and those of them that are overdue; counted over the index of open ones."""
    found = await tx.run(_STANDS, {"now": clock.now()})
    total, overdue = found.one()
    return total, overdue or 0
