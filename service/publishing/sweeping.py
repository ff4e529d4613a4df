"""Deleting rows for good with all that hangs on them, found in the tables' own keys, so that no room is forgotten.

No foreign key is left dangling: what points to a row goes before it. A column that only names a comment, a thread or a
person, without a key, counts as pointing to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_, update
from sqlmodel import SQLModel

from service.kit.db import WriteTx

# Names that say what a column is about where no key does.
_NAMED = {"comment_id": "comment", "thread_id": "thread", "person_id": "person", "site_id": "site"}
_AT_ONCE = 200


async def delete_all(tx: WriteTx, table: str, ids: Sequence[int]) -> int:
    """Delete rows of a table by `id`, and before them whatever points to them; how many rows went."""
    return await _delete(tx, SQLModel.metadata.tables[table], [(number,) for number in ids], frozenset())


async def _delete(tx: WriteTx, table: Table, keys: list[tuple[Any, ...]], above: frozenset[str]) -> int:
    count = 0
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        for column in _pointing(table):
            count += await _clear(tx, column, [key[0] for key in some], above | {table.name})
        connection = await tx.connection()
        count += (await connection.execute(delete(table).where(_is_one_of(table, some)))).rowcount
    return count


async def _clear(tx: WriteTx, column: Column[Any], ids: list[Any], above: frozenset[str]) -> int:
    """Let nothing point to these any more: what may be empty and is of the same table is emptied, the rest goes."""
    table = column.table
    assert isinstance(table, Table)  # noqa: S101  # a column of our metadata is of a table
    connection = await tx.connection()
    if table.name in above or (not column.foreign_keys and column.nullable):
        await connection.execute(update(table).where(column.in_(ids)).values({column.name: None}))
        return 0
    keys = (await connection.execute(select(*table.primary_key.columns).where(column.in_(ids)))).all()
    return await _delete(tx, table, [tuple(key) for key in keys], above) if keys else 0


def _is_one_of(table: Table, keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


@cache
def _pointing(table: Table) -> tuple[Column[Any], ...]:
    """Columns that point to a table's `id`."""
    return tuple(column for other in SQLModel.metadata.sorted_tables for column in _columns_to(other, table))


def _columns_to(other: Table, table: Table) -> Iterator[Column[Any]]:
    yield from (column for column in other.columns if table.name in _targets(column))


def _targets(column: Column[Any]) -> set[str]:
    keyed = {key.column.table.name for key in column.foreign_keys}
    return keyed or ({_NAMED[column.name]} if column.name in _NAMED else set())


def owner_of(table: Table) -> tuple[Column[Any], str] | None:
    """The column by which rows of a table belong to rows of another, nearest to a site; None for the platform's own."""
    ranked = {"site": 0, "thread": 1, "person": 2, "comment": 3}
    found = [
        (column, target) for column in table.columns for target in sorted(_targets(column) - {"account", table.name})
    ]
    return min(found, key=lambda each: ranked.get(each[1], 9), default=None)


def pointing_to(name: str) -> tuple[Column[Any], ...]:
    """Columns of all tables that point to rows of this one."""
    return _pointing(SQLModel.metadata.tables[name])
