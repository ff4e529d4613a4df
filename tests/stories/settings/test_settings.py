"""A publisher's owner looks at the site's settings, tries some, and changes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from tests.world import World


async def _site(owner: AsyncClient, world: World) -> dict[str, Any]:
    answer = await owner.get(f"/api/v1/sites/{world.site.name}")
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    found: dict[str, Any] = answer.json()
    return found


async def _change(owner: AsyncClient, world: World, version: int, **wanted: Any) -> Any:
    return await owner.patch(f"/api/v1/sites/{world.site.name}", json={"settings_version": version, **wanted})


async def test_one_s_own_sites(world: World) -> None:
    other = await world.another()
    owner, moderator = await world.staff("owner"), await other.staff("moderator")
    (own,) = (await owner.get("/api/v1/sites")).json()["items"]
    assert (own["name"], own["role"]) == (world.site.name, "owner")
    (own,) = (await moderator.get("/api/v1/sites")).json()["items"]
    assert (own["name"], own["role"]) == (other.site.name, "moderator")


async def test_settings_are_read_whole_and_changed_in_part(world: World) -> None:
    owner = await world.staff("owner")
    before = await _site(owner, world)
    assert before["settings"]["posting"]["max_length"] == 5_000, "defaults are there too"
    assert before["schemas"]["posting"]["properties"]["max_length"]["description"]
    answer = await _change(
        owner, world, before["settings_version"], title="The Gull", settings={"posting": {"max_length": 200}}
    )
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["title"], after["settings"]["posting"]["max_length"]) == ("The Gull", 200)
    assert after["settings"]["limits"] == before["settings"]["limits"], "what was not named stays"
    assert after["settings_version"] == before["settings_version"] + 1
    refused = await world.guest().try_post("x" * 201)
    assert refused.status_code == 422, refused.text
    await world.guest().post("x" * 200)


async def test_of_two_changes_from_one_version_one_is_made(world: World) -> None:
    one, other = await world.staff("owner"), await world.staff("owner")
    version = (await _site(one, world))["settings_version"]
    answers = await asyncio.gather(
        _change(one, world, version, settings={"posting": {"max_length": 300}}),
        _change(other, world, version, settings={"posting": {"edit_seconds": 60}}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["type"].endswith("#settings-changed")
    assert refused["settings_version"] == version + 1
    now = (await _site(one, world))["settings"]["posting"]
    assert (now["max_length"], now["edit_seconds"]) in {(300, 900), (5_000, 60)}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"settings": {"posting": {"max_length": -1}}}, "settings.posting.max_length"),
        ({"settings": {"posting": {"max_lenght": 10}}}, "settings.posting.max_lenght"),
        ({"settings": {"postings": {}}}, "settings.postings"),
        ({"settings": {"screening": {"banned_words": ["ok", "!!!"]}}}, "settings.screening.banned_words.1"),
        ({"settings": {"screening": {"banned_words": ["a\u0000b"]}}}, "settings.screening"),
        ({"settings": {"limits": {"post": {"address": ["often"]}}}}, "settings.limits.post.address.0"),
        ({"origins": ["https://ok.test", "ftp://no.test"]}, "origins"),
        ({"origins": []}, "origins"),
        ({"title": "  "}, "title"),
        ({"name": "other"}, "name"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_changed(world: World, wanted: dict[str, Any], field: str) -> None:
    owner = await world.staff("owner")
    before = await _site(owner, world)
    answer = await _change(owner, world, before["settings_version"], **wanted)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].removeprefix("body.") == field
    assert await _site(owner, world) == before


async def test_a_change_is_on_record(world: World) -> None:
    owner = await world.staff("owner")
    version = (await _site(owner, world))["settings_version"]
    await _change(owner, world, version, settings={"posting": {"max_length": 300}}, origins=["https://new.test"])
    log = await owner.get("/api/v1/moderation/log", params={"site": world.site.name, "action": "settings-changed"})
    told = [(entry["by"], entry["detail"]) for entry in log.json()["items"]]
    assert told == [
        ("Owner", {"section": "posting", "settings": ["max_length"]}),
        ("Owner", {"section": "origins", "settings": ["origins"]}),
    ]


async def test_a_preview_shows_what_would_be_and_changes_nothing(world: World) -> None:
    await world.guest("Ada").post("Hello, gulls.")
    owner = await world.staff("owner")
    before = await _site(owner, world)
    path = f"/api/v1/sites/{world.site.name}/preview"
    asked = {"url": world.page("article")}
    as_it_is = (await owner.post(path, json=asked)).json()["html"]
    assert "Hello, gulls." in as_it_is
    assert "<script" not in as_it_is
    drafted = await owner.post(path, json={**asked, "settings": {"reading": {"sorts": ["oldest"]}}})
    assert "Hello, gulls." in drafted.json()["html"]
    assert "Controversial" in as_it_is
    assert "Controversial" not in drafted.json()["html"]
    looks = (await owner.post(path, json={**asked, "settings": {"looks": {"accent": "#8a1538"}}})).json()
    # A document within the console's may hold no style: it comes beside it.
    assert "#8a1538" in looks["style"]
    assert "<style" not in looks["html"]
    assert await _site(owner, world) == before
    wrong = await owner.post(path, json={**asked, "settings": {"reading": {"sorts": []}}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "settings.reading.sorts")


async def test_a_preview_shows_nothing_that_is_held(world: World) -> None:
    held = await world.another({"screening": {"suspect_words": ["pineapple"]}})
    await held.guest().post("pineapple", expect=202)
    owner = await held.staff("owner")
    answer = await owner.post(f"/api/v1/sites/{held.site.name}/preview", json={"url": held.page("article")})
    assert answer.status_code == 200
    assert "pineapple" not in answer.text


async def test_only_owners_and_only_from_our_own_pages(world: World) -> None:
    other = await world.another()
    path = f"/api/v1/sites/{world.site.name}"
    moderator, stranger, owner = await world.staff("moderator"), await other.staff("owner"), await world.staff("owner")
    for client, status in ((moderator, 403), (stranger, 404), (world.client, 401)):
        assert (await client.get(path)).status_code == status
        assert (await client.patch(path, json={"settings_version": 1})).status_code == status
        assert (await client.post(f"{path}/preview", json={"url": world.page("a")})).status_code == status
    forged = await owner.patch(path, json={"settings_version": 1}, headers={"Origin": "https://evil.example"})
    assert (forged.status_code, forged.json()["type"]) == (403, "/errors#cross-site")
