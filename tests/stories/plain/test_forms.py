"""Posting and reporting by a plain form."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient, Response
from lxml import html as parser

from tests.conftest import ORIGIN
from tests.world import World, flat, some_address

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
POLICY = {"screening": {"hold_first_comments": False, "suspect_words": ["pineapple"], "banned_words": ["durian"]}}


def _form(document: Any, action: str) -> dict[str, str]:
    """The fields of a form as a browser would send them untouched."""
    (form, *_) = document.xpath(f"//form[@action='{action}'][not(ancestor::template)]")
    fields = {str(each.get("name")): each.get("value") or "" for each in form.xpath(".//input[@type='hidden']")}
    return fields | {str(area.get("name")): (area.text or "").lstrip("\n") for area in form.xpath(".//textarea")}


async def _send(
    world: World, fields: dict[str, str], caller: AsyncClient | None = None, headers: dict[str, str] | None = None
) -> Response:
    client = caller or world.caller(some_address())
    return await client.post("/embed/comments", data=fields, headers=OURS if headers is None else headers)


async def _frame(world: World, **params: str) -> Any:
    answer = await world.client.get("/embed", params={"site": world.site.name, "url": world.page("article"), **params})
    return parser.document_fromstring(answer.text)


def _title(answer: Response) -> str:
    return str(parser.document_fromstring(answer.text).xpath("string(//h1)"))


async def test_the_first_comment_opens_the_thread(world: World) -> None:
    fields = _form(await _frame(world, lang="de", identifier="a-1"), "/embed/comments")
    answer = await _send(world, fields | {"name": "Ada", "body": "Without a script."})
    assert (answer.status_code, _title(answer)) == (201, "Ihr Kommentar ist veröffentlicht")
    assert answer.headers["cache-control"] == "no-store"
    assert "nicht bearbeiten oder löschen" in answer.text
    (shown,) = (await world.read(identifier="a-1"))["items"]
    assert (shown["author"]["name"], shown["html"].strip()) == ("Ada", "<p>Without a script.</p>")
    # The way back leads to the same frame, and to the comment.
    back = parser.document_fromstring(answer.text).xpath("string(//main/p[last()]/a/@href)")
    assert back.startswith("/embed?")
    assert "lang=de" in back
    page = await world.client.get(back)
    assert f"comment-{shown['id']}" in page.text


async def test_an_answer_to_a_comment(world: World) -> None:
    root = (await world.guest().post("Ask me."))["comment"]
    page = await world.client.get(f"/t/{root['thread']}", params={"comment": root["id"]})
    fields = _form(parser.document_fromstring(page.text), "/embed/comments")
    assert fields["parent"] == root["id"]
    answer = await _send(world, fields | {"name": "Bob", "body": "An answer."})
    assert answer.status_code == 201
    assert f'href="/t/{root["thread"]}?comment=' in answer.text
    assert [item["parent"] for item in flat((await world.read())["items"])] == [None, root["id"]]


async def test_pressing_twice_is_one_comment(world: World) -> None:
    caller = world.caller(some_address())
    fields = _form(await _frame(world), "/embed/comments") | {"name": "Ada", "body": "Twice?"}
    first, second = [await _send(world, fields, caller) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 200)
    assert _title(second) == "This comment is posted already"
    # Somebody else may say the same.
    assert (await _send(world, fields)).status_code == 201
    assert (await _send(world, fields | {"body": "Something else."}, caller)).status_code == 201
    assert (await world.read())["thread"]["comment_count"] == 3


async def test_a_held_comment_is_told_so_and_why(world: World) -> None:
    world = await world.another(POLICY)
    answer = await _send(world, _form(await _frame(world), "/embed/comments") | {"name": "Ada", "body": "A pineapple."})
    assert (answer.status_code, _title(answer)) == (202, "Your comment waits for a moderator")
    assert (await world.read())["items"] == []


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "\u200b"}, 422, "name"),
        ({"body": "  "}, 422, "body"),
        ({"body": "x" * 6_000}, 422, "body"),
        ({"email": "not an address"}, 422, "email"),
        ({"parent": "999999999999999999"}, 422, None),
        ({"parent": "nonsense"}, 422, None),
    ],
)
async def test_a_refused_text_comes_back(world: World, changed: dict[str, str], status: int, field: str | None) -> None:
    words = 'Long & thought over "words" </textarea><script>alert(1)</script>'
    fields = _form(await _frame(world), "/embed/comments") | {"name": "Ada", "body": words, "email": ""}
    answer = await _send(world, fields | changed)
    assert answer.status_code == status, answer.text
    document = parser.document_fromstring(answer.text)
    assert document.xpath("//script") == []
    back = _form(document, "/embed/comments")
    assert back["body"].strip() == (fields | changed)["body"].strip()
    assert document.xpath("string(//input[@name='name']/@value)") == (fields | changed)["name"]
    assert document.xpath("//*[@role='alert']")
    if field:
        assert document.xpath("string(//*[@aria-invalid='true']/@name)") == field
    assert (await world.read())["items"] == []


async def test_limits_and_closed_discussions_are_the_same_as_over_the_api(world: World) -> None:
    limited = await world.another({"limits": {"post": {"address": ["1/h"]}}})
    caller = limited.caller(some_address())
    fields = _form(await _frame(limited), "/embed/comments") | {"name": "Ada"}
    assert (await _send(limited, fields | {"body": "One."}, caller)).status_code == 201
    refused = await _send(limited, fields | {"body": "Two."}, caller)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert _form(parser.document_fromstring(refused.text), "/embed/comments")["body"] == "Two."
    closed = await world.another({"posting": {"closed": True}})
    fields = {"site": closed.site.name, "url": closed.page("article"), "name": "Ada", "body": "Late."}
    assert (await _send(closed, fields)).status_code == 403


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": ORIGIN}, True),
        ({"Referer": f"{ORIGIN}/t/1"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://evil.test"}, False),
        ({"Origin": "null", "Referer": f"{ORIGIN}/"}, False),
        ({"Referer": f"{ORIGIN}.evil.test/"}, False),
        ({"Referer": "https://evil.test/" + ORIGIN}, False),
        ({}, False),
    ],
)
async def test_a_form_of_another_page_posts_nothing(world: World, headers: dict[str, str], is_ours: int) -> None:
    fields = {"site": world.site.name, "url": world.page("article"), "name": "Ada", "body": "Whose words?"}
    answer = await _send(world, fields, headers=headers)
    assert answer.status_code == (201 if is_ours else 403)
    assert len((await world.read())["items"]) == int(is_ours)
    # Nor are another page's words put into the form, to be sent by hand.
    assert is_ours or "Whose words?" not in answer.text


async def test_a_moderators_cookie_lends_a_form_no_authority(world: World) -> None:
    world = await world.another({"screening": {"hold_first_comments": True}})
    moderator = await world.staff()
    fields = {"site": world.site.name, "url": world.page("article"), "name": "Mona", "body": "By a form."}
    assert (await moderator.post("/embed/comments", data=fields, headers=OURS)).status_code == 202


async def test_reporting(world: World) -> None:
    root = (await world.guest().post("Report me."))["comment"]
    page = await world.client.get(f"/t/{root['thread']}", params={"comment": root["id"]})
    fields = _form(parser.document_fromstring(page.text), "/embed/reports")
    caller = world.caller(some_address())
    answer = await caller.post("/embed/reports", data=fields | {"reason": "abuse"}, headers=OURS)
    assert (answer.status_code, _title(answer)) == (202, "Thank you")
    moderator = await world.staff()
    (case,) = (await moderator.get("/api/v1/moderation/queue", params={"site": world.site.name})).json()["items"]
    assert case["comment"]["id"] == root["id"]
    unreasoned = await caller.post("/embed/reports", data=fields, headers=OURS)
    assert unreasoned.status_code == 422
    assert (await caller.post("/embed/reports", data=fields | {"reason": "abuse"})).status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"a=%00", b"site=%ff", b"&" * 1_000, b"a=1&" * 1_000, b"{}", b"site=nosuch", b"thread=x"]
)
async def test_nonsense_is_refused(world: World, body: bytes) -> None:
    for path in ("/embed/comments", "/embed/reports"):
        answer = await world.client.post(
            path, content=body, headers={**OURS, "Content-Type": "application/x-www-form-urlencoded"}
        )
        assert 400 <= answer.status_code < 500, answer.text
