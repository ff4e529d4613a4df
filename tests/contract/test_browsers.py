"""What a page of others can make a browser do, and what an answer tells a browser: every route of the matrix's table.

One browser holds every cookie Parley gives. Whatever a foreign page has it send is worth no more than the same request
from a browser without any: that is the whole of CSRF, for routes that are there and those that come.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from starlette.responses import Response as Answer

from service.kit import clock
from service.web import me, own_ways, reader_cookie, reader_window, session
from service.web.parts import Parts
from service.web.who import console_cookie
from tests.contract.test_matrix import TABLE, Row, Scene, Thing, _request
from tests.contract.test_on_record import _length
from tests.world import some_address

pytestmark = pytest.mark.timeout(300)

SERVICE = Path(__file__).resolve().parents[2] / "service"
PARTS = 3  # the table in parts, each within a test's time
FOREIGN: tuple[Mapping[str, str], ...] = (
    {"Origin": "https://evil.test"},
    {"Sec-Fetch-Site": "cross-site"},
    {},  # an old browser's form says neither
)
# What a form can send without asking first.
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")
# Read by scripts of any page: the same for everybody, and no cookie is looked at.
OPEN = {
    "GET /api/v1/threads", "GET /api/v1/threads/{thread}/comments", "GET /api/v1/threads/{thread}/events",
    "GET /api/v1/counts",
}  # fmt: skip


@pytest.fixture
async def scene(parts: Parts, app: FastAPI, client: AsyncClient) -> Scene:
    return await Scene.new(parts, app, client)


async def _cookies(scene: Scene) -> dict[str, str]:
    """All that a browser can hold: an owner's session, the page of somebody's own."""
    at = {"params": {"site": scene.home.site.name}}
    link = (await scene.author.client.post("/api/v1/me/link", headers=scene.author.headers, **at)).json()["url"]
    own = scene.home.caller(some_address())
    said = {"token": link.split("token=")[1]}
    await own.post("/me/enter", data=said, headers={"Origin": scene.parts.settings.origin})
    held = dict(own.cookies) | dict(scene.staff["owner"].cookies)
    assert {me.own_cookie(scene.parts), console_cookie(scene.parts)} <= held.keys()
    # Of these a value alone says nothing, but whoever reads one shall refuse it as well.
    return held | {own_ways.proof_cookie(scene.parts): "x", reader_window.window_cookie(scene.parts): "x"}


def _browser(scene: Scene, cookies: Mapping[str, str], headers: Mapping[str, str]) -> AsyncClient:
    client = scene.home.caller(some_address())
    client.headers.update(headers)
    for name, value in cookies.items():
        client.cookies.set(name, value)
    return client


def _simple(row: Row, thing: Thing, kind: str) -> Row:
    """The row's body as a form would send it, which browsers send to other sites without asking."""
    said = row.ask(thing)
    body = said.get("json") or said.get("data") or {}
    raw = said.get("content") or urlencode({name: str(value) for name, value in body.items()}).encode()
    if "json" in said:
        raw = _json(body)
    rest = {name: value for name, value in said.items() if name not in {"json", "data", "content"}}
    headers = {**rest.pop("headers", {}), "Content-Type": kind} if kind else rest.pop("headers", {})
    return replace(row, ask=lambda _: {**rest, "content": raw, "headers": headers})


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def _unsafe(rows: tuple[Row, ...]) -> list[Row]:
    return [row for row in rows if not row.route.startswith("GET ")]


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_cookie_is_worth_nothing_on_a_foreign_page(scene: Scene, part: int) -> None:
    cookies, wrong, refused = await _cookies(scene), list[str](), 0
    thing = await scene.thing("held")
    before = await _length(scene)
    for row in _unsafe(TABLE)[part::PARTS]:
        mine = await scene.prepared(row, thing)
        before = await _length(scene)
        for number, headers in enumerate(FOREIGN):
            asked = row if number else _simple(row, mine, SIMPLE[0])
            if "headers" in asked.ask(mine):
                asked = _without_origin(asked, mine)
            answers = [await _request(_browser(scene, held, headers), asked, mine) for held in (cookies, {})]
            refused += answers[0].status_code == 403
            if (fault := _gained(*answers)) is not None:
                wrong.append(f"{row.route} {headers}: {fault}")
        if await _length(scene) != before:
            wrong.append(f"{row.route}: something is on record")
    assert not wrong, "\n".join(wrong)
    assert refused > 60
    # What only looks like our own origin is another's, whatever the browser says beside it.
    ours = scene.parts.settings.origin
    for tempting in (
        *(
            {"Origin": it}
            for it in (f"{ours}.evil.test", f"{ours}:81", f"{ours}/", ours.upper(), "null", f"{ours} {ours}")
        ),
        {"Origin": ours, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ours, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "SAME-ORIGIN"},
    ):
        path = "/api/v1/moderation/claims/release"
        assert (await _browser(scene, cookies, tempting).post(path)).status_code == 403, tempting
    own = _browser(scene, cookies, {"Origin": ours})
    assert (await own.get("/api/v1/session")).json()["name"] == "Owner"
    assert (await own.get("/me")).status_code == 200


def _without_origin(row: Row, thing: Thing) -> Row:
    said = row.ask(thing)
    headers = {name: value for name, value in said["headers"].items() if name != "Origin"}
    return replace(row, ask=lambda _: {**said, "headers": headers})


def _gained(held: Response, bare: Response) -> str | None:
    """What the cookies were good for; None when it was nothing."""
    if held.status_code not in {403, bare.status_code}:
        return f"{held.status_code} with cookies, {bare.status_code} without"
    given = [value for value in held.headers.get_list("set-cookie") if "Max-Age=0" not in value]
    return f"it gets {given[0]}" if given else None


async def test_no_body_a_form_can_send_is_taken_for_json(scene: Scene) -> None:
    """Even from our own pages: a body that needs no preflight is not what these routes are asked with."""
    wrong, asked = list[str](), 0
    thing = await scene.thing("own")
    for row in _unsafe(TABLE):
        if "json" not in row.ask(thing):
            continue
        mine = await scene.prepared(row, thing)
        before = await _length(scene)
        for kind in SIMPLE[:2]:
            asked += 1
            answer = await _request(scene.staff["owner"], _simple(row, mine, kind), mine)
            if answer.is_success or answer.status_code >= 500:
                wrong.append(f"{row.route} as {kind}: {answer.status_code}")
        if await _length(scene) != before:
            wrong.append(f"{row.route}: something is on record")
    assert not wrong, "\n".join(wrong)
    assert asked > 80


def wrong_headers(route: str, answer: Response, origin: str) -> Iterator[str]:
    """What a browser is not told, or told wrongly, by an answer to a page at `origin`."""
    told = {name.lower(): value for name, value in answer.headers.items()}
    for name, wanted in (("x-content-type-options", "nosniff"), ("permissions-policy", "camera=()")):
        if wanted not in told.get(name, ""):
            yield f"{name} is {told.get(name)!r}"
    for name in ("referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "cache-control"):
        if name not in told:
            yield f"no {name}"
    yield from _wrong_policy(told.get("content-security-policy", ""), told.get("content-type", ""), route)
    allowed = told.get("access-control-allow-origin")
    if "access-control-allow-credentials" in told:
        yield "other pages may send cookies"
    if allowed is not None and allowed != "*":
        yield f"a single origin may read it: {allowed}"
    if origin in str({name: value for name, value in told.items() if name.startswith("access-control")}):
        yield "the origin that asks is reflected"


def _wrong_policy(policy: str, kind: str, route: str) -> Iterator[str]:
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";") if rule.strip()}
    scripts = rules.get("script-src", rules.get("default-src", ["*"]))
    if {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:", "http:"} & set(scripts):
        yield f"scripts from {scripts}"
    if rules.get("default-src") != ["'none'"] or rules.get("base-uri") != ["'none'"]:
        yield f"no default or base in {policy!r}"
    ancestors = rules.get("frame-ancestors")
    if ancestors is None or "*" in ancestors:
        yield f"anybody may frame it: {ancestors}"
    is_framed = any(part in route for part in ("/embed", "/widgets", "/sign-in/"))
    # What everybody reads alike, and nobody acts on, our own pages may frame.
    own = [["'none'"], ["'self'"]] if any(part in route for part in ("/privacy/", "/t/")) else [["'none'"]]
    if kind.startswith("text/html") and not is_framed and ancestors not in own:
        yield f"{ancestors} may frame it"


async def test_every_answer_tells_browsers_what_it_should(scene: Scene) -> None:
    wrong, open_ones, asked = list[str](), set[str](), 0
    things = [await scene.thing("own"), await scene.thing("absent")]
    evil = "https://evil.test"
    for row in TABLE:
        method = row.route.split()[0]
        for caller in ("owner", "nobody"):
            client = scene.home.caller(some_address())
            client.headers.update(scene.caller(caller).headers)
            client.cookies = scene.caller(caller).cookies
            client.headers["Origin"] = evil
            for thing in things if caller == "owner" else things[:1]:
                asked += 1
                answer = await _request(client, _foreign_only(row, thing), thing)
                if "access-control-allow-origin" in answer.headers and answer.is_success:
                    open_ones.add(row.route)
                if (
                    caller == "owner"
                    and answer.headers.get("cache-control", "").startswith("public")
                    and method != "GET"
                ):
                    wrong.append(f"{row.route}: a write may be kept")
                wrong += [f"{row.route} by {caller}: {it}" for it in wrong_headers(row.route, answer, evil)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert {route for route in open_ones if not route.startswith("GET ")} == set()
    assert not [
        route for route in open_ones if any(it in route for it in ("/me", "/moderation", "/console", "/viewer"))
    ]
    assert open_ones >= OPEN
    assert asked > 500


def _foreign_only(row: Row, thing: Thing) -> Row:
    return _without_origin(row, thing) if "headers" in row.ask(thing) else row


async def test_no_preflight_of_a_write_is_answered_with_leave(scene: Scene) -> None:
    """Or scripts of a foreign page could send JSON with what they like."""
    thing, leave = await scene.thing("own"), list[str]()
    for row in _unsafe(TABLE):
        asked = {"Origin": "https://evil.test", "Access-Control-Request-Method": row.route.split()[0]}
        asked["Access-Control-Request-Headers"] = "content-type,authorization"
        preflight = replace(row, route=f"OPTIONS {row.route.split()[1]}", ask=lambda _: {"headers": asked})  # noqa: B023
        answer = await _request(scene.home.caller(some_address()), preflight, thing)
        if "access-control-allow-origin" in answer.headers or "access-control-allow-methods" in answer.headers:
            leave.append(row.route)
    assert leave == []


async def test_a_wrong_header_is_seen() -> None:
    right = {
        "X-Content-Type-Options": "nosniff", "Permissions-Policy": "camera=()", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store", "Content-Type": "text/html",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    }  # fmt: skip
    evil = "https://evil.test"

    def faults(**changed: str) -> list[str]:
        headers = {**right, **{name.replace("_", "-"): value for name, value in changed.items()}}
        return list(wrong_headers("GET /console", Response(200, headers=headers), evil))

    assert faults() == []
    assert faults(Access_Control_Allow_Origin="*") == []
    for name in right:
        if name != "Content-Type":
            assert list(
                wrong_headers("GET /x", Response(200, headers={k: v for k, v in right.items() if k != name}), evil)
            )
    assert faults(Access_Control_Allow_Origin=evil)
    assert faults(Access_Control_Allow_Origin="*", Access_Control_Allow_Credentials="true")
    for policy in (
        "script-src 'unsafe-inline'",
        "script-src *",
        "frame-ancestors *",
        "frame-ancestors https://news.test",
    ):
        policies = {"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}
        name, _, value = policy.partition(" ")
        assert faults(Content_Security_Policy="; ".join(f"{k} {v}" for k, v in (policies | {name: value}).items()))


async def _given(parts: Parts, scene: Scene) -> dict[str, list[str]]:
    """Every cookie there is, by the file that makes it."""
    site, later = scene.home.site, clock.now() + timedelta(days=1)
    made: dict[str, list[str]] = {}
    for file, give in (
        ("session", lambda it: (session.set_cookie(it, parts, "s"), session.end_cookie(it, parts))),
        ("me", lambda it: (me.set_own_cookie(it, parts, "s"), me.end_own_cookie(it, parts))),
        ("own_ways", lambda it: own_ways.set_proof(it, parts, "s")),
        (
            "reader_window",
            lambda it: (reader_window.remember_window(it, parts, "s"), reader_window.forget_window(it, parts)),
        ),
        (
            "reader_cookie",
            lambda it: (reader_cookie.keep(it, parts, site, "s", later), reader_cookie.drop(it, parts, site)),
        ),
    ):
        answer = Answer()
        give(answer)
        made[file] = answer.headers.getlist("set-cookie")
    return made


async def test_every_cookie_has_its_attributes(scene: Scene) -> None:
    """Whoever makes one more cookie, or gives one in another place, fails here."""
    makers = {
        path.stem for path in SERVICE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text())) if _makes(node)
    }
    tls = replace(scene.parts, settings=scene.parts.settings.model_copy(update={"public_url": "https://parley.test"}))
    given = await _given(tls, scene)
    assert makers == given.keys()
    for cookie in (it for cookies in given.values() for it in cookies):
        name, *attributes = [part.strip().lower() for part in cookie.split(";")]
        assert name.startswith("__host-parley-"), cookie
        assert {"secure", "path=/"} <= set(attributes), cookie
        # The hint says that there is something to ask for, and is read by the frame's script.
        assert ("httponly" in attributes) != name.startswith("__host-parley-in-"), cookie
        assert any(it.startswith("max-age=") for it in attributes), cookie
        assert not any(it.startswith("domain=") for it in attributes), cookie
        same_site = next(it for it in attributes if it.startswith("samesite="))
        if same_site == "samesite=none":
            assert "partitioned" in attributes, cookie
        else:
            assert same_site in {"samesite=lax", "samesite=strict"}, cookie
    # Without TLS a browser keeps no `__Host-` cookie; what is to be kept from scripts is so there too.
    for file, cookies in (await _given(scene.parts, scene)).items():
        assert all("httponly" in it.lower() and "samesite=" in it.lower() for it in cookies), file


def _makes(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return str(node.value).lower() == "set-cookie"
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return called and node.func.attr in {"set_cookie", "delete_cookie"} and ast.unparse(node.func.value) != "self"  # type: ignore[attr-defined]
