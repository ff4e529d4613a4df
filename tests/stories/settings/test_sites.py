"""Who runs the platform makes sites; their owners see who changed what, and take it back."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from service import record
from service.record import Filter
from tests.world import World


async def test_a_site_is_made_and_works_at_once(world: World) -> None:
    admin, owner = await world.admin("root@platform.test"), await world.staff("owner")
    name = f"{world.site.name}-new"
    wanted = {"name": name, "title": "The Gull", "origins": ["https://gull.test"], "owner": "gull@gull.test"}
    assert (await owner.post("/api/v1/sites", json=wanted)).status_code == 403
    made = await admin.post("/api/v1/sites", json=wanted)
    assert made.status_code == 201, made.text
    assert (made.json()["title"], made.json()["origins"]) == ("The Gull", ["https://gull.test"])
    again = await admin.post("/api/v1/sites", json=wanted)
    assert (again.status_code, again.json()["field"]) == (409, "name")
    for wrong, field in (
        ({"name": "A B"}, "name"),
        ({"origins": ["gull.test"]}, "origins"),
        ({"origins": []}, "origins"),
    ):
        refused = await admin.post("/api/v1/sites", json={**wanted, "name": f"{name}2", **wrong})
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    (member,) = (await admin.get(f"/api/v1/sites/{name}/team")).json()["items"]
    assert (member["email"], member["role"]) == ("gull@gull.test", "owner")
    page = {"site": name, "url": "https://gull.test/1"}
    posted = await world.client.post("/api/v1/comments", json={**page, "body": "Hello.", "author": {"name": "Ada"}})
    assert posted.status_code in {201, 202}, posted.text
    (entry, *_) = await world.parts.db.read(record.entries, record.PLATFORM, Filter(act="site-made"), limit=1)
    assert (entry.words, entry.actor.kind) == ({"name": name}, "account")


async def _changes(owner: AsyncClient, world: World) -> list[dict[str, Any]]:
    answer = await owner.get(f"/api/v1/sites/{world.site.name}/changes")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_change_is_seen_and_taken_back(world: World) -> None:
    owner = await world.staff("owner")
    path = f"/api/v1/sites/{world.site.name}"

    async def change(**wanted: Any) -> int:
        version = (await owner.get(path)).json()["settings_version"]
        answer = await owner.patch(path, json={"settings_version": version, **wanted})
        assert answer.status_code == 200, answer.text
        number: int = answer.json()["settings_version"]
        return number

    async def undo(number: str, version: int) -> Any:
        return await owner.post(f"{path}/changes/{number}/undo", json={"settings_version": version})

    await change(settings={"posting": {"max_length": 300, "votes": False}})
    await change(settings={"posting": {"edit_seconds": 60}})
    version = await change(title="The Gull")
    titled, edited, first = await _changes(owner, world)
    assert (first["by"], first["section"], first["settings"]) == ("Owner", "posting", ["max_length", "votes"])
    assert (first["before"], first["after"]) == ({}, {"max_length": 300, "votes": False})
    assert (titled["section"], titled["after"]) == ("title", {"title": "The Gull"})

    stale = await undo(first["number"], version - 1)
    assert stale.json()["type"].endswith("#settings-changed")
    done = await undo(first["number"], version)
    assert (done.status_code, done.json()["settings_version"]) == (200, version + 1), done.text
    now = (await owner.get(path)).json()
    assert {name: now["settings"]["posting"][name] for name in ("max_length", "votes", "edit_seconds")} == {
        "max_length": 5_000,
        "votes": True,
        "edit_seconds": 60,
    }
    assert (await undo(titled["number"], version + 1)).status_code == 200
    assert (await owner.get(path)).json()["title"] == world.site.title
    passed = await undo(first["number"], version + 2)
    assert passed.json()["type"].endswith("#change-passed"), "it is not so any more"
    assert (await undo("999999", version + 2)).status_code == 404
    assert len(await _changes(owner, world)) == 5, "taking back is a change too"
    assert edited["number"] in {each["number"] for each in await _changes(owner, world)}
