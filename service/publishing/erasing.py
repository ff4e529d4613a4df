"""Erasing a site: every row that belongs to it, wherever, found by the tables' own keys; its keys in Redis; its staff.

Worked off in small transactions, so that others go on; a worker that dies leaves what another one goes on with. Of the
site's record the words go, and the chain of numbers and codes stays: it holds nobody's words, and that a site was
erased is itself on the platform's record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_, update
from sqlmodel import SQLModel

from service import outbox, readers, record, sites, threads
from service.kit.db import Database, WriteTx
from service.kit.redis import Away, Redis
from service.publishing import sweeping

log = structlog.get_logger()

PIECE = 500
# What is said of an erased site afterwards, and what each of these needs besides its keys is done below.
KEPT = frozenset({"site_erasure", "record_entry", "record_head", "record_detail"})


async def erase_due(db: Database, redis: Redis | None) -> int:
    """Erase the sites whose time has come; how many that were."""
    count = 0
    while (site_id := await db.transact(sites.next_to_erase)) is not None:
        await _erase(db, redis, site_id)
        await db.transact(sites.erased, site_id)
        log.info("site.erased", site=site_id)
        count += 1
    return count


def belonging() -> list[Table]:
    """Tables of which rows belong to a site, what points to others first; at the end the staff's roles, then sites."""
    found: list[Table] = []
    seen: set[str] = set()

    def visit(table: Table) -> None:
        seen.add(table.name)
        for column in sweeping.pointing_to(table.name):
            above = column.table
            if isinstance(above, Table) and above.name not in seen and above.name not in KEPT:
                visit(above)
        found.append(table)

    visit(SQLModel.metadata.tables["site"])
    last = ("role", "site")
    return [table for table in found if table.name not in last] + [SQLModel.metadata.tables[name] for name in last]


def scope(table: Table, site_id: int) -> ColumnElement[bool]:
    """Which rows of a table belong to a site."""
    if table.name == "site":
        return table.c.id == site_id
    owner = sweeping.owner_of(table)
    if owner is None:
        raise LookupError(f"nobody knows which site a row of {table.name} belongs to")
    column, target = owner
    if target == "site":
        return column == site_id
    above = SQLModel.metadata.tables[target]
    return column.in_(select(above.c.id).where(scope(above, site_id)))


async def _erase(db: Database, redis: Redis | None, site_id: int) -> None:
    await _in_pieces(db, _forget_facts, site_id)
    for table in belonging():
        for column in _own_pointers(table):
            await _in_pieces(db, _let_go, site_id, table, column)
        if table.name == "person":
            await _in_pieces(db, _forget_readers, site_id)
        if table.name == "thread" and redis is not None:
            await _forget_streams(db, redis, site_id)
        act = _delete_role if table.name == "role" else _delete_some
        await _in_pieces(db, act, site_id, table)
    await _in_pieces(db, record.forget_chain, site_id)
    if redis is not None:
        with contextlib.suppress(Away):
            await redis.forget(f"parley:{{{site_id}}}:*")


async def _in_pieces(db: Database, act: Any, site_id: int, *rest: Any) -> None:
    while count := await db.transact(act, site_id, *rest):
        await db.transact(sites.count_erased, site_id, count)


async def _delete_some(tx: WriteTx, site_id: int, table: Table) -> int:
    keys = list(table.primary_key.columns)
    connection = await tx.connection()
    some = (await connection.execute(select(*keys).where(scope(table, site_id)).limit(PIECE))).all()
    if some:
        await connection.execute(delete(table).where(_among(keys, some)))
    return len(some)


async def _let_go(tx: WriteTx, site_id: int, table: Table, column: Column[Any]) -> int:
    """Rows that point to others of their own table point to nothing any more."""
    keys = list(table.primary_key.columns)
    connection = await tx.connection()
    pointing = scope(table, site_id) & column.is_not(None)
    some = (await connection.execute(select(*keys).where(pointing).limit(PIECE))).all()
    if some:
        await connection.execute(update(table).where(_among(keys, some)).values({column.name: None}))
    return len(some)


async def _delete_role(tx: WriteTx, site_id: int, table: Table) -> int:
    """Take a role, and with it the account of somebody who has no other and is named by nothing any more."""
    connection = await tx.connection()
    mine = select(table.c.account_id).where(table.c.site_id == site_id).order_by(table.c.account_id).limit(1)
    account_id = (await connection.execute(mine)).scalar()
    if account_id is None:
        return 0
    await connection.execute(delete(table).where(table.c.site_id == site_id, table.c.account_id == account_id))
    account = SQLModel.metadata.tables["account"]
    is_admin = (await connection.execute(select(account.c.is_admin).where(account.c.id == account_id))).scalar()
    if not is_admin and not await _is_named(tx, account_id):
        await sweeping.delete_all(tx, "account", [account_id])
    return 1


async def _is_named(tx: WriteTx, account_id: int) -> bool:
    connection = await tx.connection()
    for column in sweeping.pointing_to("account"):
        if column.table.name in {"session", "sign_in_link"}:
            continue
        if (await connection.execute(select(column).where(column == account_id).limit(1))).first() is not None:
            return True
    return False


async def _forget_facts(tx: WriteTx, site_id: int) -> int:
    """What still waits to follow from what happened there follows no more."""
    return await outbox.forget_site(tx, site_id)


async def _forget_readers(tx: WriteTx, site_id: int) -> int:
    """Of readers with an account nobody here is left; an account that has nobody at any other site goes, too."""
    return await readers.forget_of_site(tx, site_id, PIECE)


async def _forget_streams(db: Database, redis: Redis, site_id: int) -> None:
    """What listeners of each discussion would still be told; without Redis it ends by itself."""
    before: int | None = None
    while True:
        page = await db.read(threads.look_through, site_id, threads.Wanted(), before=before, limit=PIECE)
        with contextlib.suppress(Away):
            for thread in page.threads:
                await redis.call("DEL", f"parley:{{{thread.id}}}:live")
        if (before := page.following) is None:
            return


def _own_pointers(table: Table) -> Iterator[Column[Any]]:
    yield from (c for c in table.columns if any(key.column.table is table for key in c.foreign_keys))


def _among(keys: list[Column[Any]], some: Any) -> ColumnElement[bool]:
    if len(keys) == 1:
        return keys[0].in_([key[0] for key in some])
    return tuple_(*keys).in_([tuple(key) for key in some])
