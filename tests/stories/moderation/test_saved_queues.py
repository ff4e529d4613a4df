"""Saved queues: one lease a case whichever queue it came from, in Redis and in SQL the same."""

from __future__ import annotations

import asyncio
import math
import random

import pytest

from service import moderation
from service.kit import clock
from service.kit.db import Database, ReadTx
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.moderation import Queue, QueueFilter, QueueUnknown, SavedQueue, queues
from service.moderation.index import lane
from tests.stories.moderation.desk import Desk

WORDS = {"screening": {"pre_moderate": True, "suspect_words": ["tramhater"]}}
ENGLISH = "This is the comment that they have not seen from there."
GERMAN = "Das ist nicht der Kommentar, den ich mit dem Wort auf sie habe."


async def saved(desk: Desk, name: str, **asked: object) -> SavedQueue:
    """A queue the team saved."""
    return await desk.db.transact(
        queues.save, await desk.moderator(), desk.site.id, name, QueueFilter.model_validate(asked)
    )


async def test_a_queue_shows_its_sections_language_reasons_and_signals(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await Desk.new(db, queue, keeper, WORDS)
    await desk.post_many([ENGLISH, "you tramhater"], section="sport")
    await desk.post_many([GERMAN], section="local")
    await saved(desk, "Sport", sections=["sport"])
    await saved(desk, "German", languages=["de"])
    await saved(desk, "Words", signals=["word-suspect", "links"])
    await saved(desk, "Severe sport", sections=["sport"], min_severity=0.5)
    await saved(desk, "Nothing", reasons=["appealed"])

    seen = {}
    for name in ("all", "held", "reported", "Sport", "German", "Words", "Severe sport", "Nothing"):
        ada = await desk.moderator()
        seen[name] = sorted(claim.comment.body or "" for claim in await desk.claim(ada, which=name))
        await moderation.leave(desk.queue, ada, desk.site)

    assert seen["all"] == seen["held"] == sorted([ENGLISH, GERMAN, "you tramhater"])
    assert seen["Sport"] == sorted([ENGLISH, "you tramhater"])
    assert seen["German"] == [GERMAN]
    assert seen["Words"] == seen["Severe sport"] == ["you tramhater"]
    assert seen["Nothing"] == seen["reported"] == []


async def test_a_case_in_several_queues_is_leased_once(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper)
    await desk.post_many([f"Comment {i}" for i in range(30)], section="sport")
    names = ["all", "held", "Sport", "Everything"]
    await saved(desk, "Sport", sections=["sport"])
    await saved(desk, "Everything")
    team = [await desk.moderator(f"M{i}") for i in range(8)]

    hands = await asyncio.gather(*(desk.claim(one, 4, names[i % 4]) for i, one in enumerate(team)))

    claimed = [claim.case.id for hand in hands for claim in hand]
    assert len(claimed) == len(set(claimed)) > 20
    waiting = {name: await desk.queue.waiting(desk.site.id, name) for name in ("all", "held")}
    assert set(waiting.values()) == {30 - len(claimed)}


async def test_a_new_queue_has_its_cases_at_the_first_claim_and_nobody_loses_a_lease(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await Desk.new(db, queue, keeper)
    await desk.post_many([f"Comment {i}" for i in range(12)], section="sport")
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    hand = await desk.claim(ada, 3)
    made = await saved(desk, "Sport", sections=["sport"])

    here = await desk.claim(grace, 5, "Sport")

    assert len(here) == 5
    assert {claim.case.id for claim in here}.isdisjoint(claim.case.id for claim in hand)
    assert await moderation.mine(desk.db, desk.queue, ada, desk.site) == hand
    # Changed, it shows what it shows now.
    await desk.db.transact(queues.change, ada, int(made.key), "Sport", QueueFilter(sections=("elsewhere",)))
    assert await desk.claim(grace, 5, "Sport") == []
    await desk.db.transact(queues.delete, ada, int(made.key))
    with pytest.raises(QueueUnknown):
        await desk.claim(grace, 5, made.key)


async def test_who_moderates_a_section_is_given_that_section(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper)
    await desk.post_many(["One", "Two"], section="sport")
    await desk.post_many(["Three"], section="a|b,c:d/é")
    sporty = await desk.joins(f"sport@{desk.site.name}.test", "Sporty", ["sport"])
    both = await desk.joins(f"both@{desk.site.name}.test", "Both", ["sport", "a%7Cb,c:d", "a|b,c:d"])
    nobody = await desk.joins(f"none@{desk.site.name}.test", "None", ["weather"])

    assert [claim.comment.body for claim in await desk.claim(sporty)] == ["One", "Two"]
    await moderation.leave(desk.queue, sporty, desk.site)
    assert await desk.claim(nobody) == []
    assert len(await desk.claim(both)) >= 2
    await moderation.leave(desk.queue, both, desk.site)
    own = moderation.access.sections_of(sporty, desk.site.id)
    listed = await desk.db.read(moderation.list_open, [desk.site.id], sections=own)
    assert {case.section for case in listed} == {"sport"}


async def test_what_is_skipped_is_offered_to_others_and_not_to_me(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper)
    await desk.post_many(["One", "Two", "Three"])
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    (first,) = await desk.claim(ada, 1)

    await moderation.skip(desk.queue, ada, desk.site, first.token or "")

    rest = await desk.claim(ada, 10)
    assert first.case.id not in {claim.case.id for claim in rest}
    assert [claim.case.id for claim in await desk.claim(grace, 1)] == [first.case.id]


async def test_few_cases_are_dealt_among_those_at_work(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper)
    await desk.post_many([f"Comment {i}" for i in range(9)])
    team = [await desk.moderator(f"M{i}") for i in range(3)]
    for one in team:  # all are at work and have nothing in hand
        await desk.claim(one, 1)
        await moderation.release(
            desk.queue, one, desk.site, [c.token or "" for c in await moderation.mine(db, queue, one, desk.site)]
        )

    hands = [len(await desk.claim(one, 25)) for one in team]

    assert hands == [3, 3, 3]
    # One leaves in the middle of it: what they had is there for the others.
    assert await moderation.leave(desk.queue, team[0], desk.site) == 3
    assert len(await desk.claim(team[1], 25)) == 3


async def test_several_sites_are_served_evenly(db: Database, queue: Queue, keeper: Keeper) -> None:
    here, there = await Desk.new(db, queue, keeper), await Desk.new(db, queue, keeper)
    await here.post_many([f"Here {i}" for i in range(30)])
    await there.post_many(["There 1", "There 2", "There 3"])
    email = f"both@{here.site.name}.test"
    await here.joins(email, "Both")
    both = await there.joins(email, "Both")

    hand = await moderation.claim_from_all(db, queue, both, [here.site, there.site], 10)

    assert len(hand) == 10
    assert sum(claim.case.site_id == there.site.id for claim in hand) == 3
    assert hand == sorted(hand, key=lambda claim: claim.case.place)


async def test_counts_are_those_of_sql_and_of_redis_through_anything(
    db: Database, queue: Queue, keeper: Keeper, redis: Redis
) -> None:
    desk = await Desk.new(db, queue, keeper, WORDS)
    await saved(desk, "Sport", sections=["sport"])
    await saved(desk, "Words", signals=["word-suspect"])
    team = [await desk.moderator(f"M{i}") for i in range(3)]
    await desk.post_many([f"Comment {i}" for i in range(10)])
    chance = random.Random(7)
    for step in range(40):
        await _something(desk, chance, team, step)
        if step == 20:
            await redis.call("FLUSHDB")
    await desk.settle()
    for one in team:
        await moderation.leave(desk.queue, one, desk.site)
    await desk.queue.reconcile(desk.site.id, thorough=True)

    of_site = await db.read(queues.of_site, desk.site.id)
    counted = await db.read(moderation.count_queues, desk.site.id, of_site, clock.now())
    by_hand = await db.read(_by_hand, desk)
    assert {one.queue.key: one.open for one in counted} == by_hand
    assert {key: await desk.queue.waiting(desk.site.id, lane(key)) for key in by_hand} == by_hand
    assert by_hand["all"] > 0


async def _something(desk: Desk, chance: random.Random, team: list[moderation.decisions.Staff], step: int) -> None:
    one = chance.choice(team)
    what = chance.randrange(4)
    if what == 0:
        bodies = [chance.choice(["Quiet", "you tramhater"]) for _ in range(3)]
        await desk.post_many(bodies, section=chance.choice(["sport", "local"]), page=f"p{step % 3}")
    elif what == 1:
        await desk.claim(one, 3, chance.choice(["all", "Sport", "Words"]))
    elif what == 2:
        for claim in (await moderation.mine(desk.db, desk.queue, one, desk.site))[:2]:
            await desk.decide(one, claim, chance.choice(["approve", "reject"]))
    else:
        await moderation.leave(desk.queue, one, desk.site)


async def _by_hand(tx: ReadTx, desk: Desk) -> dict[str, int]:
    """Filters asked of every open case, one by one, in Python."""
    listed = await moderation.list_open(tx, [desk.site.id], limit=1_000)
    return {
        queue.key: sum(queue.filter.matches(case) for case in listed)
        for queue in await queues.of_site(tx, desk.site.id)
    }


async def test_sql_lists_what_the_filter_says(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper, WORDS)
    await desk.post_many([ENGLISH, GERMAN, "you tramhater", "ok"], section="sport")
    await desk.post_many([ENGLISH, "tramhater und der die das nicht ist"], section="local")
    everything = await db.read(moderation.list_open, [desk.site.id], limit=100)
    chance = random.Random(11)
    for _ in range(60):
        asked = QueueFilter(
            sections=tuple(chance.sample(["sport", "local", "x"], chance.randrange(3))),
            languages=tuple(chance.sample(["en", "de", "und"], chance.randrange(3))),
            signals=tuple(chance.sample(["word-suspect", "pre-moderation", "links"], chance.randrange(3))),
            min_severity=chance.choice([0.0, 0.3, math.nextafter(0.55, 0)]),
        )
        listed = await db.read(moderation.list_open, [desk.site.id], limit=100, asked=asked)
        assert listed == [case for case in everything if asked.matches(case)], asked
