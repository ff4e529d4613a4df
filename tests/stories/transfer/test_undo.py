"""An import is taken back: exactly what it brought goes, and nothing that came since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service import comments, identity, posting, transfer, votes
from service.comments import Comment
from service.identity import Visitor
from service.kit.db import Database, ReadTx
from service.kit.seal import Keeper
from service.posting import NewComment, PostingRules
from service.transfer import runs
from tests.stories.transfer.exports import NEWS, Export, Shelf, small_batches, tree
from tests.world import World


async def last_run(shelf: Shelf) -> int:
    return (await shelf.db.read(runs.of_site, shelf.site.id, None, 1))[0].id


async def take_back(shelf: Shelf) -> transfer.TakenBack:
    return await transfer.undo(shelf.db, shelf.site, await last_run(shelf))


async def a_reader_answers(shelf: Shelf, keeper: Keeper, above: Comment | None, url: str = f"{NEWS}/article") -> Any:
    parent = None if above is None else above.id
    draft = posting.weigh(NewComment(body="A reader's words", url=url, name="Dee", parent=parent), PostingRules())
    return await shelf.db.transact(posting.post, keeper, shelf.site, Visitor("192.0.2.7"), draft)


def an_export(comments: int = 60) -> Export:
    export = Export()
    export.thread(identifier="page-1")
    export.thread("2", link="http://old.test/article?utm_source=x", identifier="page-1")
    export.thread("3", link=f"{NEWS}/other")
    for number in range(1, comments + 1):
        parent = str(number - 2) if number > 2 and number % 3 else None
        thread = "3" if number % 2 else "1"
        export.post(str(number), thread=thread, parent=parent, username=None if number % 4 else "ada",
                    is_deleted=number % 7 == 0)  # fmt: skip
    return export


async def test_nothing_is_left_of_what_nobody_touched(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await shelf.rows()
    small_batches(monkeypatch, 7)
    report = await shelf.bring(an_export())
    taken = await take_back(shelf)
    assert await shelf.rows() == before
    assert (taken.comments, taken.tombstones) == (report.comments + report.tombstones, 0)
    assert (taken.threads, taken.people) == (report.pages, report.people)
    run = (await shelf.db.read(runs.of_site, shelf.site.id, None, 1))[0]
    assert (run.state, run.done) == ("undone", run.total)
    with pytest.raises(runs.ImportNotDone):
        await take_back(shelf)
    again = await shelf.bring(an_export())
    assert (again.comments, again.unchanged) == (report.comments, 0)
    await shelf.assert_counters_true()


async def test_what_was_there_before_is_as_it_was(shelf: Shelf, keeper: Keeper) -> None:
    posted = await a_reader_answers(shelf, keeper, None)
    early = Export()
    early.thread("3", link=f"{NEWS}/other")
    early.post("1", thread="3")
    await shelf.bring(early)
    before = await shelf.rows()
    await shelf.bring(an_export())
    assert len((await shelf.rows())["comment"]) > len(before["comment"])
    await take_back(shelf)
    after = await shelf.rows()
    assert [row[0] for row in after["comment"]] == [row[0] for row in before["comment"]]
    assert (after["alias"], after["person"]) == (before["alias"], before["person"])
    assert (await shelf.thread()).comment_count == 1
    assert list(await shelf.shown()) == [str(posted.comment.id)]
    await shelf.assert_counters_true()


async def test_readers_words_stay_below_a_tombstone(
    shelf: Shelf, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch, 5)
    export = Export()
    export.thread()
    for number in range(1, 13):
        export.post(str(number), parent=str(number - 1) if number > 1 else None, message=f"<p>SECRET {number}</p>")
    await shelf.bring(export)
    shown = await shelf.shown()
    reply = await a_reader_answers(shelf, keeper, shown["6"])
    voter = await shelf.db.read(identity.person, reply.comment.person_id)
    assert voter is not None
    await shelf.db.transact(votes.cast, voter, shown["9"], 1)
    await shelf.db.transact(votes.cast, voter, shown["6"], 1)

    taken = await take_back(shelf)
    assert (taken.comments, taken.tombstones, taken.threads) == (6, 6, 0)
    left = await shelf.shown()
    assert len(left) == 7
    assert [comment.is_published for comment in left.values()] == [False] * 6 + [True]
    assert tree(left)[str(reply.comment.id)] == "undone:disqus:6"
    assert "SECRET" not in str(await shelf.rows())
    thread = await shelf.thread()
    assert thread.comment_count == 1
    await shelf.assert_counters_true()

    # The same file again fills the tombstones, and the reader's answer hangs where it hung.
    report = await shelf.bring(export)
    assert (report.comments, report.unchanged, report.pages) == (12, 0, 0)
    filled = await shelf.shown()
    assert tree(filled)[str(reply.comment.id)] == "6"
    assert all(tree(filled)[str(number)] == str(number - 1) for number in range(2, 13))
    assert filled["6"].body == "<p>SECRET 6</p>"
    assert all(comment.is_published for comment in filled.values())
    await shelf.assert_counters_true()
    assert (await take_back(shelf)).tombstones == 6
    await shelf.assert_counters_true()


async def test_a_thread_readers_went_on_in_stays_with_its_addresses(shelf: Shelf, keeper: Keeper) -> None:
    await shelf.bring(an_export())
    posted = await a_reader_answers(shelf, keeper, None)
    await take_back(shelf)
    assert list(await shelf.shown("http://old.test/article")) == [str(posted.comment.id)]
    assert await shelf.find(f"{NEWS}/other") is None
    thread = await shelf.thread(identifier="page-1")
    # The last comment is the reader's, though those that went were counted.
    assert await shelf.db.read(_last_comment_at, thread.id) == posted.comment.created_at
    await shelf.assert_counters_true()


async def test_what_is_interrupted_goes_on(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch, 10)
    await shelf.bring(an_export())
    run = await last_run(shelf)

    class PowerCut(Exception):
        pass

    def cut(done: int, _total: int) -> None:
        if done >= 20:
            raise PowerCut

    with pytest.raises(PowerCut):
        await transfer.undo(shelf.db, shelf.site, run, progress=cut)
    await shelf.assert_counters_true()
    with pytest.raises(runs.ImportUnderWay):
        await transfer.undo(shelf.db, shelf.site, run)  # somebody may be at it
    monkeypatch.setattr(runs, "_SILENCE", -runs._SILENCE)
    await shelf.db.transact(runs.hold, (await shelf.db.read(_worker, run)), run, 20)
    monkeypatch.undo()
    assert await transfer.work(shelf.db) >= 1  # a worker takes it over, and what others have left
    assert (await shelf.rows())["comment"] == []
    assert (await shelf.db.read(runs.get, shelf.site.id, run)).state == "undone"


async def test_what_readers_reported_keeps_its_comment(world: World, db: Database, tmp_path: Path) -> None:
    shelf = Shelf(db, world.site, tmp_path)
    export = Export()
    export.thread()
    export.post("1", message="<p>SECRET one</p>")
    export.post("2", message="<p>SECRET two</p>")
    await shelf.bring(export)
    comment = (await shelf.shown())["1"]
    assert (await world.guest().report(str(comment.id))).status_code < 300
    taken = await take_back(shelf)
    # The case has its comment, and nobody has its words.
    assert (taken.comments, taken.tombstones, taken.threads) == (1, 1, 0)
    assert [row[0] for row in (await shelf.rows())["comment"]] == [comment.id]
    assert "SECRET" not in str(await shelf.rows())
    await shelf.assert_counters_true()


async def _last_comment_at(tx: ReadTx, thread_id: int) -> Any:
    return await comments.last_published_at(tx, thread_id)


async def _worker(tx: ReadTx, run: int) -> str:
    return str(await tx.scalar(text("SELECT worker FROM import_run WHERE id = :run"), {"run": run}))
