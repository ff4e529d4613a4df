"""A writer's request is found in the table, past the framework: what is answered is what the framework would answer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from service.web import unexpected
from service.web.direct import Direct
from tests.world import World

_JSON = {"Content-Type": "application/json"}
# Another one for each request, or on its way down.
_OF_ONE = {"x-request-id", "ratelimit", "content-length"}


def _ways(world: World) -> tuple[FastAPI, FastAPI]:
    """The application, and the same without the table."""
    framework = copy.copy(world.app)
    framework.middleware_stack = None
    framework.user_middleware = [each for each in world.app.user_middleware if each.cls is not Direct]
    assert len(framework.user_middleware) == len(world.app.user_middleware) - 1
    return world.app, framework


def _asked(world: World, comment: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    posts, this = "/api/v1/comments", f"/api/v1/comments/{comment}"
    new = {"site": world.site.name, "url": world.page("article"), "body": "Hello.", "author": {"name": "Ada"}}
    wrong: list[dict[str, Any]] = [
        {},
        {"content": b"{", "headers": _JSON},
        {"content": b"\xff", "headers": _JSON},
        {"content": b"{}", "headers": {"Content-Type": "text/plain"}},
        {"json": new | {"site": 1}},
        {"json": new | {"site": "nowhere"}},
        {"json": new | {"url": "https://elsewhere.test/a"}},
        {"json": new, "headers": {"Idempotency-Key": "short"}},
        {"json": new, "headers": {"Accept-Language": "de"}, "params": {"fragment": "perhaps"}},
        {"json": new | {"body": "x" * 2_000_000}},
        {"json": new, "headers": {"Content-Length": "many"}},
    ]
    for each in wrong:
        yield "POST", posts, each
    yield "POST", posts, {"json": new}
    yield "POST", posts, {"json": new, "params": {"fragment": "true"}, "headers": {"Cookie": "parley-staff=no"}}
    for method, path, body in (
        ("PUT", f"{this}/vote", {"value": 1}),
        ("PUT", f"{this}/vote", {"value": 5}),
        ("PUT", f"{posts}/1/vote", {"value": 1}),
        ("PUT", f"{posts}/one/vote", {"value": 1}),
        ("PUT", f"{this}/vote/", {"value": 1}),
        ("PATCH", this, {"body": "Not mine."}),
        ("POST", f"{this}/reports", {"reason": "abuse"}),
        ("POST", f"{this}/reports", {"reason": "none"}),
    ):
        yield method, path, {"json": body}
    for method, path in (("DELETE", this), ("PUT", posts), ("POST", this), ("HEAD", posts), ("OPTIONS", posts)):
        yield method, path, {}


def _told(answer: httpx.Response) -> Any:
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_ONE}
    said = answer.json() if answer.content else None
    # Two comments are two: what is in one stands in the other.
    return answer.status_code, headers, sorted(said) if answer.is_success and said else said


async def test_both_ways_answer_alike(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    comment = (await world.guest().post())["comment"]["id"]
    found: list[list[Any]] = []
    for app in _ways(world):
        transport = ASGITransport(app, client=("10.1.2.3", 1), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://parley.test") as client:
            answers = [_told(await client.request(how, path, **more)) for how, path, more in _asked(world, comment)]
            with monkeypatch.context() as broken:
                broken.setattr(world.parts.sites, "by_name", _lost)
                broken.setattr(unexpected, "log", log := _Log())
                answers.append(_told(await client.post("/api/v1/comments", json={"site": "a", "body": "b"})))
            assert log.said == [("request.failed", {"route": "/api/v1/comments", "error": "LookupError"})]
            found.append(answers)
    for asked, one, other in zip([*_asked(world, comment), "broken"], *found, strict=True):
        assert one == other, asked
    assert {status for status, _, _ in found[0]} == {200, 201, 202, 400, 403, 404, 405, 413, 422, 500}


class _Log:
    """Written out, a trace takes longer than all the rest."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def exception(self, event: str, **more: str) -> None:
        self.said.append((event, more))


async def _lost(_: str) -> None:
    raise LookupError
