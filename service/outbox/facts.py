"""Facts: what happened, in ids and versions, never in text."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import insert

from service.kit import clock, ids
from service.kit.db import WriteTx, left_work
from service.outbox.tables import OutboxRow

_ADD = insert(OutboxRow.metadata.tables[str(OutboxRow.__tablename__)])


@dataclass(frozen=True)
class Fact:
    """Something that happened. Subclasses are frozen dataclasses of ids, in the past tense."""


async def add(tx: WriteTx, fact: Fact) -> None:
    """Write a fact beside the change that made it true: both are committed, or neither."""
    now = clock.now()
    row = {"id": ids.new_id(), "kind": type(fact).__name__, "payload": asdict(fact)}
    await tx.run(_ADD, row | {"state": "waiting", "attempts": 0, "last_error": "", "due_at": now, "created_at": now})
    left_work(tx)
