"""The scripts of a forum, as clients that are no browsers take them apart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from service import transfer
from service.app import create_app
from service.web.parts import Parts
from tests.stories.transfer.exports import Export
from tests.world import World


def _here(script: str) -> dict[str, Any]:
    """What the server has told a script of its forum."""
    told: dict[str, Any] = json.loads(script[script.rindex("})(") + 3 : script.rindex(");")])
    return told


async def _counts(client: AsyncClient, site: str, query: str) -> dict[str, Any]:
    answer = await client.get(f"/forums/{site}/count-data.js?{query}")
    assert answer.headers["content-type"].startswith("text/javascript")
    (cut,) = re.findall(r"displayCount\(([^()]+)\);", answer.text)
    return dict(json.loads(cut))


async def test_a_forums_script_knows_its_forum(world: World, client: AsyncClient) -> None:
    name = world.site.name
    answer = await client.get(f"/forums/{name.upper()}/embed.js")
    assert _here(answer.text) | {"sorts": []} == {"forum": name, "origin": "http://parley.test", "sorts": []}
    assert "best" in _here(answer.text)["sorts"]
    assert "max-age=300" in answer.headers["cache-control"]
    unknown = await client.get("/forums/mistyped/embed.js")
    assert unknown.status_code == 200
    assert "mistyped" in _here(unknown.text)["problem"]
    assert unknown.headers["cache-control"] == "no-store"
    odd = await client.get("/forums/%3C%2Fscript%3E/embed.js")
    assert "</script>" not in odd.text


async def test_a_host_of_its_own_leads_to_the_forum(world: World, parts: Parts, app: FastAPI) -> None:
    settings = parts.settings.model_copy(update={"forum_host": "comments.example.org"})
    hosted = create_app(settings, parts)
    hosted.state.parts = parts
    name = world.site.name

    async def ask(host: str, path: str = "/embed.js") -> str:
        async with AsyncClient(transport=ASGITransport(app=hosted), base_url=f"https://{host}") as client:
            return (await client.get(path)).text

    assert _here(await ask(f"{name}.comments.example.org"))["forum"] == name
    assert _here(await ask(f"{name}.comments.example.org:8443"))["forum"] == name
    native = await ask("comments.example.org")
    for host in (
        "www.comments.example.org",
        f"{name}.comments.example.org.evil.test",
        f"a.{name}.comments.example.org",
    ):
        assert await ask(host) == native
    assert "displayCount" in await ask(f"{name}.comments.example.org", "/count-data.js")


async def test_counts_by_identifier_and_address(world: World, client: AsyncClient) -> None:
    one, two = world.guest(), world.guest()
    await one.post(url=world.page("one"), identifier="1 (one)/")
    await two.post(url=world.page("two"))
    await two.post("More.", url=world.page("two"))
    page = world.page("two")
    told = await _counts(client, world.site.name, f"1=1%20(one)%2F&2={page}?fbclid=x&2=nonsense&1=none&3=x")
    assert [(each["id"], each["comments"]) for each in told["counts"]] == [
        ("1 (one)/", 1),
        (f"{page}?fbclid=x", 2),
        ("nonsense", 0),
        ("none", 0),
    ]
    assert list(told) == ["text", "counts"]
    assert told["text"]["comments"] == {"zero": "0 Comments", "multiple": "{num} Comments", "one": "1 Comment"}
    assert (await _counts(client, world.site.name, "1=%00"))["counts"] == [{"id": "\x00", "comments": 0}]
    assert (await _counts(client, "mistyped", "1=a"))["counts"] == []
    many = await _counts(client, world.site.name, "&".join(f"1={n}" for n in range(150)))
    assert len(many["counts"]) == 100


async def test_side_widgets(world: World, client: AsyncClient) -> None:
    await world.guest("<b>Eve</b>").post("What is **new** & good", title="A <tram>")
    base = f"/forums/{world.site.name}"
    recent = (await client.get(f"{base}/recent_comments_widget.js?num_items=x&excerpt_length=900")).text
    assert "document.currentScript" in recent
    assert "What is new &amp; good" in recent
    # Inside a script that may stand in a page no tag is written out.
    assert "<" not in recent
    popular = (await client.get(f"{base}/popular_threads_widget.js")).text
    assert "A &lt;tram&gt;" in popular
    assert "1 comment" in popular
    assert popular.count("dsq-widget-item") == recent.count("dsq-widget-item") == 1
    assert "dsq-widget-avatar" in recent
    assert "dsq-widget-avatar" not in (await client.get(f"{base}/recent_comments_widget.js?hide_avatars=1")).text
    # Who comments most is shown where the site wants it, by whatever dialect it is asked for.
    assert "dsq-widget-user" not in (await client.get(f"{base}/top_commenters_widget.js")).text
    assert (await client.get(f"{base}/combination_widget.js")).text.count("dsq-widget-list") == 2
    shown = await world.another({"reading": {"top_authors": True}})
    await shown.guest("<b>Eve</b>").post()
    base = f"/forums/{shown.site.name}"
    top = (await client.get(f"{base}/top_commenters_widget.js?num_items=3&avatar_size=48")).text
    assert "dsq-widget-user" in top
    assert 'width=\\"48\\"' in top
    combined = (await client.get(f"{base}/combination_widget.js?color=green&default_tab=recent")).text
    assert combined.count("dsq-widget-list") == 3
    assert 'class=\\"green\\"' in combined
    assert 'dsq-combo-recent\\" class=\\"dsq-combo-box\\"\\u003e' in combined
    base = f"/forums/{world.site.name}"
    recommended = (await client.get(f"{base}/recommendations.js")).text
    assert "window.DISQUS_RECOMMENDATIONS={reset:" in recommended
    assert "A &lt;tram&gt;" in recommended.encode().decode("unicode_escape")
    assert "no forum" in (await client.get("/forums/mistyped/recent_comments_widget.js")).text


async def test_an_old_permalink_finds_the_imported_comment(
    world: World, parts: Parts, client: AsyncClient, tmp_path: Path
) -> None:
    export = Export()
    export.thread("1", world.page("old"))
    export.post("4611686018427", "1", message="<p>Of 2019.</p>")
    (tmp_path / "old.xml").write_bytes(export.xml())
    await transfer.import_file(parts.db, world.site, tmp_path / "old.xml")
    page = {"site": world.site.name, "url": world.page("old"), "comment": "4611686018427"}
    drawn = (await client.get("/embed", params=page)).text
    assert "data-missing" not in drawn.split("<template")[0]
    assert re.search(r'data-focus="\d+"', drawn)
    # Of another site, and of another page, it is no comment of this one.
    other = await world.another()
    elsewhere = {**page, "site": other.site.name}
    assert not re.search(r'data-focus="\d+"', (await client.get("/embed", params=elsewhere)).text)


async def test_what_a_page_names_counts_for_the_discussion_it_begins(world: World, client: AsyncClient) -> None:
    sections = [{"name": "local", "path_prefix": "/local"}]
    paper = await world.another({"threads": {"sections": sections, "categories": {"4711": "sports", "1": "local"}}})
    owner, name = await paper.staff("owner"), paper.site.name

    async def section(page: str, **named: Any) -> str:
        made = await paper.guest().post("Words.", url=f"https://news.test/{page}", **named)
        found = await owner.get(f"/api/v1/sites/{name}/threads/{made['comment']['thread']}")
        return str(found.json()["section"])

    assert await section("x/tram", category="4711", slug="the-tram", identifier="one") == "sports"
    # The address is known to be true, and what a reader's browser says of it is not.
    assert await section("local/tram", category="4711") == "local"
    # It began already: as with Disqus nothing is changed.
    assert await section("x/tram", category="1", slug="other", identifier="one") == "sports"
    told = (await client.get("/api/3.0/threads/details.json", params={"forum": name, "thread:ident": "one"})).json()
    assert (told["response"]["slug"], told["response"]["category"]) == ("the-tram", "4711")
    unknown = await paper.guest().try_post("Words.", url="https://news.test/x/ship", category="9")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "category")
    listed = (await client.get("/api/3.0/forums/listCategories.json", params={"forum": name})).json()["response"]
    assert [(each["id"], each["title"]) for each in listed] == [("1", "local"), ("4711", "sports")]
    # A site that names no categories takes what pages say and makes nothing of it.
    assert (await world.guest().try_post("Words.", category="9", slug="s")).status_code == 201
