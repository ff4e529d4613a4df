"""Held comments reach one moderator at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from service import comments, moderation, sites
from service.kit import clock
from service.kit.db import Database
from service.kit.seal import Keeper
from service.moderation import ClaimCapReached, Queue
from tests.stories.moderation.desk import Desk, eventually

SHORT = {"moderation": {"claim_seconds": 1}}


async def test_a_held_comment_is_claimed_approved_and_visible(desk: Desk) -> None:
    written = await desk.post("Trams are late.")
    ada = await desk.moderator("Ada")

    (claim,) = await desk.claim(ada)
    outcome = await desk.decide(ada, claim, "approve", note="fine")

    assert (claim.comment.id, claim.comment.body) == (written.comment.id, "Trams are late.")
    assert [signal.name for signal in claim.case.signals] == ["pre-moderation"]
    assert outcome.refusal is None
    assert (await desk.db.read(comments.get, written.comment.id)).body == "Trams are late."
    assert await desk.claim(ada) == []
    assert await desk.count() == 0
    (entry,) = await desk.db.read(moderation.entries, ada, desk.site.id)
    assert (entry.by, entry.action, entry.state_before, entry.state_after) == ("Ada", "approve", "held", "published")
    assert (entry.comment_id, entry.thread_id, entry.note) == (written.comment.id, written.comment.thread_id, "fine")
    assert entry.case_id == claim.case.id


async def test_moderators_who_claim_at_once_never_get_the_same(desk: Desk) -> None:
    await desk.post_many([f"Comment {i}" for i in range(40)])
    team = [await desk.moderator(f"M{i}") for i in range(5)]

    hands = await asyncio.gather(*(desk.claim(one, 10) for one in team))

    claimed = [claim.case.id for hand in hands for claim in hand]
    assert len(claimed) == len(set(claimed)) == 40
    holders = await desk.queue.holders(desk.site.id)
    for one, hand in zip(team, hands, strict=True):
        assert {case for case, holder in holders.items() if holder.moderator == one.account.id} == {
            claim.case.id for claim in hand
        }


async def test_the_severe_come_first_and_the_long_waiting_before_them(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await Desk.new(db, queue, keeper, {"screening": {"pre_moderate": True, "suspect_words": ["tramhater"]}})
    with clock.frozen() as hands:
        old = await desk.post("Waiting since the morning")
        hands.advance(timedelta(hours=5))
        light = await desk.post("Nothing special")
        severe = await desk.post("you tramhater")

        order = [claim.comment.id for claim in await desk.claim(await desk.moderator())]

    assert order == [old.comment.id, severe.comment.id, light.comment.id]


async def test_a_lease_that_ran_out_goes_to_somebody_else_and_a_late_decision_is_explained(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await Desk.new(db, queue, keeper, SHORT)
    await desk.post()
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    (first,) = await desk.claim(ada)
    taken: list[moderation.Claim] = []

    async def grace_has_it() -> bool:
        taken.extend(await desk.claim(grace))
        return bool(taken)

    await eventually(grace_has_it, "the lease to run out")
    late = await desk.decide(ada, first, "reject")

    assert isinstance(late.refusal, moderation.ClaimLost)
    assert late.refusal.detail == "Your claim on this case ran out, and Grace has it now."
    assert (await desk.see(first.comment.id)).state == "held"
    assert (await desk.decide(grace, taken[0], "approve")).refusal is None
    too_late = await desk.decide(ada, first, "reject")
    assert isinstance(too_late.refusal, moderation.DecidedMeanwhile)
    assert too_late.refusal.detail.startswith("Grace approved it on ")


async def test_a_lease_that_ran_out_and_nobody_took_still_counts(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper, SHORT)
    await desk.post()
    ada = await desk.moderator()
    (claim,) = await desk.claim(ada)

    async def has_run_out() -> bool:
        return not await desk.queue.holders(desk.site.id)

    await eventually(has_run_out, "the lease to run out")

    assert (await desk.decide(ada, claim, "approve")).refusal is None


async def test_a_heartbeat_keeps_a_claim_and_says_which_are_lost(desk: Desk) -> None:
    await desk.post_many(["One", "Two"])
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    kept, given_back = await desk.claim(ada)
    assert kept.token is not None
    assert given_back.token is not None
    assert await moderation.release(desk.queue, ada, desk.site, [given_back.token]) == 1

    lasts, lost = await moderation.extend(desk.queue, ada, desk.site, [kept.token, given_back.token])

    assert lasts is not None
    assert kept.expires_at is not None
    assert lasts >= kept.expires_at
    assert lost is None
    assert await moderation.extend(desk.queue, grace, desk.site, [kept.token]) == [None]


async def test_what_is_released_is_the_next_one_again(desk: Desk) -> None:
    await desk.post_many(["One", "Two", "Three"])
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    (first,) = await desk.claim(ada, 1)
    assert first.token is not None

    assert await moderation.release(desk.queue, grace, desk.site, [first.token]) == 0
    assert await moderation.release(desk.queue, ada, desk.site, [first.token]) == 1

    assert (await desk.claim(grace, 1))[0].case.id == first.case.id


async def test_who_leaves_gives_everything_back_and_who_reloads_finds_it(desk: Desk) -> None:
    await desk.post_many([f"Comment {i}" for i in range(6)])
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    hand = await desk.claim(ada, 4)
    await desk.claim(grace, 1)

    assert await moderation.mine(desk.db, desk.queue, ada, desk.site) == hand
    assert await moderation.leave(desk.queue, ada, desk.site) == 4

    assert await moderation.mine(desk.db, desk.queue, ada, desk.site) == []
    assert len(await desk.claim(await desk.moderator(), 10)) == 5


async def test_nobody_hoards(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper, {"moderation": {"claim_cap": 3}})
    await desk.post_many([f"Comment {i}" for i in range(5)])
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")

    hand = await desk.claim(ada, 10)

    assert len(hand) == 3
    with pytest.raises(ClaimCapReached):
        await desk.claim(ada, 1)
    assert len(await desk.claim(grace, 10)) == 2
    # What is decided makes room at once, before any reaction has run.
    await desk.post_many(["One more", "And another"])
    await desk.decide(ada, hand[0], "approve")
    assert len(await desk.claim(ada, 10)) == 1


async def test_a_site_that_is_not_yours_does_not_exist(desk: Desk) -> None:
    stranger = await (await Desk.new(desk.db, desk.queue, desk.keeper)).moderator()
    await desk.post()

    with pytest.raises(sites.SiteUnknown):
        await desk.claim(stranger)
    with pytest.raises(sites.SiteUnknown):
        await desk.db.read(moderation.entries, stranger, desk.site.id)
