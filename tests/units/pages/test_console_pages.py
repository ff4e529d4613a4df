from __future__ import annotations

from datetime import timedelta
from typing import Any

from lxml import html as parser

from service.pages import draw
from service.pages.console_views import (
    ConsoleCase,
    ConsoleClaim,
    ConsoleDecision,
    ConsoleEnter,
    ConsoleLog,
    ConsoleMessage,
    ConsoleQueue,
    ConsoleReport,
    ConsoleSignal,
    ConsoleSignIn,
    ConsoleSite,
    ConsoleUser,
)
from service.pages.views import CommentView
from tests.units.pages.made import NOW, URL, comment

USER = ConsoleUser("Ana", "ana@courier.example")
SITES = (ConsoleSite("demo", "The Courier", 5), ConsoleSite("valley", "Valley Post", 2))
EVIL = '"><script>alert(1)</script>'


def case(view: CommentView, **more: Any) -> ConsoleCase:
    fields: dict[str, Any] = {
        "site": "demo",
        "site_title": "The Courier",
        "thread_title": "The tram",
        "article_url": URL,
        "opened_at": NOW - timedelta(hours=3),
        "reason": "held",
    }
    return ConsoleCase(comment=view, **{**fields, **more})


def queue(*cases: ConsoleCase, **more: Any) -> Any:
    view = ConsoleQueue(user=USER, now=NOW, **{"sites": SITES, "cases": cases, **more})
    return parser.document_fromstring(draw.console_queue(view, asset="/static/{}".format))


def decision_form(document: Any) -> tuple[dict[str, str], list[tuple[str, str]]]:
    form = document.xpath("//form[@action='/console/decide']")[0]
    hidden = {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}
    return hidden, [(button.get("value"), button.text_content()) for button in form.xpath(".//button[@name='action']")]


def test_a_held_comment_is_approved_or_rejected_at_the_version_seen() -> None:
    view = comment(state="held", version=4)
    hidden, buttons = decision_form(queue(case(view), site="demo"))
    assert hidden == {"comment": view.id, "site": "demo", "version": "4"}
    assert buttons == [("approve", "Approve"), ("reject", "Reject"), ("spam", "Spam")]


def test_a_reported_comment_is_kept_or_removed() -> None:
    drawn = queue(case(comment(), reason="reported", reports=(ConsoleReport("Insults", 2, ("Look at this.",)),)))
    assert decision_form(drawn)[1] == [("approve", "Keep"), ("remove", "Remove"), ("spam", "Spam")]
    assert "Look at this." in drawn.text_content()


def test_a_claimed_case_is_decided_with_its_claim() -> None:
    mine = ConsoleClaim("Ana", is_mine=True, until=NOW + timedelta(minutes=9), claim="token")
    drawn = queue(case(comment(state="held"), claim=mine))
    hidden, _ = decision_form(drawn)
    assert hidden["claim"] == "token"
    assert "version" not in hidden
    assert drawn.xpath("//form[@action='/console/release']//input[@name='claim']/@value") == ["token"]


def test_what_somebody_else_looks_at_is_left_to_them() -> None:
    theirs = ConsoleClaim("Bo", is_mine=False, until=NOW + timedelta(minutes=4))
    drawn = queue(case(comment(state="held"), claim=theirs))
    assert "Bo is looking at this until 18:24 UTC" in drawn.text_content()
    assert not drawn.xpath("//form[@action='/console/decide']")


def test_a_case_says_why_it_is_there_how_long_and_where() -> None:
    signal = ConsoleSignal("Holds a link.", 0.6)
    text = " ".join(
        queue(case(comment(), signals=(signal,), parent=comment("Bo"), is_urgent=True)).text_content().split()
    )
    for words in ("Holds a link. 0.60", "waits for 3 hours", "Urgent", "On The tram", "In reply to Bo"):
        assert words in text


def test_the_queue_can_be_narrowed_to_a_site() -> None:
    links = {a.text_content(): a.get("href") for a in queue(site="valley").xpath("//nav[@aria-label='Sites']//a")}
    assert links == {
        "All sites 7": "/console/plain",
        "The Courier 5": "/console/plain?site=demo",
        "Valley Post 2": "/console/plain?site=valley",
    }
    assert "2 comments wait" in queue(site="valley").text_content()
    assert not queue(sites=SITES[:1]).xpath("//nav[@aria-label='Sites']")


def test_an_empty_queue_says_so() -> None:
    drawn = queue(sites=(ConsoleSite("demo", "The Courier", 0),))
    assert "Nothing waits" in drawn.text_content()
    assert not drawn.xpath("//form[@action='/console/claim']")


def test_hostile_texts_stay_texts() -> None:
    view = comment(EVIL, state="held")
    drawn = queue(
        case(view, thread_title=EVIL, article_url="javascript:alert(1)", signals=(ConsoleSignal(EVIL),)),
        next_cursor=EVIL,
    )
    assert not drawn.xpath("//script | //@*[starts-with(name(), 'on')]")
    assert not [href for href in drawn.xpath("//a/@href") if href.startswith("javascript")]
    assert drawn.xpath("//h2")[0].text_content() == EVIL


def test_the_log_tells_who_decided_what() -> None:
    line = ConsoleDecision(
        NOW - timedelta(minutes=5),
        "Ana",
        "reject",
        "held",
        "rejected",
        "demo",
        None,
        "",
        "The tram",
        "javascript:1",
        EVIL,
    )
    drawn = parser.document_fromstring(
        draw.console_log(ConsoleLog(USER, NOW, SITES, (line,), "demo", "next"), asset="/static/{}".format)
    )
    text = " ".join(drawn.xpath("//tbody")[0].text_content().split())
    assert text == f"5 minutes ago Ana Rejectheld → rejected {EVIL} Unknown author: (its text is gone) On The tram"
    assert drawn.xpath("//p[@class='older']/a/@href") == ["/console/plain/log?site=demo&cursor=next"]
    assert not drawn.xpath("//tbody//a")


def test_signing_in_asks_for_an_address_and_says_no_more_afterwards() -> None:
    asset = "/static/{}".format
    ask = parser.document_fromstring(draw.console_sign_in(ConsoleSignIn(EVIL, problem="Wait."), asset=asset))
    assert ask.xpath("//form[@action='/console/sign-in'][@method='post']//input[@name='email']/@value") == [EVIL]
    assert ask.xpath("string(//*[@role='alert'])") == "Wait."
    sent = parser.document_fromstring(draw.console_sign_in(ConsoleSignIn("a@b.example", is_sent=True), asset=asset))
    assert "If a@b.example is known here" in sent.text_content()
    assert not sent.xpath("//form")


def test_a_link_needs_a_press_of_a_button() -> None:
    asset = "/static/{}".format
    enter = parser.document_fromstring(draw.console_enter(ConsoleEnter(EVIL), asset=asset))
    assert enter.xpath("//form[@action='/console/enter'][@method='post']//input[@name='token']/@value") == [EVIL]
    used = parser.document_fromstring(draw.console_enter(ConsoleEnter("t", problem="It was used."), asset=asset))
    assert not used.xpath("//form")


def test_a_message_says_one_thing() -> None:
    view = ConsoleMessage("Decided meanwhile", "Bo approved it.", user=USER)
    drawn = parser.document_fromstring(draw.console_message(view, asset="/static/{}".format))
    assert drawn.xpath("string(//h1)") == "Decided meanwhile"
    assert drawn.xpath("//main//a/@href") == ["/console/plain"]
    assert drawn.xpath("//form/@action") == ["/console/sign-out"]
