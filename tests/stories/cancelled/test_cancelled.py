"""Whoever gives up in the middle of something holds nobody else up."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import text
from sqlmodel import select

from service import comments
from service.kit.db import Database, ReadTx, WriteTx
from service.sites.tables import SiteRow
from tests.world import World

# Some tenths of a second, and a cursor that has more to give.
_LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) SELECT i FROM n ORDER BY i"


async def test_who_is_cancelled_in_a_query_lets_the_next_write(world: World) -> None:
    """On SQLite the cancelled connection kept the writer's lock until Python collected its garbage."""
    asking = asyncio.Event()

    async def act(tx: WriteTx) -> None:
        site = (await tx.exec(select(SiteRow).where(SiteRow.id == world.site.id))).one()
        site.name = "Never committed"
        await tx.flush()
        asking.set()
        await (await tx.connection()).execute(text(_LONG))

    writing = asyncio.create_task(world.parts.db.transact(act))
    await asking.wait()
    await asyncio.sleep(0.02)
    writing.cancel()
    # The error is kept, and with it all that its frames hold.
    (error,) = await asyncio.gather(writing, return_exceptions=True)
    assert isinstance(error, asyncio.CancelledError)
    await asyncio.wait_for(world.guest("Ada").post(), 8)


@pytest.mark.timeout(60)
async def test_a_cancellation_is_never_lost(world: World) -> None:
    """Many wait for few connections; whatever the moment, who is cancelled ends so."""
    db, chance = world.parts.db, random.Random(11)

    async def forever(db: Database) -> None:
        while True:
            await db.transact(_nothing)
            await db.read(_nothing)

    for _ in range(60):
        tasks = [asyncio.create_task(forever(db)) for _ in range(8)]
        await asyncio.sleep(chance.uniform(0, 0.02))
        for task in tasks:
            task.cancel()
        done, left = await asyncio.wait(tasks, timeout=15)
        assert not left
        assert all(task.cancelled() for task in done)


@pytest.mark.timeout(60)
async def test_who_is_cancelled_leaves_no_transaction_behind(world: World) -> None:
    """Nobody comes to see the page as it was before, or cannot write, on the connection of one who gave up."""
    db, chance = world.parts.db, random.Random(5)
    for _ in range(25):
        made = (await world.guest("Ada").post())["comment"]
        asking = [asyncio.create_task(db.read(comments.get, int(made["id"]))) for _ in range(6)]
        asking += [asyncio.create_task(db.transact(comments.begin_move, int(made["thread"]))) for _ in range(3)]
        await asyncio.sleep(chance.uniform(0, 0.006))
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        late = int((await world.guest("Bob").post("Just now."))["comment"]["id"])
        found = await asyncio.gather(*(db.read(comments.get, late) for _ in range(12)))
        assert {each.id for each in found} == {late}
        assert await db.transact(comments.begin_move, int(made["thread"])) is not None


async def _nothing(tx: ReadTx) -> None:
    await (await tx.connection()).execute(text("SELECT 1"))
