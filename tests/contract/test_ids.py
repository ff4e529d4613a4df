"""Ids that are foreign, absent, doubled, deleted, of the wrong kind or none at all, in each place of each route.

Made from the matrix's table, which has every route: a new one is in it by itself. Whoever asks so is answered without
an error of ours, never gets or changes what is somebody else's, and has nothing done twice. `make chaos` asks as more
callers, with more of what is no id.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Request, Response
from sqlalchemy import select
from sqlmodel import SQLModel

from service import comments, record, sites
from service.kit.db import ReadTx
from service.screening import Policy
from service.web.parts import Parts
from tests.contract.test_matrix import ABSENT, HELD_WORD, TABLE, Row, Scene, Thing, _request
from tests.contract.test_on_record import _length

pytestmark = pytest.mark.timeout(300)

PARTS = 6  # the table in parts that several workers can look at, each within a test's time
IS_LONG = os.environ.get("PARLEY_ALL_IDS") == "1"
CALLERS = ("owner", "author", "nobody", "sports", "former")
NONE_AT_ALL = ["-1", str(2**63), "１"]
MORE_OF_NONE = [
    "0",
    "9" * 40,
    "x",
    "",
    "1.5",
    "1e3",
    "+1",
    " 1",
    "0x1",
    "%00",
    "null",
    "[]",
    "1,2",
    "true",
    "٣",
    "\ud7ff",
    "-" + "9" * 19,
    "a" * 300,
]
# Whatever readers of the other site may write is theirs to change; of the rest nothing may move.
_PUBLIC = {
    "moderation_case",
    "second_look",
    "comment",
    "person",
    "thread",
    "report",
    "retry",
    "reporter",
    "mail_address",
    "subscription",
    "mail_notice",
}
_NOT_ASKED = {"seconds"}  # how long to wait is no id


def _places(row: Row) -> list[str]:
    """The names in a route's path that are somebody's things."""
    return [name for name in asdict(_NOTHING) if f"{{{name}}}" in row.route]


_NOTHING = Thing("", "", "", "", 1, "", "")


def variants(row: Row, own: Thing, foreign: Thing, gone: Thing) -> Iterator[tuple[Row, Thing, str]]:
    """The row asked wrongly in each way there is; what differs is told."""
    worse = NONE_AT_ALL + (MORE_OF_NONE if IS_LONG else [])
    for name in _places(row):
        mine, others = str(getattr(own, name)), str(getattr(foreign, name))
        kinds = [own.thread, own.case] if name == "comment" else [own.comment]
        for value in [others, ABSENT, getattr(gone, name), *kinds, f"{mine},{others}", *worse]:
            yield _in_path(row, name, str(value)), own, f"{name} in the path is {value[:40]!r}"
        # What the path names is named once more, otherwise.
        for where in ("params", "json", "data"):
            said = row.ask(own)
            if where != "params" and (where not in said or not isinstance(said[where], dict)):
                continue
            yield _asking(row, {**said, where: {**said.get(where, {}), name: others}}), own, f"{name} again in {where}"
    yield from _in_what_is_said(row, own, foreign, gone)


def _in_path(row: Row, name: str, value: str) -> Row:
    method, path = row.route.split()
    # A brace is spelled %7B, so that the matrix has nothing to fill in there.
    return replace(row, route=f"{method} {path.replace(f'{{{name}}}', quote(value, safe='') or '%20')}")


def _asking(row: Row, said: dict[str, Any]) -> Row:
    return replace(row, ask=lambda _: said)


def _in_what_is_said(row: Row, own: Thing, foreign: Thing, gone: Thing) -> Iterator[tuple[Row, Thing, str]]:
    said = row.ask(own)
    other, over = row.ask(foreign), row.ask(gone)
    for where in ("params", "data"):
        for name, value in said.get(where, {}).items():
            if name in _NOT_ASKED:
                continue
            others = other[where][name]
            few: list[Any] = [[value, others], [others, value], over[where][name], "9" * 40]
            for worse in few + ([[value, value], ABSENT, "-1", ""] if IS_LONG else []):
                yield _asking(row, {**said, where: {**said[where], name: worse}}), own, f"{name}={worse!r} in {where}"
            left = {key: each for key, each in said[where].items() if key != name}
            yield _asking(row, {**said, where: left}), own, f"{where} without {name}"
    if isinstance(body := said.get("json"), dict):
        yield from (
            (_asking(row, {**said, "json": worse}), own, how)
            for worse, how in _bodies(body, other["json"], over["json"])
        )
        for name in body:
            # One key twice: what is looked at must be what is done.
            for pair in (f"{json.dumps(name)}:{json.dumps(each[name])}" for each in (other["json"], over["json"])):
                raw = json.dumps(body)
                for text in (f"{raw[:-1]},{pair}}}", f"{{{pair},{raw[1:]}"):
                    rest = {key: each for key, each in said.items() if key != "json"}
                    sent = {**rest, "content": text.encode(), "headers": {"Content-Type": "application/json"}}
                    yield _asking(row, sent), own, f"{name} twice in the body"


def _bodies(body: dict[str, Any], other: dict[str, Any], over: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for name, value in body.items():
        yield {key: each for key, each in body.items() if key != name}, f"a body without {name}"
        few = [it for it in (other[name], over[name]) if it != value]
        for worse in [
            *few,
            [value, other[name]],
            2**63,
            *([[value, value], None, -1, 10**40, "", {}] if IS_LONG else []),
        ]:
            yield {**body, name: worse}, f"{name} is {worse!r:.60}"
        if isinstance(value, list) and value:
            yield {**body, name: [*value, *value]}, f"{name} is doubled"
            yield {**body, name: [*value, *other[name]]}, f"{name} and another's"
            if isinstance(value[0], dict):
                yield from (
                    ({**body, name: [each]}, f"{name}: {how}")
                    for each, how in _bodies(value[0], other[name][0], over[name][0])
                )


class Neighbour:
    """The other site: words that only its team may read, and all that only its team may change."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.marks: list[str] = []
        self.comments: dict[str, object] = {}

    async def set_up(self) -> None:
        world, guest = self.scene.next_door, self.scene.elsewhere
        owner, path = self.scene.staff["neighbour"], f"/api/v1/sites/{world.site.name}"
        at = {"params": {"site": world.site.name}}
        # Everybody may report what everybody reads, and enough of them would hide it.
        patient = world.site.section("screening", Policy).model_copy(update={"reports_to_hold": 0})
        await self.scene.parts.db.transact(sites.configure, world.site.id, section="screening", values=patient)
        held, rule, queue, note, key = (f"{word}{os.urandom(5).hex()}" for word in (HELD_WORD, *["next"] * 4))
        self.marks = [held, rule, queue, note, key]
        hidden = await guest.post(f"{HELD_WORD} {held}", expect=202)
        shown = await guest.post("Everybody reads this.")
        for made in (hidden, shown):
            self.comments[made["comment"]["id"]] = None
        for where, body in (
            ("/api/v1/moderation/rules", {"kind": "word", "pattern": rule, "note": rule}),
            ("/api/v1/moderation/queues", {"name": queue}),
        ):
            assert (await owner.post(where, **at, json=body)).status_code == 201
        hook = {"url": "http://127.0.0.1:9/p", "events": ["thread.closed"], "note": note}
        assert (await owner.post(f"{path}/webhooks", json=hook)).status_code == 201
        assert (await owner.post(f"{path}/keys", json={"name": key, "scopes": ["sso"]})).status_code == 201
        await world.settle()

    async def state(self) -> object:
        """Everything of the other site that nobody from here may change."""
        return await self.scene.parts.db.read(self._state)

    async def _state(self, tx: ReadTx) -> object:
        found: dict[str, object] = {}
        site = self.scene.next_door.site
        connection = await tx.connection()
        for table in SQLModel.metadata.sorted_tables:
            if "site_id" in table.columns and table.name not in _PUBLIC:
                rows = await connection.execute(select(table).where(table.columns.site_id == site.id))
                found[table.name] = sorted(map(repr, rows))
        chain = await record.verify(tx, site.id)
        for number in self.comments:
            comment = await comments.get(tx, int(number), comments.STAFF)
            found[number] = comment.state, comment.body, comment.version, comment.person_id
        return {**found, "acts": chain.length}


@pytest.fixture
async def scene(parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
    return await Scene.new(parts, app, client)


def _callers(row: Row) -> tuple[str, ...]:
    """Who gets furthest there; in the long form everybody."""
    is_staffs = any(part in row.route for part in ("/moderation/", "/console", "/sites/{site}/", "/sites"))
    return CALLERS if IS_LONG else ("owner",) if is_staffs else ("author",)


def wrong_in(response: Response, marks: list[str]) -> str | None:
    """What is wrong with an answer to whoever is no friend of the other site; None when nothing is."""
    if response.status_code >= 500:
        return f"{response.status_code} {response.text[:200]}"
    told = f"{response.text} {response.headers}"
    return next((f"{response.status_code} tells {mark}" for mark in marks if mark in told), None)


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_id_makes_an_error_or_opens_somebody_elses(scene: Scene, part: int) -> None:
    next_door, wrong, asked = Neighbour(scene), list[str](), 0
    await next_door.set_up()
    foreign, gone = await scene.thing("foreign"), await _gone(scene)
    next_door.comments[foreign.comment] = None
    own = await scene.thing("own")
    before = await next_door.state()
    for row in TABLE[part::PARTS]:
        mine = await scene.prepared(row, own)
        for changed, thing, how in variants(row, mine, foreign, gone):
            for caller in _callers(row):
                if row.ends_sessions and caller in scene.staff:
                    continue
                asked += 1
                response = await _request(scene.caller(caller), changed, thing)
                if (fault := wrong_in(response, next_door.marks)) is not None:
                    wrong.append(f"{row.route} by {caller}, {how}: {fault}")
        if (after := await next_door.state()) != before:
            wrong.append(f"{row.route} changed what is next door: {_difference(before, after)}")
            before = after
    assert not wrong, "\n".join(wrong[:40])
    assert asked > 150


def _difference(before: Any, after: Any) -> str:
    return str([(name, before[name], after[name]) for name in before if before[name] != after[name]])[:600]


async def _gone(scene: Scene) -> Thing:
    """What there was once: a comment its author has deleted, and what the owner has ended."""
    thing = await scene.thing("own")
    assert (await scene.author.delete(thing.comment)).status_code == 204
    for needs in ("queue", "rule", "key", "hook", "webhook"):
        row = next(row for row in TABLE if row.needs == needs and row.route.startswith("DELETE"))
        thing = await scene.prepared(row, thing)
        assert (await _request(scene.staff["owner"], row, thing)).status_code == 204, row.route
        scene.kept.pop((needs, thing.site), None)
    return thing


async def test_what_is_named_twice_in_one_request_is_decided_once(scene: Scene) -> None:
    thing = await scene.thing("held")
    item = {"comment": thing.comment, "version": thing.version}
    before = await _length(scene)
    said = {"items": [item, item, item], "action": "spam"}
    answer = await scene.staff["owner"].post("/api/v1/moderation/decisions", json=said)
    assert answer.status_code < 500
    assert await _length(scene) <= before + 1
    made = {each["decision"] for each in answer.json().get("items", []) if each.get("decision")}
    assert len(made) <= 1, answer.text


async def test_what_would_be_wrong_is_seen(scene: Scene) -> None:
    """An error of ours, words of the other site's team, and a change there: each is found by what looks for it."""
    next_door = Neighbour(scene)
    await next_door.set_up()
    path, at = f"/api/v1/sites/{scene.next_door.site.name}", {"params": {"site": scene.next_door.site.name}}
    owner = scene.staff["neighbour"]
    for where, more in ((f"{path}/webhooks", {}), (f"{path}/keys", {}), ("/api/v1/moderation/queue", at)):
        assert wrong_in(await owner.get(where, **more), next_door.marks), where
    assert wrong_in(Response(500, text="", request=Request("GET", "http://parley.test/")), [])
    before = await next_door.state()
    assert await next_door.state() == before
    held = next(iter(next_door.comments))
    said = {"items": [{"comment": held, "version": 1}], "action": "approve"}
    await owner.post("/api/v1/moderation/decisions", json=said)
    assert "decision" in _difference(before, await next_door.state())
