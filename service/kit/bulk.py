"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite; and lists of values as one parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, any_, insert, literal
from sqlalchemy.dialects.postgresql import ARRAY

from service.kit.tx import ReadTx, WriteTx

_FEW = 20  # below that COPY costs more than it saves


async def insert_rows(tx: WriteTx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that all name the same columns; what they leave out gets the database's default.

    Raises what SQLAlchemy raises for the driver's errors, such as IntegrityError.
    """
    if not rows:
        return
    connection = await tx.connection()
    if connection.dialect.name == "sqlite" or len(rows) < _FEW:
        await connection.execute(insert(table), [dict(row) for row in rows])
        return
    names = tuple(rows[0])
    await tx.copy(table.name, names, [tuple(row.values()) for row in rows])


async def one_of(tx: ReadTx, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """`column` is one of these. On PostgreSQL an array: one text, and one plan, however many there are."""
    if (await tx.connection()).dialect.name == "sqlite":
        found: ColumnElement[bool] = column.in_(values)
        return found
    return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[no-any-return]  # an expression
