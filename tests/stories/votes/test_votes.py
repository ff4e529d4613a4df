"""Votes wait for nobody, and are counted to the last one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from service import comments, identity, votes, worker
from service.kit import flying
from service.kit.db import ReadTx, WriteTx
from service.votes import ranking
from tests.servers.waiting import eventually
from tests.world import Guest, World

Score = tuple[int, int]
_numbers = itertools.count(1)


@contextlib.asynccontextmanager
async def somebody_folds(world: World, comment: str) -> AsyncIterator[None]:
    """All the while, another process is folding votes of that thread. SQLite has one writer, who is never refused."""
    if world.parts.db.is_sqlite:
        yield
        return
    thread = (await world.parts.db.read(comments.get, int(comment))).thread_id
    begun, over = asyncio.Event(), asyncio.Event()

    async def act(tx: WriteTx) -> None:
        assert await comments.begin_move(tx, thread) is not None
        begun.set()
        await over.wait()

    # The first move ever makes the row that is locked.
    await world.parts.db.transact(comments.begin_move, thread)
    folding = asyncio.create_task(world.parts.db.transact(act))
    await begun.wait()
    try:
        yield
    finally:
        over.set()
        await folding


async def stored(world: World, comment: str) -> Score:
    """What the comment's row says."""
    found = await world.parts.db.read(comments.get, int(comment), comments.STAFF)
    assert (found.best, found.hot, found.controversy) == pytest.approx(ranking(found.up, found.down, found.created_at))
    return found.up, found.down


async def recounted(world: World, comment: str) -> Score:
    """What the votes' rows say, none of which still waits or says nothing."""

    async def read(tx: ReadTx) -> list[tuple[int, int | None]]:
        query = text("SELECT value, counted FROM vote WHERE comment_id = :comment")
        return [tuple(row) for row in await (await tx.connection()).execute(query, {"comment": int(comment)})]

    rows = await world.parts.db.read(read)
    assert all(value and counted is None for value, counted in rows), rows
    return score(value for value, _ in rows)


def score(values: Iterable[int]) -> Score:
    """Up and down."""
    found = list(values)
    return found.count(1), found.count(-1)


async def crowd(world: World, size: int) -> tuple[str, list[Guest]]:
    """A comment, and as many readers."""
    comment = (await world.guest("Ada").post(page=f"article-{next(_numbers)}"))["comment"]["id"]
    return comment, [world.guest(f"Voter {number}") for number in range(size)]


async def test_a_vote_waits_for_no_other(world: World) -> None:
    comment, readers = await crowd(world, 8)
    async with somebody_folds(world, comment):
        answers = [await asyncio.wait_for(reader.vote(comment, 1), 5) for reader in readers]
        assert {answer.status_code for answer in answers} == {200}
        # Each sees the own vote counted, whoever's else is.
        assert all(answer.json()["up"] >= 1 for answer in answers)
        viewer = (await world.client.get(f"/api/v1/threads/{await _thread(world, comment)}/viewer",
                                         headers=readers[0].headers)).json()  # fmt: skip
        assert viewer["votes"] == {comment: 1}
    await votes.fold_waiting(world.parts.db)
    assert await stored(world, comment) == await recounted(world, comment) == (8, 0)


async def test_one_vote_alone_is_counted_and_ranked_at_once(world: World) -> None:
    comment, (reader,) = await crowd(world, 1)
    for value, up, down in ((1, 1, 0), (1, 1, 0), (-1, 0, 1), (0, 0, 0), (0, 0, 0), (1, 1, 0)):
        answer = (await reader.vote(comment, value)).json()
        assert (answer["up"], answer["down"]) == (up, down) == await stored(world, comment)
        assert await recounted(world, comment) == (up, down)


async def test_a_vote_reckoned_from_counts_that_have_changed_is_cast_again(world: World) -> None:
    # SQLite's one writer holds the database from the first question on, so nobody comes in between.
    comes_between = not world.parts.db.is_sqlite
    comment, (first, other) = await crowd(world, 2)
    await first.vote(comment, 1)
    about = await world.parts.db.read(comments.get, int(comment))
    voter, tries = identity.stranger(world.site.id, ""), 0

    async def act(tx: WriteTx) -> tuple[int, int]:
        nonlocal tries
        tries += 1
        await tx.ask_ahead(*votes.asking(tx, voter.id, about))
        if tries == 1 and comes_between:
            await other.vote(comment, -1)
        async with tx.together(last=True):
            await identity.add_guest(tx, world.parts.keeper, voter, None)
            return await votes.cast(tx, voter, about, 1)

    if not comes_between:
        await other.vote(comment, -1)
    await world.parts.db.transact(act)
    assert tries == (2 if comes_between else 1)
    assert await stored(world, comment) == await recounted(world, comment) == (2, 1)


async def test_clicking_wildly_counts_once(world: World) -> None:
    comment, (reader,) = await crowd(world, 1)
    await reader.vote(comment, -1)
    answers = await asyncio.gather(*(reader.vote(comment, 1) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert {(answer.json()["up"], answer.json()["down"]) for answer in answers} == {(1, 0)}
    await votes.fold_waiting(world.parts.db)
    assert await stored(world, comment) == await recounted(world, comment) == (1, 0)


async def test_votes_that_come_together_share_a_transaction(world: World) -> None:
    """Strangers and guests, on comments of several threads, and those whom it is refused: each as if alone."""
    author = world.guest("Ada")
    hot = [(await author.post(page=f"article-{next(_numbers)}"))["comment"]["id"] for _ in range(3)]
    known, wild = [world.guest(f"Voter {number}") for number in range(4)], world.guest("Wild")
    assert {(await reader.vote(hot[0], -1)).status_code for reader in [*known, wild]} == {200}
    before = float(flying.FLOWN.labels("together")._value.get())

    answers = await asyncio.gather(
        *(world.guest().vote(comment, 1) for comment in hot for _ in range(4)),
        *(reader.vote(hot[0], 1) for reader in known),
        *(wild.vote(hot[1], value) for value in (1, 1, -1, -1)),
        wild.vote(hot[0], 0),
        author.vote(hot[0], 1),
        world.guest().vote("1", 1),
    )
    assert [answer.status_code for answer in answers] == [*[200] * 21, 403, 404]
    assert all(answer.json()["up"] >= 1 for answer in answers[:16])
    assert float(flying.FLOWN.labels("together")._value.get()) - before >= 10
    await votes.fold_waiting(world.parts.db)
    for comment, wanted in zip(hot, [{(8, 0)}, {(5, 0), (4, 1)}, {(4, 0)}], strict=True):
        assert await stored(world, comment) == await recounted(world, comment)
        assert await stored(world, comment) in wanted


@pytest.mark.timeout(300)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rounds=st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from([-1, 0, 1])), max_size=8), min_size=1, max_size=4
    )
)
async def test_votes_that_wait_can_be_changed_and_taken_back(world: World, rounds: list[list[tuple[int, int]]]) -> None:
    comment, readers = await crowd(world, 3)
    counted: dict[int, int] = {}
    for moment in rounds:
        now = dict(counted)
        async with somebody_folds(world, comment):
            for reader, value in moment:
                answer = (await readers[reader].vote(comment, value)).json()
                now[reader] = value
                seen = now if world.parts.db.is_sqlite else {**counted, reader: value}
                assert (answer["up"], answer["down"]) == score(seen.values())
        await votes.fold_waiting(world.parts.db)
        counted = now
        assert await stored(world, comment) == await recounted(world, comment) == score(now.values())


async def test_what_is_taken_back_while_it_waits_is_shown_as_no_vote(world: World) -> None:
    comment, (reader,) = await crowd(world, 1)
    await reader.vote(comment, 1)
    async with somebody_folds(world, comment):
        await reader.vote(comment, 0)
        path = f"/api/v1/threads/{await _thread(world, comment)}/viewer"
        assert (await reader.client.get(path, headers=reader.headers)).json()["votes"] == {}
    await votes.fold_waiting(world.parts.db)
    assert await stored(world, comment) == await recounted(world, comment) == (0, 0)


async def test_the_worker_counts_what_was_left(world: World) -> None:
    comment, readers = await crowd(world, 3)
    async with somebody_folds(world, comment):
        for reader in readers:
            await reader.vote(comment, 1)
    working = asyncio.create_task(worker.run(world.parts))
    try:
        counts: list[Score] = []

        async def look() -> None:
            while (3, 0) not in counts:
                counts.append(await stored(world, comment))

        looking = asyncio.create_task(look())
        await eventually(looking.done, "the worker to count three votes")
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert await recounted(world, comment) == (3, 0)


async def test_votes_for_what_was_taken_down_meanwhile_are_counted_too(world: World) -> None:
    comment, readers = await crowd(world, 4)
    staff = await world.staff()
    async with somebody_folds(world, comment):
        for reader in readers:
            await reader.vote(comment, 1)
        await staff.post(
            "/api/v1/moderation/decisions",
            json={"items": [{"comment": comment, "version": 1}], "action": "remove"},
        )
    assert (await readers[0].vote(comment, -1)).status_code == 404
    await votes.fold_waiting(world.parts.db)
    assert await stored(world, comment) == await recounted(world, comment) == (4, 0)


@pytest.mark.timeout(180)
async def test_a_storm_of_votes_leaves_every_counter_true(world: World) -> None:
    """Votes, answers, decisions and sweeps on three comments at once: nothing drifts, nobody waits in a circle."""
    first, readers = await crowd(world, 16)
    page = f"article-{next(_numbers)}"
    hot = [first, *[(await world.guest("Ada").post(page=page))["comment"]["id"] for _ in range(2)]]
    staff, chance, over = await world.staff(), random.Random(7), asyncio.Event()
    statuses: set[int] = set()

    async def vote(reader: Guest) -> None:
        for _ in range(25):
            comment = chance.choice(hot)
            statuses.add((await reader.vote(comment, chance.choice([-1, 0, 1, 1]))).status_code)
            if chance.random() < 0.2:
                statuses.add((await reader.try_post("So it is.", parent=comment)).status_code)

    async def decide() -> None:
        for action in itertools.cycle(("remove", "restore")):
            seen = await world.parts.db.read(comments.get, int(hot[2]), comments.STAFF)
            items = [{"comment": hot[2], "version": seen.version}]
            await staff.post("/api/v1/moderation/decisions", json={"items": items, "action": action})
            if over.is_set():
                return

    async def sweep() -> None:
        while not over.is_set():
            await votes.fold_waiting(world.parts.db)
            await asyncio.sleep(0)

    others = [asyncio.create_task(decide()), asyncio.create_task(sweep())]
    await asyncio.gather(*(vote(reader) for reader in readers))
    over.set()
    await asyncio.gather(*others)
    await votes.fold_waiting(world.parts.db)

    assert statuses <= {200, 201, 403, 404, 409, 422}
    for comment in hot:
        assert await stored(world, comment) == await recounted(world, comment)
    assert await stored(world, first) != (0, 0)


async def _thread(world: World, comment: str) -> str:
    return str((await world.parts.db.read(comments.get, int(comment))).thread_id)
