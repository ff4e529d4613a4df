"""Feeds: well-formed whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from service.pages.atom import Entry, Feed, Pages, urn, write

NS = {"a": "http://www.w3.org/2005/Atom", "thr": "http://purl.org/syndication/thread/1.0"}
AT = datetime(2026, 11, 24, 18, 20, tzinfo=UTC)


def entry(**more: Any) -> Entry:
    fields = {
        "id": urn("comment", "demo", "1"),
        "thread": "7",
        "parent": None,
        "author": "Ada",
        "title": "Ada on trams",
        "html": "<p>Words</p>",
        "address": "https://news.test/tram#comment-1",
        "published": AT,
        "updated": AT,
    }
    return Entry(**{**fields, **more})


def feed(*entries: Entry, **more: Any) -> Feed:
    fields = {
        "id": urn("thread", "demo", "7"),
        "title": "Comments: trams",
        "pages": Pages("https://c.test/feed.atom"),
        "about": "https://news.test/tram",
        "updated": AT,
        "entries": entries,
    }
    return Feed(**{**fields, **more})


def parsed(made: Feed) -> Any:
    return etree.fromstring(write(made).encode(), etree.XMLParser(resolve_entities=False))


def test_what_the_standard_asks_for_is_there() -> None:
    answer = entry(id=urn("comment", "demo", "2"), parent=urn("comment", "demo", "1"))
    root = parsed(feed(entry(), answer))
    for name in ("id", "title", "updated"):
        assert len(root.findall(f"a:{name}", NS)) == 1
        assert all(len(each.findall(f"a:{name}", NS)) == 1 for each in root.findall("a:entry", NS))
    assert root.xpath("string(a:link[@rel='self']/@href)", namespaces=NS) == "https://c.test/feed.atom"
    first, second = root.findall("a:entry", NS)
    assert first.find("a:updated", NS).text == "2026-11-24T18:20:00Z"
    assert first.find("a:content", NS).text == "<p>Words</p>"
    assert first.find("thr:in-reply-to", NS) is None
    assert second.find("thr:in-reply-to", NS).get("ref") == first.find("a:id", NS).text


def test_an_empty_feed_is_one() -> None:
    assert parsed(feed(about=None)).findall("a:entry", NS) == []


def test_ids_are_stable_and_told_apart() -> None:
    # Readers would show everything as new if this changed.
    assert urn("comment", "demo", "1") == "urn:uuid:8ea69191-2501-802a-a9a4-a3e6b4c3c753"
    assert len({urn("comment", "demo", "1"), urn("comment", "demo", "2"), urn("thread", "demo", "1")}) == 3


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_every_text_comes_out_as_it_went_in(title: str, author: str, html: str) -> None:
    root = parsed(feed(entry(author=author, html=html, address=f"https://news.test/?{title}"), title=title))
    # XML has no way to say control characters, and reads every line end as one.
    sayable = str.maketrans("", "", "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])))
    lines = "\r\n", "\r"
    for text, told in ((title, "a:title"), (author, "a:entry/a:author/a:name"), (html, "a:entry/a:content")):
        said = "".join(c for c in text.translate(sayable) if not 0xD800 <= ord(c) < 0xE000)
        for end in lines:
            said = said.replace(end, "\n")
        assert (root.find(told, NS).text or "") == said
