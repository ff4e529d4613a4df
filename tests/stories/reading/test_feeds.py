"""Feeds of a discussion and of a site, and what publishers put into their own pages."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from service import threads
from service.reading import feeds
from tests.units.pages.schema_org import faults
from tests.world import World

NS = {"a": "http://www.w3.org/2005/Atom"}


async def _feed(world: World, path: str) -> Any:
    answer = await world.client.get(f"/api/v1/{path}/feed.atom")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))


def _authors(feed: Any) -> list[str]:
    return [str(name) for name in feed.xpath("//a:entry/a:author/a:name/text()", namespaces=NS)]


async def test_the_newest_comments_of_a_thread_and_of_the_site(world: World) -> None:
    root = (await world.guest("Ada").post("*First*", title="The tram"))["comment"]
    await world.guest("Bob").post("Second", parent=root["id"])
    await world.guest("Eve").post("Elsewhere", page="another")
    thread = await _feed(world, f"threads/{root['thread']}")
    assert _authors(thread) == ["Bob", "Ada"]
    assert thread.xpath("string(a:title)", namespaces=NS) == "Comments: The tram"
    assert thread.xpath("string(a:link[@rel='alternate']/@href)", namespaces=NS) == world.page("article")
    entry = thread.xpath("a:entry", namespaces=NS)[1]
    assert entry.xpath("string(a:content)", namespaces=NS).strip() == "<p><em>First</em></p>"
    assert entry.xpath("string(a:link/@href)", namespaces=NS) == f"{world.page('article')}#comment-{root['id']}"
    assert _authors(await _feed(world, f"sites/{world.site.name}")) == ["Eve", "Bob", "Ada"]


async def test_what_is_taken_down_is_in_no_feed_at_once(world: World) -> None:
    author = world.guest("Ada")
    made = (await author.post("To be regretted."))["comment"]
    await world.guest("Bob").post("An answer.", parent=made["id"])
    paths = f"threads/{made['thread']}", f"sites/{world.site.name}"
    ids = [
        [str(each) for each in (await _feed(world, path)).xpath("//a:entry/a:id/text()", namespaces=NS)]
        for path in paths
    ]
    assert ids[0] == ids[1]
    await author.edit(made["id"], "To be regretted a little.")
    for path in paths:
        feed = await _feed(world, path)
        assert [str(each) for each in feed.xpath("//a:entry/a:id/text()", namespaces=NS)] == ids[0], "ids stay"
        assert "a little" in "".join(feed.itertext())
    await author.delete(made["id"])
    for path in paths:
        assert _authors(await _feed(world, path)) == ["Bob"]


async def test_a_feed_is_bounded_and_asked_for_again_for_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 3)
    made = [(await world.guest(f"Guest {number}").post(f"{number}"))["comment"] for number in range(5)]
    path = f"/api/v1/threads/{made[0]['thread']}/feed.atom"
    first = await world.client.get(path)
    assert first.text.count("<entry>") == 3
    again = await world.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_feed_goes_on_in_pages_to_the_first_comment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 2)
    monkeypatch.setattr(feeds, "LOOKED_AT", 3)
    made = [(await world.guest().post(f"{number}", page=f"sport/{number % 2}"))["comment"] for number in range(5)]
    section = (await world.parts.db.read(threads.get, int(made[0]["thread"]))).section
    for path, count in ((f"threads/{made[0]['thread']}", 3), (f"sites/{world.site.name}", 5)):
        root = await _feed(world, path)
        told, found, pages = await _json(world, path), [], 0
        while pages < 5:
            pages += 1
            found += [item["content_html"] for item in told["items"]]
            if "next_url" not in told:
                break
            told = await _json(world, told["next_url"])
        assert len(found) == len(set(found)) == count
        assert root.xpath("count(a:link[@rel='next'])", namespaces=NS) == 1
        assert root.xpath("count(a:link[@rel='first'])", namespaces=NS) == 0
        older = await world.client.get(str(root.xpath("string(a:link[@rel='next']/@href)", namespaces=NS)))
        assert 'rel="first"' in older.text
    of_section = f"/api/v1/sites/{world.site.name}/feed.json?section={section}"
    told = await _json(world, f"{world.parts.settings.origin}{of_section}")
    assert (len(told["items"]), "next_url" in told) == (2, True)


async def test_an_articles_feed_is_found_by_its_address(world: World) -> None:
    page = {"site": world.site.name, "url": world.page("article")}
    empty = await world.client.get("/api/v1/feed.json", params=page)
    assert (empty.json()["items"], empty.json()["home_page_url"]) == ([], page["url"])
    await world.guest("Ada").post("First")
    # The answer that nobody had written was kept, and is forgotten.
    found = await world.client.get("/api/v1/feed.json", params=page)
    assert [item["content_html"].strip() for item in found.json()["items"]] == ["<p>First</p>"]
    atom = await world.client.get("/api/v1/feed.atom", params=page)
    assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"


async def test_an_empty_site_has_a_feed(world: World) -> None:
    empty = await world.another()
    assert _authors(await _feed(empty, f"sites/{empty.site.name}")) == []
    assert (await world.client.get("/api/v1/sites/no-such-site/feed.atom")).status_code == 404


async def test_the_comments_for_the_publishers_own_page(world: World) -> None:
    root = (await world.guest("Ada").post("First </script>"))["comment"]
    await world.guest().vote(root["id"], 1)
    page = {"site": world.site.name, "url": world.page("article")}
    by_address = await world.client.get("/api/v1/jsonld", params=page)
    by_thread = await world.client.get(f"/api/v1/threads/{root['thread']}/jsonld")
    assert by_address.content == by_thread.content
    assert "</script" not in by_address.text
    assert by_address.headers["access-control-allow-origin"] == "*"
    node = by_address.json()
    assert faults(node) == []
    assert (node["@id"], node["commentCount"], node["comment"][0]["upvoteCount"]) == (page["url"], 1, 1)
    unopened = await world.client.get("/api/v1/jsonld", params={**page, "url": world.page("nothing")})
    assert unopened.json()["comment"] == []


async def _json(world: World, path: str, **params: str) -> dict[str, Any]:
    answer = await world.client.get(
        path if path.startswith("http") else f"/api/v1/{path}/feed.json", params=params or None
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/feed+json")
    again = await world.client.get(str(answer.request.url), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    found: dict[str, Any] = answer.json()
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == str(answer.request.url)
    return found


async def test_json_feeds_say_the_same_as_atom(world: World) -> None:
    root = (await world.guest("Ada").post("*First*", title="The tram"))["comment"]
    await world.guest("Bob").post("Second", parent=root["id"])
    for path in (f"threads/{root['thread']}", f"sites/{world.site.name}"):
        atom, told = await _feed(world, path), await _json(world, path)
        assert [item["id"] for item in told["items"]] == atom.xpath("//a:entry/a:id/text()", namespaces=NS)
        assert [item["authors"][0]["name"] for item in told["items"]] == _authors(atom) == ["Bob", "Ada"]
        assert told["items"][0]["_parley"]["in_reply_to"] == told["items"][1]["id"]
        assert told["items"][1]["content_html"] == "<p><em>First</em></p>"
        assert told["items"][1]["url"] == f"{world.page('article')}#comment-{root['id']}"
    page = await world.client.get(f"/t/{root['thread']}")
    for kind in ("application/atom+xml", "application/feed+json"):
        assert f'<link rel="alternate" type="{kind}"' in page.text


async def test_a_section_has_a_feed_of_its_own(world: World) -> None:
    sections = [{"name": "sport & play", "pattern": "*/sport/*"}, {"name": "rest", "pattern": "*"}]
    site = await world.another({"threads": {"sections": sections}})
    await site.guest("Ada").post(page="sport/1")
    await site.guest("Bob").post(page="news/1")
    told = await _json(site, f"sites/{site.site.name}", section="sport & play")
    assert [item["authors"][0]["name"] for item in told["items"]] == ["Ada"]
    assert (await _json(site, f"sites/{site.site.name}", section="none"))["items"] == []


async def test_answers_to_somebody_at_an_address_nobody_guesses(world: World) -> None:
    ada, bob = world.guest("Ada"), world.guest("Bob")
    root = (await ada.post("Mine."))["comment"]
    await ada.post("My own answer.", parent=root["id"])
    answer = (await bob.post("An answer.", parent=root["id"]))["comment"]
    await bob.post("To nobody.")
    path = f"/api/v1/sites/{world.site.name}/replies-feed"
    assert (await world.client.get(path)).status_code == 401
    addresses = (await ada.client.get(path, headers=ada.headers)).json()
    told = await _json(world, addresses["json_feed"])
    assert [item["content_html"] for item in told["items"]] == ["<p>An answer.</p>"]
    assert "Ada" not in str(told), "it does not say whose it is"
    response = await world.client.get(addresses["atom"])
    assert (response.status_code, response.headers["x-robots-tag"]) == (200, "noindex, nofollow")
    assert "private" in response.headers["cache-control"]
    await bob.delete(answer["id"])
    assert (await _json(world, addresses["json_feed"]))["items"] == [], "only what is published, at once"
    other = await world.another()
    token = addresses["json_feed"].split("/")[-2]
    for site, forged in ((world, token[:-1] + ("A" if token[-1] != "A" else "B")), (other, token), (world, "9.x")):
        answered = await world.client.get(f"/api/v1/sites/{site.site.name}/replies/{forged}/feed.json")
        assert answered.status_code == 404, answered.text
