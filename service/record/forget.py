"""What of the record is erased, by age or with a person: words only. The chain stays whole without them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col

from service.kit import clock
from service.kit.db import WriteTx
from service.record.tables import DetailRow

DETAIL_LIFE = timedelta(days=365)


async def forget_expired(tx: WriteTx) -> None:
    """Erase words that are older than a year."""
    await tx.exec(delete(DetailRow).where(col(DetailRow.created_at) < clock.now() - DETAIL_LIFE))


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Erase all words about a person; that something was done, when and by whom, stays."""
    await tx.exec(delete(DetailRow).where(col(DetailRow.person_id) == person_id))
