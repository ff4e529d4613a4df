"""Whatever happens while somebody reads on, they meet every comment that is there throughout once, and none twice."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from service import comments, votes
from service.kit import clock
from service.kit.db import ReadTx
from service.kit.paging import Cursor
from tests.stories.reading.walk import Walk
from tests.world import Guest, World

SORTS = ["best", "hot", "newest", "oldest", "controversial"]
READING = {"reading": {"replies": 1, "depth_shown": 2, "most": 50}}
VOTERS, ACTS = 4, 30
_pages = itertools.count(1)

# What happens between two requests: an act, on one of the comments (by a number that is taken round), by a voter.
Act = tuple[Literal["vote", "unvote", "post", "reply", "delete", "remove", "restore"], int, int]
acts = st.tuples(
    st.sampled_from(["vote"] * 6 + ["unvote", "post", "reply", "reply", "delete", "remove", "restore"]),
    st.integers(0, 40),
    st.integers(0, 2 * VOTERS - 1),
)


@dataclass
class Said:
    """A comment of the model."""

    id: str
    author: Guest
    parent: str | None
    state: Literal["published", "removed", "deleted"] = "published"
    version: int = 1


@dataclass
class Discussion:
    """A thread, and what is known of it."""

    world: World
    page: str
    author: Guest
    voters: list[Guest]
    staff: AsyncClient
    said: list[Said] = field(default_factory=list)

    def shown(self) -> set[str]:
        """Readers see what is published, and the tombstones of what still has replies they see."""
        found: set[str] = set()
        for one in reversed(self.said):
            if one.state == "published" or any(other.parent == one.id and other.id in found for other in self.said):
                found.add(one.id)
        return found

    async def post(self, parent: Said | None = None) -> None:
        made = (await self.author.post(page=self.page, parent=parent.id if parent else None))["comment"]
        self.said.append(Said(made["id"], self.author, made["parent"]))

    async def happen(self, act: Act) -> None:
        what, which, how = act
        one = self.said[which % len(self.said)]
        if what == "post":
            await self.post()
        elif what == "reply" and one.state == "published":
            await self.post(one)
        elif what in {"vote", "unvote"} and one.state == "published":
            value = 0 if what == "unvote" else 1 - 2 * (how % 2)
            assert (await self.voters[how // 2].vote(one.id, value)).status_code == 200
        elif what == "delete" and one.state == "published":
            assert (await one.author.delete(one.id)).status_code == 204
            one.state, one.version = "deleted", one.version + 1
        elif (what, one.state) in {("remove", "published"), ("restore", "removed")}:
            await self._decide(one, what)

    async def _decide(self, one: Said, action: str) -> None:
        items = [{"comment": one.id, "version": one.version}]
        answer = await self.staff.post("/api/v1/moderation/decisions", json={"items": items, "action": action})
        assert answer.json()["items"][0]["problem"] is None, answer.text
        one.state, one.version = "removed" if action == "remove" else "published", one.version + 1


@pytest.fixture
async def begin(world: World) -> Callable[[], Discussion]:
    """New discussions with the same people."""
    here = await world.another(READING)
    author, voters = here.guest("Ada"), [here.guest(f"Voter {number}") for number in range(VOTERS)]
    ballot = (await author.post(page="ballot"))["comment"]["id"]
    for voter in voters:
        await voter.vote(ballot, 1)
    staff = await here.staff()
    return lambda: Discussion(here, f"article-{next(_pages)}", author, voters, staff)


@pytest.mark.timeout(400)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    sort=st.sampled_from(SORTS),
    tree=st.lists(st.integers(-6, 8), min_size=5, max_size=14),
    before=st.lists(acts, max_size=8),
    meanwhile=st.lists(st.lists(acts, max_size=5), min_size=2, max_size=12),
)
async def test_a_walk_meets_what_is_there_throughout_once(
    begin: Callable[[], Discussion], sort: str, tree: list[int], before: list[Act], meanwhile: list[list[Act]]
) -> None:
    talk = begin()
    for above in tree:
        await talk.post(talk.said[above % len(talk.said)] if above >= 0 and talk.said else None)
    for act in before:
        await talk.happen(act)
    throughout, ever = talk.shown(), talk.shown()
    coming = iter(meanwhile)

    async def between() -> None:
        nonlocal throughout, ever
        for act in next(coming, ()):
            await talk.happen(act)
            throughout, ever = throughout & talk.shown(), ever | talk.shown()

    if not talk.shown():
        return
    seen = await Walk(talk.world, talk.page, between, sort=sort, limit=2).to_the_end()

    assert [number for number, times in Counter(seen).items() if times > 1] == []
    assert throughout - set(seen) == set()
    assert set(seen) - ever == set()


@pytest.mark.parametrize("sort", SORTS)
async def test_a_walk_through_a_storm_meets_every_comment_once(world: World, sort: str) -> None:
    here = await world.another(READING)
    author, chance = here.guest("Ada"), random.Random(sort)
    made: list[str] = []
    for number in range(24):
        parent = chance.choice(made[:4]) if number > 10 else None
        made.append((await author.post(parent=parent))["comment"]["id"])
    there, over = list(made), asyncio.Event()

    async def reader(number: int) -> None:
        """Votes and posts."""
        guest = here.guest(f"Reader {number}")
        for _ in range(ACTS):
            if over.is_set():
                return
            if chance.random() < 0.15:
                made.append((await guest.post(parent=chance.choice([None, *there])))["comment"]["id"])
            else:
                # The first ones rise and the last ones sink, mostly: across the reader's place in the list.
                place = chance.randrange(len(there))
                value = 1 if chance.random() < place / len(there) else -1
                assert (await guest.vote(there[place], value)).status_code == 200

    crowd = [asyncio.create_task(reader(number)) for number in range(16)]
    walk = Walk(here, "article", sort=sort, limit=1)
    try:
        seen = await walk.to_the_end()
    finally:
        over.set()
        await asyncio.gather(*crowd)

    rows = await here.parts.db.read(_published, here.site.id)
    assert set(map(int, made)) == set(rows)
    assert walk.requests > 15
    assert [number for number, times in Counter(seen).items() if times > 1] == []
    assert set(there) - set(seen) == set()
    assert set(map(int, seen)) - set(rows) == set()


async def _published(tx: ReadTx, site: int) -> list[int]:
    query = text("SELECT id FROM comment WHERE site_id = :site AND state = 'published'")
    return list((await (await tx.connection()).execute(query, {"site": site})).scalars())


async def _grown(world: World, count: int) -> list[str]:
    ada = world.guest("Ada")
    return [(await ada.post(f"Comment {number}"))["comment"]["id"] for number in range(count)]


async def _ids(world: World, thread: str, cursor: str | None) -> tuple[list[str], str | None]:
    response = await world.client.get(
        f"/api/v1/threads/{thread}/comments", params={"sort": "best", "limit": 2, "cursor": cursor}
    )
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]], response.json()["next_cursor"]


async def _past_rows(world: World, thread: str) -> int:
    async def count(tx: ReadTx) -> int:
        query = text("SELECT count(*) FROM past_rank WHERE thread_id = :thread")
        return int((await (await tx.connection()).execute(query, {"thread": int(thread)})).scalar_one())

    return await world.parts.db.read(count)


async def test_one_comment_voted_on_without_end_keeps_one_row_a_vote_and_is_met_once(world: World) -> None:
    made = await _grown(world, 6)
    first = await world.read(sort="best", limit=2)
    fan = world.guest("Fan")
    for number in range(30):
        assert (await fan.vote(made[0], 1 - 2 * (number % 2))).status_code == 200
    thread, cursor = first["thread"]["id"], first["next_cursor"]
    assert await _past_rows(world, thread) == 30
    seen = [item["id"] for item in first["items"]]
    while cursor:
        ids, cursor = await _ids(world, thread, cursor)
        seen += ids
    assert seen == made[::-1]


async def test_what_is_no_longer_shown_takes_no_room_on_a_page(world: World) -> None:
    made = await _grown(world, 8)
    first = await world.read(sort="best", limit=2)
    fan, staff = world.guest("Fan"), await world.staff()
    for comment in made[:6]:
        await fan.vote(comment, 1)
    for comment in made[3:6]:
        items = [{"comment": comment, "version": 1}]
        await staff.post("/api/v1/moderation/decisions", json={"items": items, "action": "spam"})
    ids, cursor = await _ids(world, first["thread"]["id"], first["next_cursor"])
    assert ids == [made[2], made[1]]
    assert (await _ids(world, first["thread"]["id"], cursor))[0] == [made[0]]


async def test_a_walk_of_more_than_an_hour_goes_on_in_the_order_of_now(world: World) -> None:
    made = await _grown(world, 8)
    with clock.frozen() as hands:
        first = await world.read(sort="best", limit=2)
        thread, cursor = first["thread"]["id"], first["next_cursor"]
        fan = world.guest("Fan")
        await fan.vote(made[3], 1)
        await world.parts.db.transact(comments.forget_old_ranks, clock.now() - comments.RANKS_KEPT)
        assert await _past_rows(world, thread) > 0
        rest, cursor = await _ids(world, thread, cursor)
        assert rest == [made[5], made[4]]
        assert (await _ids(world, thread, cursor))[0] == [made[3], made[2]]

        hands.advance(comments.RANKS_KEPT + timedelta(seconds=1))
        while await world.parts.db.transact(comments.forget_old_ranks, clock.now() - comments.RANKS_KEPT):
            pass
        assert await _past_rows(world, thread) == 0
        world.parts.pages.clear()
        rest, cursor = await _ids(world, thread, cursor)
        assert rest == [made[2], made[1]]
        # And what moves from now on is known again.
        await fan.vote(made[0], 1)
        assert (await _ids(world, thread, cursor))[0] == [made[0]]


async def test_a_cursor_from_before_the_upgrade_goes_on(world: World) -> None:
    made = await _grown(world, 6)
    first = await world.read(sort="best", limit=2)
    thread = int(first["thread"]["id"])
    cursor = Cursor.decode(first["next_cursor"], thread=thread, under=0, sort="best")
    old = Cursor(thread=thread, under=0, sort="best", rank=cursor.rank, id=cursor.id)
    ids, after = await _ids(world, str(thread), old.encode())
    assert ids == [made[3], made[2]]
    assert after
    assert Cursor.decode(after, thread=thread, under=0, sort="best").move is not None


@pytest.mark.parametrize("move", [1_000, (1 << 63) - 1])
async def test_a_cursor_of_a_move_that_never_was_gets_the_order_of_now(world: World, move: int) -> None:
    made = await _grown(world, 6)
    await world.guest().vote(made[0], 1)
    thread = int((await world.read())["thread"]["id"])
    page = await world.parts.db.read(comments.level, thread, 0, "best", limit=1)
    after = Cursor(thread=thread, under=0, sort="best", rank=page.items[0].best, id=page.items[0].id, move=move)
    assert (await _ids(world, str(thread), after.encode()))[0] == [made[5], made[4]]


async def test_votes_of_one_moment_move_ranks_together(world: World) -> None:
    made = await _grown(world, 6)
    before = await world.read(sort="best", limit=2)
    fans = [world.guest(f"Fan {number}") for number in range(8)]
    await asyncio.gather(*(fan.vote(made[0], 1) for fan in fans))
    await votes.fold_waiting(world.parts.db)
    world.parts.pages.clear()
    assert (await world.read(sort="best"))["items"][0]["id"] == made[0]
    seen: list[Any] = [item["id"] for item in before["items"]]
    cursor = before["next_cursor"]
    while cursor:
        ids, cursor = await _ids(world, before["thread"]["id"], cursor)
        seen += ids
    assert seen == made[::-1]
