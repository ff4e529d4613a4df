"""A reader reads: sorts, pages, permalinks, counts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.reading.statements import Statements
from tests.stories.reading.walk import Walk
from tests.world import World, flat


@pytest.mark.parametrize("sort", ["best", "hot", "newest", "oldest", "controversial"])
async def test_paging_to_the_end_shows_every_comment_once(world: World, sort: str) -> None:
    ada, ben = world.guest("Ada"), world.guest("Ben")
    made: list[str] = []
    for number in range(40):
        parent = made[number // 3] if number % 4 else None
        made.append((await ada.post(f"Comment {number}", parent=parent))["comment"]["id"])
        if number % 5 == 0:
            await ben.vote(made[-1], 1 if number % 2 else -1)

    seen = await Walk(world, "article", sort=sort, limit=5).to_the_end()

    assert sorted(seen) == sorted(made)


async def test_sorts_order_as_they_say(world: World) -> None:
    ada = world.guest("Ada")
    old, mid, new = [(await ada.post(text))["comment"]["id"] for text in ("old", "mid", "new")]
    for number in range(3):
        await world.guest(f"Fan {number}").vote(mid, 1)
    await world.guest("Critic").vote(old, -1)
    await world.guest("Lover").vote(new, 1)
    await world.guest("Hater").vote(new, -1)

    async def order(sort: str) -> list[str]:
        return [item["id"] for item in (await world.read(sort=sort))["items"]]

    assert await order("newest") == [new, mid, old]
    assert await order("oldest") == [old, mid, new]
    assert (await order("best"))[0] == mid
    assert (await order("best"))[-1] == old
    assert (await order("controversial"))[0] == new


async def test_a_page_is_bounded_in_comments_and_queries(world: World) -> None:
    ada = world.guest()

    async def grow(page: str, roots: int, replies: int) -> None:
        for _ in range(roots):
            root = (await ada.post(page=page))["comment"]["id"]
            for _ in range(replies):
                reply = (await ada.post(page=page, parent=root))["comment"]["id"]
                await ada.post(page=page, parent=reply)

    await grow("small", 6, 2)
    await grow("large", 30, 5)
    counts = {}
    for page in ("small", "large"):
        # What a process remembers of a site for two seconds is not to be counted with one page and not with the other.
        await world.parts.sites.by_name(world.site.name)
        with Statements(world) as statements:
            answer = await world.read(page)
        counts[page] = statements.count
        assert len(flat(answer["items"])) <= 80
    assert counts["large"] <= counts["small"] <= 8


async def test_a_chain_of_fifty_can_be_read_to_its_end(world: World) -> None:
    ada = world.guest()
    made: list[str] = []
    for _ in range(50):
        made.append((await ada.post(parent=made[-1] if made else None))["comment"]["id"])
    assert await Walk(world, "article").to_the_end() == made


async def test_a_permalink_comes_with_what_is_above_and_below(world: World) -> None:
    ada = world.guest()
    chain: list[str] = []
    for _ in range(8):
        chain.append((await ada.post(parent=chain[-1] if chain else None))["comment"]["id"])

    response = await world.client.get(f"/api/v1/comments/{chain[6]}", params={"context": 3})

    link = response.json()
    assert link["comment"]["id"] == chain[6]
    assert [item["id"] for item in link["ancestors"]] == chain[3:6]
    assert link["more_ancestors"] is True
    assert link["comment"]["replies"]["items"][0]["id"] == chain[7]
    whole = (await world.client.get(f"/api/v1/comments/{chain[6]}", params={"context": 50})).json()
    assert [item["id"] for item in whole["ancestors"]] == chain[:6]
    assert whole["more_ancestors"] is False


async def test_counts_for_many_pages_in_the_order_asked(world: World) -> None:
    ada = world.guest()
    await ada.post(page="two")
    await ada.post(page="two")
    await ada.post(page="one")
    urls = [world.page("none"), world.page("two") + "?utm_source=x", world.page("one"), world.page("two")]
    response = await world.client.get("/api/v1/counts", params={"site": world.site.name, "url": urls})
    assert [item["count"] for item in response.json()["items"]] == [0, 2, 1, 2]
    assert [item["url"] for item in response.json()["items"]] == urls
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "random"},
        {"cursor": "nonsense"},
        {"cursor": "\x00"},
        {"limit": 0},
        {"limit": 101},
        {"limit": "many"},
    ],
)
async def test_bad_parameters_are_named(world: World, params: dict[str, Any]) -> None:
    await world.guest().post()
    response = await world.client.get(
        "/api/v1/threads", params={"site": world.site.name, "url": world.page("article"), **params}
    )
    assert response.status_code == 422, response.text
    assert response.json()["field"] == next(iter(params))


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    ada = world.guest()
    for page in ("one", "two"):
        for _ in range(7):
            await ada.post(page=page)
    cursor = (await world.read("one", limit=5, sort="best"))["next_cursor"]
    assert cursor
    for params in ({"sort": "newest"}, {"sort": "best", "page": "two"}):
        page = params.pop("page", "one")
        response = await world.client.get(
            "/api/v1/threads",
            params={"site": world.site.name, "url": world.page(page), "cursor": cursor, **params},
        )
        assert response.status_code == 422
        assert response.json()["field"] == "cursor"


async def test_the_same_bytes_are_not_sent_twice(world: World) -> None:
    await world.guest().post()
    params = {"site": world.site.name, "url": world.page("article")}
    first = await world.client.get("/api/v1/threads", params=params)
    again = await world.client.get("/api/v1/threads", params=params, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    await world.guest().post("something new")
    changed = await world.client.get("/api/v1/threads", params=params, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("br, gzip", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
        ("*", "br"),
        ("br;q=0, gzip;q=0", None),
        ("nonsense;q=x", None),
    ],
)
async def test_every_accept_encoding_gets_what_it_takes(world: World, accept: str, coding: str | None) -> None:
    for number in range(5):
        await world.guest().post(f"Comment {number} " * 20)
    response = await world.client.get(
        "/api/v1/threads",
        params={"site": world.site.name, "url": world.page("article")},
        headers={"Accept-Encoding": accept},
    )
    assert response.headers.get("content-encoding") == coding
    assert len(response.json()["items"]) == 5
    assert "Accept-Encoding" in response.headers["vary"]


async def test_a_viewer_changes_nothing_on_the_public_page(world: World) -> None:
    ada = world.guest()
    await ada.post()
    params = {"site": world.site.name, "url": world.page("article")}
    staff = await world.staff()
    answers = [
        await world.client.get("/api/v1/threads", params=params),
        await ada.client.get("/api/v1/threads", params=params, headers=ada.headers),
        await staff.get("/api/v1/threads", params=params),
    ]
    assert len({answer.content for answer in answers}) == 1
