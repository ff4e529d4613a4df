"""Ready pages: quick, and never untrue for longer than they may be."""

from __future__ import annotations

import asyncio
from typing import Any

from httpx import ASGITransport, AsyncClient

from service import worker
from service.app import create_app
from service.web.parts import make_parts
from tests.conftest import Floor
from tests.servers.waiting import eventually
from tests.stories.reading.statements import Statements
from tests.world import World, flat


async def _texts(world: World, client: AsyncClient | None = None) -> list[str]:
    response = await (client or world.client).get(
        "/api/v1/threads", params={"site": world.site.name, "url": world.page("article")}
    )
    return [item["html"] or item["gone"] for item in flat(response.json()["items"])]


async def test_a_page_asked_for_again_asks_the_database_nothing(world: World) -> None:
    await world.guest().post()
    for path, params in (
        ("/api/v1/threads", {"site": world.site.name, "url": world.page("article")}),
        ("/embed", {"site": world.site.name, "url": world.page("article")}),
    ):
        first = await world.client.get(path, params=params)
        with Statements(world) as statements:
            again = await world.client.get(path, params=params)
        assert statements.count == 0, path
        assert again.content == first.content
        assert again.headers == first.headers


async def test_every_change_shows_at_once(world: World) -> None:
    ada, staff = world.guest("Ada"), await world.staff()
    assert await _texts(world) == []
    posted = (await ada.post("one"))["comment"]
    assert await _texts(world) == ["<p>one</p>"]
    await ada.edit(posted["id"], "two")
    assert await _texts(world) == ["<p>two</p>"]
    reply = (await ada.post("reply", parent=posted["id"]))["comment"]
    assert await _texts(world) == ["<p>two</p>", "<p>reply</p>"]
    await staff.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": posted["id"], "version": 2}], "action": "remove"},
    )
    assert await _texts(world) == ["removed", "<p>reply</p>"]
    await ada.delete(reply["id"])
    assert await _texts(world) == []


async def test_votes_show_within_a_second_or_so(world: World) -> None:
    posted = (await world.guest("Ada").post())["comment"]["id"]
    await world.read()
    await world.guest("Ben").vote(posted, 1)

    async def score() -> int:
        value: int = (await world.read())["items"][0]["score"]
        return value

    async with asyncio.timeout(5):
        while await score() != 1:  # noqa: ASYNC110  # the page is asked for, as a reader would
            await asyncio.sleep(0.05)


async def test_another_process_hears_of_a_change(world: World, floor: Floor) -> None:
    settings = floor.settings.model_copy()
    other = make_parts(settings, worker.reactions)
    app = create_app(settings, other)
    app.state.parts = other
    listening = asyncio.create_task(other.purger.run())
    mine = asyncio.create_task(world.parts.purger.run())
    transport = ASGITransport(app=app, client=("10.1.1.1", 1))
    try:
        await eventually(lambda: other.pages.life > 10, "the other process to listen")
        async with AsyncClient(transport=transport, base_url="http://parley.test") as there:
            await world.guest().post("first")
            assert await _texts(world, there) == ["<p>first</p>"]
            await world.guest().post("second")
            async with asyncio.timeout(1.5):  # well before the page would expire by itself
                while len(await _texts(world, there)) != 2:  # noqa: ASYNC110  # as a reader would
                    await asyncio.sleep(0.01)
    finally:
        for task in (listening, mine):
            task.cancel()
        await asyncio.gather(listening, mine, return_exceptions=True)
        await other.close()


async def test_who_asks_from_where_makes_no_difference(world: World) -> None:
    ada = world.guest("Ada")
    await ada.post("public")
    staff = await world.staff()
    params = {"site": world.site.name, "url": world.page("article")}
    variants: list[dict[str, Any]] = [
        {},
        {"headers": {"Origin": "https://evil.test"}},
        {"headers": {"Host": "evil.test"}},
        {"headers": {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}},
        {"headers": {"Referer": "https://evil.test/x"}},
        {"headers": ada.headers},
        {"headers": {"Accept-Language": "de", "User-Agent": "x"}},
        {"cookies": dict(staff.cookies)},
    ]
    for path in ("/embed", "/api/v1/threads"):
        seen = set()
        for start in range(len(variants)):
            # Each variant comes first once, so each has the chance to poison the page for the others.
            world.parts.pages.clear()
            for variant in (*variants[start:], *variants[:start]):
                client = world.caller("10.0.0.9")
                client.cookies.update(variant.get("cookies", {}))
                response = await client.get(path, params=params, headers=variant.get("headers"))
                assert "evil.test" not in response.text + str(response.headers)
                assert "set-cookie" not in response.headers
                seen.add(response.content)
        assert len(seen) == 1, path


async def test_one_sites_page_is_never_anothers(world: World) -> None:
    other = await world.another()
    await world.guest().post("here", url="https://news.test/same")
    await other.guest().post("there", url="https://news.test/same")
    for _ in range(2):
        for site, text in ((world, "here"), (other, "there")):
            response = await world.client.get(
                "/embed", params={"site": site.site.name, "url": "https://news.test/same"}
            )
            assert f"<p>{text}</p>" in response.text


async def test_what_is_a_viewers_own_is_never_kept(world: World) -> None:
    held = await world.another({"screening": {"pre_moderate": True}})
    ada = held.guest("Ada")
    thread = (await ada.post("mine alone", expect=202))["comment"]["thread"]
    path = f"/api/v1/threads/{thread}/viewer"
    assert "mine alone" in (await ada.client.get(path, headers=ada.headers)).text
    assert "mine alone" not in (await held.client.get(path)).text
    assert "mine alone" in (await ada.client.get(path, headers=ada.headers)).text


async def test_five_hundred_readers_at_an_expiry_load_it_once_or_twice(world: World) -> None:
    await world.guest().post()
    params = {"site": world.site.name, "url": world.page("article")}
    with Statements(world) as once:
        world.parts.pages.clear()
        await world.client.get("/embed", params=params)
    with Statements(world) as statements:
        world.parts.pages.clear()
        answers = await asyncio.gather(*(world.client.get("/embed", params=params) for _ in range(500)))
    assert {answer.status_code for answer in answers} == {200}
    assert statements.count <= 2 * once.count


async def test_errors_are_not_kept_and_do_not_queue(world: World) -> None:
    params = {"site": world.site.name, "url": "javascript:alert(1)"}
    answers = await asyncio.gather(*(world.client.get("/embed", params=params) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {422}
    assert not [key for key in world.parts.pages._entries if b"javascript" in key[0]]


async def test_a_cdn_may_hold_pages_and_knows_what_to_purge(world: World) -> None:
    posted = await world.guest().post()
    response = await world.client.get("/embed", params={"site": world.site.name, "url": world.page("article")})
    assert response.headers["surrogate-key"] == f"thread-{posted['comment']['thread']} site-{world.site.id}"
    assert "max-age=10" in response.headers["cdn-cache-control"]
    assert response.headers["cache-control"] == "public, no-cache"


async def test_pages_live_shorter_while_the_others_cannot_be_heard(world: World, floor: Floor) -> None:
    listening = asyncio.create_task(world.parts.purger.run())
    try:
        await eventually(lambda: world.parts.pages.life > 10, "the others to be heard")
        await world.guest().post()
        await world.read()
        floor.redis_server.kill()
        await eventually(lambda: world.parts.pages.life <= 2, "the silence to be noticed")
        floor.redis_server.restart()
        await eventually(lambda: world.parts.pages.life > 10, "the others to be heard again")
        assert len(world.parts.pages) == 0
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await floor.bring_redis_back(world.parts.redis)
