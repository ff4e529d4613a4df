"""What a site lets in, and when: by section and author, by age, by the hour, with votes or without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.kit import clock
from service.web.parts import Parts
from tests.world import World


async def _site(world: World, **settings: Any) -> World:
    return await world.another(settings)


async def test_one_section_is_looked_at_beforehand(world: World) -> None:
    sections = [{"name": "politics", "pattern": "*/politics/*"}]
    site = await _site(world, threads={"sections": sections}, screening={"pre_moderate_sections": ["politics"]})
    await site.guest().post(page="sport/cup")
    held = await site.guest().post(page="politics/vote", expect=202)
    assert held["reasons"] == ["Held because moderators read all comments here before they appear."]
    ada = site.guest()
    made = (await ada.post(page="sport/cup"))["comment"]
    assert (await ada.edit(made["id"], "Still sport.")).status_code == 200


async def test_new_authors_until_some_are_published(world: World) -> None:
    site = await _site(world, screening={"hold_first_comments": True, "first_comments": 2})
    moderator, ada = await site.staff("moderator"), site.guest()
    said = []
    for _ in range(2):
        held = await ada.post("Hello.", expect=202)
        said += held["reasons"]
        item = {"comment": held["comment"]["id"], "version": held["comment"]["version"]}
        answer = await moderator.post("/api/v1/moderation/decisions", json={"items": [item], "action": "approve"})
        assert answer.json()["items"][0]["decision"], answer.text
    assert said == [
        "Held because this is your first comment here.",
        "Held because a moderator looks at your comments first.",
    ]
    await ada.post("Known by now.")


async def test_a_discussion_closes_with_age(world: World, monkeypatch: pytest.MonkeyPatch, parts: Parts) -> None:
    site = await _site(world, posting={"close_after_days": 14, "edit_seconds": 86_400})
    ada = site.guest()
    made = (await ada.post())["comment"]
    assert (await site.read())["thread"]["state"] == "open"
    later = clock.now() + timedelta(days=14)
    monkeypatch.setattr(clock, "now", lambda: later)
    parts.pages.clear()
    assert (await site.read())["thread"]["state"] == "closed"
    assert (await site.guest().try_post()).json()["type"].endswith("#thread-closed")
    assert (await site.guest().vote(made["id"], 1)).json()["type"].endswith("#thread-closed")
    await site.guest().post(page="new")


async def test_outside_opening_hours_the_text_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch, parts: Parts
) -> None:
    hours = {"opening_hours": [{"opens": "07:00", "closes": "22:00"}], "time_zone": "Europe/Berlin"}
    site = await _site(world, posting={**hours, "edit_seconds": 86_400})
    now = clock.now()
    noon = datetime(now.year, now.month, now.day, 12, tzinfo=UTC) + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: noon)
    ada, bob = site.guest(), site.guest("Bob")
    made = (await ada.post())["comment"]
    night = noon.replace(hour=23)
    monkeypatch.setattr(clock, "now", lambda: night)
    parts.pages.clear()
    thread = (await site.read())["thread"]
    assert thread["state"] == "closed"
    assert datetime.fromisoformat(thread["opens_at"]) - night < timedelta(hours=8)
    refused = (await bob.try_post()).json()
    assert refused["type"].endswith("#out-of-hours")
    assert datetime.fromisoformat(refused["opens_at"]) == datetime.fromisoformat(thread["opens_at"])
    assert (await ada.edit(made["id"], "By night.")).json()["type"].endswith("#out-of-hours")
    assert (await bob.vote(made["id"], 1)).status_code == 200, "nobody has to watch over votes"
    plain = await site.client.post(
        "/embed/comments",
        data={"site": site.site.name, "thread": made["thread"], "name": "Bob", "body": "By a form."},
        headers={"Origin": parts.settings.origin},
    )
    assert plain.status_code == 403, "every way in is the same"


async def test_without_votes(world: World) -> None:
    site = await _site(world, posting={"votes": False})
    made = (await site.guest().post())["comment"]
    assert (await site.guest("Bob").vote(made["id"], 1)).json()["type"].endswith("#votes-off")
    frame = await site.client.get("/embed", params={"site": site.site.name, "url": site.page("article")})
    assert "data-vote=" not in frame.text
