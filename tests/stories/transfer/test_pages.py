"""One article had many threads at Disqus: which of them become one page, and under which addresses it is found."""

from __future__ import annotations

import pytest

from service.transfer import Report
from tests.stories.transfer.exports import NEWS, Export, Shelf, left_out


def threads_left_out(report: Report) -> dict[str, int]:
    return {count.kind: count.count for count in report.threads_left_out}


@pytest.mark.parametrize(
    "variant",
    [
        "http://news.test/article",
        "https://www.news.test/article/",
        f"{NEWS}/article?fbclid=abc",
        f"{NEWS}/article?utm_source=mail#comments",
        "https://translate.googleusercontent.com/translate_c?hl=de&u=http://news.test/article&usg=x",
        "https://translate.google.de/translate?u=news.test/article",
        "http://webcache.googleusercontent.com/search?q=cache:6lJZ2aBcD3QJ:news.test/article+&cd=1",
        "https://news-test.translate.goog/article?_x_tr_sl=en&_x_tr_tl=de",
        "https://web.archive.org/web/20200101000000/https://news.test/article",
        "//news.test/article",
        "news.test/article",
        "/article",
    ],
)
async def test_spellings_of_one_address_are_one_page(shelf: Shelf, variant: str) -> None:
    export = Export()
    export.thread("1")
    export.thread("2", link=variant)
    export.post("1", thread="1")
    export.post("2", thread="2", parent="1")
    report = await shelf.bring(export)
    assert report.pages == 1
    assert list(await shelf.shown()) == ["1", "2"]
    assert (await shelf.thread()).url == f"{NEWS}/article"


async def test_an_identifier_holds_a_page_together(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", link="http://old.test/?p=7", identifier="7 http://old.test/?p=7", title="")
    export.thread("2", link=f"{NEWS}/seven", identifier="7 http://old.test/?p=7", title="Seven")
    export.thread("3", link="http://127.0.0.1:4000/seven", identifier="7 http://old.test/?p=7")
    export.post("1", thread="1")
    export.post("2", thread="1")
    export.post("3", thread="2")
    report = await shelf.bring(export)
    assert (report.pages, report.aliases) == (1, 2)
    thread = await shelf.thread(f"{NEWS}/seven")
    # The site's own address, although more was said at the other.
    assert (thread.url, thread.title, thread.comment_count) == (f"{NEWS}/seven", "Seven", 3)
    for url in ("http://old.test/?p=7", "http://127.0.0.1:4000/seven"):
        assert (await shelf.thread(url)).id == thread.id
    assert (await shelf.thread("https://anything.test/", "7 http://old.test/?p=7")).id == thread.id
    assert report.foreign_hosts == ()


async def test_different_identifiers_are_different_pages_even_at_one_address(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", identifier="one")
    export.thread("2", identifier="two")
    export.thread("3")
    export.post("1", thread="1")
    export.post("2", thread="2")
    export.post("3", thread="3")
    await shelf.bring(export)
    assert list(await shelf.shown(identifier="one")) == ["1", "3"]
    assert list(await shelf.shown(identifier="two")) == ["2"]


async def test_threads_without_comments_make_no_page_but_lend_their_address(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", identifier="one")
    export.thread("2", identifier="one", link=f"{NEWS}/also-one")
    export.thread("3", link=f"{NEWS}/silent")
    export.thread("4", link=f"{NEWS}/spam-only")
    export.post("1", thread="1")
    export.post("2", thread="4", is_spam=True)
    report = await shelf.bring(export)
    assert await shelf.find(f"{NEWS}/silent") is None
    assert await shelf.find(f"{NEWS}/spam-only") is None
    assert (await shelf.thread(f"{NEWS}/also-one")).identifier == "one"
    assert threads_left_out(report) == {"without-comments": 3}


async def test_foreign_hosts_are_imported_and_named(shelf: Shelf) -> None:
    export = Export()
    export.thread("1")
    export.thread("2", link="http://localhost:4000/draft")
    export.thread("3", link="https://old.test/a")
    export.thread("4", link="https://old.test/b")
    for number in ("1", "2", "3", "4"):
        export.post(number, thread=number)
    report = await shelf.bring(export)
    assert report.comments == 4
    assert [(h.host, h.pages, h.comments) for h in report.foreign_hosts] == [
        ("old.test", 2, 2), ("localhost:4000", 1, 1)
    ]  # fmt: skip
    lines = "\n".join(report.lines())
    assert "old.test: 2 comments on 2 pages" in lines
    assert f"parley site origins {shelf.site.name}" in lines


@pytest.mark.parametrize("link", ["", "nonsense", "ftp://news.test/a", "https://", "javascript:alert(1)", "x" * 9000])
async def test_links_that_lead_nowhere_are_counted_and_named(shelf: Shelf, link: str) -> None:
    export = Export()
    export.thread("1", link=link)
    export.thread("2", link=link, identifier="two")
    export.thread("3", identifier="two")
    export.post("1", thread="1")
    export.post("2", thread="2")
    report = await shelf.bring(export)
    assert left_out(report) == {"no-address": 1}
    assert threads_left_out(report) == {"no-address": 1, "without-comments": 1}
    # Where another thread of the page knows an address, nothing is lost.
    assert list(await shelf.shown(identifier="two")) == ["2"]


async def test_a_page_is_closed_when_all_its_threads_are(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", link=f"{NEWS}/a", is_closed=True)
    export.thread("2", link=f"{NEWS}/a/", is_closed=True)
    export.thread("3", link=f"{NEWS}/b", is_closed=True)
    export.thread("4", link=f"{NEWS}/b/", is_closed=False)
    for number in ("1", "2", "3", "4"):
        export.post(number, thread=number)
    await shelf.bring(export)
    assert not (await shelf.thread(f"{NEWS}/a")).is_open
    assert (await shelf.thread(f"{NEWS}/b")).is_open


async def test_a_deleted_thread_stays_deleted(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", is_deleted=True, identifier="gone")
    export.thread("2", link=f"{NEWS}/article/")
    export.post("1", thread="1")
    export.post("2", thread="2", parent="1")
    report = await shelf.bring(export)
    assert left_out(report) == {"thread-deleted": 1}
    assert threads_left_out(report) == {"deleted": 1}
    assert list(await shelf.shown()) == ["2"]
    assert (await shelf.thread()).identifier is None


async def test_a_thread_that_is_in_the_file_twice(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", link="", title="")
    export.thread("1", title="The real one")
    export.post("1")
    report = await shelf.bring(export)
    assert (await shelf.thread()).title == "The real one"
    assert threads_left_out(report) == {"duplicate": 1}
    assert report.threads_read == 2


async def test_an_identifier_no_page_can_have_is_no_reason_to_lose_comments(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", identifier="x" * 301)
    export.thread("2", link=f"{NEWS}/b", identifier="y" * 300)
    export.post("1", thread="1")
    export.post("2", thread="2")
    await shelf.bring(export)
    assert list(await shelf.shown()) == ["1"]
    assert list(await shelf.shown(f"{NEWS}/b", "y" * 300)) == ["2"]
