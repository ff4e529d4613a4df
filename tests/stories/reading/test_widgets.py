"""Widgets: what a page shows beside its articles, as data, as a document and as a piece of a page."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from service import comments, identity
from service.comments import talk
from service.kit import clock
from service.kit.db import WriteTx
from tests.world import World

_SECTIONS = {
    "threads": {"sections": [{"name": "sport", "pattern": "*/sport/*"}]},
    "reading": {"top_authors": True},
    "screening": {"hold_first_comments": False, "suspect_words": ["pineapple"]},
}


async def _widget(world: World, kind: str, **asked: Any) -> dict[str, Any]:
    answer = await world.client.get(f"/api/v1/sites/{world.site.name}/widgets/{kind}", params=asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_the_latest_comments_beside_an_article(world: World) -> None:
    ada = world.guest("Ada <b>")
    first = (await ada.post("*Up* the ||butler did it|| hill & down", title="The <tram>"))["comment"]
    second = (await world.guest("Bob").post("A second one.", page="another"))["comment"]
    told = await _widget(world, "latest", lang="de")
    assert (told["title"], told["lang"], told["direction"]) == ("Neueste Kommentare", "de", "ltr")
    assert [(each["author"], each["excerpt"], each["title"], each["url"]) for each in told["items"]] == [
        ("Bob", "A second one.", world.page("another"), f"{world.page('another')}#comment-{second['id']}"),
        ("Ada <b>", "Up the … hill & down", "The <tram>", f"{world.page('article')}#comment-{first['id']}"),
    ]
    site = {"site": world.site.name}
    document = await world.client.get("/widgets/latest", params=site)
    piece = await world.client.get("/widgets/latest/piece", params=site)
    for answer in (document, piece):
        links = html.fromstring(answer.text).xpath("//section[@aria-label='Latest comments']//li//a")
        assert [link.text_content() for link in links] == ["A second one.", "Up the … hill & down"]
        assert "Ada <b>" not in answer.text
        assert "butler" not in answer.text
        assert "<script" not in answer.text
    policy = document.headers["content-security-policy"]
    assert f"frame-ancestors 'self' {' '.join(world.site.origins)}" in policy
    assert '<base target="_top">' in document.text
    assert piece.headers["access-control-allow-origin"] == "*"
    again = await world.client.get("/widgets/latest", params=site, headers={"If-None-Match": document.headers["etag"]})
    assert again.status_code == 304
    # What is taken down is gone at once, from all that was kept; what is new comes within a second.
    await ada.delete(first["id"])
    for path in ("/widgets/latest", "/widgets/latest/piece", f"/api/v1/sites/{world.site.name}/widgets/latest"):
        assert "hill" not in (await world.client.get(path, params=site)).text
    await world.guest("Eve").post("A third one.", page="third")
    async with asyncio.timeout(15):
        while "A third one." not in (await world.client.get("/widgets/latest", params=site)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # the cache has no event for it


@pytest.mark.parametrize("is_cut", [False, True], ids=["looked at whole", "looked at in part"])
async def test_what_is_discussed_most_in_a_window(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_cut: bool
) -> None:
    if is_cut:
        monkeypatch.setattr(talk, "EACH", 1)
    busy = await world.another(_SECTIONS)
    with clock.frozen(clock.now() - timedelta(days=3)):
        for number in range(3):
            await busy.guest(f"Old {number}").post("Of old.", page="sport/old", title="Old")
    ada = busy.guest("Ada")
    await ada.post("One.", page="new", title="New")
    await ada.post("Two.", page="new")
    await busy.guest("Bob").post("Three.", page="sport/new", title="Match")
    hidden = await busy.guest("Spy").post("A pineapple.", expect=202, page="held", title="Held")
    assert hidden["comment"]["state"] == "held"

    async def titles(**asked: Any) -> list[tuple[str, int, str]]:
        told = await _widget(busy, "discussed", **asked)
        return [(each["title"], each["count"], each["said"]) for each in told["items"]]

    assert await titles(window="7d") == [("Old", 3, "3 comments"), ("New", 2, "2 comments"), ("Match", 1, "1 comment")]
    assert [title for title, _, _ in await titles(window="24h")] == ["New", "Match"]
    assert [title for title, _, _ in await titles(window="1w", section="sport", count=1)] == ["Old"]
    authors = await _widget(busy, "authors", window="48h")
    assert [(each["author"], each["count"], each["url"]) for each in authors["items"]] == [
        ("Ada", 2, None),
        ("Bob", 1, None),
    ]
    for bad in ("0d", "9999w", "7", "d", "٧d"):
        answer = await busy.client.get(f"/api/v1/sites/{busy.site.name}/widgets/discussed", params={"window": bad})
        assert (answer.status_code, answer.json().get("field")) == (422, "window"), bad


async def test_who_writes_most_is_shown_where_the_site_wants_it(world: World) -> None:
    await world.guest("Ada").post()
    for path in (f"/api/v1/sites/{world.site.name}/widgets/authors", "/widgets/authors", "/widgets/authors/piece"):
        refused = await world.client.get(path, params={"site": world.site.name})
        assert (refused.status_code, refused.json()["type"]) == (404, "/errors#authors-not-shown")
        assert "Ada" not in refused.text
    shown = await world.another(_SECTIONS)
    erased = (await shown.guest("Mallory").post())["comment"]
    await shown.guest("Eve").post()

    async def erase(tx: WriteTx) -> None:
        author = (await comments.get(tx, int(erased["id"]), comments.STAFF)).person_id
        assert author is not None
        await identity.blank(tx, author)

    await world.parts.db.transact(erase)
    assert [each["author"] for each in (await _widget(shown, "authors"))["items"]] == ["Eve"]


async def test_an_empty_site_says_so(world: World) -> None:
    told = await _widget(world, "latest", lang="ar")
    assert (told["items"], told["direction"]) == ([], "rtl")
    assert told["empty"] in (await world.client.get(f"/widgets/latest?site={world.site.name}&lang=ar")).text
    assert (await world.client.get("/widgets/latest?site=no-such-site")).status_code == 404
