"""What waits in the outbox, and how long: what operators look at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal_column, select

from service.kit import clock
from service.kit.db import ReadTx
from service.outbox.tables import OutboxRow

_FACTS = OutboxRow.metadata.tables[str(OutboxRow.__tablename__)]
# Written out: a partial index is not used for a value that comes as a parameter.
_WAITING = _FACTS.c.state == literal_column("'waiting'")
_MOST = 10_000  # counted; more is as bad
_COUNTED = select(_FACTS.c.created_at).where(_WAITING).order_by(_FACTS.c.due_at).limit(_MOST).subquery()
_STANDS = select(func.count(), func.min(_COUNTED.c.created_at).label("oldest")).select_from(_COUNTED)
_DEAD = select(func.count()).where(_FACTS.c.state == literal_column("'dead'"))


@dataclass(frozen=True)
class Backlog:
    """Facts that wait (counted up to 10,000), the age of the oldest of them in seconds, and those given up."""

    waiting: int
    oldest: float
    dead: int


async def backlog(tx: ReadTx) -> Backlog:
    """How the outbox stands at this moment."""
    waiting, oldest = (await tx.run(_STANDS, {})).one()
    dead = (await tx.run(_DEAD, {})).scalar_one()
    age = (clock.now() - oldest).total_seconds() if oldest is not None else 0.0
    return Backlog(waiting, max(0.0, age), dead)
