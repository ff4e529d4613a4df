"""Readers' reports reach a person, approved comment or not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from service import comments, moderation, posting
from service.kit import clock
from service.kit.db import Database
from service.kit.seal import Keeper
from service.moderation import Action, Queue
from tests.stories.moderation.desk import OPEN, Desk

GRUDGE = {**OPEN, "moderation": {"reopen_after": 3, "cool_off_hours": 24, "low_minutes": 240}}


async def opened(db: Database, queue: Queue, keeper: Keeper, **settings: object) -> Desk:
    """A desk at a site where comments appear at once."""
    return await Desk.new(db, queue, keeper, {**GRUDGE, **settings})


async def test_a_report_makes_a_case_that_says_why(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper)
    comment = (await desk.post("Fine words")).comment

    await desk.report(comment, "reader-1", "spam")
    await desk.report(comment, "reader-2", "abuse")
    await desk.report(comment, "reader-3", "abuse")

    (claim,) = await desk.claim(await desk.moderator())
    (signal,) = claim.case.signals
    assert (claim.case.reason, signal.name) == ("reported", "reported")
    assert signal.reason == "Reported by 3 readers: abuse 2, spam 1"
    assert claim.comment.is_published


async def test_one_reader_is_one_voice(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper)
    comment = (await desk.post()).comment
    first = await desk.report(comment, "reader-1")
    assert first is not None

    assert await desk.report(comment, "reader-1") is None
    assert await desk.report(comment, "reader-1", "illegal") is None

    assert await desk.db.read(moderation.get, first.id) == first
    assert await desk.count() == 1


async def test_an_edited_text_can_be_reported_again(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper)
    author = await desk.post("Nice")
    await desk.report(author.comment, "reader-1")
    await desk.decide(await desk.moderator(), author.comment, "approve")
    await db.transact(posting.edit, desk.keeper, desk.site, author.visitor, author.comment.id, "Nasty")

    again = await desk.report(await desk.see(author.comment.id), "reader-1", "illegal")

    assert again is not None
    assert (again.is_open, again.reason) == (True, "reported")
    # A new text: what was approved is not what is read now, so nothing rests.
    assert again.due_at == again.opened_at + timedelta(minutes=60)


async def test_more_reports_move_a_case_ahead(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper)
    with clock.frozen() as hands:
        first, second = (author.comment for author in await desk.post_many(["One", "Two"]))
        await desk.report(first, "reader-1", "off-topic")
        hands.advance(timedelta(minutes=1))
        await desk.report(second, "reader-1", "off-topic")
        await desk.report(second, "reader-2", "illegal")
        await desk.report(second, "reader-3", "illegal")

        order = [claim.comment.id for claim in await desk.claim(await desk.moderator())]

    assert order == [second.id, first.id]


async def test_a_report_on_an_approved_comment_reaches_a_person(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper)
    ada = await desk.moderator("Ada")
    with clock.frozen() as hands:
        approved = (await desk.post("Approved")).comment
        await desk.report(approved, "reader-1", "illegal")
        await desk.decide(ada, approved, "approve")
        await desk.settle()
        approved = await desk.see(approved.id)
        hands.advance(timedelta(minutes=5))

        lone = await desk.report(approved, "reader-2", "illegal")
        fresh = await desk.post("Fresh")
        await desk.report(fresh.comment, "reader-2", "off-topic")
        # The lone voice waits behind what is new, and is heard when its time has come.
        hand = await desk.claim(ada, 1)
        hands.advance(timedelta(hours=30))
        newer = await desk.post("Newer")
        await desk.report(newer.comment, "reader-2", "illegal")
        then = await desk.claim(ada, 1)

    assert lone is not None
    assert lone.due_at == lone.opened_at + timedelta(hours=24) - timedelta(minutes=5) + timedelta(minutes=60)
    assert [claim.comment.id for claim in hand] == [fresh.comment.id]
    assert [claim.comment.id for claim in then] == [approved.id]


async def test_several_new_reporters_of_an_approved_comment_need_not_wait(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await opened(db, queue, keeper)
    with clock.frozen() as hands:
        approved = (await desk.post()).comment
        await desk.report(approved, "old-1")
        await desk.report(approved, "old-2")
        await desk.decide(await desk.moderator(), approved, "approve")
        approved = await desk.see(approved.id)
        hands.advance(timedelta(minutes=5))

        assert await desk.report(approved, "old-1") is None
        resting = [await desk.report(approved, f"new-{i}") for i in (1, 2)]
        awake = await desk.report(approved, "new-3")

    assert awake is not None
    assert all(case is not None and case.id == awake.id and case.due_at > awake.due_at for case in resting)
    assert awake.due_at == awake.opened_at + timedelta(minutes=15)
    assert awake.signals[0].reason == "Reported by 3 readers: abuse 3"


@pytest.mark.parametrize("what", ["an undone removal", "closed replies", "an undone approval"])
async def test_what_only_ends_published_is_no_approval(db: Database, queue: Queue, keeper: Keeper, what: str) -> None:
    """Nobody found the text fit: a report is a report, and readers who spoke before are heard still."""
    desk = await opened(db, queue, keeper)
    ada, comment = await desk.moderator(), (await desk.post()).comment
    await desk.report(comment, "early")
    action: Action = {"an undone removal": "remove", "closed replies": "close_replies"}.get(what, "approve")
    outcome = await desk.decide(ada, comment, action)
    assert outcome.decision is not None, outcome.refusal
    if action != "close_replies":
        await db.transact(moderation.undo, ada, outcome.decision.id)

    case = await desk.report(await desk.see(comment.id), "late")

    assert case is not None
    assert (case.reason, case.signals[-1].reason) == ("reported", "Reported by 2 readers: abuse 2")


async def test_enough_reporters_hold_a_comment_until_somebody_has_looked(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await opened(db, queue, keeper, screening={"reports_to_hold": 3})
    comment = (await desk.post()).comment

    for reader in ("one", "two", "two", "two"):
        await desk.report(comment, reader)
    assert (await desk.see(comment.id)).is_published
    await desk.report(comment, "three")

    held = await desk.see(comment.id)
    assert held.state == "held"
    ada = await desk.moderator()
    assert (await desk.decide(ada, held, "approve")).refusal is None
    approved = await desk.see(comment.id)
    # The count begins anew: those who were heard do not hide it again with one more.
    await desk.report(approved, "four")
    assert (await desk.see(comment.id)).is_published


async def test_a_site_may_leave_reported_comments_up(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper, screening={"reports_to_hold": 2, "actions": {"reported": "publish"}})
    comment = (await desk.post()).comment

    for reader in ("one", "two", "three"):
        await desk.report(comment, reader)

    assert (await desk.see(comment.id)).is_published
    assert await desk.count() == 1


async def test_a_held_comment_that_was_reported_before_is_one_case(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await opened(db, queue, keeper, screening={"suspect_words": ["tramhater"]})
    author = await desk.post("Nice")
    case = await desk.report(author.comment, "reader-1")

    await db.transact(posting.edit, desk.keeper, desk.site, author.visitor, author.comment.id, "you tramhater")

    (claim,) = await desk.claim(await desk.moderator())
    assert case is not None
    assert claim.case.id == case.id
    assert [(signal.name, signal.version) for signal in claim.case.signals] == [("reported", 1), ("word-suspect", 2)]
    assert claim.case.severity > case.severity


async def test_reports_and_decisions_at_the_same_instant_leave_no_case_of_a_removed_comment(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await opened(db, queue, keeper)
    ada = await desk.moderator()
    written = [author.comment for author in await desk.post_many([f"Comment {i}" for i in range(10)])]

    for comment in written:
        await asyncio.gather(
            desk.decide(ada, comment, "remove"),
            # Others each time: readers who were right that often would hold a comment by themselves.
            *(_report(desk, comment, f"reader-{comment.id}-{i}") for i in range(3)),
        )

    assert {(await desk.see(comment.id)).state for comment in written} == {"removed"}
    assert await desk.count() == 0


async def _report(desk: Desk, comment: comments.Comment, reader: str) -> None:
    await desk.db.transact(moderation.report, desk.site, comment, reader, "abuse", "")
