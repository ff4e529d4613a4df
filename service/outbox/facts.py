"""Facts: what happened, in ids and versions, never in text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, delete, insert
from sqlmodel import col, select

from service.kit import clock, ids, traces
from service.kit.db import WriteTx, left_work
from service.kit.statements import fixed
from service.outbox.tables import OutboxRow

_ADD = insert(OutboxRow.metadata.tables[str(OutboxRow.__tablename__)]).values(
    fixed({"state": "waiting", "attempts": 0, "last_error": ""})
)


@dataclass(frozen=True)
class Fact:
    """Something that happened. Subclasses are frozen dataclasses of ids, in the past tense."""


async def add(tx: WriteTx, fact: Fact) -> None:
    """Write a fact beside the change that made it true: both are committed, or neither."""
    await add_all(tx, [fact])


async def add_all(tx: WriteTx, facts: Sequence[Fact]) -> None:
    """Write several, in one statement."""
    if not facts:
        return
    now = clock.now()
    trace = traces.mark() if traces.on else None
    same = {"due_at": now, "created_at": now, "trace": trace}
    rows = [{"id": ids.new_id(), "kind": type(fact).__name__, "payload": dict(vars(fact)), **same} for fact in facts]
    await tx.run_each(_ADD, rows)
    left_work(tx)


async def forget_site(tx: WriteTx, site_id: int, limit: int = 500) -> int:
    """Drop facts that name a site which is being erased, waiting and dead ones; how many that were."""
    # As text first: as a number of its own PostgreSQL would take 32 bits of it.
    about = cast(col(OutboxRow.payload)["site"].as_string(), BigInteger) == site_id
    some = list(await tx.exec(select(OutboxRow.id).where(about).limit(limit)))
    if some:
        await tx.exec(delete(OutboxRow).where(col(OutboxRow.id).in_(some)))
    return len(some)
