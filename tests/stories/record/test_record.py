"""The record: one chain a site, whole under concurrency, and whoever touches it is found."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service import record, sites
from service.commands import doctor
from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.record import Actor
from tests.conftest import Floor
from tests.world import World

ACTOR = Actor.account(7)


async def _write(db: Database, chain: int, act: str, **words: Any) -> None:
    async def note(tx: WriteTx) -> None:
        await record.append(tx, chain, ACTOR, act, "comment:1", {"n": 1}, **words)

    await db.transact(note)


async def _sql(db: Database, *statements: str) -> None:
    async with db.engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        await connection.commit()


async def _without_triggers(world: World, *statements: str) -> None:
    """What somebody with the database's own rights can do."""
    if world.parts.db.is_sqlite:
        async with world.parts.db.engine.connect() as connection:
            found = await connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'record_entry'")
            )
            triggers = found.all()
        drop = [f"DROP TRIGGER {name}" for name, _ in triggers]
        await _sql(world.parts.db, *drop, *statements, *[sql for _, sql in triggers])
        return
    off, on = (f"ALTER TABLE record_entry {what} TRIGGER USER" for what in ("DISABLE", "ENABLE"))
    await _sql(world.parts.db, off, *statements, on)


async def _verify(world: World) -> record.Chain:
    return await world.parts.db.read(record.verify, world.site.id)


async def test_acts_at_once_make_one_chain(world: World) -> None:
    """Forty acts at once, each committed by itself: the numbers have no gap and each hash follows from the last."""
    before = (await _verify(world)).length
    await asyncio.gather(*[_write(world.parts.db, world.site.id, f"act-{n}") for n in range(40)])
    seen = await _verify(world)
    assert seen.fault is None
    assert seen.length == before + 40
    entries = await world.parts.db.read(record.entries, world.site.id, limit=100)
    assert [entry.seq for entry in entries] == list(range(seen.length, 0, -1))
    assert {entry.act for entry in entries} >= {f"act-{n}" for n in range(40)}


async def test_acts_that_also_lock_rows_in_either_order_do_not_wait_for_each_other(world: World) -> None:
    """The chain's end is locked last: who appends first and works on a row then cannot meet who does the opposite."""

    async def first(tx: WriteTx) -> None:
        await record.append(tx, world.site.id, ACTOR, "first", "site")
        await sites.configure(tx, world.site.id, origins=["https://news.test"])

    async def second(tx: WriteTx) -> None:
        await sites.configure(tx, world.site.id, origins=["https://news.test"])
        await record.append(tx, world.site.id, ACTOR, "second", "site")

    async with asyncio.timeout(20):
        await asyncio.gather(*[world.parts.db.transact(act) for _ in range(10) for act in (first, second)])
    assert (await _verify(world)).fault is None


async def test_an_act_that_fails_leaves_nothing_on_record(world: World) -> None:
    async def fails(tx: WriteTx) -> None:
        await record.append(tx, world.site.id, ACTOR, "failed", "site")
        raise LookupError

    with pytest.raises(LookupError):
        await world.parts.db.transact(fails)
    wanted = record.Filter(act="failed")
    assert await world.parts.db.read(record.entries, world.site.id, wanted) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE record_entry SET act = 'other'", "DELETE FROM record_entry"], ids=["update", "delete"]
)
async def test_the_database_refuses_to_change_the_record(world: World, statement: str) -> None:
    await _write(world.parts.db, world.site.id, "kept")
    with pytest.raises(DBAPIError, match="append-only"):
        await _sql(world.parts.db, f"{statement} WHERE chain = {world.site.id}")


@pytest.mark.parametrize(
    ("tamper", "seq", "says"),
    [
        ("UPDATE record_entry SET act = 'approve' WHERE chain = {c} AND seq = 3", 3, "it was changed"),
        ("UPDATE record_entry SET actor_id = 8 WHERE chain = {c} AND seq = 2", 2, "it was changed"),
        ("DELETE FROM record_entry WHERE chain = {c} AND seq = 4", 4, "one entry is missing"),
        ("DELETE FROM record_entry WHERE chain = {c} AND seq IN (2, 3)", 2, "2 entries are missing"),
        ("DELETE FROM record_entry WHERE chain = {c} AND seq >= 5", 5, "it ends at 4"),
        ("UPDATE record_detail SET words = '{{}}'", 1, "its words were changed"),
    ],
)
async def test_doctor_names_the_first_place_that_does_not_hold(
    world: World, floor: Floor, tamper: str, seq: int, says: str
) -> None:
    for number in range(1, 7):
        await _write(world.parts.db, world.site.id, f"act-{number}", words={"note": f"Note {number}"})
    if "record_detail" in tamper:
        inside = f"(SELECT id FROM record_entry WHERE chain = {world.site.id})"  # noqa: S608  # a number of ours
        await _sql(world.parts.db, f"{tamper.format()} WHERE entry_id IN {inside}")
    else:
        await _without_triggers(world, tamper.format(c=world.site.id))
    fault = (await _verify(world)).fault
    assert fault is not None
    assert fault.seq == seq
    assert says in fault.says
    findings = await doctor.examine(floor.settings)
    told = [finding for finding in findings if finding.about == f"log of {world.site.name}"]
    assert [finding.verdict for finding in told] == ["wrong"]
    assert f"entry {seq}" in told[0].says


async def test_words_are_erased_and_the_chain_stays_whole(world: World) -> None:
    """A person's name in a note, gone with the person; and what is older than a year, gone by itself."""
    await _write(world.parts.db, world.site.id, "noted", words={"note": "Writes as Quincy"}, about=4711)
    await _write(world.parts.db, world.site.id, "noted", words={"note": "Some other thing"})
    await world.parts.db.transact(record.forget_person, 4711)
    entries = await world.parts.db.read(record.entries, world.site.id, record.Filter(act="noted"))
    assert [entry.words for entry in entries] == [{"note": "Some other thing"}, None]
    assert (await _verify(world)).fault is None
    with clock.frozen() as hands:
        hands.advance(record.DETAIL_LIFE + timedelta(days=1))
        await world.parts.db.transact(record.forget_expired, world.site.id)
    entries = await world.parts.db.read(record.entries, world.site.id, record.Filter(act="noted"))
    assert [entry.words for entry in entries] == [None, None]
    assert (await _verify(world)).fault is None


async def test_the_log_is_searched_and_leafed_through(world: World) -> None:
    owner = await world.staff("owner")
    for number in range(5):
        await _write(world.parts.db, world.site.id, f"act-{number}", words={"note": f"Überfall_{number} 100%"})
    params = {"site": world.site.name}

    async def found(**more: Any) -> list[str]:
        answer = await owner.get("/api/v1/moderation/log", params=params | more)
        assert answer.status_code == 200, answer.text
        return [item["action"] for item in answer.json()["items"]]

    assert await found(q="überfall_3") == ["act-3"]
    assert await found(q="fall%") == []
    assert await found(q="100%", limit=2) == ["act-4", "act-3"]
    assert await found(action="act-1") == ["act-1"]
    assert await found(q="ACT-4") == await found(q="act-4") == ["act-4"]
    assert await found(by="7", q="act-2") == ["act-2"]
    assert await found(by="nobody@nowhere.test") == []
    assert len(await found(comment="1")) == 5
    assert await found(until="2020-01-01T00:00:00Z") == []
    seen, cursor = [], None
    while True:
        answer = (await owner.get("/api/v1/moderation/log", params=params | {"limit": 2, "cursor": cursor})).json()
        seen += [item["seq"] for item in answer["items"]]
        if (cursor := answer["next_cursor"]) is None:
            break
    assert seen == list(range(len(seen), 0, -1))


async def test_every_way_to_search_the_log_is_documented(world: World) -> None:
    asked = world.app.openapi()["paths"]["/api/v1/moderation/log"]["get"]["parameters"]
    told = {each["name"]: each.get("description", "") for each in asked}
    assert told.keys() == {"site", "q", "by", "action", "comment", "since", "until", "cursor", "limit"}
    assert all(told.values())
    assert "sanction-imposed" in told["action"]


async def test_the_export_can_be_checked_by_anybody(world: World) -> None:
    """With nothing but SHA-256 and JSON; and that it was taken is its own last line."""
    owner = await world.staff("owner")
    await _write(world.parts.db, world.site.id, "kept", words={"note": "Ünder a note"})
    answer = await owner.get("/api/v1/moderation/log.jsonl", params={"site": world.site.name})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-1]["act"] == "exported"
    previous = "0" * 64
    for line in lines:
        kept = {
            k: line[k]
            for k in ("v", "chain", "seq", "id", "at", "actor", "act", "subject", "section", "detail", "sealed")
        }
        spelled = json.dumps(kept, sort_keys=True, separators=(",", ":"))
        assert line["previous"] == previous
        assert line["hash"] == hashlib.sha256(f"{previous}\n{spelled}".encode()).hexdigest()
        previous = line["hash"]


async def test_authority_leaves_traces(world: World) -> None:
    """Roles, settings and sign-ins are on record, with who did it; addresses can be erased."""
    owner = await world.staff("owner")
    team = f"/api/v1/sites/{world.site.name}/team"
    await owner.put(f"{team}/max@{world.site.name}.test", json={"role": "moderator", "sections": ["sports"]})
    await owner.delete(f"{team}/max@{world.site.name}.test")
    log = (await owner.get("/api/v1/moderation/log", params={"site": world.site.name})).json()["items"]
    assert [item["action"] for item in log][:4] == ["role-taken", "role-given", "sign-in", "role-given"]
    assert log[0]["by"] == "Owner"
    assert log[1]["detail"] == {"before": None, "role": "moderator", "sections": ["sports"]}
    assert log[1]["words"] == {"email": f"max@{world.site.name}.test"}
    stored = await world.parts.db.read(_details, world.site.id)
    assert "@" not in stored


async def _details(tx: ReadTx, chain: int) -> str:
    rows = await tx.exec(text(f"SELECT detail FROM record_entry WHERE chain = {chain}"))  # noqa: S608  # a number of ours
    return " ".join(row[0] for row in rows)
