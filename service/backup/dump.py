"""Writing a backup: one moment of the whole database, while it goes on working."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

from sqlalchemy import Table as SQLTable
from sqlalchemy import select, text

import service
from service.backup.columns import kind_of, read, to_file
from service.backup.file import Head, Table, Writer
from service.kit import migrate
from service.kit.db import Database, ReadTx
from service.kit.seal import Keeper
from service.tables import metadata

# What lets somebody in is not brought back: a session that was ended since would live again. Nor what was made for one
# person to fetch within a day.
LEFT_OUT = {"session", "sign_in_link", "own_session", "own_link", "own_export", "mail_confirm"} | {
    f"reader_{what}" for what in ("session", "code", "window", "handover", "proof", "notice")
}
_AT_ONCE = 1000


async def dump(db: Database, keeper: Keeper, target: BinaryIO) -> dict[str, int]:
    """Write everything into `target`; rows by table. All rows are of one moment, and nobody waits for it.

    Raises Unavailable when the database is away.
    """
    head = Head(
        migrate.head(), service.__version__, datetime.now(UTC).isoformat(timespec="seconds"), fingerprint(keeper)
    )
    writer = Writer(target, head)
    await db.read(_write, writer, is_sqlite=db.is_sqlite)
    return writer.end()


def fingerprint(keeper: Keeper) -> str:
    """Tells whether two installations have the same secret, and nothing of what it is."""
    return keeper.sign("backup", "which secret")


async def _write(tx: ReadTx, writer: Writer, *, is_sqlite: bool) -> None:
    connection = await tx.connection()
    if not is_sqlite:
        # A big table takes longer than a reader may.
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    # Sorted so that a table comes after those it points to.
    for table in metadata.sorted_tables:
        if table.name not in LEFT_OUT:
            await _write_table(tx, writer, table)


async def _write_table(tx: ReadTx, writer: Writer, table: SQLTable) -> None:
    kinds = [kind_of(held) for held in table.columns]
    writer.table(Table(table.name, [(held.name, kind) for held, kind in zip(table.columns, kinds, strict=True)]))
    asked = select(*[read(held) for held in table.columns]).order_by(*table.primary_key.columns)
    connection = await tx.connection()
    async with connection.stream(asked, execution_options={"yield_per": _AT_ONCE}) as found:
        async for rows in found.partitions():
            writer.rows([[to_file(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in rows])
