"""A decision is about a version: the first one counts, every other one learns of it."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools

import pytest

from service import comments, identity, moderation, posting
from service.kit.db import Database
from service.kit.errors import Invalid
from service.kit.seal import Keeper
from service.moderation import (
    LEADS,
    Action,
    DecidedMeanwhile,
    DecisionImpossible,
    InvalidClaim,
    Item,
    Outcome,
    Queue,
)
from tests.stories.moderation.desk import OPEN, Desk


def refusal(outcome: Outcome) -> dict[str, object]:
    """What a refused moderator is told."""
    assert outcome.refusal is not None, outcome
    return {"type": outcome.refusal.type, **outcome.refusal.more}


async def test_of_two_contradictory_decisions_one_is_made_and_the_other_is_told_which(desk: Desk) -> None:
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    written = await desk.post_many([f"Comment {i}" for i in range(10)])

    for author in written:
        approved, rejected = await asyncio.gather(
            desk.decide(ada, author.comment, "approve"), desk.decide(grace, author.comment, "reject")
        )

        made, lost = (approved, rejected) if approved.decision else (rejected, approved)
        assert made.decision is not None
        assert lost.decision is None
        told = refusal(lost)
        assert (told["type"], told["what"]) == ("decided-meanwhile", "decided")
        assert (told["by"], told["action"]) == (("Ada", "approve") if made is approved else ("Grace", "reject"))
        assert told["at"] == made.decision.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        seen = await desk.see(author.comment.id)
        assert (told["version"], told["state"]) == (seen.version, seen.state)
        assert seen.state == made.decision.state_after
    log = await desk.db.read(moderation.entries, ada, desk.site.id)
    assert len(log) == 10
    assert await desk.count() == 0


async def test_the_same_decision_again_is_the_same_decision(desk: Desk) -> None:
    author = await desk.post()
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")

    first, again = await desk.decide_many(ada, [author.comment, author.comment], "approve")

    assert first.decision is not None
    assert again.decision is not None
    assert (again.decision.id, again.decision.is_repeat) == (first.decision.id, True)
    contrary = (await desk.decide(ada, author.comment, "reject")).refusal
    assert isinstance(contrary, DecidedMeanwhile)
    assert contrary.detail.startswith("You approved it on ")
    assert isinstance((await desk.decide(grace, author.comment, "approve")).refusal, DecidedMeanwhile)
    assert len(await desk.db.read(moderation.entries, ada, desk.site.id)) == 1


async def test_a_case_that_is_closed_is_not_decided_again_whatever_the_version(desk: Desk) -> None:
    author = await desk.post()
    ada, grace = await desk.moderator("Ada"), await desk.moderator("Grace")
    (claim,) = await desk.claim(grace)
    await desk.decide(ada, author.comment, "approve")
    seen = await desk.see(author.comment.id)
    # As if the case had been read before Ada's decision, and the comment after it.
    torn = dataclasses.replace(moderation.Token.read(claim.token or ""), version=seen.version)

    outcome = await desk.decide(grace, dataclasses.replace(claim, token=torn.encode()), "reject")

    told = refusal(outcome)
    assert (told["type"], told["by"], told["action"]) == ("decided-meanwhile", "Ada", "approve")
    assert await desk.see(author.comment.id) == seen


async def test_each_item_is_answered_by_itself(desk: Desk) -> None:
    ada = await desk.moderator("Ada")
    one, two, three = (author.comment for author in await desk.post_many(["One", "Two", "Three"]))
    await desk.decide(await desk.moderator("Grace"), two, "spam")
    mixed = [
        Item(one.id, version=one.version),
        Item(two.id, version=two.version),
        Item(12345, version=1),
        Item(three.id),
        Item(three.id, claim="1.2.3.4.5"),
        Item(three.id, claim="nonsense"),
        Item(three.id, version=three.version),
    ]

    outcomes = await moderation.decide_each(desk.db, desk.queue, ada, mixed, "approve")

    assert [outcome.comment for outcome in outcomes] == [item.comment for item in mixed]
    assert [type(outcome.refusal) for outcome in outcomes] == [
        type(None),
        DecidedMeanwhile,
        comments.CommentUnknown,
        Invalid,
        InvalidClaim,
        InvalidClaim,
        type(None),
    ]
    assert [(await desk.see(comment.id)).state for comment in (one, two, three)] == ["published", "spam", "published"]


async def test_a_text_that_was_edited_has_to_be_read_again(desk: Desk) -> None:
    author = await desk.post("First thoughts")
    ada = await desk.moderator("Ada")
    (claim,) = await desk.claim(ada)
    await desk.db.transact(posting.edit, desk.keeper, desk.site, author.visitor, author.comment.id, "Second thoughts")
    await desk.settle()

    late = await desk.decide(ada, claim, "approve")

    told = refusal(late)
    assert (told["type"], told["what"], told["state"]) == ("decided-meanwhile", "edited", "held")
    assert (await desk.see(author.comment.id)).state == "held"
    assert await desk.count() == 1
    (again,) = await moderation.mine(desk.db, desk.queue, ada, desk.site)
    assert again.comment.body == "Second thoughts"
    assert (await desk.decide(ada, again, "approve")).refusal is None


async def test_a_held_comment_its_author_deletes_is_gone_from_the_queue(desk: Desk) -> None:
    claimed, waiting = await desk.post_many(["Claimed", "Waiting"])
    ada = await desk.moderator("Ada")
    (claim,) = await desk.claim(ada, 1)
    assert claim.comment.id == claimed.comment.id

    for author in (claimed, waiting):
        await desk.db.transact(posting.delete, desk.site, author.visitor, author.comment.id)
    await desk.settle()

    assert (await desk.db.read(moderation.get, claim.case.id)).state == "withdrawn"
    assert await desk.count() == 0
    assert await desk.queue.size(desk.site.id) == 0
    assert await desk.claim(ada) == []
    told = refusal(await desk.decide(ada, claim, "approve"))
    assert (told["type"], told["what"]) == ("decided-meanwhile", "deleted")


async def test_a_deleted_comment_under_which_others_wrote_cannot_be_approved(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await Desk.new(db, queue, keeper, OPEN)
    author = await desk.post("Gone soon")
    await desk.post("An answer", parent=author.comment.id)
    await db.transact(posting.delete, desk.site, author.visitor, author.comment.id)
    ada = await desk.moderator()

    by_earlier_version = await desk.decide(ada, author.comment, "approve")
    by_this_version = await desk.decide(ada, await desk.see(author.comment.id), "approve")

    assert refusal(by_earlier_version)["what"] == "deleted"
    assert refusal(by_this_version) == {"type": "decision-impossible", "state": "deleted", "possible": []}
    assert by_this_version.refusal is not None
    assert by_this_version.refusal.status == 409


# What each action makes of a comment in each state; what is not here is impossible.
TABLE: dict[Action, dict[str, str]] = {
    "approve": {"held": "published", "published": "published"},
    "reject": {"held": "rejected", "published": "rejected"},
    "spam": {"held": "spam", "published": "spam", "rejected": "spam", "removed": "spam"},
    "remove": {"held": "removed", "published": "removed"},
    "restore": {"rejected": "published", "spam": "published", "removed": "published"},
}
REACHED_BY: dict[str, list[Action]] = {
    "held": [],
    "published": ["approve"],
    "rejected": ["reject"],
    "spam": ["spam"],
    "removed": ["remove"],
}


@pytest.mark.parametrize(("state", "action"), list(itertools.product(REACHED_BY, LEADS)))
async def test_an_action_leads_from_a_state_where_the_table_says(desk: Desk, state: str, action: Action) -> None:
    ada = await desk.moderator()
    comment = (await desk.post()).comment
    for step in REACHED_BY[state]:
        await desk.decide(ada, comment, step)
        comment = await desk.see(comment.id)
    assert comment.state == state

    outcome = await desk.decide(ada, comment, action)

    expected = TABLE[action].get(state)
    assert (outcome.decision.state_after if outcome.decision else None) == expected
    assert (await desk.see(comment.id)).state == (expected or state)
    assert (outcome.refusal is None) == (expected is not None)
    assert outcome.refusal is None or (
        isinstance(outcome.refusal, DecisionImpossible)
        and outcome.refusal.more["possible"] == [name for name in LEADS if state in TABLE[name]]
    )


async def test_a_moderator_of_one_site_finds_nothing_of_another(desk: Desk) -> None:
    author = await desk.post()
    (claim,) = await desk.claim(await desk.moderator())
    stranger = await (await Desk.new(desk.db, desk.queue, desk.keeper)).moderator()

    for about in (author.comment, claim):
        outcome = await desk.decide(stranger, about, "approve")
        assert isinstance(outcome.refusal, comments.CommentUnknown)

    assert (await desk.see(author.comment.id)).state == "held"


async def test_somebody_who_left_the_team_decides_nothing_and_keeps_their_name_in_the_log(desk: Desk) -> None:
    first, second = await desk.post_many(["One", "Two"])
    ada = await desk.moderator("Ada")
    await desk.decide(ada, first.comment, "approve")
    await desk.db.transact(identity.revoke, ada.account.id, desk.site.id)
    former = await desk.staff(ada.account.id)

    outcome = await desk.decide(former, second.comment, "approve")

    assert isinstance(outcome.refusal, comments.CommentUnknown)
    (entry,) = await desk.db.read(moderation.entries, await desk.moderator(), desk.site.id)
    assert entry.by == "Ada"


async def test_the_log_goes_on_from_any_entry(desk: Desk) -> None:
    ada = await desk.moderator()
    written = await desk.post_many([f"Comment {i}" for i in range(7)])
    await desk.decide_many(ada, [author.comment for author in written], "reject", reason="insult")

    whole = await desk.db.read(moderation.entries, ada, desk.site.id)
    pages, after = [], None
    while page := await desk.db.read(moderation.entries, ada, desk.site.id, after=after, limit=3):
        pages += page
        after = page[-1].id

    assert len(whole) == 7
    assert pages == whole
    assert {entry.reason for entry in whole} == {"insult"}
