"""Which rows others point to, whoever they are: read from what every table says of itself, so a new one counts too."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Column, select
from sqlmodel import SQLModel

from service.kit.bulk import one_of
from service.kit.tx import ReadTx


async def pointed_to(tx: ReadTx, table: str, numbers: Sequence[int], *, but: Collection[str] = ()) -> set[int]:
    """Of these ids of rows of `table`, those that a row of another table points to. `but` are tables that don't count.

    A pointer of a table to its own rows doesn't count either.
    """
    found: set[int] = set()
    if not numbers:
        return found
    connection = await tx.connection()
    for column in _pointers(table):
        if column.table.name not in {table, *but}:
            query = select(column).where(await one_of(tx, column, numbers)).distinct()
            found |= {number for (number,) in await connection.execute(query)}
    return found


def _pointers(table: str) -> list[Column[int]]:
    target = SQLModel.metadata.tables[table].c.id
    return [
        key.parent for other in SQLModel.metadata.tables.values() for key in other.foreign_keys if key.column is target
    ]
