"""Pages that are somewhere else now: rules lead them there, and what is to be set is told beforehand."""

from __future__ import annotations

import pytest

from service import transfer
from tests.stories.transfer.exports import NEWS, Export, Shelf


def moves(*rules: str) -> transfer.Moves:
    return transfer.read_moves(rules)


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("localhost:4000 -> https://news.test", "http://localhost:4000/a?b=1", f"{NEWS}/a?b=1"),
        ("old.test -> news.test", "http://www.old.test/a/", f"{NEWS}/a/"),
        ("192.168.1.9:8080 → https://news.test", "http://192.168.1.9:8080/a", f"{NEWS}/a"),
        ("https://old.test/b/* -> https://news.test/c/*", "http://old.test/b/x/y?z=1", f"{NEWS}/c/x/y?z=1"),
        ("https://old.test/a -> https://news.test/b", "http://www.old.test/a/?utm_source=x", f"{NEWS}/b"),
        ("https://old.test/a,https://news.test/b", "https://old.test/a", f"{NEWS}/b"),
        ("https://old.test/a https://news.test/b?x=1", "https://old.test/a", f"{NEWS}/b?x=1"),
    ],
)  # fmt: skip
def test_each_kind_of_rule(rule: str, old: str, new: str) -> None:
    assert moves(rule)(old) == new
    assert moves(rule)("https://elsewhere.test/a") == "https://elsewhere.test/a"


def test_the_closest_rule_counts() -> None:
    found = moves(
        "# where we were",
        "",
        "old.test -> https://host.test",
        "https://old.test/blog/* -> https://short.test/*",
        "https://old.test/blog/2019/* -> https://long.test/*",
        "https://old.test/blog/2019/one -> https://page.test/one",
    )
    assert found("https://old.test/x") == "https://host.test/x"
    assert found("https://old.test/blog/x") == "https://short.test/x"
    assert found("https://old.test/blog/2019/x") == "https://long.test/x"
    assert found("https://old.test/blog/2019/one/") == "https://page.test/one"


@pytest.mark.parametrize(
    "rule", ["alone", "https://a.test/x ->", "-> b", "a.test -> ftp://b", "ftp://a -> https://b.test"]
)
def test_what_is_no_rule_is_named(rule: str) -> None:
    with pytest.raises(transfer.BadMove):
        moves(rule)


async def test_comments_come_to_where_pages_are(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", link="http://localhost:4000/article")
    export.thread("2", link="https://old.test/2019/article.html")
    export.thread("3", link=f"{NEWS}/article")
    for number in range(1, 7):
        export.post(str(number), thread=str(1 + number % 3))
    plan = await transfer.plan_file(shelf.db, shelf.site, shelf.save(export.xml()))
    assert {each.host: each.comments for each in plan.foreign_hosts} == {"localhost:4000": 2, "old.test": 2}
    rules = moves(
        "localhost:4000 -> https://news.test", "https://old.test/2019/article.html -> https://news.test/article"
    )
    report = await shelf.bring(export, moves=rules)
    assert (report.pages, report.foreign_hosts) == (1, ())
    assert len(await shelf.shown()) == 6
    await shelf.assert_counters_true()


async def test_pages_are_checked_before_they_are_changed(shelf: Shelf) -> None:
    export = Export()
    export.thread("1", link=f"{NEWS}/article", title="Trams", identifier="page-1")
    export.thread("2", link="https://old.test/moved")
    export.thread("3", link=f"{NEWS}/lost.html")
    export.post("1")
    export.post("2")
    export.post("3", thread="2")
    export.post("4", thread="3")
    await shelf.bring(export)

    async def check(url: str, identifier: str | None = None) -> transfer.Checked:
        return await shelf.db.read(transfer.check_page, shelf.site, url, identifier)

    shown = await check(f"{NEWS}/article/?utm_source=x")
    assert (shown.verdict, shown.comments, shown.title, shown.known_as, shown.advice) == ("shown", 2, "Trams", None, "")
    named = await check(f"{NEWS}/quite-another", "page-1")
    assert (named.verdict, named.comments, named.known_as) == ("shown", 2, f"{NEWS}/article")
    moved = await check(f"{NEWS}/lost")
    assert (moved.verdict, moved.comments, moved.rule) == ("elsewhere", 1, f"{NEWS}/lost.html -> {NEWS}/lost")
    foreign = await check("https://old.test/moved")
    assert (foreign.verdict, foreign.comments) == ("shown", 1)
    assert "origins" in foreign.advice
    assert (await check(f"{NEWS}/new")).verdict == "empty"
    assert (await check("https://elsewhere.test/new")).verdict == "foreign-host"
    assert (await check("news")).verdict == "no-address"
