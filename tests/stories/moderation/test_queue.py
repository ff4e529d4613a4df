"""The index in Redis against the truth in SQL."""

from __future__ import annotations

import asyncio

from service import moderation
from service.kit.redis import Redis
from service.moderation import Place, Queue, Repair
from service.moderation.index import Slot
from tests.stories.moderation.desk import Desk


def keys(desk: Desk) -> list[str]:
    """The keys of a site's index."""
    names = ("order", "home", "leases", "holders", "active", "fence", "ready")
    return [f"parley:{{{desk.site.id}}}:desk:{name}" for name in names]


async def test_all_keys_of_a_site_share_its_hash_tag(desk: Desk, redis: Redis) -> None:
    await desk.post_many(["One", "Two"])
    ada = await desk.moderator()
    (held,) = await desk.claim(ada, 1)
    (skipped,) = await desk.claim(ada, 1)
    await moderation.skip(desk.queue, ada, desk.site, skipped.token or "")

    names = await redis.call("KEYS", f"*{desk.site.id}*")

    assert held.case.id != skipped.case.id
    assert set(names) == {*keys(desk), f"parley:{{{desk.site.id}}}:desk:skips"}


async def test_an_index_that_was_lost_is_put_back_by_the_next_claim(desk: Desk, redis: Redis) -> None:
    await desk.post_many([f"Comment {i}" for i in range(9)])
    ada = await desk.moderator()
    before = await desk.claim(ada, 3)
    await redis.call("DEL", *keys(desk))

    after = await desk.claim(await desk.moderator(), 20)

    # The leases are lost as well: what was held is offered again, and no fence is given out twice.
    assert len(after) == 9
    assert [claim.case.id for claim in after[:3]] == [claim.case.id for claim in before]
    assert _fences(before).isdisjoint(_fences(after))
    assert await desk.queue.size(desk.site.id) == await desk.count() == 9


async def test_several_processes_put_it_back_once(desk: Desk, redis: Redis, queue: Queue) -> None:
    await desk.post_many([f"Comment {i}" for i in range(20)])
    await redis.call("DEL", *keys(desk))
    others = [Queue(redis, desk.db) for _ in range(4)]
    team = [await desk.moderator(f"M{i}") for i in range(4)]

    hands = await asyncio.gather(
        *(moderation.claim(desk.db, other, one, desk.site, 5) for other, one in zip(others, team, strict=True))
    )

    claimed = [claim.case.id for hand in hands for claim in hand]
    assert len(claimed) == len(set(claimed)) == 20
    assert all(claim.token for hand in hands for claim in hand)


async def test_the_same_order_in_redis_and_in_sql(desk: Desk) -> None:
    written = await desk.post_many([f"Comment {i}" for i in range(12)])

    listed = await desk.db.read(moderation.list_open, [desk.site.id], limit=50)
    claimed = [claim.case.id for claim in await desk.claim(await desk.moderator(), 12)]

    assert claimed == [case.id for case in listed]
    assert {case.comment_id for case in listed} == {author.comment.id for author in written}


async def test_sql_s_order_goes_on_from_any_place_over_several_sites(desk: Desk) -> None:
    other = await Desk.new(desk.db, desk.queue, desk.keeper)
    for i in range(4):
        await desk.post(f"Here {i}")
        await other.post_many([f"There {i}", "And there"])
    both = [desk.site.id, other.site.id]

    whole = await desk.db.read(moderation.list_open, both, limit=50)
    pages, after = [], None
    while page := await desk.db.read(moderation.list_open, both, after, limit=5):
        pages += page
        after = Place.read(page[-1].place.encode())

    assert pages == whole == sorted(whole, key=lambda case: case.place)
    assert await desk.db.read(moderation.count_open, both) == {desk.site.id: 4, other.site.id: 8}
    assert await desk.db.read(moderation.list_open, []) == []


async def test_reconciling_adds_what_is_missing_and_drops_what_is_closed(desk: Desk, redis: Redis) -> None:
    await desk.post_many([f"Comment {i}" for i in range(6)])
    ada = await desk.moderator()
    hand = await desk.claim(ada, 2)
    listed = await desk.db.read(moderation.list_open, [desk.site.id], limit=50)
    await desk.queue.drop(desk.site.id, [listed[4].id])
    await desk.queue.put(desk.site.id, [Slot(Place(listed[5].due_at, 1))])

    # As many as there should be, and not the right ones: two numbers cannot tell.
    assert await desk.queue.reconcile(desk.site.id) == Repair()
    assert await desk.queue.reconcile(desk.site.id, thorough=True) == Repair(added=1, dropped=1)

    assert await desk.queue.members(desk.site.id) == {case.id for case in listed}
    assert await desk.queue.reconcile(desk.site.id, thorough=True) == Repair()
    assert set(await desk.queue.holders(desk.site.id)) == {claim.case.id for claim in hand}
    await redis.call("HDEL", keys(desk)[1], listed[3].id)
    assert await desk.queue.reconcile(desk.site.id) == Repair(added=1)


async def test_reconciling_puts_a_lost_index_back(desk: Desk, redis: Redis) -> None:
    await desk.post_many([f"Comment {i}" for i in range(6)])
    await redis.call("DEL", *keys(desk))

    await desk.queue.reconcile(desk.site.id)

    assert await desk.queue.is_ready(desk.site.id)
    assert await desk.queue.size(desk.site.id) == 6


async def test_closed_cases_that_linger_in_redis_are_not_handed_out(desk: Desk) -> None:
    written = await desk.post_many([f"Comment {i}" for i in range(12)])
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    listed = await desk.db.read(moderation.list_open, [desk.site.id], limit=50)
    await desk.decide_many(ada, [author.comment for author in written[:8]], "approve")
    await desk.settle()
    await desk.queue.put(desk.site.id, [Slot(case.place) for case in listed])

    hand = await desk.claim(grace, 3)

    assert [claim.comment.id for claim in hand] == [author.comment.id for author in written[8:11]]
    assert await desk.queue.size(desk.site.id) == await desk.count() == 4


async def test_reactions_that_come_late_or_twice_do_no_harm(desk: Desk) -> None:
    author = await desk.post()
    (case,) = await desk.db.read(moderation.list_open, [desk.site.id])
    opened = moderation.CaseOpened(case.id, desk.site.id)
    await desk.queue.on_case_opened(opened)
    await desk.queue.on_case_opened(opened)
    assert await desk.queue.size(desk.site.id) == 1

    ada = await desk.moderator()
    (claim,) = await desk.claim(ada)
    await desk.queue.on_case_opened(opened)
    assert set(await desk.queue.holders(desk.site.id)) == {case.id}
    assert await desk.claim(await desk.moderator()) == []

    await desk.decide(ada, claim, "approve")
    await desk.queue.on_case_closed(moderation.CaseClosed(case.id, desk.site.id))
    await desk.queue.on_case_opened(opened)
    assert await desk.queue.size(desk.site.id) == 0
    assert (await desk.see(author.comment.id)).is_published


def _fences(hand: list[moderation.Claim]) -> set[int]:
    return {moderation.Token.read(claim.token or "").fence for claim in hand}
