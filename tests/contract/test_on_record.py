"""Who acts with authority leaves a trace: every route that changes something, found in the route table, is asked.

A new route that needs a role and changes something fails here until it is in the matrix and writes a record, or stands
below with the reason why it writes none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from service import publishing, record, sites, transfer
from service.web import who
from service.web.parts import Parts
from tests.contract.test_fuzz import SMALLEST
from tests.contract.test_matrix import TABLE, Row, Scene, Thing, _request, _status, expected
from tests.contract.test_routes_gated import _calls, _routes

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_LEASE = "a lease: it decides nothing, ends by itself, and thousands of them would hide the acts"
_LOOK = "changes nothing, and shows what its reader may see anyway"
_OWN = "one's own wishes, about nobody else"
EXCEPTIONS: Mapping[str, str] = {
    "POST /api/v1/moderation/claims": _LEASE,
    "PUT /api/v1/moderation/claims": _LEASE,
    "POST /api/v1/moderation/claims/release": _LEASE,
    "PUT /api/v1/moderation/claims/{claim}": _LEASE,
    "DELETE /api/v1/moderation/claims/{claim}": _LEASE,
    "POST /api/v1/moderation/claims/{claim}/skip": _LEASE,
    "POST /api/v1/moderation/rules/try": _LOOK,
    "POST /api/v1/moderation/bulk/preview": _LOOK,
    "POST /api/v1/sites/{site}/preview": _LOOK,
    "PUT /api/v1/moderation/alerts": _OWN,
}
_ANOTHER = "another one: two of a kind are what was asked for"
_SO_STILL = "says once more what is so; who said it last is on record"
# What an act may leave twice on record, and why.
AGAIN: Mapping[str, str] = {
    "POST /api/v1/moderation/authors/{person}/notes": _ANOTHER,
    "POST /api/v1/moderation/rules/adopt": _SO_STILL,
    "POST /api/v1/moderation/sanctions": "one of a kind: that which was before gives way to it",
    "POST /api/v1/outbox/retry": _SO_STILL,
    "POST /api/v1/sites/{site}/hooks/{hook}/rotate": _ANOTHER,
    "POST /api/v1/sites/{site}/hooks/{hook}/test": _ANOTHER,
    "POST /api/v1/sites/{site}/keys": _ANOTHER,
    "POST /api/v1/sites/{site}/keys/{key}/rotate": _ANOTHER,
    "POST /api/v1/sites/{site}/keys/{key}/tokens": _ANOTHER,
    "POST /api/v1/sites/{site}/thread-jobs/merge": "a plan, which does nothing until one of them is begun",
    "POST /api/v1/sites/{site}/thread-jobs/purge": "a plan, which does nothing until one of them is begun",
    "POST /api/v1/sites/{site}/webhooks": _ANOTHER,
    "POST /api/v1/sites/{site}/webhooks/{webhook}/deliveries/replay": _SO_STILL,
    "POST /api/v1/sites/{site}/webhooks/{webhook}/deliveries/{delivery}/replay": _SO_STILL,
    "POST /api/v1/sites/{site}/webhooks/{webhook}/rotate": _ANOTHER,
    "POST /api/v1/sites/{site}/webhooks/{webhook}/test": _ANOTHER,
    "PUT /api/v1/moderation/authors/{person}/mark": _SO_STILL,
    "PUT /api/v1/moderation/queues/{queue}": _SO_STILL,
    "PUT /api/v1/moderation/rules/{rule}": _SO_STILL,
    "PUT /api/v1/sites/{site}/hooks/{hook}": _SO_STILL,
    "PUT /api/v1/sites/{site}/webhooks/{webhook}": _SO_STILL,
}
# Of the console's forms and the links in mail, which have gates of their own, those that act with a role.
FORMS = {"POST /console/decide"}
FORMS_OF_LEASES = {"POST /console/claim", "POST /console/release"}
# They begin or end a session, or are made of a token that is somebody's alone (tests/stories/delivery/test_mail.py).
FORMS_OF_NO_ROLE = {
    "POST /console/enter",
    "POST /console/sign-in",
    "POST /console/sign-out",
    "POST /console/mail",
    "POST /console/mail/stop",
}


async def _settings(scene: Scene, thing: Thing) -> dict[str, Any]:
    site = await scene.parts.db.read(sites.by_name, thing.site)
    return {"json": {"settings_version": site.settings_version, "title": "Another title"}}


async def _token(scene: Scene, thing: Thing) -> dict[str, Any]:
    asked = {"site": thing.site, "filter": {"word": "nothing"}}
    found = await scene.staff["owner"].post("/api/v1/moderation/bulk/preview", json=asked)
    return {"json": {"token": found.json()["token"], "action": "spam"}}


async def _new_key(scene: Scene, thing: Thing) -> dict[str, Any]:
    return {"json": {"name": "Shop", "scopes": ["sso"]}}


async def _free(scene: Scene, thing: Thing) -> dict[str, Any]:
    await scene.staff["owner"].post(f"/api/v1/sites/{thing.site}/imports/{thing.run}/cancel")
    await transfer.work(scene.parts.db)
    return {"content": SMALLEST}


async def _checked(scene: Scene, thing: Thing) -> dict[str, Any]:
    await transfer.work(scene.parts.db)
    return {}


async def _seen(scene: Scene, thing: Thing) -> dict[str, Any]:
    site = await scene.parts.db.read(sites.by_name, thing.site)
    return {"json": {"settings_version": site.settings_version}}


async def _another(scene: Scene, thing: Thing) -> dict[str, Any]:
    other = (await scene.author.post(page="another"))["comment"]["thread"]
    return {"json": {"thread": thing.thread, "into": other}}


async def _hosts(scene: Scene, _: Thing) -> dict[str, Any]:
    await publishing.work(scene.parts.db)
    return {"json": {"rule": "host", "from": "nobody.test", "to": "new.test"}}


async def _pairs(scene: Scene, _: Thing) -> dict[str, Any]:
    await publishing.work(scene.parts.db)
    return {"content": b"https://nobody.test/1,https://nobody.test/2"}


async def _typed(_: Scene, thing: Thing) -> dict[str, Any]:
    return {"json": {"confirm": thing.site}}


async def _asked_for(scene: Scene, thing: Thing) -> dict[str, Any]:
    await scene.staff["owner"].post(f"/api/v1/sites/{thing.site}/erasure", json={"confirm": thing.site})
    return {}


async def _new_site(scene: Scene, _: Thing) -> dict[str, Any]:
    return {"json": {"name": f"{scene.home.site.name}-new", "origins": ["https://new.test"]}}


async def _waiting(scene: Scene, thing: Thing) -> dict[str, Any]:
    asked = {"params": {"site": thing.site}, "json": {"reason": "asked"}}
    await scene.staff["owner"].post(f"/api/v1/moderation/authors/{thing.person}/erasure", **asked)
    return {"params": {"site": thing.site}}


async def _checked_again(scene: Scene, thing: Thing) -> dict[str, Any]:
    await transfer.work(scene.parts.db)
    return {"json": {"moves": []}}


# What the matrix asks so that it is refused is asked here so that it happens.
ASKED: Mapping[str, Callable[[Scene, Thing], Any]] = {
    "PATCH /api/v1/sites/{site}": _settings,
    "POST /api/v1/moderation/bulk": _token,
    "POST /api/v1/sites/{site}/keys": _new_key,
    "POST /api/v1/sites": _new_site,
    "POST /api/v1/sites/{site}/erasure": _typed,
    "DELETE /api/v1/sites/{site}/erasure": _asked_for,
    "POST /api/v1/sites/{site}/changes/{change}/undo": _seen,
    "POST /api/v1/sites/{site}/thread-jobs/merge": _another,
    "POST /api/v1/sites/{site}/thread-jobs/remap": _hosts,
    "POST /api/v1/sites/{site}/thread-jobs/remap.csv": _pairs,
    "DELETE /api/v1/moderation/authors/{person}/erasure": _waiting,
    "POST /api/v1/sites/{site}/imports": _free,
    "POST /api/v1/sites/{site}/imports/{run}/check": _checked_again,
    "POST /api/v1/sites/{site}/imports/{run}/begin": _checked,
}
BY_ADMINS = {"POST /api/v1/sites", "POST /api/v1/outbox/retry"}
ORDER = ("check", "begin", "cancel", "undo", "imports")  # of the one import a site may have


def _with_a_role(app: FastAPI) -> set[str]:
    forms = {
        f"{method} {route.path}"
        for route in _routes(app.routes)
        for method in route.methods & UNSAFE
        if route.path.startswith("/console")
    }
    assert forms == FORMS | FORMS_OF_LEASES | FORMS_OF_NO_ROLE, "a form nobody has thought about"
    return _gated(app) | FORMS


def _gated(app: FastAPI) -> set[str]:
    return {
        f"{method} {route.path}"
        for route in _routes(app.routes)
        for method in route.methods & UNSAFE
        if who.moderator in set(_calls(route.dependant))
    }


def _rows(app: FastAPI) -> list[Row]:
    first: dict[str, Row] = {}
    wanted = _with_a_role(app)
    for row in TABLE:
        if row.route in wanted and "own" in row.verdicts:
            first.setdefault(row.route, row)
    assert wanted == first.keys()
    last = [name for name in first if "imports" in name]
    last.sort(key=lambda name: ORDER.index(name.rsplit("/", 1)[-1]))
    return [first[name] for name in (*(name for name in first if name not in last), *last)]


@pytest.fixture
async def scene(parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
    return await Scene.new(parts, app, client)


async def _length(scene: Scene) -> int:
    chains = [await scene.parts.db.read(record.verify, chain) for chain in (scene.home.site.id, record.PLATFORM)]
    return sum(chain.length for chain in chains)


async def test_every_act_with_authority_is_on_record(scene: Scene, app: FastAPI) -> None:
    """And what is asked again with the very same words, as an impatient click does, is done once."""
    wrong, silent, twice = list[str](), set[str](), set[str]()
    for row in _rows(app):
        thing = await scene.prepared(row, await scene.thing("own"))
        ask = row.ask
        if (make := ASKED.get(row.route)) is not None:
            ask = _answer(await make(scene, thing))
        same = _answer(ask(thing))
        before = await _length(scene)
        by = scene.staff["admin" if row.route in BY_ADMINS else "owner"]
        response = await _request(by, replace(row, ask=same), thing)
        after = await _length(scene)
        if not _went_through(response):
            wrong.append(f"{row.route} was refused: {response.status_code} {response.text[:200]}")
        elif after == before:
            silent.add(row.route)
        if (response := await _request(by, replace(row, ask=same), thing)).status_code >= 500:
            wrong.append(f"{row.route}, asked again: {response.text[:200]}")
        if await _length(scene) > after:
            twice.add(row.route)
    assert not wrong, "\n".join(wrong)
    assert silent == EXCEPTIONS.keys(), "routes that leave no record, and those that are said to leave none"
    assert sorted(twice) == sorted(AGAIN), "routes that are recorded twice, and those that are said to be"


def _answer(asked: dict[str, Any]) -> Callable[[Thing], dict[str, Any]]:
    return lambda _: asked


def _went_through(response: Response) -> bool:
    return _status(response) < 400


async def test_who_looks_at_people_leaves_a_trace(scene: Scene) -> None:
    """An author's record, alone and beside a case; exports of a site's statements and log."""
    site, thing = scene.home.site, await scene.thing("own")
    at = {"params": {"site": site.name}}
    for role, path in (
        ("moderator", f"/api/v1/moderation/authors/{thing.person}"),
        ("local", f"/api/v1/moderation/cases/{thing.case}"),
        ("owner", "/api/v1/moderation/statements.jsonl"),
        ("owner", "/api/v1/moderation/log.jsonl"),
        ("owner", f"/api/v1/sites/{site.name}/export.jsonl"),
    ):
        before = await _length(scene)
        response = await scene.staff[role].get(path, **at)
        assert response.status_code == 200, response.text
        assert await _length(scene) == before + 1, path


async def test_a_former_moderators_session_changes_nothing(scene: Scene, app: FastAPI) -> None:
    """Still signed in, no role any more: every act is refused, and there is nothing to record."""
    thing = await scene.thing("own")
    before = await _length(scene)
    for row in _rows(app):
        response = await _request(scene.staff["former"], row, thing)
        assert response.status_code in {403, 404}, row.route
        assert response.status_code == expected(row.verdicts["own"], "former")
    assert await _length(scene) == before


async def test_a_new_act_with_authority_is_found() -> None:
    planted = FastAPI()

    @planted.post("/api/v1/moderation/quietly")
    async def quietly(_: who.Moderator) -> None: ...

    assert _gated(planted) == {"POST /api/v1/moderation/quietly"}
