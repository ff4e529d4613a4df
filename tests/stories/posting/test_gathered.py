"""Posts that come at the same time share a transaction; to each it is as if it had been alone."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from httpx import Response
from sqlalchemy import bindparam, insert, select, text, update

from service import comments, threads
from service.comments.counters import shown_changed
from service.kit import clock, flying, ids
from service.kit.db import Database, ReadTx, WriteTx, at_end_for_all
from service.kit.merging import adds
from service.kit.shared import Shared
from service.kit.statements import Question
from service.outbox.tables import OutboxRow
from service.threads.tables import ThreadRow
from tests.world import Guest, World

_OUTBOX = OutboxRow.metadata.tables[str(OutboxRow.__tablename__)]
_ADD = insert(_OUTBOX)
_KIND = select(_OUTBOX.c.kind).where(_OUTBOX.c.id == bindparam("id"))
_TRY = adds(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("number"))
    .values(attempts=_OUTBOX.c.attempts + bindparam("more"))
    .returning(_OUTBOX.c.id, _OUTBOX.c.attempts),
    key="number",
    sums=("more",),
    returned="id",
)


class Kept(NamedTuple):
    """What is stored of a comment."""

    id: int
    parent_id: int | None
    html: str
    reply_count: int


def shared() -> float:
    """How many acts have shared a transaction until now."""
    return float(flying.FLOWN.labels("together")._value.get())


def fact(number: int, kind: str = "Nothing") -> dict[str, Any]:
    """A row that nobody waits for."""
    now = clock.now()
    told = {"id": number, "kind": kind, "payload": {"quoted": 'it\'s "so"', "n": [1, None, 2.5]}}
    return told | {"state": "dead", "attempts": 3, "last_error": "", "due_at": now, "created_at": now}


async def kept(world: World, thread: str) -> tuple[threads.Thread, list[Kept]]:
    """What is stored of a thread, and its comments; every number that is kept is the number one counts."""

    async def look(tx: ReadTx) -> tuple[threads.Thread, list[Kept]]:
        found = "SELECT id, parent_id, html, reply_count FROM comment WHERE thread_id = :thread AND state = 'published'"
        rows = [Kept(*row) for row in await tx.run(text(found), {"thread": int(thread)})]
        return await threads.get(tx, int(thread)), rows

    found, rows = await world.parts.db.read(look)
    assert found.comment_count == len(rows)
    replies = Counter(row.parent_id for row in rows)
    assert all(row.reply_count == replies[row.id] for row in rows)
    return found, rows


async def test_each_has_an_answer_of_its_own(world: World) -> None:
    """Strangers and guests, roots and replies, on two pages, and those whom something is refused: all at once."""
    known, opener = world.guest("Known"), world.guest("Opener")
    first = (await known.post())["comment"]
    other = (await opener.post(page="other"))["comment"]
    closed = (await opener.post(page="closed"))["comment"]
    await world.parts.db.transact(threads.set_state, int(closed["thread"]), "closed")
    version = (await kept(world, first["thread"]))[0].version
    before, key = shared(), "the-same-key"

    def strangers(count: int, **fields: Any) -> list[Any]:
        return [world.guest(f"Reader {n}").try_post(f"Text {n}.", **fields) for n in range(count)]

    taken = [*strangers(5), *strangers(4, parent=first["id"]), *strangers(3, page="other"), known.try_post("Mine.")]
    refused = {
        "thread-closed": world.guest().try_post(page="closed"),
        "parent-unknown": world.guest().try_post(parent=other["id"]),
        "body-empty": world.guest().try_post("  "),
        "foreign-host": world.guest().try_post(url="https://elsewhere.test/article"),
    }
    answers: list[Response] = await asyncio.gather(*taken, *refused.values())
    ours, theirs = answers[:13], answers[13:]
    assert {answer.status_code for answer in ours} == {201}, [answer.text for answer in ours]
    assert [answer.json()["type"].partition("#")[2] for answer in theirs] == list(refused)
    assert shared() - before >= 6
    # A retry that overtakes: the flight of both fails, and each has the answer it would have had alone.
    twice = [world.guest("Twice").try_post("Once.", key=key) for _ in range(2)]
    same: list[Response] = await asyncio.gather(*twice, world.guest().try_post("Beside."))
    assert len({answer.json()["comment"]["id"] for answer in same}) == 2

    thread, rows = await kept(world, first["thread"])
    assert thread.version - version == len(rows) - 1 == 5 + 4 + 1 + 2
    assert sum(row.parent_id == int(first["id"]) for row in rows) == 4
    assert (await kept(world, other["thread"]))[0].comment_count == 4
    wanted = Counter(answer.json()["comment"]["html"] for answer in (*ours[:9], ours[12], *same[1:]))
    assert Counter(row.html for row in rows) - Counter([first["html"]]) == wanted


async def test_one_that_cannot_be_written_takes_nobody_along(world: World) -> None:
    """What the database itself refuses, it refuses to that one alone; what needs more than is shared is done alone."""
    db, taken = world.parts.db, ids.new_id()
    numbers = [ids.new_id() for _ in range(8)]
    await db.transact(_note, taken)
    before = shared()
    acts = [
        *(db.gathered(_note, number, "Taken along") for number in numbers[:3]),
        db.gathered(_note, taken, "Twice"),
        db.gathered(_refused, numbers[3]),
        db.gathered(_by_session, numbers[4]),
        *(db.gathered(_note, number, "Taken along") for number in numbers[5:]),
    ]
    found = await asyncio.gather(*acts, return_exceptions=True)
    kinds = await db.read(_kinds, [taken, *numbers])
    assert [type(each).__name__ for each in found if each is not None] == ["IntegrityError", "ValueError"]
    assert kinds == ["Nothing", *["Taken along"] * 3, None, "By session", *["Taken along"] * 3]
    # Nobody writes twice when the shared write has failed; and without the one it is shared again.
    assert shared() == before
    rows = [ids.new_id() for _ in range(6)]
    await asyncio.gather(*(db.gathered(_note, number) for number in rows))
    assert shared() - before >= 4


async def test_what_is_added_is_told_to_each_and_goes_when_one_refuses(world: World) -> None:
    db, row = world.parts.db, ids.new_id()
    await db.transact(_note, row)
    told = await asyncio.gather(*(db.gathered(_try, row, ids.new_id()) for _ in range(9)))
    assert max(told) == 3 + 9
    found = await asyncio.gather(
        *(db.gathered(_try, row, ids.new_id(), refuses=n == 4) for n in range(9)), return_exceptions=True
    )
    assert [type(each) for each in found].count(ValueError) == 1
    assert await db.transact(_try, row, ids.new_id()) == 3 + 9 + 8 + 1


async def test_what_is_done_at_the_end_for_all_is_done_once_or_takes_all_writes_back(world: World) -> None:
    db, row, numbers = world.parts.db, ids.new_id(), [ids.new_id() for _ in range(9)]
    await db.transact(_note, row)
    _ended.clear()
    await asyncio.gather(*(db.gathered(_note_and_end, number, row) for number in numbers))
    assert len(_ended) < len(numbers)
    assert await db.transact(_try, row, ids.new_id()) == 3 + len(_ended) + 1
    # What fails for all fails for none of those who can do it alone.
    before, alone = shared(), [ids.new_id() for _ in range(6)]
    await asyncio.gather(*(db.gathered(_note_and_end_alone, number) for number in alone))
    assert await db.read(_kinds, alone) == ["Nothing"] * 6
    assert shared() == before


async def test_who_goes_away_in_the_middle_leaves_all_numbers_true(world: World) -> None:
    """Whoever has an answer is there; who has none is there once or not at all, and holds nobody up."""
    chance = random.Random(7)
    first = (await world.guest().post())["comment"]
    answered: list[str] = []

    async def post(guest: Guest, body: str) -> None:
        answer = await guest.post(body, parent=chance.choice([None, first["id"]]), expect=None)
        answered.append(answer["comment"]["id"])

    sent = 0
    for _ in range(6):
        tasks = [asyncio.create_task(post(world.guest(), f"Text {sent + n}.")) for n in range(12)]
        sent += len(tasks)
        await asyncio.sleep(chance.uniform(0, 0.05))
        for task in chance.sample(tasks, 5):
            task.cancel()
        done, left = await asyncio.wait(tasks, timeout=10)
        assert not left
        assert all(task.cancelled() or task.exception() is None for task in done)
    _, rows = await kept(world, first["thread"])
    assert {int(each) for each in answered} <= {row.id for row in rows}
    assert max(Counter(row.html for row in rows).values()) == 1


@pytest.mark.parametrize("step", ["ask", "count", "commit"])
async def test_who_goes_away_while_it_is_carried_out_takes_nobody_along(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What was sent goes on without them: the others have their answers, each once."""
    db, row, numbers = world.parts.db, ids.new_id(), [ids.new_id() for _ in range(6)]
    await db.gathered(_note, row)
    is_sent, may_go, really = asyncio.Event(), asyncio.Event(), getattr(Shared, step)

    async def slowly(*args: Any) -> Any:
        is_sent.set()
        await may_go.wait()
        return await really(*args)

    monkeypatch.setattr(Shared, step, slowly)
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(db.gathered(_try, row, number) if step == "count" else db.gathered(_note, number, "Kept"))
        for number in numbers
    ]
    await is_sent.wait()
    tasks[2].cancel()
    await asyncio.sleep(0)
    may_go.set()
    done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert [type(each) for each in done if isinstance(each, BaseException)] == [asyncio.CancelledError]
    kinds = await db.read(_kinds, [number for at, number in enumerate(numbers) if at != 2])
    assert kinds == ["Nothing" if step == "count" else "Kept"] * 5


async def test_two_processes_on_the_same_threads_wait_in_no_circle(world: World) -> None:
    """Flights of both add to the same threads and parents, in whatever order they were asked."""
    if world.parts.db.is_sqlite:
        return  # one process
    made = [(await world.guest().post(page=f"page-{n}"))["comment"] for n in range(4)]
    one, other = world.parts.db, Database(world.parts.settings)

    async def add(db: Database, comment: dict[str, Any]) -> None:
        await db.gathered(_reply, comment)

    try:
        chance, order = random.Random(3), made * 12
        chance.shuffle(order)
        await asyncio.gather(*(add(db, comment) for comment in order for db in (one, other)))
    finally:
        await other.close()
    assert await one.read(_replies, [int(comment["id"]) for comment in made]) == [24] * 4


async def test_who_holds_a_thread_for_long_keeps_up_only_those_who_want_it(world: World) -> None:
    if world.parts.db.is_sqlite:
        return  # one writer
    held = (await world.guest().post(page="held"))["comment"]
    await world.guest().post(page="free")
    is_held, may_go = asyncio.Event(), asyncio.Event()

    async def hold(tx: WriteTx) -> None:
        await tx.get(ThreadRow, int(held["thread"]), with_for_update=True)
        is_held.set()
        await may_go.wait()

    holding = asyncio.create_task(world.parts.db.transact(hold))
    await is_held.wait()
    waiting = [asyncio.create_task(world.guest().post(page="held")) for _ in range(2)]
    await asyncio.wait_for(asyncio.gather(*(world.guest().post(page="free") for _ in range(12))), 4)
    assert not any(task.done() for task in waiting)
    may_go.set()
    await asyncio.gather(holding, *waiting)


async def _note(tx: WriteTx, number: int, kind: str = "Nothing") -> None:
    await tx.ask_ahead(Question(_KIND, {"id": number}))
    await tx.run(_KIND, {"id": number})
    async with tx.together(last=True):
        await tx.run(_ADD, fact(number, kind))


async def _refused(tx: WriteTx, number: int) -> None:
    async with tx.together(last=True):
        await tx.run(_ADD, fact(number))
        raise ValueError


async def _by_session(tx: WriteTx, number: int) -> None:
    await tx.ask_ahead(Question(_KIND, {"id": number}))
    tx.add(OutboxRow(**fact(number, "By session")))


async def _try(tx: WriteTx, row: int, number: int, *, refuses: bool = False) -> int:
    async with tx.together(last=True):
        await tx.run(_ADD, fact(number))
        attempts: int = (await tx.run(_TRY, {"number": row, "more": 1})).one().attempts
        if refuses:
            raise ValueError
    return attempts


_ended: list[int] = []


async def _end(tx: WriteTx, rows: Sequence[int]) -> None:
    for row in rows:
        await tx.run(_TRY, {"number": row, "more": 1})
        _ended.append(row)


async def _end_alone(tx: WriteTx, numbers: Sequence[int]) -> None:
    if len(numbers) > 1:
        await tx.run(_ADD, fact(numbers[0]))  # it is there by now


async def _note_and_end(tx: WriteTx, number: int, row: int) -> None:
    async with tx.together(last=True):
        await tx.run(_ADD, fact(number))
    at_end_for_all(tx, _end, row)


async def _note_and_end_alone(tx: WriteTx, number: int) -> None:
    async with tx.together(last=True):
        await tx.run(_ADD, fact(number))
    at_end_for_all(tx, _end_alone, number)


async def _reply(tx: WriteTx, comment: dict[str, Any]) -> None:
    await comments.get(tx, int(comment["id"]))
    async with tx.together(last=True):
        await shown_changed(tx, int(comment["id"]), +1)
        await threads.bump(tx, int(comment["thread"]), published=1)


async def _replies(tx: ReadTx, numbers: list[int]) -> list[int]:
    found = await comments.get_many(tx, numbers)
    return [found[number].reply_count for number in numbers]


async def _kinds(tx: ReadTx, numbers: list[int]) -> list[str | None]:
    return [(await tx.run(_KIND, {"id": number})).scalar_one_or_none() for number in numbers]
