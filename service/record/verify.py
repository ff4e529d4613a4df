"""Whether a chain is whole: every entry there, none changed, none taken from the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from service.kit.db import ReadTx
from service.record.canonical import FIRST, hash_of, sealed
from service.record.tables import DetailRow, EntryRow, HeadRow

_BATCH = 1_000


@dataclass(frozen=True)
class Fault:
    """The first place where a chain does not hold."""

    seq: int
    says: str


@dataclass(frozen=True)
class Chain:
    """A chain as far as it was looked at: its length and last hash, to be noted elsewhere, or where it breaks."""

    chain: int
    length: int
    hash: str
    fault: Fault | None = None


async def chains(tx: ReadTx) -> list[int]:
    """Every chain there is, also one whose end was taken away."""
    headed = set(await tx.exec(select(HeadRow.chain)))
    return sorted(headed | set(await tx.exec(select(EntryRow.chain).distinct())))


async def verify(tx: ReadTx, chain: int) -> Chain:
    """Go through a chain from its first entry; stops at the first fault."""
    at, last = 0, FIRST
    while batch := await _batch(tx, chain, at):
        for row, kept in batch:
            if (fault := _fault(row, kept, at, last)) is not None:
                return Chain(chain, at, last, fault)
            at, last = row.seq, row.hash
    return Chain(chain, at, last, await _cut(tx, chain, at, last))


async def _batch(tx: ReadTx, chain: int, after: int) -> Sequence[tuple[EntryRow, DetailRow | None]]:
    query = (
        select(EntryRow, DetailRow)
        .outerjoin(DetailRow, col(DetailRow.entry_id) == col(EntryRow.id))
        .where(EntryRow.chain == chain, col(EntryRow.seq) > after)
        .order_by(col(EntryRow.seq))
        .limit(_BATCH)
    )
    return (await tx.exec(query.execution_options(populate_existing=True))).all()


def _fault(row: EntryRow, kept: DetailRow | None, at: int, last: str) -> Fault | None:
    if row.seq != at + 1:
        missing = "one entry is" if row.seq == at + 2 else f"{row.seq - at - 1} entries are"
        return Fault(at + 1, f"{missing} missing")
    if row.previous != last:
        return Fault(row.seq, "it does not follow from the entry before it")
    if row.hash != hash_of(row):
        return Fault(row.seq, "it was changed")
    if kept is not None and (row.sealed is None or row.sealed != sealed(kept.salt, kept.words)):
        return Fault(row.seq, "its words were changed")
    return None


async def _cut(tx: ReadTx, chain: int, at: int, last: str) -> Fault | None:
    head = await tx.get(HeadRow, chain, populate_existing=True)
    if head is None:
        return Fault(at + 1, "its end is not on record any more")
    if head.seq != at:
        return Fault(at + 1, f"it ends at {at} and should end at {head.seq}")
    return None if head.hash == last else Fault(at, "its last entry is another one")
