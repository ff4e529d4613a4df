"""The service is asked what nobody would ask: nothing is a 500, and every answer is the one the document promises."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import Any

import httpx
import pytest
import requests
import schemathesis
import structlog
from fastapi import FastAPI
from httpx import AsyncClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks
from starlette.requests import Request
from starlette.responses import Response

from service import comments, identity, publishing, transfer
from service.privacy import exports, own
from service.web.parts import Parts
from tests.world import Guest, World, some_address

# Much is asked, one thing after the other, while other tests take the processors.
pytestmark = pytest.mark.timeout(300)

Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]
PARTS = 6  # the operations in parts that several workers can ask, each within a test's time
EXAMPLES = 12  # for each operation, once with what the document allows and once with what it does not
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# What the server refuses before an operation is asked; the document's `default` stands for them.
BEFORE_THE_OPERATION = {400, 405, 413}
SAFE_HEADERS = ("x-content-type-options", "referrer-policy", "content-security-policy", "cache-control")

_QUIET = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


_WEBHOOK = {"url": "http://127.0.0.1:9/parley", "events": ["thread.closed"], "note": "A note"}
# Switched off: of all that is fuzzed nobody is to be asked.
_HOOK = {
    "name": "tone",
    "url": "http://127.0.0.1:9/screen",
    "timing": "after",
    "timeout_ms": 800,
    "when_silent": "pass",
    "hold_at": 0.8,
    "shadow": False,
    "enabled": False,
}


# A file that can be imported, with nothing in it.
_KEY = {"name": "Shop", "scopes": ["sso"], "algorithm": "HS256"}
# A secret key is asked for there; what one may is looked at in tests/stories/sso.
# Nobody here runs the platform.
OF_ADMINS = ("POST /api/v1/sites", "GET /api/v1/outbox", "POST /api/v1/outbox/retry")
# Each goes through once or not at all, in whatever order the fuzzer asks; how they succeed is in tests/stories.
OF_ONE_USE = {
    "POST /api/v1/sites/{site}/thread-jobs/merge",
    "POST /api/v1/sites/{site}/thread-jobs/purge",
    "POST /api/v1/sites/{site}/thread-jobs/remap",
    "POST /api/v1/sites/{site}/thread-jobs/remap.csv",
    "POST /api/v1/sites/{site}/thread-jobs/{thread_job}/begin",
    "POST /api/v1/sites/{site}/thread-jobs/{thread_job}/undo",
    "POST /api/v1/sites/{site}/changes/{change}/undo",
    "DELETE /api/v1/sites/{site}/erasure",
}
OF_KEYS = {
    "GET /api/v1/sites/{site}/members/{remote}",
    "POST /api/v1/sites/{site}/members/{remote}/sign-out",
    "POST /api/v1/sites/{site}/keys/{key}/tokens",
    "DELETE /api/v1/sites/{site}/keys/{key}/tokens/{access}",
}
# A code that only a mail has, or a session that only a code gives: tests/stories/readers.
OF_READERS = {
    "POST /api/v1/sites/{site}/sign-in/codes",
    "POST /api/v1/sites/{site}/sign-in/sessions",
    "POST /api/v1/sites/{site}/sign-in/handovers",
    "POST /api/v1/sites/{site}/sign-in/resume",
    "GET /api/v1/sites/{site}/sign-in/sessions",
    "DELETE /api/v1/sites/{site}/sign-in/session",
    "DELETE /api/v1/sites/{site}/sign-in/sessions",
    "DELETE /api/v1/sites/{site}/sign-in/sessions/{session}",
}
SMALLEST = b'<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"></disqus>'


class Target:
    """A site with something in it, asked from another thread."""

    def __init__(self, world: World, things: Mapping[str, str], callers: Mapping[str, AsyncClient]) -> None:
        self.world = world
        self.things = things
        self.callers = callers
        self.answered: dict[str, Counter[int]] = {}
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def new(cls, parts: Parts, app: FastAPI, client: AsyncClient) -> Target:
        world = await World.new(parts, app, client, {"mail": {"enabled": True}})
        author = world.guest("Author")
        root = await author.post(author={"name": "Author", "email": "author@news.test"})
        reply = await author.post(parent=root["comment"]["id"])
        await world.guest("Reader").report(root["comment"]["id"])
        await world.settle()
        # An owner may everything a moderator may; the rights of each are looked at in test_matrix.py.
        owner = (f"owner@{world.site.name}.test", "Owner")
        moderator = await world.staff("owner", owner[0])
        guest = world.caller(some_address())
        guest.headers.update(author.headers)
        taken = await moderator.post("/api/v1/moderation/claims", json={"site": world.site.name, "limit": 1})
        # Whom sanctions are tried on, so that the author may go on.
        stranger = world.guest("Stranger")
        strange = (await stranger.post())["comment"]["id"]
        removed, decided = [(await author.post(f"To decide about, {n}."))["comment"]["id"] for n in (1, 2)]
        other = await world.staff("moderator")
        body = {"action": "remove", "reason": "insult"}
        made = [
            await other.post(
                "/api/v1/moderation/decisions", json={**body, "items": [{"comment": comment, "version": 1}]}
            )
            for comment in (removed, decided)
        ]
        at = {"params": {"site": world.site.name}}
        queues = [
            (await moderator.post("/api/v1/moderation/queues", **at, json={"name": f"Queue no. {n}"})).json()["id"]
            for n in (1, 2)
        ]
        rules = [
            (
                await moderator.post(
                    "/api/v1/moderation/rules", **at, json={"kind": "word", "pattern": f"nothing like {n}"}
                )
            ).json()["id"]
            for n in (1, 2)
        ]
        tokens = [
            (
                await moderator.post(
                    "/api/v1/moderation/bulk/preview", json={"site": world.site.name, "filter": {"word": "nowhere"}}
                )
            ).json()["token"]
            for _ in (1, 2)
        ]
        job = await moderator.post("/api/v1/moderation/bulk", json={"token": tokens[1], "action": "spam"})
        await moderator.post(f"/api/v1/moderation/bulk/{job.json()['id']}/cancel")
        person = str((await parts.db.read(comments.get, int(strange), comments.STAFF)).person_id)
        sanction = await other.post(
            "/api/v1/moderation/sanctions",
            params={"site": world.site.name},
            json={"kind": "premoderate", "target": {"value": person}},
        )
        claim = taken.json()["items"][0]
        things = {
            "removed": removed,
            "queue": queues[0],
            "spare_queue": queues[1],
            "rule": rules[0],
            "spare_rule": rules[1],
            "token": tokens[0],
            "job": job.json()["id"],
            "decision": made[1].json()["items"][0]["decision"],
            "sanction": sanction.json()["id"],
            "person": person,
            "case": claim["case"]["id"],
            "member": await world.joins(),
            "site": world.site.name,
            "url": world.page("article"),
            "thread": root["comment"]["thread"],
            "comment": root["comment"]["id"],
            "parent": root["comment"]["id"],
            "reply": reply["comment"]["id"],
            "decided": strange,
            "forum": world.site.name,
            "resource": "threads",
            "method": "list.json",
            "claim": claim["claim"],
        }
        path = f"/api/v1/sites/{world.site.name}"
        for name in ("webhook", "spare_webhook"):
            made = await moderator.post(f"{path}/webhooks", json=_WEBHOOK)
            things[name] = made.json()["webhook"]["id"]
        for name in ("hook", "spare_hook"):
            made = await moderator.post(f"{path}/hooks", json={**_HOOK, "name": name.replace("_", "-")})
            things[name] = made.json()["hook"]["id"]
        for name in ("key", "spare_key"):
            made = await moderator.post(f"{path}/keys", json=_KEY)
            things[name] = made.json()["key"]["id"]
        imports = await world.another()
        await parts.db.transact(identity.grant, *owner, imports.site.id, "owner")
        made = await moderator.post(f"/api/v1/sites/{imports.site.name}/imports", content=SMALLEST)
        things |= {"import_site": imports.site.name, "run": made.json()["id"]}
        # What is to be taken back is over.
        over = await world.another()
        await parts.db.transact(identity.grant, *owner, over.site.id, "owner")
        made = await moderator.post(f"/api/v1/sites/{over.site.name}/imports", content=SMALLEST)
        await moderator.post(f"/api/v1/sites/{over.site.name}/imports/{made.json()['id']}/cancel")
        things |= {"undo_site": over.site.name, "undo_run": made.json()["id"]}
        await moderator.post(f"/api/v1/sites/{imports.site.name}/erasure", json={"confirm": imports.site.name})
        await transfer.work(parts.db)
        things |= await _publishers_things(parts, world, author, moderator)
        things |= await _own_things(world, author, moderator, person)
        things["delivery"] = (await moderator.post(f"{path}/webhooks/{things['webhook']}/test")).json()["id"]
        return cls(world, things, {"nobody": world.caller(some_address()), "guest": guest, "moderator": moderator})

    def ask(self, caller: str, request: requests.PreparedRequest) -> httpx.Response:
        """Send what schemathesis made, on the loop that the stores belong to."""
        body = request.body or b""
        headers = {name: value.encode() if isinstance(value, str) else value for name, value in request.headers.items()}
        sent: Future[httpx.Response] = asyncio.run_coroutine_threadsafe(
            self.callers[caller].request(
                request.method or "GET",
                request.url or "",
                headers=[(name.encode(), value) for name, value in headers.items()],
                content=body if isinstance(body, bytes | str) else b"",
            ),
            self._loop,
        )
        return sent.result(20)


async def _publishers_things(parts: Parts, world: World, author: Guest, owner: AsyncClient) -> dict[str, str]:
    """Discussions to merge, a merge that is planned and one that is done, a change of settings, a feed of one's own."""
    path = f"/api/v1/sites/{world.site.name}"
    others = [(await author.post(page=f"other/{n}"))["comment"]["thread"] for n in range(5)]
    plans = []
    for thread in (others[2], others[4]):
        made = await owner.post(f"{path}/thread-jobs/merge", json={"thread": thread, "into": others[3]})
        plans.append(made.json()["id"])
    await owner.post(f"{path}/thread-jobs/{plans[0]}/begin", json={})
    await publishing.work(parts.db)
    await owner.patch(path, json={"settings_version": 1, "title": "Another"})
    addresses = await author.client.get(f"{path}/replies-feed", headers=author.headers)
    return {
        "spare_thread": others[0],
        "into": others[1],
        "done_job": plans[0],
        "thread_job": plans[1],
        "change": (await owner.get(f"{path}/changes")).json()["items"][0]["number"],
        "replies_token": addresses.json()["atom"].split("/")[-2],
    }


async def _own_things(world: World, author: Guest, owner: AsyncClient, person: str) -> dict[str, str]:
    """What is a person's own: an export that is ready, a page that is open; erasures that wait, of two people."""
    parts, at = world.parts, {"params": {"site": world.site.name}}
    made = await author.client.post("/api/v1/me/export", headers=author.headers, **at)
    await exports.work(parts.db, parts.keeper)
    ready = (await author.client.get("/api/v1/me/export", headers=author.headers, **at)).json()["url"]
    link = (await author.client.post("/api/v1/me/link", headers=author.headers, **at)).json()["url"]
    await parts.db.transact(own.redeem, link.split("token=")[1])
    open_ones = await author.client.get("/api/v1/me/sessions", headers=author.headers, **at)
    await author.client.delete("/api/v1/me", headers=author.headers, **at)
    wish = {"site": world.site.name, "kind": "mentions"}
    wished = await author.client.post("/api/v1/subscriptions", json=wish, headers=author.headers)
    asked = {"reason": "asked"}
    await owner.post(f"/api/v1/moderation/authors/{person}/erasure", json=asked, **at)
    return {
        "export": made.json()["id"],
        "signature": ready.split("signature=")[1],
        "session": open_ones.json()["items"][0]["id"],
        "subscription": wished.json()["subscription"]["id"],
    }


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A traceback drawn for the terminal takes longer than the request that caused it."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
async def target(parts: Parts, app: FastAPI, client: AsyncClient) -> Target:
    return await Target.new(parts, app, client)


def _operations(app: FastAPI) -> Iterator[Operation]:
    for found in schemathesis.openapi.from_dict(app.openapi()).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def _names(operation: Operation, place: str) -> list[str]:
    return [parameter.name for parameter in getattr(operation, place)]


def _real(operation: Operation, place: str, things: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an operation that name something which exists."""
    return {name: things[name] for name in _names(operation, place) if name in things}


def _bodies(things: Mapping[str, str]) -> dict[str, dict[str, Any] | bytes]:
    """A good body of each operation that takes one."""
    rule = {
        "kind": "word",
        "pattern": "unheard of",
        "action": "hold",
        "severity": 0.5,
        "whole_word": True,
        "enabled": True,
        "note": "",
    }
    new = {
        "site": things["site"],
        "url": things["url"],
        "thread": things["thread"],
        "identifier": "a",
        "title": "A title",
        "parent": things["parent"],
        "body": "Words.",
        "author": {"name": "Eve", "email": "eve@nobody.test"},
    }
    return {
        "POST /api/v1/comments": new,
        "PATCH /api/v1/comments/{comment}": {"body": "Words."},
        "PUT /api/v1/comments/{comment}/vote": {"value": 1},
        "POST /api/v1/comments/{comment}/reports": {"reason": "spam", "detail": ""},
        "PUT /api/v1/moderation/alerts": {
            "at_once": "never",
            "gap_minutes": 10,
            "digest_hours": 0,
            "quiet_from": "22:00",
            "quiet_until": "06:00",
            "zone": "Europe/Berlin",
            "language": "de",
        },
        "POST /api/v1/sites/{site}/webhooks": _WEBHOOK,
        "PUT /api/v1/sites/{site}/webhooks/{webhook}": {**_WEBHOOK, "enabled": True},
        "POST /api/v1/sites/{site}/webhooks/{webhook}/rotate": {"keep_hours": 1},
        "POST /api/v1/sites/{site}/keys": _KEY,
        "POST /api/v1/sites/{site}/sso": {"token": "e30= x 1", "key": None},
        "POST /api/v1/sites/{site}/keys/{key}/rotate": {"keep_hours": 1},
        "POST /api/v1/sites/{site}/hooks": _HOOK,
        "POST /api/v1/sites/{site}/thread-jobs/merge": {"thread": things["spare_thread"], "into": things["into"]},
        "POST /api/v1/sites/{site}/thread-jobs/purge": {"thread": things["spare_thread"]},
        "POST /api/v1/sites/{site}/thread-jobs/remap": {"rule": "host", "from": "a.test", "to": "b.test"},
        "POST /api/v1/sites/{site}/changes/{change}/undo": {"settings_version": 2},
        "POST /api/v1/sites/{site}/erasure": {"confirm": things["site"]},
        "PUT /api/v1/sites/{site}/hooks/{hook}": {**_HOOK, "name": "hook"},
        "POST /api/v1/sites/{site}/hooks/{hook}/rotate": {"keep_hours": 1},
        "POST /api/v1/moderation/claims": {"site": things["site"], "limit": 1},
        "PATCH /api/v1/sites/{site}": {"settings_version": 2, "settings": {"posting": {"max_length": 900}}},
        "POST /api/v1/sites/{site}/preview": {"url": things["url"], "settings": {"reading": {"sorts": ["hot"]}}},
        "POST /api/v1/moderation/decisions": {
            "items": [{"comment": things["decided"], "version": 1}],
            "action": "approve",
            "reason": "",
            "note": "",
            "sanction": {"kind": "slow", "scope": "person", "hours": 1, "until": None, "slow_seconds": 1},
        },
        "POST /api/v1/moderation/decisions/{decision}/undo": {"note": ""},
        "PUT /api/v1/moderation/claims": {"claims": [things["claim"]]},
        "POST /api/v1/moderation/claims/release": {"claims": [things["claim"]]},
        "POST /api/v1/moderation/queues": {"name": "Another", "filter": {"reasons": ["held"], "min_severity": 0.1}},
        "PUT /api/v1/moderation/queues/{queue}": {"name": "Renamed", "filter": {"sections": ["sports"]}},
        "POST /api/v1/moderation/rules": rule,
        "PUT /api/v1/moderation/rules/{rule}": {**rule, "pattern": "changed"},
        "POST /api/v1/moderation/rules/try": {"site": things["site"], "rule": rule},
        "POST /api/v1/moderation/rules/adopt": {"site": things["site"]},
        "POST /api/v1/moderation/bulk/preview": {
            "site": things["site"],
            "filter": {"word": "nowhere", "author": things["person"], "min_score": -5, "state": "held"},
        },
        "POST /api/v1/moderation/bulk": {"token": things["token"], "action": "spam", "reason": "", "note": ""},
        "POST /api/v1/moderation/sanctions": {
            "kind": "slow",
            "target": {"type": "person", "value": things["person"], "comment": None},
            "until": None,
            "reason": "",
            "note": "",
            "slow_seconds": 1,
        },
        "POST /api/v1/moderation/authors/{person}/notes": {"text": "A note."},
        "POST /api/v1/moderation/authors/{person}/erasure": {"reason": "asked", "note": "", "at_once": False},
        "PUT /api/v1/moderation/authors/{person}/mark": {"mark": "expert"},
        "PUT /api/v1/sites/{site}/team/{member}": {"role": "member", "sections": ["sports"], "name": "Max"},
        "POST /api/v1/comments/{comment}/appeal": {"text": "No!"},
        "POST /api/v1/sites/{site}/imports": SMALLEST,
    }


def _things(target: Target, operation: Operation) -> dict[str, str]:
    """What an operation is asked about: what it destroys is no other's."""
    things = dict(target.things)
    if "{run}" in operation.path or (operation.method == "delete" and operation.path.endswith("{site}/erasure")):
        things["site"] = things["import_site"]
    if operation.path.endswith("/imports/{run}/undo"):
        things |= {"site": things["undo_site"], "run": things["undo_run"]}
    if operation.method == "delete":
        things |= {"comment": things["reply"], "queue": things["spare_queue"], "rule": things["spare_rule"]}
        things |= {"webhook": things["spare_webhook"], "hook": things["spare_hook"]}
        things["key"] = things["spare_key"]
    elif "/replies/" in operation.path:
        things["token"] = things["replies_token"]
    elif operation.path.endswith("/undo") and "/thread-jobs/" in operation.path:
        things["thread_job"] = things["done_job"]
    elif operation.path.endswith("/threads/{thread}"):
        things["thread"] = things["spare_thread"]
    elif operation.path.endswith(("/statement", "/appeal")):
        things["comment"] = things["removed"]
    return things


def _named(body: dict[str, Any], things: Mapping[str, str]) -> dict[str, Any]:
    """A body in which what has the name of something that exists is that."""
    return {**body, **{name: things[name] for name, was in body.items() if name in things and isinstance(was, str)}}


def _fuzz(target: Target, operation: Operation, wrong: list[str]) -> None:
    things = _things(target, operation)
    real: dict[str, Any] = {
        "path_parameters": _real(operation, "path_parameters", things),
        "query": _real(operation, "query", things),
    }
    body = {"body": _bodies(target.things).get(operation.label)}
    callers = _callers(target, operation.path)
    if operation.path.endswith("/appeal"):
        callers = ["guest"]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        # With real names one gets further in, with made-up ones to other places.
        ways = [real, {}] if body["body"] is None else [real | body, real, {}]
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode, **way) for way in ways))

        @_QUIET
        @given(case=cases, caller=st.sampled_from(callers))
        def asked(case: AnyCase, caller: str) -> None:
            if _is_sign_out(case) and caller == "moderator":
                caller = "guest"
            if case.path.endswith("/live"):
                case.query = {**case.query, "seconds": 0}  # or it would be waited for
            # An article's address is none that anything is sent to.
            is_apart = _is_outside(case.operation.path) or case.operation.path.endswith("/sso")
            if isinstance(case.body, dict) and not is_apart:
                case.body = _named(case.body, target.things)
            _check(target, case, caller)

        try:
            asked()
        except Unsatisfiable:
            continue  # an operation that takes nothing cannot be asked wrongly
        except (Exception, ExceptionGroup) as error:  # noqa: BLE001  # of every operation the first fault is told
            wrong.append(f"{operation.label} ({mode.value}): {_told(error)}")


def _callers(target: Target, path: str) -> list[str]:
    """Who gets furthest there, and somebody who does not."""
    if path.endswith("/appeal"):
        return ["guest"]
    return ["moderator", "guest"] if "/moderation/" in path or _is_outside(path) else sorted(target.callers)


def _is_outside(path: str) -> bool:
    """Webhooks, hooks, imports, keys and jobs on discussions are their owners' affair."""
    owners = ("webhooks", "hooks", "imports", "keys", "thread-jobs", "changes", "erasure")
    return any(f"/{what}" in path for what in owners)


def _is_staffs(path: str) -> bool:
    return "/moderation/" in path or "/team/" in path or _is_outside(path)


def _is_sign_out(case: AnyCase) -> bool:
    return case.method.upper() == "DELETE" and case.path.endswith("/session")


def _check(target: Target, case: AnyCase, caller: str) -> None:
    prepared = requests.Request(**_kwargs(case)).prepare()
    response = target.ask(caller, prepared)
    target.answered.setdefault(case.operation.label, Counter())[response.status_code] += 1
    response.request.headers.update({"x-caller": caller})
    assert response.status_code < 500, response.text
    for name in SAFE_HEADERS:
        assert name in response.headers, f"no {name} in {response.status_code}"
    if response.status_code >= 400 and response.headers["content-type"] == "application/json":
        # Disqus's envelope, which its clients read.
        assert case.operation.path.startswith("/api/3.0/"), response.text
        assert response.json()["code"] > 0
        assert "no-store" in response.headers["cache-control"]
    elif response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", response.text
        assert response.json()["status"] == response.status_code
        assert "no-store" in response.headers["cache-control"]
    declared = case.operation.definition.raw["responses"]
    assert str(response.status_code) in declared or response.status_code in BEFORE_THE_OPERATION, (
        f"{response.status_code} is not in the document: {response.text[:300]}"
    )
    case.validate_response(response, checks=CHECKS)


def _kwargs(case: AnyCase) -> dict[str, Any]:
    known = ("method", "url", "headers", "params", "data", "json", "cookies", "files")
    return {k: v for k, v in case.as_transport_kwargs(base_url="http://parley.test").items() if k in known}


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_told(part) for part in error.exceptions)
    notes = [note for note in getattr(error, "__notes__", ()) if "reproduce" not in note]
    return " ".join([type(error).__name__, str(error), *notes])[:900]


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_operation_answers_as_documented(target: Target, app: FastAPI, part: int) -> None:
    operations, wrong = list(_operations(app)), list[str]()
    assert len(operations) > 20
    for operation in operations[part::PARTS]:
        await asyncio.to_thread(_fuzz, target, operation, wrong)
    assert not wrong, "\n\n".join(wrong)
    # Or only refusals were looked at.
    never = {name for name, statuses in target.answered.items() if not any(status < 300 for status in statuses)}
    # A token that nobody has; what nobody here may, who runs no platform; a form that the document does not describe.
    of_nobody = {
        "POST /api/v1/auth/session",
        "POST /api/3.0/{resource}/{method}",
        "GET /api/3.0/{resource}/{method}/{deeper}",
        "POST /api/3.0/{resource}/{method}/{deeper}",
    }
    # Nor does anybody here bring the operator's token.
    of_nobody |= {"GET /metrics", "POST /api/v1/mail/returned"}
    assert never <= {*of_nobody, *OF_ADMINS, *OF_ONE_USE, *OF_KEYS, *OF_READERS}


async def test_the_fuzzer_finds_what_is_planted(target: Target) -> None:
    planted = FastAPI()

    @planted.get("/half", responses={200: {"content": {"application/json": {"schema": {"type": "integer"}}}}})
    async def half(of: int) -> float:
        return 10 / of

    wrong: list[str] = []
    transport = httpx.ASGITransport(app=planted, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://parley.test") as client:
        aimed = Target(target.world, target.things, {"nobody": client})
        for operation in _operations(planted):
            await asyncio.to_thread(_fuzz, aimed, operation, wrong)
    assert wrong


TOO_LARGE = [str(2**31), str(2**63 - 1), str(2**63), "9" * 19, "9" * 30]
NUMBERS = [*TOO_LARGE, "0", "-1", "1.5", "1e5", "007", "+1", " 1", "²", "٣", "", "null", "true"]
TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e",
    "x" * 5_000,
    "🎉" * 300,
    "<script>alert(1)</script>",
    "a\r\nX-Evil: 1",
]
JUNK: list[object] = [None, True, -1, 0, 2**31, 2**63, 10**30, 1.5, [], {}, ["a"], {"a": 1}, *NUMBERS, *TEXTS]

QUERIES: dict[str, tuple[str, ...]] = {
    "/api/v1/threads": ("site", "url", "identifier", "sort", "limit", "cursor", "foreign"),
    "/api/v1/threads/{thread}/comments": ("parent", "sort", "limit", "cursor"),
    "/api/v1/threads/{thread}/viewer": ("fragment",),
    "/api/v1/threads/{thread}/events": ("version", "after"),
    "/api/v1/threads/{thread}/changes": ("version", "after"),
    "/api/v1/comments/{comment}": ("context", "sort"),
    "/api/v1/counts": ("site", "url"),
    "/embed": ("site", "url", "identifier", "title", "sort", "cursor", "parent", "comment", "host", "lang", "theme"),
    "/embed/pieces": ("thread", "comment"),
    "/embed/search": ("thread", "q", "cursor"),
    "/api/v1/threads/{thread}/search": ("q", "cursor"),
    "/api/v1/threads/{thread}/participants": ("q",),
    "/api/v1/jsonld": ("site", "url", "identifier"),
    "/t/{thread}": ("sort", "cursor", "parent", "comment", "q", "lang"),
    "/embed/comments": ("thread", "parent", "sort", "cursor", "level"),
    "/forums/{site}/count-data.js": ("1", "2"),
    "/forums/{site}/recent_comments_widget.js": ("num_items", "excerpt_length", "avatar_size", "hide_mods"),
    "/forums/{site}/combination_widget.js": ("num_items", "color", "default_tab"),
    "/widgets/latest": ("site", "count", "window", "section", "excerpt", "lang", "theme", "looks"),
    "/api/v1/sites/{site}/widgets/discussed": ("count", "window", "section", "lang"),
    "/api/v1/feed.json": ("site", "url", "identifier"),
    "/api/v1/threads/{thread}/feed.atom": ("before",),
    "/api/3.0/posts/list.json": ("forum", "thread", "since", "order", "limit", "cursor", "related"),
    "/api/3.0/threads/listPostsThreaded": ("forum", "thread", "order", "limit", "cursor"),
    "/api/3.0/threads/set.json": ("forum", "thread", "thread[]", "thread:ident", "thread:link"),
    "/api/3.0/posts/details.jsonp": ("post", "forum", "callback"),
    "/api/v1/moderation/queue": ("site", "queue", "cursor", "limit"),
    "/api/v1/moderation/counts": ("site",),
    "/api/v1/moderation/queues": ("site",),
    "/api/v1/moderation/rules": ("site",),
    "/api/v1/moderation/bulk": ("site", "cursor", "limit"),
    "/api/v1/moderation/stats": ("site", "from", "to", "by"),
    "/api/v1/moderation/stats.csv": ("site", "from", "to"),
    "/api/v1/moderation/log": ("site", "cursor", "limit", "q", "by", "action", "comment", "since", "until"),
    "/api/v1/moderation/log.jsonl": ("site",),
    "/api/v1/moderation/authors/{person}": ("site",),
    "/api/v1/moderation/sanctions": ("site", "active", "cursor", "limit"),
    "/api/v1/moderation/statements": ("site", "cursor", "limit"),
    "/api/v1/moderation/reasons": ("site",),
    "/console/plain": ("site", "cursor", "done", "problem"),
    "/console/plain/log": ("site", "cursor"),
    "/console/enter": ("token",),
    "/console/mail": ("token",),
    "/console/mail/stop": ("token",),
    "/api/v1/moderation/alerts": ("site",),
    "/api/v1/me/comments": ("site", "cursor", "limit"),
    "/api/v1/me/replies": ("site", "cursor", "limit"),
    "/api/v1/me/votes": ("site", "cursor", "limit"),
    "/api/v1/me/exports/1": ("signature",),
    "/api/v1/sites/{site}/erasures": ("cursor", "limit"),
    "/api/v1/me/mail": ("site", "thread"),
    "/mail/confirm": ("token",),
    "/mail/stop": ("token",),
    "/me": ("cursor",),
    "/me/enter": ("token",),
    "/api/v1/sites/{site}/webhooks/{webhook}/deliveries": ("state", "cursor", "limit"),
    "/api/v1/sites/{site}/hooks/{hook}/results": ("cursor", "limit"),
    "/api/v1/sites/{site}/changes": ("cursor", "limit"),
    "/api/v1/sites/{site}/feed.json": ("section", "before"),
    "/api/v1/sites/{site}/threads": ("q", "url", "state", "section", "since", "until", "cursor", "limit"),
    "/api/v1/sites/{site}/thread-jobs": ("cursor", "limit"),
}
# A place in the queue is two numbers.
PLACES = [
    f"{due}-{case}" for due, case in itertools.product(("0", "1", "9" * 17, "9" * 19), ("0", str(2**63), "9" * 19))
]


def _fault(response: httpx.Response) -> str | None:
    """What is wrong with an answer to nonsense, or None."""
    status, kind = response.status_code, response.headers.get("content-type", "").partition(";")[0]
    kept = "no-store" not in response.headers.get("cache-control", "")
    # Disqus's errors have an envelope of their own.
    own = "application/json" if response.request.url.path.startswith("/api/3.0/") else ""
    faults = {
        f"{status} {response.text[:200]}": status >= 500,
        f"{status} without the safe headers": any(name not in response.headers for name in SAFE_HEADERS),
        f"{status} as {kind}": status >= 400 and kind not in {"application/problem+json", "text/html", own},
        f"{status} may be kept": status >= 400 and kept,
        "what was asked stands in the page unescaped": kind == "text/html" and "<script>alert" in response.text,
        "what was asked became a header": "x-evil" in response.headers,
    }
    return next((fault for fault, is_so in faults.items() if is_so), None)


class Faults:
    """What went wrong so far; enough is enough."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def look(self, asked: str, response: httpx.Response) -> None:
        if (fault := _fault(response)) is not None:
            self.add(f"{asked}: {fault}")

    def add(self, told: str) -> None:
        self.told.append(told)
        if len(self.told) >= 8:
            self.none()

    def none(self) -> None:
        """Fail with all of them, if there are any."""
        assert not self.told, "\n".join(self.told)


async def test_nonsense_in_queries_is_refused_or_ignored(target: Target) -> None:
    wrong = Faults()
    for path, names in QUERIES.items():
        moderator = target.callers["moderator"]
        place = path.format(**target.things)
        base = {name: target.things[name] for name in ("site", "url", "thread") if name in names}
        for name in names:
            given_up = {key: value for key, value in base.items() if key != name}
            values: list[Any] = [
                *NUMBERS,
                *PLACES,
                *(text for text in TEXTS if text != "\ud800"),
                ["a", "b"],
                ["1", "2"],
            ]
            for params in (given_up, *({**base, name: value} for value in values)):
                response = await moderator.get(place, params=params)
                wrong.look(f"GET {place} {str(params)[:150]}", response)
    wrong.none()


def _spoilt(whole: Any) -> Iterator[Any]:
    """The same with one part of it missing, or something else in its place."""
    if isinstance(whole, dict):
        for key, value in whole.items():
            yield {name: part for name, part in whole.items() if name != key}
            yield from ({**whole, key: worse} for worse in _spoilt(value))
        yield from ({**whole, extra: 1} for extra in ("state", "is_admin", "\x00", "<b>", "\ud800", "x" * 5_000))
    elif isinstance(whole, list):
        yield from ([worse] for worse in _spoilt(whole[0]))
        yield from ([], whole * 101)
    else:
        yield from JUNK


async def test_nonsense_in_bodies_is_refused(target: Target) -> None:
    wrong = Faults()
    for route, whole in _bodies(target.things).items():
        method, path = route.format(**target.things).split()
        is_staffs = any(part in path for part in ("/moderation/", "/sites/", "/team/"))
        caller = target.callers[_callers(target, path)[0] if is_staffs else "nobody"]
        for body in _spoilt(whole):
            response = await caller.request(
                method, path, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
            )
            wrong.look(f"{route} {str(body)[:300]!r}", response)
    wrong.none()


RAW = [
    b"", b"{", b"[", b"null", b"1", b'"x"', b"[]", b"{}", b"NaN", b'{"body":NaN}', b'{"value":Infinity}',
    b'{"body":"a","body":"b"}', b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"body":"\xff"}', b'{"body":"\\ud800"}', b'{"body":"\\u0000"}', b"x" * 100_000,
    b'{"value":1' + b"0" * 5_000 + b"}", b"a=b&" * 2_000, b"--x\r\n", b"comment=%ff&action=%00&token=%ed%a0%80",
]  # fmt: skip
TYPES = [
    "application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "multipart/form-data", "image/png", "",
]  # fmt: skip
FORMS = ("decide", "claim", "release", "enter", "sign-in", "mail", "mail/stop")


async def test_bodies_of_all_kinds_are_refused(target: Target) -> None:
    wrong = Faults()
    places = [
        *(route.format(**target.things) for route in _bodies(target.things)),
        *(f"POST /console/{form}" for form in FORMS),
    ]
    for (place, route), (at, raw), (by, kind) in itertools.product(*map(enumerate, (places, RAW, TYPES))):
        if (place + at + by) % 2:
            continue  # half of them at each place, and each of them at half of the places
        method, path = route.split()
        headers = {"Content-Type": kind} if kind else {}
        response = await target.callers["moderator"].request(method, path, content=raw, headers=headers)
        wrong.look(f"{route} {kind} {raw[:60]!r}", response)
    wrong.none()


async def test_a_form_of_the_console_with_nonsense_is_refused(target: Target) -> None:
    wrong = Faults()
    whole = {"comment": target.things["comment"], "action": "approve", "version": "1", "claim": "", "site": ""}
    site = target.world.site.id
    numbers = ("1", *TOO_LARGE[:4])
    claims = [f"{site}.{case}.1.{whole['comment']}.{version}" for case, version in itertools.product(numbers, numbers)]
    values = [*NUMBERS, *(text for text in TEXTS if text != "\ud800")]
    for name, value in [*itertools.product(whole, values), *(("claim", claim) for claim in claims)]:
        response = await target.callers["moderator"].post("/console/decide", data={**whole, name: value})
        wrong.look(f"{name}={value[:80]!r}", response)
    wrong.none()


async def test_a_body_that_never_ends_is_cut_off(target: Target) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 200_000_000:
            sent += 65_536
            yield b" " * 65_536

    response = await target.callers["nobody"].post(
        "/api/v1/comments", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


HEADERS: list[Any] = [
    ("Authorization", b"x" * 20_000), ("Authorization", b"Bearer"), ("Authorization", b"Bearer \xff\xfe"),
    ("Authorization", b"Bearer \xb2.x"), ("Authorization", b"Bearer 9.9.9"), ("Authorization", b"Basic YTpi"),
    ("Idempotency-Key", b""), ("Idempotency-Key", b"x"), ("Idempotency-Key", b"x" * 201),
    ("Idempotency-Key", b"\xe9" * 10),
    ("Accept-Encoding", b"*;q=nan, br;q=inf"), ("Accept-Encoding", b";;,,"), ("Accept-Encoding", b"\xff"),
    ("Accept-Encoding", b"identity;q=0, *;q=0"), ("Accept", b"text/xml"), ("Range", b"bytes=-1,0-"),
    ("If-None-Match", b'W/"a", "b"'), ("If-None-Match", b"\xff"), ("If-Modified-Since", b"garbage"),
    ("Cookie", b"parley-staff=\xff\x80"), ("Cookie", b"=;;;="), ("Origin", b"null"), ("X-Forwarded-For", b'"><script>'),
    ("Sec-Fetch-Site", b"cross-site"), ("Host", b"evil.example"), ("X-Forwarded-Host", b"evil.example"),
    ("Content-Encoding", b"gzip"), ("X-HTTP-Method-Override", b"DELETE"),
]  # fmt: skip


async def test_odd_headers_do_no_harm(target: Target) -> None:
    wrong = Faults()
    page = {"site": target.things["site"], "url": target.things["url"]}
    new = {**page, "body": "Words.", "author": {"name": "Eve"}}
    comment = target.things["comment"]
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/api/v1/threads", {"params": page}),
        ("GET", "/embed", {"params": page}),
        ("GET", f"/api/v1/threads/{target.things['thread']}/viewer", {}),
        ("GET", "/api/v1/session", {}),
        ("GET", "/console", {}),
        ("POST", "/api/v1/comments", {"json": new}),
        ("PUT", f"/api/v1/comments/{comment}/vote", {"json": {"value": 0}}),
        ("DELETE", f"/api/v1/comments/{comment}", {}),
    ]
    for (name, value), (method, path, kwargs) in itertools.product(HEADERS, asked):
        response = await target.callers["nobody"].request(method, path, headers=[(name.encode(), value)], **kwargs)
        wrong.look(f"{method} {path} {name}: {value[:40]!r}", response)
        told = f"{response.text} {response.headers}"
        if "evil.example" in told or '"><script>' in told:
            wrong.add(f"{method} {path} {name}: {value!r} comes back")
        if response.headers.get("access-control-allow-credentials"):
            wrong.add(f"{method} {path} {name}: other pages may send cookies")
    wrong.none()


async def test_a_doubled_header_poisons_no_page(target: Target) -> None:
    """What one client asked for in a strange way is not what the next one gets."""
    params = {"site": target.things["site"], "url": target.things["url"], "sort": "oldest"}
    nobody = target.callers["nobody"]
    for path in ("/api/v1/threads", "/embed"):
        await nobody.get(path, params=params, headers=[("Accept-Encoding", "br"), ("Accept-Encoding", "identity")])
        plain = await nobody.get(path, params=params, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers, path


async def test_no_redirect_leads_where_the_host_header_says(target: Target) -> None:
    for path in ("/api/v1/threads/", "/embed/", "/console/", "/demo/", "/livez/", "//evil.example/", "/docs/"):
        response = await target.callers["nobody"].get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in response.headers.get("location", ""), path


async def test_head_answers_like_get(target: Target) -> None:
    """RFC 9110 section 9.1: GET and HEAD are the two methods every server has; load balancers ask with HEAD."""
    page = {"site": target.things["site"], "url": target.things["url"]}
    asked: list[tuple[str, dict[str, str]]] = [
        ("/livez", {}), ("/readyz", {}), ("/embed", page), ("/api/v1/threads", page), ("/console", {}), ("/demo", {}),
    ]  # fmt: skip
    for path, params in asked:
        read, headed = [await target.callers["nobody"].request(m, path, params=params) for m in ("GET", "HEAD")]
        assert headed.status_code == read.status_code, path
        assert headed.content == b"", path
        assert headed.headers.get("etag") == read.headers.get("etag"), path


async def test_an_unexpected_error_is_a_problem_with_the_safe_headers(target: Target, app: FastAPI) -> None:
    """Whatever breaks, the answer has the headers of all others and says nothing of what broke."""

    async def broken(_: Request) -> Response:
        raise RuntimeError("secret detail")

    app.add_route("/broken-on-purpose", broken, include_in_schema=False)
    try:
        response = await target.callers["nobody"].get("/broken-on-purpose")
    finally:
        app.router.routes.pop()
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret detail" not in response.text
    assert [name for name in SAFE_HEADERS if name not in response.headers] == []
    assert response.headers["cache-control"] == "no-store"
