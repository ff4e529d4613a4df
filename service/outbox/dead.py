"""What waits in the outbox, how old it is, and what was given up: seen and set going again by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal_column, update
from sqlmodel import col, func, select

from service.kit import clock
from service.kit.db import ReadTx, WriteTx, left_work
from service.outbox.tables import OutboxRow

# More than so many are told as that many: nobody waits for a count.
MOST_COUNTED = 10_000
_LONGEST = timedelta(hours=2)
_DEAD = col(OutboxRow.state) == literal_column("'dead'")
_WAITING = col(OutboxRow.state) == literal_column("'waiting'")


@dataclass(frozen=True)
class DeadFact:
    """A fact whose consequences failed twelve times over some hours. Its payload holds ids, never text."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    last_error: str
    created_at: datetime


@dataclass(frozen=True)
class Figures:
    """How many facts wait and were given up (10,000 at most are counted), and since when the oldest one waits."""

    waiting: int
    oldest: datetime | None
    dead: int


async def figures(tx: ReadTx) -> Figures:
    """How it stands with the outbox."""
    counts = [
        (
            await tx.exec(
                select(func.count()).select_from(select(OutboxRow.id).where(of).limit(MOST_COUNTED).subquery())
            )
        ).one()
        for of in (_WAITING, _DEAD)
    ]
    # By its number: numbers are made in the order of time, and those that wait are few.
    oldest = (await tx.exec(select(func.min(col(OutboxRow.created_at))).where(_WAITING))).one()
    return Figures(counts[0], oldest, counts[1])


async def dead(tx: ReadTx, before: int | None, limit: int) -> list[DeadFact]:
    """Facts that were given up, the newest first, from behind the one with the id `before`."""
    query = select(OutboxRow).where(_DEAD)
    if before is not None:
        query = query.where(col(OutboxRow.id) < before)
    rows = await tx.exec(query.order_by(col(OutboxRow.id).desc()).limit(limit))
    return [DeadFact(row.id, row.kind, row.payload, row.attempts, row.last_error, row.created_at) for row in rows]


async def hurry(tx: WriteTx) -> int:
    """Make due what a clock that ran ahead has put off; how many facts. Nothing that is right waits for two hours."""
    now = clock.now()
    put_off = update(OutboxRow).where(_WAITING, col(OutboxRow.due_at) > now + _LONGEST).values(due_at=now)
    return int((await tx.exec(put_off)).rowcount)


async def redrive(tx: WriteTx, fact_ids: Sequence[int] | None, limit: int = 1_000) -> int:
    """Let facts that were given up be handed on again, these or (None) the oldest 1,000; how many that were.

    Reactions are safe to repeat, so nothing is told twice that tells repetitions apart.
    """
    meant = select(OutboxRow.id).where(_DEAD).order_by(col(OutboxRow.id)).limit(limit)
    if fact_ids is not None:
        meant = meant.where(col(OutboxRow.id).in_(fact_ids))
    some = list(await tx.exec(meant))
    if some:
        await tx.exec(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(some), _DEAD)
            .values(state="waiting", attempts=0, due_at=clock.now())
        )
        left_work(tx)
    return len(some)
