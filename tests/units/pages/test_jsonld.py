"""The discussion as search engines read it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as parser

from service.pages import draw
from service.pages.jsonld import embedded, of_article, of_discussion
from service.pages.views import PageView
from tests.units.pages.made import NOW, SETTINGS, THREAD, URL, comment, page
from tests.units.pages.schema_org import faults
from tests.units.pages.test_frame import hostile

ORIGIN = "https://comments.example"


def discussion(view: PageView) -> dict[str, Any]:
    return of_discussion(view, publisher="The Courier", origin=ORIGIN, began="2026-11-24T17:00:00Z")


def everything() -> PageView:
    """A page with an answer, an edited comment, a tombstone that has one, and votes."""
    gone = comment(replies=[comment("Bob", "An answer")], state="gone", gone="removed", author=None, html=None)
    return page(comment(replies=[comment("Eve", edited_at=NOW)], up=3, down=1), gone, comment(author=None))


def test_both_shapes_are_valid() -> None:
    for node in (discussion(everything()), of_article(everything(), origin=ORIGIN)):
        assert faults(node) == []


def test_the_checker_finds_what_is_planted() -> None:
    good = discussion(everything())
    planted: list[dict[str, Any]] = [
        {**good, "@type": "Discussion"},
        {**good, "@context": "https://example.org"},
        {**good, "datePublished": "yesterday"},
        {**good, "commentCount": "3"},
        {**good, "autor": "x"},
        {key: value for key, value in good.items() if key != "sharedContent"},
        {**good, "comment": [{**good["comment"][0], "upvoteCount": -1}]},
        {**good, "comment": [{key: value for key, value in good["comment"][0].items() if key != "text"}]},
    ]
    assert [bool(faults(node)) for node in planted] == [True] * len(planted)


def test_what_is_told_of_a_comment() -> None:
    first, gone, unsigned = discussion(everything())["comment"]
    assert (first["text"], first["author"]["name"]) == ("Words", "Ada")
    assert (first["upvoteCount"], first["downvoteCount"], first["datePublished"]) == (3, 1, "2026-11-24T15:20:00Z")
    assert first["comment"][0]["dateModified"] == "2026-11-24T18:20:00Z"
    assert first["url"].startswith(f"{ORIGIN}/t/{THREAD.id}?comment=")
    # A tombstone holds its place, and nothing else.
    assert set(gone) == {"@type", "@id", "url", "datePublished", "creativeWorkStatus", "comment"}
    assert unsigned["author"]["name"] == "Anonymous"


def test_the_publishers_node_is_about_the_article() -> None:
    node = of_article(everything(), origin=ORIGIN)
    assert (node["@type"], node["@id"], node["discussionUrl"]) == ("Article", URL, f"{ORIGIN}/t/{THREAD.id}")
    assert node["comment"][0]["url"].startswith(f"{URL}#comment-")
    unopened = page(thread=THREAD.model_copy(update={"id": None, "title": None, "comment_count": 0}))
    node = of_article(unopened, origin=ORIGIN)
    assert faults(node) == []
    assert (node["comment"], "discussionUrl" in node) == ([], False)


def test_a_held_comment_is_not_told_even_if_it_gets_here() -> None:
    """Public pages never hold one; if one did, its words would still not be in the metadata."""
    told = embedded(discussion(page(comment("Mallory", "Held words", state="held"))))
    assert "Held words" not in told
    assert "Mallory" not in told


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/"])
def test_an_address_that_leads_nowhere_is_no_link(url: str) -> None:
    thread = THREAD.model_copy(update={"url": url})
    told = discussion(page(comment(), thread=thread))
    assert "sharedContent" not in told
    assert of_article(page(comment(), thread=thread), origin=ORIGIN)["@id"] == f"{ORIGIN}/t/{THREAD.id}"


nasty = hostile | st.sampled_from(
    ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028\u2029", "&lt;/script>"]
)


@settings(deadline=None)  # the first drawing compiles the templates
@given(nasty, nasty)
def test_no_text_leaves_its_script(name: str, title: str) -> None:
    thread = THREAD.model_copy(update={"title": title})
    view = page(comment(name), thread=thread)
    told = embedded(discussion(view))
    assert not set("<>&\u2028\u2029") & set(told)
    node = json.loads(told)
    assert (node["headline"], node["comment"][0]["author"]["name"]) == (title, name)
    drawn = parser.document_fromstring(draw.thread(view, asset="/static/{}".format, settings=SETTINGS, jsonld=told))
    scripts = drawn.xpath("//script")
    assert [script.get("type") for script in scripts] == ["application/ld+json", "module"]
    assert json.loads(scripts[0].text)["headline"] == title
