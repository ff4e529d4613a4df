"""Putting a backup back: into an empty database, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Insert, insert, inspect, table, text

from service import privacy
from service.backup.columns import from_file, written
from service.backup.dump import fingerprint
from service.backup.file import Head, Table, checked, read
from service.kit import migrate
from service.kit.db import Database, WriteTx
from service.kit.errors import Conflict
from service.kit.seal import Keeper, is_same

Progress = Callable[[int, int], None]
_AT_ONCE = 1000


class NotEmpty(Conflict):
    """This database holds something already. A backup goes into an empty one; nothing was changed."""

    type = "database-not-empty"


class TooNew(Conflict):
    """This backup was made by a newer Parley. Restore it with that version, or a newer one."""

    type = "backup-too-new"


class OtherSecret(Conflict):
    """The secret here is not the one this backup was made with.

    With another one nobody can edit what they wrote before, and e-mail addresses cannot be read. Put the old secret in
    place (PARLEY_SECRET_KEY, or the file `secret` in the data folder), or say that it is lost.
    """

    type = "other-secret"


async def restore(
    db: Database,
    keeper: Keeper,
    path: Path,
    erased: Path,
    *,
    secret_is_lost: bool = False,
    progress: Progress | None = None,
) -> tuple[Head, dict[str, int]]:
    """Put everything in the file into an empty database and bring that up to this version; head and rows by table.

    Whoever is on the list `erased`, a file that may not be there, is erased again before this is over. `progress`
    hears rows done and in all. Raises Damaged (before anything is touched), NotEmpty, TooNew, OtherSecret, and what is
    wrong with the list: ListUnreadable, ListDamaged.
    """
    head, rows = checked(path)
    if not migrate.knows(head.revision):
        raise TooNew
    if not is_same(head.secret, fingerprint(keeper)) and not secret_is_lost:
        raise OtherSecret
    privacy.check_list(keeper, erased)
    await _prepare(db, head.revision)
    await db.transact(_fill, path, sum(rows.values()), progress or _silent, is_sqlite=db.is_sqlite)
    await migrate.upgrade(db.engine)
    # Without it the first readers would be answered by plans for empty tables.
    await db.transact(_analyze, list(rows))
    await privacy.erase_again(db, keeper, erased)
    return head, rows


async def _prepare(db: Database, revision: str) -> None:
    """Make the empty tables of the version the backup was made by."""
    async with db.engine.connect() as connection:
        if not await connection.run_sync(_is_empty):
            raise NotEmpty
    at, _ = await migrate.state(db.engine)
    if at not in {None, revision}:
        await migrate.downgrade(db.engine, "base")
    await migrate.upgrade(db.engine, revision)


def _is_empty(connection: Connection) -> bool:
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    quoted = connection.dialect.identifier_preparer.quote
    return not any(connection.execute(text(f"SELECT 1 FROM {quoted(name)} LIMIT 1")).first() for name in names)  # noqa: S608


async def _fill(tx: WriteTx, path: Path, total: int, progress: Progress, *, is_sqlite: bool) -> None:
    connection = await tx.connection()
    if not is_sqlite:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    done = 0
    for part, rows in _in_pieces(path):
        await connection.execute(_insert(part, connection.dialect.name), rows)
        done += len(rows)
        progress(done, total)


async def _analyze(tx: WriteTx, names: Sequence[str]) -> None:
    connection = await tx.connection()
    there = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    for name in sorted(set(names) & set(there)):
        await connection.execute(text(f"ANALYZE {connection.dialect.identifier_preparer.quote(name)}"))


def _in_pieces(path: Path) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Rows ready to be inserted, some of one table at a time, in the file's order."""
    now, rows = Table("", []), list[dict[str, Any]]()
    for part in read(path):
        if isinstance(part, list):
            pairs = zip(now.columns, part, strict=True)
            rows.append({name: from_file(kind, value) for (name, kind), value in pairs})
        if rows and (isinstance(part, Table) or len(rows) == _AT_ONCE):
            yield now, rows
            rows = []
        if isinstance(part, Table):
            now = part
    if rows:
        yield now, rows


def _insert(part: Table, dialect: str) -> Insert:
    pairs = [written(name, kind, dialect) for name, kind in part.columns]
    return insert(table(part.name, *[held for held, _ in pairs])).values({held.name: value for held, value in pairs})


def _silent(_done: int, _total: int) -> None:
    return None
