from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as parser

from service.pages import FrameSettings, draw
from service.pages.views import AuthorView, CommentsView, PermalinkView
from tests.units.pages.made import NOW, SETTINGS, THREAD, URL, comment, frame, has_class, page

COMPOSER = "//main//form[@data-composer][not(ancestor::template)]"
# What XML cannot hold never gets this far: texts are cleaned on the way in.
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40).filter(str.strip)
hostile = words | st.sampled_from(
    [
        '"><script>alert(1)</script>',
        "' onfocus=alert(1) x='",
        "{{ 7 * 7 }}",
        "</template></main>",
        "javascript:alert(1)",
    ]
)


def names_of(document: Any) -> list[str]:
    return [name.text_content().strip() for name in document.xpath(f"//*[{has_class('name')}]")]


# The first drawing compiles the templates, and a busy machine takes its time.
@settings(deadline=None)
@given(hostile, hostile, hostile, hostile)
def test_no_text_of_readers_or_publishers_becomes_markup(name: str, title: str, query: str, identifier: str) -> None:
    thread = THREAD.model_copy(update={"title": title, "url": f"{URL}?{query}"})
    drawn = frame(
        page(comment(name, replies=[comment(name)]), thread=thread), identifier=identifier, host="https://a.example"
    )
    assert names_of(drawn) == [name.strip()] * 2
    assert [script.get("src") for script in drawn.xpath("//script")] == ["/static/frame.js"]
    assert not drawn.xpath("//@*[starts-with(name(), 'on')] | //@style | //style")
    assert {urlsplit(href).scheme for href in drawn.xpath("//body//a/@href")} <= {"", "http", "https"}
    for link in drawn.xpath("//a[@data-sort]/@href"):
        asked = parse_qs(urlsplit(link).query, keep_blank_values=True)
        assert (asked["url"], asked["identifier"]) == ([f"{URL}?{query}"], [identifier])


def test_ids_in_a_page_are_unique() -> None:
    drawn = frame(page(comment(replies=[comment(), comment()], cursor="c"), comment(), cursor="c"))
    ids = drawn.xpath("//@id")
    assert len(ids) == len(set(ids)) > 8
    for named in drawn.xpath("//@aria-labelledby"):
        assert set(named.split()) <= set(ids)


def test_the_frame_s_own_links_stay_in_the_frame() -> None:
    deep = comment(reply_count=2)
    drawn = frame(
        page(comment(replies=[deep], cursor="c", reply_count=5), cursor="c"), settings=FrameSettings(depth_shown=1)
    )
    assert drawn.xpath("string(//base/@target)") == "_blank"
    own = [a for a in drawn.xpath("//main//a") if a.get("href").startswith(("/", "#"))]
    assert len(own) > 5
    # What is kept about a reader is a page of its own, beside the discussion.
    assert {a.get("href").split("/")[1] for a in own if a.get("target") is None} == {"privacy"}
    assert {a.get("target") for a in own} == {"_self", None}


def test_comments_nest_as_they_answer() -> None:
    drawn = frame(page(comment("Ada", replies=[comment("Bo", replies=[comment("Cy")]), comment("Di")])))
    tree = {
        a.xpath("string(.//*[@class='name'])").strip(): len(a.xpath("ancestor::ol")) for a in drawn.xpath("//article")
    }
    assert tree == {"Ada": 1, "Bo": 2, "Cy": 3, "Di": 2}


def test_where_levels_end_there_is_a_way_on() -> None:
    settings = FrameSettings(depth_shown=1)
    last, cut = comment("Bo", reply_count=2), comment("Ada", reply_count=3)
    drawn = frame(page(comment(replies=[last]), cut, cursor="next"), settings=settings)
    go = drawn.xpath("//a[@data-go]")
    assert [a.get("data-go") for a in go] == [last.id]
    assert parse_qs(urlsplit(go[0].get("href")).query)["comment"] == [last.id]
    more = drawn.xpath("//a[@data-more]")
    assert [a.text_content() for a in more] == ["Show 3 replies", "Show more comments"]
    asked = [parse_qs(urlsplit(a.get("data-more")).query) for a in more]
    assert asked[0] == {"thread": [THREAD.id], "parent": [cut.id], "sort": ["best"], "level": ["1"]}
    assert asked[1] == {"thread": [THREAD.id], "sort": ["best"], "cursor": ["next"]}
    assert parse_qs(urlsplit(more[1].get("href")).query)["cursor"] == ["next"]


def test_more_replies_are_counted_when_the_number_is_known() -> None:
    drawn = frame(page(comment(replies=[comment(), comment()], cursor="c", reply_count=9)))
    assert drawn.xpath("string(//a[@data-more])") == "Show 7 more replies"
    fragment = draw.comments(
        CommentsView(items=[comment()], next_cursor="d"),
        thread=THREAD,
        sort="newest",
        settings=SETTINGS,
        parent="17",
        level=2,
    )
    more = parser.fragment_fromstring(fragment, create_parent=True).xpath("//a[@data-more]")[0]
    assert more.text_content() == "Show more replies"
    asked = parse_qs(urlsplit(more.get("data-more")).query)
    assert asked == {"thread": [THREAD.id], "parent": ["17"], "sort": ["newest"], "cursor": ["d"], "level": ["2"]}


@pytest.mark.parametrize(
    ("gone", "words"),
    [("deleted", "The author has deleted"), ("removed", "A moderator has removed"), ("held", "waiting")],
)
def test_tombstones_say_why_and_offer_nothing(gone: str, words: str) -> None:
    stone = comment(state="gone", gone=gone, author=None, html=None, replies=[comment("Bo")])
    drawn = frame(page(stone))
    article = drawn.get_element_by_id(f"comment-{stone.id}")
    assert words in article.text_content()
    assert not article.xpath(".//*[@class='body'] | .//*[@data-vote] | .//*[@data-act='reply' or @data-act='report']")
    assert names_of(drawn)[1] == "Bo"


def test_a_held_comment_says_that_only_its_author_sees_it() -> None:
    drawn = parser.fragment_fromstring(draw.comment(comment(state="held"), settings=SETTINGS))
    assert "only you can see it" in drawn.text_content()
    assert not drawn.xpath(".//*[@data-vote] | .//*[@data-act]")


def test_an_empty_thread_invites() -> None:
    drawn = frame(page(thread=THREAD.model_copy(update={"id": None, "comment_count": 0})))
    assert "Be the first" in drawn.text_content()
    assert drawn.xpath(COMPOSER)
    assert not drawn.xpath("//nav")
    assert drawn.get_element_by_id("parley").get("data-thread") is None


def test_a_closed_thread_can_be_read_only() -> None:
    drawn = frame(page(comment(), thread=THREAD.model_copy(update={"state": "closed"})))
    assert "closed" in drawn.xpath("string(//*[@class='notice'])")
    assert not drawn.xpath("//form[@data-composer]")
    assert drawn.xpath("//article")


def test_members_only_says_so() -> None:
    drawn = frame(page(comment()), settings=FrameSettings(may_guests_post=False))
    assert "Only members" in drawn.text_content()
    # The page is the same for all, members too: what they write with is there, and not shown.
    assert [form.get("hidden") for form in drawn.xpath("//section/form[@data-composer]")] == [""]
    assert not drawn.xpath("//noscript//form[@data-composer]")
    assert "gated" in drawn.get_element_by_id("parley").get("class").split()
    assert not drawn.xpath("//a[@data-login]")


def test_the_sites_own_doors_are_linked_where_one_writes() -> None:
    doors = {"login_url": "https://news.test/login", "logout_url": "javascript:alert(1)", "account_name": "<b>Courier"}
    for may in (True, False):
        drawn = frame(page(comment()), settings=FrameSettings(may_guests_post=may, **doors))
        first = drawn.xpath("//*[@data-gate]//a[@data-login]")[0]
        assert (first.get("href"), first.text_content()) == ("https://news.test/login", "Sign in with <b>Courier")
        assert not drawn.xpath("//*[@data-logout]//a")


def test_a_permalink_shows_the_way_to_it() -> None:
    above, below = [comment("Ada"), comment("Bo")], comment("Di")
    chosen = comment("Cy", replies=[below], depth=7)
    focus = PermalinkView(thread=THREAD, ancestors=above, comment=chosen, more_ancestors=True)
    drawn = frame(page(comment("Elsewhere")), focus=focus)
    assert names_of(drawn) == ["Ada", "Bo", "Cy", "Di"]
    assert drawn.get_element_by_id("parley").get("data-focus") == chosen.id
    assert "focus" in drawn.get_element_by_id(f"comment-{chosen.id}").get("class").split()
    assert drawn.xpath("//a[@data-all]")[0].text_content() == "View all 3 comments"
    assert [a.get("data-go") for a in drawn.xpath("//a[@data-go]")] == [above[0].id]
    assert [a.get("href") for a in drawn.xpath("//a[@class='to']")] == [
        f"#comment-{above[0].id}",
        f"#comment-{above[1].id}",
    ]


def test_a_lost_permalink_says_so_above_the_discussion() -> None:
    drawn = frame(page(comment("Ada")), is_missing=True)
    assert "not here any more" in drawn.xpath("string(//*[@data-missing])")
    assert names_of(drawn) == ["Ada"]


def test_orders_are_links_that_keep_what_was_asked() -> None:
    drawn = frame(page(comment()), host="https://a.example", theme="dark", identifier="42", lang="de")
    links = drawn.xpath("//nav//a")
    assert [(a.text_content(), a.get("aria-current")) for a in links] == [("Beste", "true"), ("Neueste", None)]
    assert parse_qs(urlsplit(links[1].get("href")).query) == {
        "site": ["demo"],
        "url": [URL],
        "identifier": ["42"],
        "host": ["https://a.example"],
        "lang": ["de"],
        "theme": ["dark"],
        "sort": ["newest"],
    }
    assert "sort" not in parse_qs(urlsplit(links[0].get("href")).query)


def test_only_a_known_host_is_named() -> None:
    assert frame(page()).get("data-host") is None
    assert frame(page(), host="https://a.example").get("data-host") == "https://a.example"


def test_rules_that_lead_nowhere_are_not_linked() -> None:
    def rules(url: str) -> list[str]:
        return frame(page(), settings=FrameSettings(guidelines_url=url)).xpath(f"{COMPOSER}//a/@href")

    assert rules("https://courier.example/rules") == ["https://courier.example/rules"]
    assert rules("javascript:alert(1)") == []


def test_what_a_site_does_not_want_is_left_out() -> None:
    drawn = frame(page(comment()), settings=FrameSettings(may_vote=False, report_reasons=(), edit_seconds=0))
    assert not drawn.xpath("//*[@data-vote] | //*[@data-act='report'] | //form[@data-report]")
    assert "You can edit" not in drawn.text_content()


def test_badges_edits_and_numbers_are_said_in_words() -> None:
    drawn = frame(page(comment(up=12, author=AuthorView(name="Desk", badge="moderator"), edited_at=NOW)))
    assert drawn.xpath("string(//*[@class='badge'])") == "Moderator"
    assert drawn.xpath("string(//*[@class='edited'])") == "edited"
    labels = drawn.xpath("//*[@data-vote]/@aria-label")
    assert labels == ["Upvote, 12", "Downvote, 0"]
    assert drawn.xpath("string(//article//time/@datetime)") == "2026-11-24T15:20:00Z"


def test_long_texts_are_folded_and_what_is_closed_offers_nothing() -> None:
    drawn = frame(page(comment(text="Long " * 500), comment()))
    assert len(drawn.xpath("//button[@data-act='whole']")) == 1
    assert drawn.xpath(f"//*[{has_class('long')}]/following-sibling::button/@aria-expanded") == ["false"]
    assert drawn.xpath("//*[@data-shut]/@hidden"), "open"
    closed = frame(page(comment(), thread=THREAD.model_copy(update={"state": "closed"})))
    assert "shut" in closed.xpath("//main/@class")[0].split()
    assert not closed.xpath("//*[@data-shut]/@hidden")
    assert closed.xpath("//button[@data-act='find']"), "one may still look for words"


def test_what_is_for_readers_without_scripts_ends_where_it_should() -> None:
    """In a noscript there can be no other: the first end tag ends both, and the rest shows to everybody."""
    focus = PermalinkView(thread=page().thread, ancestors=[], comment=comment("Here"), more_ancestors=False)
    drawn = draw.frame(page(comment("Here")), asset=str, settings=FrameSettings(), focus=focus)
    parts = drawn.split("<noscript>")
    assert len(parts) > 2
    assert all(part.count("</noscript>") == 1 for part in parts[1:])
