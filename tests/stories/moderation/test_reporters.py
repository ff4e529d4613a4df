"""A report counts by how often its reporter was right, and nothing of that outlives the reporter."""

from __future__ import annotations

from datetime import timedelta

from service import moderation
from service.kit import clock
from service.kit.db import Database
from service.kit.seal import Keeper
from service.moderation import Queue, reporters
from service.moderation.reporters import Record
from tests.stories.moderation.desk import OPEN, Desk


async def record(desk: Desk, name: str) -> Record:
    return (await desk.db.read(reporters.records, desk.site.id, [name]))[name]


async def judged(desk: Desk, name: str, action: moderation.Action, times: int = 1) -> None:
    """Reports of one reader, each decided about."""
    ada = await desk.moderator()
    for author in await desk.post_many([f"Comment {i}" for i in range(times)]):
        await desk.report(author.comment, name)
        assert (await desk.decide(ada, author.comment, action)).refusal is None


async def test_who_is_right_counts_more_and_who_is_wrong_counts_less(
    db: Database, queue: Queue, keeper: Keeper
) -> None:
    desk = await Desk.new(db, queue, keeper, OPEN)
    await judged(desk, "keen", "remove", 6)
    await judged(desk, "grudge", "approve", 6)
    keen, grudge = (await desk.post()).comment, (await desk.post()).comment

    by_keen, by_grudge = await desk.report(keen, "keen"), await desk.report(grudge, "grudge")
    by_stranger = await desk.report((await desk.post()).comment, "stranger")

    assert by_keen is not None
    assert by_stranger is not None
    assert by_grudge is not None
    assert by_keen.severity > by_stranger.severity > by_grudge.severity > 0
    assert (await record(desk, "keen"), await record(desk, "grudge")) == (Record(6, 0), Record(0, 6))
    assert "counted as 1.6, by how often these readers were right" in by_keen.signals[0].reason
    assert any(part.name == "reporters" for part in by_keen.parts)


async def test_a_crowd_that_is_never_right_hides_nothing(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper, {**OPEN, "screening": {"reports_to_hold": 3}})
    ada = await desk.moderator()
    for _ in range(8):
        comment = (await desk.post()).comment
        for name in ("one", "two"):
            await desk.report(comment, name)
        await desk.decide(ada, await desk.see(comment.id), "approve")
    target = (await desk.post()).comment

    for name in ("one", "two", "stranger"):
        await desk.report(target, name)

    assert (await desk.see(target.id)).is_published


async def test_a_contrary_decision_judges_anew(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper, OPEN)
    ada, comment = await desk.moderator(), (await desk.post()).comment
    await desk.report(comment, "reader")
    await desk.decide(ada, comment, "remove")
    assert await record(desk, "reader") == Record(1, 0)

    await desk.decide(ada, await desk.see(comment.id), "restore")

    assert await record(desk, "reader") == Record(0, 1)


async def test_who_undoes_takes_back_what_was_said_of_reporters(db: Database, queue: Queue, keeper: Keeper) -> None:
    """As before: nobody had judged, or somebody had, and of the reports that came later nobody has."""
    desk = await Desk.new(db, queue, keeper, OPEN)
    ada, comment = await desk.moderator(), (await desk.post()).comment

    async def decided(action: moderation.Action) -> int:
        outcome = await desk.decide(ada, await desk.see(comment.id), action)
        assert outcome.decision is not None, outcome.refusal
        return outcome.decision.id

    with clock.frozen() as hands:
        await desk.report(comment, "early")
        first = await decided("remove")
        assert await record(desk, "early") == Record(1, 0)
        await db.transact(moderation.undo, ada, first)
        assert await record(desk, "early") == Record()

        hands.advance(timedelta(minutes=1))
        await decided("approve")
        hands.advance(timedelta(minutes=1))
        await desk.report(await desk.see(comment.id), "late")
        second = await decided("remove")
        assert (await record(desk, "early"), await record(desk, "late")) == (Record(1, 0), Record(1, 0))
        await db.transact(moderation.undo, ada, second)
        assert (await record(desk, "early"), await record(desk, "late")) == (Record(0, 1), Record())


async def test_a_reporter_can_be_forgotten(db: Database, queue: Queue, keeper: Keeper) -> None:
    desk = await Desk.new(db, queue, keeper, OPEN)
    other = await Desk.new(db, queue, keeper, OPEN)
    await judged(desk, "reader", "remove")
    await judged(other, "reader", "remove")

    await db.transact(reporters.forget, desk.site.id, "reader")

    assert (await record(desk, "reader"), await record(other, "reader")) == (Record(), Record(1, 0))
