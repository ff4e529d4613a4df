"""What a publisher's comments are after they came over from Disqus."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from service import comments, identity, posting, threads, transfer
from service.comments import Comment
from service.identity import Person, Visitor
from service.kit.seal import Keeper
from service.posting import NewComment, PostingRules
from tests.stories.transfer.exports import NEWS, START, Export, Shelf, left_out, mended, small_batches, tree


async def people(shelf: Shelf, shown: dict[str, Comment]) -> dict[str, Person]:
    found = await shelf.db.read(identity.people, [c.person_id for c in shown.values() if c.person_id])
    return {name: found[c.person_id] for name, c in shown.items() if c.person_id}


async def test_comments_come_with_authors_times_and_answers(shelf: Shelf) -> None:
    export = Export()
    export.thread(title="Trams &amp; ferries".replace("&amp;", "&"))
    export.post("1", message="<p>First <b>words</b></p>", created=START)
    export.post("2", parent="1", name="Bo", username="bo", created=START + timedelta(hours=1, seconds=7))
    export.post("3", parent="2", name="Cy", username=None)
    report = await shelf.bring(export)
    shown = await shelf.shown()
    assert tree(shown) == {"1": None, "2": "1", "3": "2"}
    assert [comment.depth for comment in shown.values()] == [0, 1, 2]
    assert shown["1"].html == "<p>First <strong>words</strong></p>"
    assert shown["2"].created_at == START + timedelta(hours=1, seconds=7)
    wrote = await people(shelf, shown)
    assert {name: person.name for name, person in wrote.items()} == {"1": "Ada", "2": "Bo", "3": "Cy"}
    thread = await shelf.thread()
    assert (thread.title, thread.comment_count, thread.is_open) == ("Trams & ferries", 3, True)
    assert (report.comments, report.people, report.pages) == (3, 3, 1)
    await shelf.assert_counters_true()


@pytest.mark.parametrize("pad", ["", "\n\t\t", " \r\n "])
async def test_values_may_be_padded(shelf: Shelf, pad: str) -> None:
    export = Export(pad=pad)
    export.thread(is_closed=True, identifier="page-1")
    export.post("1")
    export.post("2", is_deleted=True)
    export.post("3", is_spam=True)
    await shelf.bring(export)
    shown = await shelf.shown(identifier="page-1")
    assert list(shown) == ["1"]
    assert shown["1"].body == "<p>Words of 1.</p>"
    assert not (await shelf.thread()).is_open


async def test_deleted_and_spam_are_shown_to_nobody(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.post("1", is_deleted=True, message="<p>SECRET one</p>", name="Secret Sue", username="sue")
    export.post("2", parent="1", is_spam=True, message="<p>SECRET two</p>")
    export.post("3", parent="2")
    export.post("4", parent="3", is_deleted=True, message="<p>SECRET four</p>")
    export.post("5", is_spam=True, message="<p>SECRET five</p>")
    report = await shelf.bring(export)
    shown = await shelf.shown()
    assert tree(shown) == {"1": None, "2": "1", "3": "2"}
    assert [(c.state, c.is_published) for c in shown.values()] == [
        ("deleted", False), ("removed", False), ("published", True)
    ]  # fmt: skip
    assert shown["1"].person_id is None
    assert "SECRET" not in str(await shelf.rows())
    assert left_out(report) == {"deleted": 1, "spam": 1}
    assert (report.comments, report.tombstones) == (1, 2)
    await shelf.assert_counters_true()


async def test_a_second_run_changes_nothing(shelf: Shelf) -> None:
    export = Export()
    export.thread(link=f"{NEWS}/a")
    export.thread("2", link="https://elsewhere.test/b", identifier="b", is_closed=True)
    export.thread("3", link=f"{NEWS}/b", identifier="b", is_closed=True)
    for number in range(1, 30):
        export.post(str(number), thread=str(1 + number % 2), is_deleted=number % 7 == 0, username=None)
    export.post("40", thread="1", parent="14")
    first = await shelf.bring(export)
    before = await shelf.rows()
    again = await shelf.bring(export)
    assert await shelf.rows() == before
    assert first.changed
    assert not again.changed
    assert again.unchanged == first.comments + first.tombstones
    assert "Nothing was changed." in again.lines()


async def test_what_readers_and_moderators_did_meanwhile_stays(shelf: Shelf) -> None:
    export = Export()
    export.thread(is_closed=True)
    export.post("1")
    export.post("2")
    await shelf.bring(export)
    thread, shown = await shelf.thread(), await shelf.shown()
    await shelf.db.transact(threads.set_state, thread.id, "open")
    await shelf.db.transact(comments.set_state, shown["1"].id, None, "removed")
    export.post("3", parent="1")
    report = await shelf.bring(export)
    assert (report.comments, report.unchanged) == (1, 2)
    shown = await shelf.shown()
    assert tree(shown) == {"1": None, "2": None, "3": "1"}
    assert shown["1"].state == "removed"
    assert (await shelf.thread()).is_open
    await shelf.assert_counters_true()


async def test_a_page_readers_discuss_already_gets_the_old_comments(shelf: Shelf, keeper: Keeper) -> None:
    draft = posting.weigh(NewComment(body="New here", url=f"{NEWS}/article", name="Dee"), PostingRules())
    posted = await shelf.db.transact(posting.post, keeper, shelf.site, Visitor("192.0.2.1"), draft)
    export = Export()
    export.thread(link="http://www.news.test/article/?utm_source=x", identifier="page-1")
    export.post("1")
    report = await shelf.bring(export)
    assert report.pages == 0
    shown = await shelf.shown()
    assert list(shown) == ["1", str(posted.comment.id)]
    assert (await shelf.thread()).comment_count == 2
    # The last comment is the reader's, not the last one that was brought.
    await shelf.assert_counters_true()


async def test_a_run_that_was_interrupted_is_finished_by_the_next(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch, 500)
    export = Export()
    export.thread()
    export.thread("2", link=f"{NEWS}/other")
    for number in range(1, 1200):
        parent = str(number - 3) if number > 40 and number % 5 else None
        export.post(str(number), parent=parent, thread="1", is_deleted=number % 11 == 0)
    export.post("2000", thread="2")

    class PowerCut(Exception):
        pass

    def cut(done: int, _total: int) -> None:
        if done >= 500:
            raise PowerCut

    with pytest.raises(PowerCut):
        await shelf.bring(export, progress=cut)
    partly = len((await shelf.rows())["comment"])
    assert 500 <= partly < 1000
    await shelf.assert_counters_true()
    report = await shelf.bring(export)
    assert report.unchanged == partly
    await shelf.assert_counters_true()
    other = await Shelf.new(shelf.db, shelf.folder)
    await other.bring(export)
    assert tree(await shelf.shown()) == tree(await other.shown())


async def test_a_run_that_is_called_off_changes_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = shelf.folder / "tmp"
    rooms.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(rooms))
    export = Export()
    export.thread()
    export.post("1")
    loop, reading, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def progress(_done: int, total: int) -> None:
        if not total:
            loop.call_soon_threadsafe(reading.set)
            assert go_on.wait(30)

    run = asyncio.create_task(shelf.bring(export, progress=progress))
    await reading.wait()
    assert len(list(rooms.iterdir())) == 1
    run.cancel()
    loop.call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await run
    assert list(rooms.iterdir()) == []
    assert not any((await shelf.rows()).values())


async def test_two_runs_at_once_bring_each_comment_once(shelf: Shelf) -> None:
    export = Export()
    for page in range(1, 5):
        export.thread(str(page), link=f"{NEWS}/{page}")
    for number in range(1, 1300):
        parent = str(number - 4) if number > 4 and number % 3 else None
        export.post(str(number), thread=str(1 + number % 4), parent=parent, is_deleted=number % 9 == 0)
    first, second = await asyncio.gather(shelf.bring(export), shelf.bring(export))
    rows = await shelf.rows()
    brought = sum(report.comments + report.tombstones for report in (first, second))
    assert len(rows["comment"]) == brought == first.comments + first.tombstones + first.unchanged
    assert len(rows["thread"]) == 4
    await shelf.assert_counters_true()


async def test_progress_is_told_from_nothing_to_all(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    for number in range(1, 700):
        export.post(str(number))
    told: list[tuple[int, int]] = []
    await shelf.bring(export, progress=lambda done, total: told.append((done, total)))
    written = [(done, total) for done, total in told if total]
    assert written[0] == (0, 699)
    assert written[-1] == (699, 699)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_answers_that_stand_before_what_they_answer(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.post("3", parent="2", created=START)
    export.post("2", parent="1", created=START + timedelta(days=1))
    export.post("1", created=START + timedelta(days=2))
    report = await shelf.bring(export)
    assert tree(await shelf.shown()) == {"1": None, "2": "1", "3": "2"}
    assert not report.mended


async def test_comments_without_their_place_are_counted_and_named(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.thread("2", link=f"{NEWS}/other")
    export.post("1")
    export.post("2", thread="77")
    export.post("3", parent="999")
    export.post("4", thread="2", parent="1")
    export.post("1", message="<p>the same id again</p>")
    report = await shelf.bring(export)
    assert left_out(report) == {"orphan": 1, "duplicate": 1}
    assert mended(report) == {"parent-missing": 1, "parent-elsewhere": 1}
    assert report.posts_left_out[0].examples[0].startswith("1 in line ")
    assert report.posts_left_out[1].examples[0].startswith("2 in line ")
    assert tree(await shelf.shown()) == {"1": None, "3": None}
    assert (await shelf.shown())["1"].body == "<p>Words of 1.</p>"


async def test_circles_are_opened_at_their_oldest_comment(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.post("1", parent="3", created=START + timedelta(hours=1))
    export.post("2", parent="1", created=START)
    export.post("3", parent="2", created=START + timedelta(hours=2))
    export.post("4", parent="3")
    export.post("5", parent="5")
    report = await shelf.bring(export)
    assert tree(await shelf.shown()) == {"2": None, "5": None, "3": "2", "1": "3", "4": "3"}
    assert mended(report) == {"circle": 2}


async def test_a_long_argument_keeps_its_shape(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.post("1")
    for number in range(2, 502):
        # Every third was deleted; the last one holds all of them up.
        export.post(str(number), parent=str(number - 1), is_deleted=number % 3 == 0)
    report = await shelf.bring(export)
    shown = await shelf.shown()
    assert shown["500"].depth == 499
    assert tree(shown) == {str(n): str(n - 1) if n > 1 else None for n in range(1, 501)}
    assert (report.tombstones, left_out(report)) == (166, {"deleted": 1})
    await shelf.assert_counters_true()


async def test_copies_within_a_page_become_one(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.thread("2", link=f"{NEWS}/article/")
    same: dict[str, Any] = {"created": START, "message": "<p>Said once</p>"}
    export.post("1", **same)
    export.post("2", thread="2", **same)
    export.post("3", thread="2", parent="2")
    export.post("4", **same, username="bo")
    export.thread("3", link=f"{NEWS}/another")
    export.post("5", thread="3", **same)
    report = await shelf.bring(export)
    assert tree(await shelf.shown()) == {"1": None, "4": None, "3": "1"}
    assert tree(await shelf.shown(f"{NEWS}/another")) == {"5": None}
    assert left_out(report) == {"copy": 1}
    assert not report.mended


async def test_copies_on_different_pages_stay_and_are_reported(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", link=f"{NEWS}/old/")
    export.thread("2", link=f"{NEWS}/new/")
    for number in ("1", "2", "3"):
        same: dict[str, Any] = {"created": START + timedelta(minutes=int(number)), "message": f"<p>{number}</p>"}
        export.post(number, thread="1", **same)
        export.post(f"{number}0", thread="2", **same)
    report = await shelf.bring(export)
    assert report.comments == 6
    assert [(t.first, t.second, t.comments) for t in report.twins] == [(f"{NEWS}/old/", f"{NEWS}/new/", 3)]
    assert any(f"{NEWS}/old/" in line and f"{NEWS}/new/" in line for line in report.lines())


async def test_pages_that_share_comments_are_made_one_when_that_is_wished(shelf: Shelf) -> None:
    """A site moved twice, and took its threads along each time: three addresses, two with identifiers of their own."""
    export = Export()
    export.thread("1", link="http://old.test/?p=7", identifier="7 http://old.test/?p=7")
    export.thread("2", link=f"{NEWS}/blog/tram.html")
    export.thread("3", link=f"{NEWS}/tram/", identifier="tram")
    for thread in ("1", "2", "3"):
        for number in range(3):
            same: dict[str, Any] = {"created": START + timedelta(minutes=number), "message": f"<p>{number}</p>"}
            export.post(f"{thread}{number}", thread=thread, **same)
    export.post("90", thread="1", parent="11", message="<p>Only there.</p>")
    path = shelf.save(export.xml())
    planned = await transfer.plan_file(shelf.db, shelf.site, path)
    rules = planned.merging(partial(transfer.is_own, shelf.site))
    assert len(planned.twins) == 3
    assert {rule.partition(" -> ")[2] for rule in rules} == {f"{NEWS}/tram/"}
    report = await shelf.bring_file(path, moves=transfer.read_moves(rules))
    assert (report.pages, report.comments, left_out(report), report.twins_found) == (1, 4, {"copy": 6}, 0)
    for address in (f"{NEWS}/tram/", f"{NEWS}/blog/tram.html", "http://old.test/?p=7"):
        shown = await shelf.shown(address)
        assert [each.body for each in shown.values()] == ["<p>0</p>", "<p>1</p>", "<p>2</p>", "<p>Only there.</p>"]
        assert tree(shown)["90"] == "11"
    (run,) = await shelf.db.read(transfer.of_site, shelf.site.id, None, 10)
    taken = await transfer.undo(shelf.db, shelf.site, run.id)
    assert (taken.comments, taken.threads) == (4, 1)


async def test_hostile_words_are_harmless(shelf: Shelf) -> None:
    export = Export()
    export.thread(title="<script>alert(1)</script>")
    export.post(
        "1",
        message='<p onclick="x()">Hi<script>alert(1)</script><img src=x onerror=alert(1)>'
        '<a href="javascript:alert(1)">a</a><a href="https://ok.test/" style="x">b</a><iframe src="//x"></iframe></p>',
        name="<b onmouseover=alert(1)>Eve</b>",
    )
    export.post("2", message="<script>alert(1)</script>")
    report = await shelf.bring(export)
    shown = await shelf.shown()
    html = shown["1"].html or ""
    for evil in ("script", "onclick", "onerror", "javascript", "iframe", "style"):
        assert evil not in html
    assert 'rel="nofollow ugc noopener' in html
    assert left_out(report) == {"empty": 1}
    assert (await people(shelf, shown))["1"].name == "<b onmouseover=alert(1)>Eve</b>"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", "Deleted account"),
        ("   ", "Deleted account"),
        ("\u200b\u2060", "Deleted account"),
        ("A" * 500, "A" * 80),
        ("Eve\u202eada", "Eveada"),
        ("Zoë Þórsdóttir 🚋", "Zoë Þórsdóttir 🚋"),
        ("Line\nbreak", "Line break"),
    ],
)
async def test_odd_names(shelf: Shelf, given: str, kept: str) -> None:
    export = Export()
    export.thread()
    export.post("1", name=given, username=None)
    await shelf.bring(export)
    assert (await people(shelf, await shelf.shown()))["1"].name == kept


async def test_an_account_is_one_person_and_guests_are_not(shelf: Shelf) -> None:
    export = Export()
    export.thread()
    export.post("1", name="Ada", username="ada")
    export.post("2", name="Ada", username="ada")
    export.post("3", name="Ada", username=None)
    export.post("4", name="Ada", username=None)
    export.post("5", name="", username="nameless")
    export.post("6", name="Long", username="x" * 300)
    report = await shelf.bring(export)
    wrote = await people(shelf, await shelf.shown())
    assert wrote["1"].id == wrote["2"].id
    assert len({person.id for person in wrote.values()}) == report.people == 5
    assert wrote["5"].name == "nameless"
    assert wrote["1"].published_count == 2


async def test_old_comments_can_be_voted_on_and_removed_like_any(shelf: Shelf) -> None:
    export = Export()
    export.thread(created=datetime(2007, 10, 30, tzinfo=UTC))
    export.post("1", created=datetime(2007, 10, 31, tzinfo=UTC))
    export.post("2", parent="1", created=datetime(2038, 1, 20, tzinfo=UTC))
    await shelf.bring(export)
    shown = await shelf.shown()
    assert shown["1"].best > 0
    await shelf.db.transact(comments.set_state, shown["2"].id, None, "removed")
    await shelf.db.transact(comments.set_state, shown["1"].id, None, "removed")
    assert await shelf.shown() == {}
    assert (await shelf.thread()).comment_count == 0
