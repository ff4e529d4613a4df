"""What of the record is erased, by age or with a person: words only. The chain stays whole without them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from service.kit import clock
from service.kit.db import WriteTx
from service.record.tables import DetailRow, EntryRow

DETAIL_LIFE = timedelta(days=365)


async def forget_expired(tx: WriteTx, chain: int, life: timedelta = DETAIL_LIFE) -> None:
    """Erase words of a chain that are older than `life`."""
    own = select(EntryRow.id).where(EntryRow.chain == chain, col(EntryRow.id) == col(DetailRow.entry_id))
    await tx.exec(delete(DetailRow).where(col(DetailRow.created_at) < clock.now() - life, own.exists()))


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Erase all words about a person; that something was done, when and by whom, stays."""
    await tx.exec(delete(DetailRow).where(col(DetailRow.person_id) == person_id))


async def forget_chain(tx: WriteTx, chain: int, limit: int = 500) -> int:
    """Erase some of the words of a chain, whatever they are about; how many entries that were. The chain stays."""
    query = (
        select(DetailRow.entry_id)
        .join(EntryRow, col(EntryRow.id) == col(DetailRow.entry_id))
        .where(EntryRow.chain == chain)
        .limit(limit)
    )
    some = list(await tx.exec(query))
    if some:
        await tx.exec(delete(DetailRow).where(col(DetailRow.entry_id).in_(some)))
    return len(some)
