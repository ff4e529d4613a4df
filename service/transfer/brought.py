"""What an import brought, batch by batch: so that it can be taken back, and nothing else with it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sqlalchemy import delete, func
from sqlmodel import col, select

from service.kit.db import ReadTx, WriteTx
from service.transfer.tables import ImportBatchRow


@dataclass(frozen=True)
class Brought:
    """Ids of comments (parents before their replies), threads and people that are new, and keys of new addresses."""

    comments: tuple[int, ...] = ()
    threads: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.comments or self.threads or self.people or self.keys)


async def keep(tx: WriteTx, run: int, number: int, found: Brought) -> None:
    """Keep what a batch brought. `number` counts up through the run."""
    if found:
        tx.add(
            ImportBatchRow(
                run_id=run,
                number=number,
                comments=_packed(found.comments),
                threads=_packed(found.threads),
                people=_packed(found.people),
                keys="\n".join(found.keys),
            )
        )
        await tx.flush()


async def last(tx: ReadTx, run: int) -> tuple[int, Brought] | None:
    """The batch that was brought last, or None when nothing is left."""
    query = select(ImportBatchRow).where(ImportBatchRow.run_id == run).order_by(col(ImportBatchRow.number).desc())
    row = (await tx.exec(query.limit(1))).first()
    if row is None:
        return None
    keys = tuple(row.keys.split("\n")) if row.keys else ()
    return row.number, Brought(_unpacked(row.comments), _unpacked(row.threads), _unpacked(row.people), keys)


async def forget(tx: WriteTx, run: int, number: int) -> None:
    """A batch was taken back."""
    await tx.exec(delete(ImportBatchRow).where(col(ImportBatchRow.run_id) == run, col(ImportBatchRow.number) == number))


async def size(tx: ReadTx, run: int) -> int:
    """How many comments a run brought that are still to be taken back."""
    query = select(func.coalesce(func.sum(func.length(col(ImportBatchRow.comments))), 0))
    return int((await tx.exec(query.where(ImportBatchRow.run_id == run))).one()) // 8


def _packed(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f">{len(numbers)}q", *numbers)


def _unpacked(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(content) // 8}q", content)
