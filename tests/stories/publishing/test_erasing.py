"""A site is erased: after a time to think, whole, and its neighbour is as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from service import publishing
from service.kit import clock
from service.kit.db import ReadTx
from service.publishing import erasing, sweeping
from tests.world import World

# Rows of the whole platform; the record's chains outlive their sites without a word in them.
OF_THE_PLATFORM = {
    "account",
    "session",
    "sign_in_link",
    "reader",
    "reader_way",
    "reader_proof",
    "reader_notice",
    "address_key",
    "mailbox",
    "outbox",
} | set(erasing.KEPT)


async def _everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    async def read(tx: ReadTx) -> dict[str, list[tuple[Any, ...]]]:
        connection = await tx.connection()
        return {
            table.name: [tuple(row) for row in (await connection.execute(select(table))).all()]
            for table in SQLModel.metadata.sorted_tables
        }

    return await world.parts.db.read(read)


async def _fill(world: World, mark: str) -> None:
    """Something of nearly everything a site holds, each with a word nobody else uses."""
    owner, moderator = await world.staff("owner", f"{mark}@staff.test"), await world.staff("moderator")
    ada, bob = world.guest(f"{mark}-ada"), world.guest("Bob")
    root = (await ada.post(f"A {mark}.", title=mark, author={"name": "Ada", "email": f"{mark}@readers.test"}))[
        "comment"
    ]
    answer = (await bob.post(f"Answer to {mark}.", parent=root["id"], key=f"key-{mark}-1234"))["comment"]
    await bob.vote(root["id"], 1)
    await bob.report(root["id"], "abuse", f"See {mark}.")
    path = f"/api/v1/sites/{world.site.name}"
    await owner.post(f"{path}/webhooks", json={"url": f"http://127.0.0.1:9/{mark}", "events": ["case.opened"]})
    hook = {"name": "tone", "url": f"http://127.0.0.1:9/{mark}", "timing": "after", "enabled": False}
    await owner.post(f"{path}/hooks", json=hook)
    await owner.post(f"{path}/imports", content=b'<disqus xmlns="http://disqus.com"></disqus>')
    await owner.patch(path, json={"settings_version": 1, "title": f"Title {mark}"})
    item = {"comment": answer["id"], "version": answer["version"]}
    decision = {"items": [item], "action": "remove", "reason": "insult", "note": f"Because of {mark}"}
    assert (await moderator.post("/api/v1/moderation/decisions", json=decision)).json()["items"][0]["decision"]
    await bob.client.post(f"/api/v1/comments/{answer['id']}/appeal", json={"text": f"But {mark}."}, headers=bob.headers)
    site = {"params": {"site": world.site.name}}
    await owner.post("/api/v1/moderation/queues", **site, json={"name": f"Queue {mark}"})
    await owner.post("/api/v1/moderation/rules", **site, json={"kind": "word", "pattern": f"{mark}word"})
    body = {"kind": "shadow", "target": {"type": "email_domain", "value": f"{mark}.test"}}
    await moderator.post("/api/v1/moderation/sanctions", **site, json=body)
    await owner.put("/api/v1/moderation/alerts", **site, json={"at_once": "never"})
    await owner.post(f"{path}/thread-jobs/remap", json={"rule": "host", "from": f"{mark}.test", "to": "b.test"})
    await world.settle()


def test_every_table_belongs_to_a_site_or_to_the_platform() -> None:
    """A new table is erased with its site by itself, or stands above with those of the platform."""
    known = {table.name for table in erasing.belonging()}
    assert known | OF_THE_PLATFORM == set(SQLModel.metadata.tables)
    assert not known & OF_THE_PLATFORM
    for table in erasing.belonging():
        assert table.name == "site" or sweeping.owner_of(table) is not None


async def test_erased_whole_and_nobody_else_s(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PIECE", 3)
    mark, other = f"markgone{world.site.id}", await world.another()
    await _fill(world, mark)
    await _fill(other, f"markstays{other.site.id}")
    owner, path = await world.staff("owner"), f"/api/v1/sites/{world.site.name}"
    beside = await _beside(other)

    wrong = await owner.post(f"{path}/erasure", json={"confirm": "another"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "confirm")
    assert (await owner.post(f"{path}/erasure", json={"confirm": world.site.name})).status_code == 202
    assert (await owner.delete(f"{path}/erasure")).status_code == 204
    assert (await owner.get(f"{path}/erasure")).json()["is_asked"] is False
    await owner.post(f"{path}/erasure", json={"confirm": world.site.name})
    again = await owner.post(f"{path}/erasure", json={"confirm": world.site.name})
    assert again.json()["type"].endswith("#erasure-asked")
    assert await publishing.erase_due(world.parts.db, world.parts.redis) == 0, "there is time to think"
    await world.guest().post("It works on until then.")

    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await publishing.erase_due(world.parts.db, world.parts.redis) == 1
    assert (
        await world.client.get("/api/v1/threads", params={"site": world.site.name, "url": "https://a.test"})
    ).status_code == 404
    left = {
        name: [row for row in rows if mark in str(row) or world.site.id in row]
        for name, rows in (await _everything(world)).items()
    }
    left = {name: rows for name, rows in left.items() if rows}
    assert left.keys() <= {"record_entry", "record_head", "site_erasure"}, left
    assert not [row for rows in left.values() for row in rows if mark in str(row)]
    assert not await world.parts.redis.call("EXISTS", f"parley:{{{world.site.id}}}:desk:waiting")
    assert await _beside(other) == beside
    assert (await other.read())["thread"]["comment_count"] == 1


async def _beside(world: World) -> dict[str, int]:
    """How many rows of a site there are in each table."""

    async def read(tx: ReadTx) -> dict[str, int]:
        connection = await tx.connection()
        return {
            table.name: len((await connection.execute(select(table).where(erasing.scope(table, world.site.id)))).all())
            for table in erasing.belonging()
        }

    return await world.parts.db.read(read)
