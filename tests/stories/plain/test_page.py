"""The discussion as a page of its own."""

from __future__ import annotations

import json
from typing import Any

from lxml import html as parser

from tests.units.pages.schema_org import faults
from tests.world import World


async def _page(world: World, thread: str, **params: str) -> tuple[Any, Any]:
    answer = await world.client.get(f"/t/{thread}", params=params)
    assert answer.status_code == 200, answer.text
    return parser.document_fromstring(answer.text), answer


def _bodies(document: Any) -> list[str]:
    return [body.text_content().strip() for body in document.xpath("//*[@class='body'][not(ancestor::template)]")]


async def test_it_is_whole_without_a_script(world: World) -> None:
    world = await world.another({"reading": {"page_size": 5, "sorts": ["oldest", "newest"]}})
    root = (await world.guest().post("Number 0", title="The tram"))["comment"]
    for number in range(1, 7):
        await world.guest().post(f"Number {number}")
    document, answer = await _page(world, root["thread"])
    assert _bodies(document) == [f"Number {number}" for number in range(5)]
    assert document.xpath("string(//link[@rel='canonical']/@href)") == world.page("article")
    assert document.xpath("string(//link[@rel='alternate']/@href)").endswith(f"/threads/{root['thread']}/feed.atom")
    assert document.xpath("string(//p[@class='article']/a/@href)") == world.page("article")
    assert "x-robots-tag" not in answer.headers
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    # Every link of its own leads to a page that has the rest.
    following = document.xpath("string(//link[@rel='next']/@href)")
    assert following == document.xpath("string(//li[@class='more']/a/@href)")
    more = await world.client.get(following)
    assert _bodies(parser.document_fromstring(more.text)) == ["Number 5", "Number 6"]
    assert more.headers["x-robots-tag"] == "noindex, follow"
    newest = document.xpath("string(//a[@data-sort='newest']/@href)")
    assert _bodies(parser.document_fromstring((await world.client.get(newest)).text))[0] == "Number 6"


async def test_its_metadata_is_valid_and_on_the_first_view_alone(world: World) -> None:
    root = (await world.guest("Ada").post("</script><script>alert(1)</script>"))["comment"]
    await world.guest("Bob").post("An answer", parent=root["id"])
    document, _ = await _page(world, root["thread"])
    (script,) = document.xpath("//script[@type='application/ld+json']")
    node = json.loads(script.text)
    assert faults(node) == []
    assert node["comment"][0]["comment"][0]["author"]["name"] == "Bob"
    assert (node["commentCount"], node["author"]["name"]) == (2, world.site.title)
    # The address of a comment in it is one that shows it.
    shown, _ = await _page(world, root["thread"], comment=node["comment"][0]["url"].rpartition("=")[2])
    assert len(_bodies(shown)) == 2
    assert shown.xpath("//script[@type='application/ld+json']") == []


async def test_a_comment_of_another_discussion_is_not_shown_here(world: World) -> None:
    here = (await world.guest().post("Here."))["comment"]
    there = (await world.guest().post("There.", page="another"))["comment"]
    document, _ = await _page(world, here["thread"], comment=there["id"])
    assert _bodies(document) == ["Here."]
    assert document.xpath("//*[@data-missing]")


async def test_what_changes_shows_at_once(world: World) -> None:
    author = world.guest()
    made = (await author.post("To be regretted."))["comment"]
    assert len(_bodies((await _page(world, made["thread"]))[0])) == 1
    await author.delete(made["id"])
    assert _bodies((await _page(world, made["thread"]))[0]) == []


async def test_a_search_shows_what_it_found(world: World) -> None:
    made = (await world.guest().post("A needle"))["comment"]
    await world.guest().post("Hay")
    document, answer = await _page(world, made["thread"], q="needle")
    assert _bodies(document) == ["A needle"]
    assert document.xpath("string(//input[@name='q']/@value)") == "needle"
    assert answer.headers["x-robots-tag"] == "noindex, follow"
    nothing, _ = await _page(world, made["thread"], q='"><script>')
    assert "No comment has these words." in nothing.text_content()


async def test_an_unknown_discussion_is_a_404(world: World) -> None:
    assert (await world.client.get("/t/999999999999999999")).status_code == 404
    assert (await world.client.get("/t/nonsense")).status_code == 422
