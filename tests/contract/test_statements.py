"""Statements past SQLAlchemy come to the same as those through it, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import pytest
from sqlalchemy import bindparam, delete, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import select as select_rows

from service.comments.tables import CommentRow
from service.kit import clock, ids
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Unavailable
from service.kit.statements import Question
from service.outbox.tables import OutboxRow
from tests.world import World

_OUTBOX = OutboxRow.metadata.tables[str(OutboxRow.__tablename__)]
_ADD = insert(_OUTBOX)
_BY_IDS = select(_OUTBOX).where(_OUTBOX.c.id.in_(bindparam("ids", expanding=True))).order_by(_OUTBOX.c.id)
_COUNT = select(func.count().label("count")).select_from(_OUTBOX).where(_OUTBOX.c.kind == bindparam("kind"))
_RENAME = update(_OUTBOX).where(_OUTBOX.c.id == bindparam("number")).values(kind=bindparam("kind_after"))
_DROP = delete(_OUTBOX).where(_OUTBOX.c.id == bindparam("number")).returning(_OUTBOX.c.kind)


def fact(kind: str = "Nothing") -> dict[str, Any]:
    """A row that nobody waits for."""
    now = clock.now()
    told = {"id": ids.new_id(), "kind": kind, "payload": {"quoted": 'it\'s "so"', "n": [1, None, 2.5]}}
    told["trace"] = None
    return told | {"state": "dead", "attempts": 3, "last_error": "", "due_at": now, "created_at": now}


async def _kinds(tx: ReadTx, *numbers: int) -> list[str]:
    found = {row.id: row.kind for row in await tx.run(_BY_IDS, {"ids": list(numbers)})}
    return [found[number] for number in numbers if number in found]


async def test_values_are_the_same_by_either_way(world: World) -> None:
    rows = sorted((fact() for _ in range(3)), key=lambda row: row["id"])
    comment = (await world.guest().post())["comment"]

    async def both(tx: WriteTx) -> None:
        for row in rows:
            await tx.run(_ADD, row)
        asked = {"ids": [row["id"] for row in rows]}
        past = [row._asdict() for row in await tx.run(_BY_IDS, asked)]
        through = [dict(row) for row in (await (await tx.connection()).execute(_BY_IDS, asked)).mappings()]
        assert past == through == rows
        assert (await tx.run(_BY_IDS, {"ids": []})).first() is None
        # Every kind of column there is: truth values, fractions, nothing at all.
        one = select(CommentRow.metadata.tables["comment"]).where(text(f"id = {int(comment['id'])}"))
        known = (await tx.exec(select_rows(CommentRow).where(CommentRow.id == int(comment["id"])))).one()
        assert (await tx.run(one, {})).one()._asdict() == known.model_dump()

    await world.parts.db.transact(both)


async def test_what_the_session_holds_is_written_first(world: World) -> None:
    row = fact()

    async def mixed(tx: WriteTx) -> list[str]:
        tx.add(OutboxRow(**row))
        return await _kinds(tx, row["id"])

    assert await world.parts.db.transact(mixed) == ["Nothing"]


async def test_what_is_asked_ahead_is_handed_out_once_and_to_its_own_question(world: World) -> None:
    one, other = fact("One"), fact("Other")

    async def ahead(tx: WriteTx) -> None:
        await tx.run(_ADD, one)
        await tx.ask_ahead(Question(_BY_IDS, {"ids": [one["id"]]}), Question(_COUNT, {"kind": "One"}))
        with Sent(tx) as sent:
            assert (await tx.run(_COUNT, {"kind": "One"})).scalar_one() == 1
            (known,) = await tx.run(_BY_IDS, {"ids": [one["id"]]})
            assert known._asdict() == one
        assert not sent.texts
        await tx.run(_ADD, other | {"kind": "One"})
        assert (await tx.run(_COUNT, {"kind": "One"})).scalar_one() == 2
        await tx.ask_ahead(Question(_COUNT, {"kind": "One"}))
        assert (await tx.run(_COUNT, {"kind": "Nobody"})).scalar_one() == 0

    await world.parts.db.transact(ahead)


async def test_writes_go_together_and_in_their_order(world: World) -> None:
    first, second, third = fact("First"), fact("Second"), fact("Third")

    async def together(tx: WriteTx) -> None:
        await tx.run(_ADD, first)
        with Sent(tx) as sent:
            async with tx.together():
                await tx.run(_ADD, second)
                await tx.run(_RENAME, {"number": first["id"], "kind_after": "Renamed"})
                await tx.run(_ADD, third)
        assert len(sent.texts) == (3 if world.parts.db.is_sqlite else 1)
        assert await _kinds(tx, first["id"], second["id"], third["id"]) == ["Renamed", "Second", "Third"]
        # Whoever reads or wants something back sees what was written before.
        async with tx.together():
            await tx.run(_RENAME, {"number": first["id"], "kind_after": "Again"})
            assert (await tx.run(_DROP, {"number": first["id"]})).scalar_one() == "Again"
            await tx.run(_RENAME, {"number": second["id"], "kind_after": "Last"})
        assert await _kinds(tx, first["id"], second["id"]) == ["Last"]

    await world.parts.db.transact(together)


async def test_all_that_goes_together_fails_together(world: World) -> None:
    row, bad = fact(), fact()

    async def twice(tx: WriteTx) -> None:
        async with tx.together():
            await tx.run(_ADD, row)
            await tx.run(_ADD, bad | {"id": row["id"]})

    with pytest.raises(IntegrityError):
        await world.parts.db.transact(twice)

    async def refused(tx: WriteTx) -> None:
        async with tx.together():
            await tx.run(_ADD, row)
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await world.parts.db.transact(refused)
    assert await world.parts.db.read(_kinds, row["id"], bad["id"]) == []


async def test_a_lost_connection_is_a_fault_that_passes(world: World) -> None:
    if world.parts.db.is_sqlite:
        return  # it has none

    async def cut(tx: WriteTx) -> None:
        await tx.run(select(func.pg_terminate_backend(func.pg_backend_pid()).label("cut")), {})

    with pytest.raises(Unavailable):
        await world.parts.db.transact(cut)
    assert await world.parts.db.read(_kinds, 1) == []


@pytest.mark.parametrize("moment", [2, 4])
async def test_whoever_is_cancelled_leaves_no_lock(world: World, moment: int) -> None:
    """In the moment a statement is sent, or the commit: the database goes on with it while nobody waits any more."""
    seen = 0
    engine = world.parts.db.engine.sync_engine

    async def act(tx: WriteTx) -> None:
        await tx.run(_ADD, fact())
        tx.add(OutboxRow(**fact()))

    acting = asyncio.create_task(world.parts.db.transact(act))

    def cancel(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            acting.cancel()

    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, cancel)
    try:
        await asyncio.gather(acting, return_exceptions=True)
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(engine, name, cancel)
    other = Database(world.parts.settings)
    try:
        async with asyncio.timeout(5):
            await other.transact(act)
    finally:
        await other.close()


class Sent:
    """What is sent to the database meanwhile."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self.texts: list[str] = []

    def __enter__(self) -> Self:
        self._engine = self._tx.get_bind().engine
        event.listen(self._engine, "before_cursor_execute", self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._hear)

    def _hear(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.texts.append(statement)
