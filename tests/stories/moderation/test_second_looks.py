"""A second look is blind, somebody else's, counted, and decides nothing."""

from __future__ import annotations

import pytest
from sqlmodel import select

from service import moderation, posting
from service.kit.db import Database, ReadTx
from service.kit.seal import Keeper
from service.moderation import FourEyes, Queue
from service.moderation.tables import SecondLookRow
from tests.stories.moderation.desk import Desk
from tests.world import World

ALL = {"moderation": {"second_look_percent": 100, "second_look_hours": 1}}


@pytest.fixture
async def checked(db: Database, queue: Queue, keeper: Keeper) -> Desk:
    """A desk where everything is looked at twice."""
    return await Desk.new(db, queue, keeper, ALL)


async def looks(desk: Desk) -> list[SecondLookRow]:
    async def read(tx: ReadTx) -> list[SecondLookRow]:
        return list(await tx.exec(select(SecondLookRow).where(SecondLookRow.site_id == desk.site.id)))

    return await desk.db.read(read)


async def test_somebody_else_is_asked_and_agreement_is_counted(checked: Desk) -> None:
    author = await checked.post()
    ada, grace = await checked.moderator("Ada"), await checked.moderator("Grace")
    (claim,) = await checked.claim(ada)
    await checked.decide(ada, claim, "approve")
    await checked.settle()

    assert await checked.claim(ada) == [], "the first one looked again"
    (second,) = await checked.claim(grace, which="sampled")
    outcome = await checked.decide(grace, second, "approve")

    assert (second.case.reason, second.case.signals) == ("sampled", ())
    assert outcome.look is not None
    assert outcome.look.agrees
    assert outcome.decision is None
    assert (await checked.see(author.comment.id)).version == second.comment.version
    assert [(row.first_action, row.second_action, row.agrees) for row in await looks(checked)] == [
        ("approve", "approve", True)
    ]
    assert await checked.count() == 0
    # A retry of it is no decision either.
    again = await checked.decide(grace, second, "approve")
    assert again.look is not None
    assert (await checked.see(author.comment.id)).version == second.comment.version


async def test_where_two_differ_the_comment_stays_as_it_is_and_is_a_case_again(checked: Desk) -> None:
    author = await checked.post()
    ada, grace = await checked.moderator("Ada"), await checked.moderator("Grace")
    await checked.decide(ada, (await checked.claim(ada))[0], "approve")
    await checked.settle()
    await checked.decide(grace, (await checked.claim(grace))[0], "spam")
    await checked.settle()

    assert (await checked.see(author.comment.id)).is_published
    (case,) = await checked.db.read(moderation.list_open, [checked.site.id])
    assert case.reason == "reopened"
    assert case.signals[0].reason == "Two moderators judge it differently: approve, and spam"
    assert [row.agrees for row in await looks(checked)] == [False]
    third = await checked.claim(ada)
    assert (await checked.decide(ada, third[0], "spam")).decision is not None


async def test_a_text_that_changed_is_decided_and_not_compared(checked: Desk) -> None:
    author = await checked.post()
    ada, grace = await checked.moderator("Ada"), await checked.moderator("Grace")
    await checked.decide(ada, (await checked.claim(ada))[0], "approve")
    await checked.settle()
    (second,) = await checked.claim(grace)
    await checked.db.transact(
        posting.edit, checked.keeper, checked.site, author.visitor, author.comment.id, "Another text"
    )
    await checked.settle()

    refused = await checked.decide(grace, second, "reject")

    assert refused.look is None
    assert refused.refusal is not None
    (case,) = await checked.db.read(moderation.list_open, [checked.site.id])
    assert (case.reason, case.not_for) == ("held", frozenset()), "a real case is everybody's"


async def test_the_first_one_cannot_take_it_by_a_made_up_claim(checked: Desk) -> None:
    await checked.post()
    ada = await checked.moderator("Ada")
    await checked.decide(ada, (await checked.claim(ada))[0], "approve")
    (case,) = await checked.db.read(moderation.list_open, [checked.site.id])
    comment = await checked.see(case.comment_id)
    forged = moderation.Token(checked.site.id, case.id, 1, comment.id, comment.version).encode()

    (outcome,) = await moderation.decide_each(
        checked.db, checked.queue, ada, [moderation.Item(comment.id, claim=forged)], "approve"
    )

    assert isinstance(outcome.refusal, FourEyes)


async def test_the_case_does_not_tell_what_the_first_one_decided(world: World) -> None:
    checked = await world.another({"screening": {"pre_moderate": True}, **ALL})
    posted = await checked.guest().post(expect=202)
    await checked.settle()
    ada, grace = await checked.staff(), await checked.staff()
    await ada.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": posted["comment"]["id"], "version": 1}], "action": "approve"},
    )
    await checked.settle()

    answer = await grace.post("/api/v1/moderation/claims", json={"site": checked.site.name, "queue": "sampled"})

    (item,) = answer.json()["items"]
    assert (item["case"]["reason"], item["case"]["comment"]["state"]) == ("sampled", "held")
    decided = await grace.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": posted["comment"]["id"], "claim": item["claim"]}], "action": "reject"},
    )
    (told,) = decided.json()["items"]
    assert (told["second_look"], told["decision"], told["problem"]) == ("differs", None, None)
