"""An export from elsewhere that is brought again does not bring the erased back."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from httpx import AsyncClient

import service.demo
from service import comments, identity, privacy, transfer
from tests.stories.privacy.searching import sightings
from tests.world import World, flat

DISCUSSION = (Path(service.demo.__file__).parent / "discussion.xml").read_text()
HER = "oldtar"


async def brought(world: World, owner: AsyncClient, content: str) -> dict[str, Any]:
    """Import a file as an owner does; the report."""
    path = f"/api/v1/sites/{world.site.name}/imports"
    run = (await owner.post(path, content=content.encode())).json()["id"]
    await transfer.work(world.parts.db)
    begun = await owner.post(f"{path}/{run}/begin")
    assert begun.status_code == 202, begun.text
    await transfer.work(world.parts.db)
    report: dict[str, Any] = (await owner.get(f"{path}/{run}")).json()
    assert report["state"] == "done", report
    return report


async def test_an_import_again_brings_no_erased(world: World) -> None:
    name = f"Oldest Tar {world.site.name}"
    whole = DISCUSSION.replace("<name>Old Tar</name>", f"<name>{name}</name>")
    hers = [post for post in re.findall(r"<post .*?</post>\n", whole, re.DOTALL) if f"<username>{HER}<" in post]
    # The first export lacks one of her comments, and with it what she says there.
    marked = f"Barnacle {world.site.name}"
    later = re.sub(r"<!\[CDATA\[.*?\]\]>", f"<![CDATA[<p>{marked}</p>]]>", hers[-1], flags=re.DOTALL)
    owner, parts = await world.staff("owner"), world.parts
    await brought(world, owner, whole.replace(hers[-1], ""))
    person = await parts.db.read(identity.by_origin, world.site.id, f"disqus:user:{HER}")
    assert person is not None
    wrote = await parts.db.read(comments.ids_of_person, person, limit=100)
    assert len(wrote) == len(hers) - 1
    assert await sightings(parts, {"name": name})
    await parts.db.transact(privacy.ask, world.site, person, wait=timedelta())
    eraser = privacy.Eraser(parts.db, parts.keeper, parts.settings.erased_file)
    await eraser.work()
    assert await sightings(parts, {"name": name}) == []

    await brought(world, owner, whole.replace(hers[-1], later))
    # The uploaded file itself is gone with the end of its run.
    await parts.db.scrub()
    assert await sightings(parts, {"name": name, "marked": marked}) == []
    assert await parts.db.read(identity.by_origin, world.site.id, f"disqus:user:{HER}") is None
    # What others wrote is there, below her places too.
    page = await world.client.get(
        "/api/v1/threads", params={"site": world.site.name, "url": "https://courier.example/2026/09/ferry-whistle"}
    )
    seen = flat(page.json()["items"])
    assert {item["state"] for item in seen} >= {"published"}
