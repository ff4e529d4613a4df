"""Rules from outside: tried on history, switched on, effective at once, made by owners."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient

from service import record
from tests.world import World


async def make(owner: AsyncClient, world: World, expect: int = 201, **rule: Any) -> dict[str, Any]:
    answer = await owner.post(
        "/api/v1/moderation/rules",
        params={"site": world.site.name},
        json={"kind": "word", "pattern": "casino", "action": "hold", **rule},
    )
    assert answer.status_code == expect, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def tried(staff: AsyncClient, world: World, **rule: Any) -> dict[str, Any]:
    body = {"site": world.site.name, "rule": {"kind": "word", "pattern": "casino", "action": "hold", **rule}}
    answer = await staff.post("/api/v1/moderation/rules/try", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_rule_is_tried_on_history_before_it_is_switched_on(world: World) -> None:
    ada = world.guest()
    for body in ("Trams!", "Come to the саѕіno", "c4sino bonus", "More trams"):
        await ada.post(body)
    await world.guest("Casino Joe").post("Hello there")
    moderator = await world.staff()

    told = await tried(moderator, world)

    assert (told["looked_at"], told["would_hold"], told["would_reject"], told["of_published"]) == (5, 3, 0, 3)
    assert [sample["author"]["name"] for sample in told["samples"]] == ["Casino Joe", "Ada", "Ada"]
    await ada.post("Another casino")  # nothing was switched on
    assert (await tried(moderator, world, action="reject"))["would_reject"] == 4


async def test_a_rule_counts_from_the_next_comment_on_until_it_is_switched_off(world: World) -> None:
    owner, ada = await world.staff("owner"), world.guest()
    rule = await make(owner, world, note="Since the raid")
    path = f"/api/v1/moderation/rules/{rule['id']}"

    held = await ada.post("Come to the casino", expect=202)
    assert held["reasons"] == ["Held because it contains “casino”."]
    body = {"kind": "word", "pattern": "casino", "action": "reject", "enabled": True}
    changed = (await owner.put(path, json=body)).json()
    assert (changed["version"], changed["action"]) == (2, "reject")
    refused = await ada.try_post("Come to the casino")
    assert refused.status_code == 403
    assert (await owner.put(path, json={**body, "enabled": False})).status_code == 200
    await ada.post("Come to the casino")
    assert (await owner.delete(path)).status_code == 204
    assert (await owner.get("/api/v1/moderation/rules", params={"site": world.site.name})).json()["items"] == []
    # Every change is on record.
    acts = await world.parts.db.read(_acts, world)
    assert acts == ["rule-made", "rule-changed", "rule-changed", "rule-deleted"]


async def _acts(tx: Any, world: World) -> list[str]:
    entries = await record.entries(tx, world.site.id, record.Filter(), limit=50)
    return [entry.act for entry in reversed(entries) if entry.act.startswith("rule")]


async def test_rules_are_made_by_owners_and_of_one_site(world: World) -> None:
    owner, moderator = await world.staff("owner"), await world.staff()
    elsewhere = await (await world.another()).staff("owner")
    rule = await make(owner, world)

    assert (await make(moderator, world, expect=403, pattern="poker"))["type"] == "/errors#rules-of-owners"
    await make(elsewhere, world, expect=404, pattern="poker")
    path = f"/api/v1/moderation/rules/{rule['id']}"
    assert (await elsewhere.delete(path)).status_code == 404
    assert (await moderator.delete(path)).status_code == 403
    assert (await make(owner, world, expect=409))["type"] == "/errors#rule-exists"
    assert (await make(owner, world, expect=422, pattern="e*"))["type"] == "/errors#rule-too-broad"
    assert (await make(owner, world, expect=422, pattern="x" * 81))["field"] == "pattern"


async def test_the_lists_of_the_settings_become_rules_that_say_the_same(world: World) -> None:
    policy = {
        "banned_words": ["casino"],
        "suspect_words": ["poker*"],
        "denied_hosts": ["bad.example"],
        "allowed_hosts": ["good.example"],
        "max_links": 0,
    }
    site = await world.another({"screening": policy})
    owner, ada = await site.staff("owner"), site.guest()
    listed = await owner.get("/api/v1/moderation/rules", params={"site": site.site.name})
    assert (listed.json()["items"], listed.json()["in_settings"]) == ([], 4)

    adopted = await owner.post("/api/v1/moderation/rules/adopt", json={"site": site.site.name})
    again = await owner.post("/api/v1/moderation/rules/adopt", json={"site": site.site.name})

    assert (adopted.json(), again.json()) == ({"made": 4}, {"made": 0})
    assert (await ada.try_post("casino")).status_code == 403
    assert (await ada.try_post("https://bad.example")).status_code == 403
    await ada.post("pokerface", expect=202)
    await ada.post("https://good.example")
    after = (await owner.get("/api/v1/moderation/rules", params={"site": site.site.name})).json()
    assert (len(after["items"]), after["in_settings"]) == (4, 0)


async def test_an_allowed_word_is_tried_as_well(world: World) -> None:
    site = await world.another({"screening": {"suspect_words": ["*horpe*"]}})
    ada = site.guest()
    await ada.post("Scunthorpe", expect=202)
    await ada.post("thorpe", expect=202)

    told = await tried(await site.staff(), site, pattern="scunthorpe", action="allow")

    assert (told["looked_at"], told["would_allow"], told["of_published"]) == (2, 1, 0)
