"""A reader posts."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.world import NEWS, World, flat


async def test_a_first_comment_opens_the_thread_and_is_there_for_all(world: World) -> None:
    before = await world.read()
    assert before["thread"]["id"] is None
    assert before["items"] == []

    posted = await world.guest("Ada").post("I *like* trams.")

    assert posted["status"] == "published"
    assert posted["comment"]["html"] == "<p>I <em>like</em> trams.</p>"
    assert posted["comment"]["author"]["name"] == "Ada"
    after = await world.read()
    assert after["thread"]["comment_count"] == 1
    assert [item["id"] for item in after["items"]] == [posted["comment"]["id"]]


async def test_reading_makes_no_row(world: World) -> None:
    await world.read("never-commented")
    assert (await world.read("never-commented"))["thread"]["id"] is None


async def test_replies_hang_below_what_they_answer(world: World) -> None:
    ada, ben = world.guest("Ada"), world.guest("Ben")
    root = (await ada.post("Root"))["comment"]["id"]
    reply = (await ben.post("Reply", parent=root))["comment"]
    deeper = (await ada.post("Deeper", parent=reply["id"]))["comment"]

    page = await world.read()

    assert [(item["id"], item["depth"]) for item in flat(page["items"])] == [
        (root, 0),
        (reply["id"], 1),
        (deeper["id"], 2),
    ]
    assert page["items"][0]["reply_count"] == 1


async def test_html_in_a_comment_is_text(world: World) -> None:
    posted = await world.guest("<b>Eve</b>").post(
        "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=y>"
    )
    html = posted["comment"]["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert posted["comment"]["author"]["name"] == "<b>Eve</b>"


@pytest.mark.parametrize(
    ("change", "status", "kind", "field"),
    [
        ({"body": ""}, 422, None, "body"),
        ({"body": "   \n\t "}, 422, None, "body"),
        ({"body": "x" * 5_001}, 422, None, "body"),
        ({"body": "nul \x00"}, 422, None, "body"),
        ({"body": "bell \x07"}, 422, None, "body"),
        ({"body": 5}, 422, "invalid", "body"),
        ({"body": None}, 422, "invalid", "body"),
        ({"url": "https://elsewhere.test/article"}, 403, "foreign-host", "url"),
        ({"url": "javascript:alert(1)"}, 422, "invalid-url", "url"),
        ({"url": "https://user:pw@news.test/"}, 422, "invalid-url", "url"),
        ({"url": "x" * 5_000}, 422, None, "url"),
        ({"site": "nobody"}, 404, "site-unknown", "site"),
        ({"site": "../etc"}, 404, "site-unknown", "site"),
        ({"site": None}, 422, "invalid", "site"),
        ({"parent": "1"}, 422, "parent-unknown", "parent"),
        ({"parent": "abc"}, 422, "invalid", "parent"),
        ({"parent": "99999999999999999999"}, 422, "invalid", "parent"),
        ({"parent": "9223372036854775808"}, 422, "invalid", "parent"),
        ({"author": {"name": ""}}, 422, "name-needed", "author.name"),
        ({"author": None}, 422, "name-needed", "author.name"),
        ({"author": {"name": "a\nb\x07"}}, 422, None, "author.name"),
        ({"author": {"name": "x" * 100}}, 422, None, "author.name"),
        ({"author": {"name": "Ada", "email": "no address"}}, 422, "invalid", "author.email"),
        ({"state": "published"}, 422, "invalid", "state"),
        ({"created_at": "2020-01-01T00:00:00Z"}, 422, "invalid", "created_at"),
        ({"thread": "12345"}, 404, "thread-unknown", "thread"),
    ],
)
async def test_what_cannot_be_posted_says_why(
    world: World, change: dict[str, Any], status: int, kind: str | None, field: str
) -> None:
    payload = {
        "site": world.site.name,
        "url": world.page("article"),
        "body": "A comment.",
        "author": {"name": "Ada"},
    } | change
    response = await world.client.post("/api/v1/comments", json=payload)

    problem = response.json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["field"] == field
    assert problem["detail"]
    if kind:
        assert problem["type"] == f"/errors#{kind}"
    assert (await world.read())["thread"]["id"] is None


async def test_a_lone_surrogate_is_refused_wherever_it_stands(world: World) -> None:
    for field in ("body", "title", "identifier", "url", "site"):
        payload = {"site": world.site.name, "url": world.page("a"), "body": "x", "author": {"name": "Ada"}}
        raw = json.dumps(payload | {field: "a\ud800b"})
        response = await world.client.post(
            "/api/v1/comments", content=raw.encode(), headers={"Content-Type": "application/json"}
        )
        assert response.status_code in {404, 422}, (field, response.text)


async def test_broken_utf8_and_broken_json_are_answered(world: World) -> None:
    for raw in (b'{"body": "\xff\xfe"}', b"{", b"", b"[]", b"null", b'"text"'):
        response = await world.client.post(
            "/api/v1/comments", content=raw, headers={"Content-Type": "application/json"}
        )
        assert 400 <= response.status_code < 500, (raw, response.text)
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_body_of_5_mb_is_refused_before_it_is_read(world: World) -> None:
    response = await world.client.post(
        "/api/v1/comments", content=b"x" * 5_000_000, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_parent_must_be_in_the_same_thread(world: World) -> None:
    ada = world.guest()
    elsewhere = (await ada.post(page="one"))["comment"]["id"]
    response = await ada.try_post(page="two", parent=elsewhere)
    assert response.status_code == 422
    assert response.json()["type"] == "/errors#parent-unknown"


async def test_a_branch_has_an_end(world: World) -> None:
    shallow = await world.another({"posting": {"max_depth": 2}})
    ada = shallow.guest()
    parent = None
    for _ in range(3):
        parent = (await ada.post(parent=parent))["comment"]["id"]
    response = await ada.try_post(parent=parent)
    assert response.json()["type"] == "/errors#depth-reached"


async def test_a_closed_site_takes_nothing(world: World) -> None:
    closed = await world.another({"posting": {"closed": True}})
    response = await closed.guest().try_post()
    assert response.status_code == 403
    assert response.json()["type"] == "/errors#thread-closed"


async def test_a_retry_with_the_same_key_is_the_same_comment(world: World) -> None:
    ada = world.guest()
    first = await ada.post("Once", key="key-of-this-draft")
    again = await world.guest("Ada").post("Once", key="key-of-this-draft")

    assert again["comment"]["id"] == first["comment"]["id"]
    assert again["guest"] == first["guest"]
    assert (await world.read())["thread"]["comment_count"] == 1


async def test_the_same_key_for_another_text_is_refused(world: World) -> None:
    ada = world.guest()
    await ada.post("Once", key="key-of-this-draft")
    response = await ada.try_post("Something else", key="key-of-this-draft")
    assert response.status_code == 422
    assert response.json()["type"] == "/errors#idempotency-key-reused"


async def test_sixteen_tries_at_once_make_one_comment(world: World) -> None:
    guests = [world.guest("Ada") for _ in range(16)]
    answers = await asyncio.gather(*(guest.post("Only once", key="sixteen-at-once") for guest in guests))
    assert len({answer["comment"]["id"] for answer in answers}) == 1
    assert (await world.read())["thread"]["comment_count"] == 1


async def test_many_first_comments_at_once_open_one_thread(world: World) -> None:
    answers = await asyncio.gather(*(world.guest(f"Reader {n}").post(f"Number {n}") for n in range(20)))
    assert len({answer["comment"]["thread"] for answer in answers}) == 1
    page = await world.read(limit=100)
    assert page["thread"]["comment_count"] == 20
    assert len(page["items"]) == 20


async def test_variants_of_an_address_are_one_thread(world: World) -> None:
    ada = world.guest()
    base = world.page("story")
    for url in (base, base.replace("https", "http"), base + "/", base + "?utm_source=x&fbclid=1", base + "#comments"):
        await ada.post(url=url)
    assert (await world.read("story"))["thread"]["comment_count"] == 5


async def test_an_identifier_wins_over_the_address(world: World) -> None:
    ada = world.guest()
    first = await ada.post(page="one", identifier="id-1")
    moved = await ada.post(page="moved", identifier="id-1")
    assert moved["comment"]["thread"] == first["comment"]["thread"]


async def test_a_reader_cannot_tie_another_article_to_a_thread(world: World) -> None:
    eve = world.guest("Eve")
    await eve.post(page="bait", identifier="x")
    await eve.post(page="victim", identifier="x")
    assert (await world.read("victim"))["thread"]["id"] is None


async def test_a_guests_capability_is_worth_nothing_elsewhere(world: World) -> None:
    ada = world.guest("Ada")
    posted = await ada.post()
    other = await world.another()
    stranger = other.guest("Ada")
    stranger.token = ada.token
    elsewhere = await stranger.post()
    assert elsewhere["guest"] != ada.token
    assert (await stranger.edit(posted["comment"]["id"], "mine now")).status_code in {403, 404}


async def test_the_email_address_is_shown_to_nobody(world: World) -> None:
    guest = world.guest("Ada")
    await guest.post(author={"name": "Ada", "email": "ada@private.test"})
    everything = json.dumps(await world.read())
    assert "private.test" not in everything


async def test_a_hosts_pattern_may_have_a_port_and_subdomains(world: World) -> None:
    response = await world.guest().try_post(url=f"{NEWS}.evil.test/x")
    assert response.status_code == 403
