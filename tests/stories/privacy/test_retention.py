"""What is kept how long: a setting changes what the public page tells and what the periodic work forgets, both."""

from __future__ import annotations

from datetime import timedelta

from service import comments, record
from service.kit import clock
from service.privacy import retention
from tests.stories.privacy.searching import sightings
from tests.stories.privacy.test_erasing import Life, mark
from tests.world import World


async def test_page_and_work_follow_the_setting(world: World) -> None:
    suspects = {"screening": {"hold_first_comments": False, "suspect_words": ["pineapple"]}}
    world = await world.another(suspects)
    life = await Life(world).lived()
    owner, parts = await world.staff("owner"), world.parts
    page = f"/privacy/{world.site.name}"
    shown = await world.client.get(page)
    assert (shown.status_code, "set-cookie" in shown.headers) == (200, False)
    assert "30 days" in shown.text
    assert "365 days" in shown.text
    assert "72 hours" in shown.text
    german = await world.client.get(page, headers={"Accept-Language": "de"})
    assert "30 Tage" in german.text

    version = (await owner.get(f"/api/v1/sites/{world.site.name}")).json()["settings_version"]
    wanted = {"privacy": {"earlier_texts_days": 7, "words_days": 31, "contact": "data@courier.example"}}
    changed = await owner.patch(
        f"/api/v1/sites/{world.site.name}", json={"settings_version": version, "settings": wanted}
    )
    assert changed.status_code == 200, changed.text
    shown = await world.client.get(page)
    assert "7 days" in shown.text
    assert "31 days" in shown.text
    assert "30 days" not in shown.text
    assert "mailto:data@courier.example" in shown.text

    site = await parts.sites.by_name(world.site.name)
    again = Life(await world.another(suspects))  # a site that kept its settings
    await again.lived()
    with clock.frozen() as hands:
        # What she was told of the decision (`note`) stays with it.
        now = hands.at
        for days, gone in ((6, set()), (8, {"first"}), (32, {"first", "detail", "quoted", "said"})):
            hands.set(now + timedelta(days=days))
            await retention.forget_by_age(parts.db, site)
            await retention.forget_by_age(parts.db, again.world.site)
            await parts.db.scrub()
            left = {found.split(" ")[0] for found in await sightings(parts, life.words)}
            assert life.words.keys() - left == gone, days
    # Of the other site only what is older than its own days is gone: the text before an edit.
    left = {found.split(" ")[0] for found in await sightings(parts, again.words)}
    assert again.words.keys() - left == {"first"}
    # That something was decided stays, and the chain verifies without the words.
    assert (await parts.db.read(record.verify, site.id)).fault is None
    assert {entry.act for entry in await parts.db.read(record.entries, site.id)} >= {"remove", "noted"}
    assert await parts.db.read(comments.revisions, int(life.first)) == []


async def test_a_page_for_no_site(world: World) -> None:
    missing = await world.client.get(f"/privacy/{mark('nobody')}")
    assert (missing.status_code, missing.json()["type"]) == (404, "/errors#site-unknown")
