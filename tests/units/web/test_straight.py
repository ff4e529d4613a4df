"""A straight route answers as the framework's own would, whatever is sent and whoever finds the route."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from service.kit.errors import Forbidden
from service.web import problem, unexpected
from service.web.direct import Direct
from service.web.straight import Straight
from service.web.unexpected import Unexpected

_BROKEN, _UNWELL = 13, 14
Number = Annotated[str, Path(pattern=r"^[0-9]+$", max_length=3)]


class New(BaseModel):
    """What is sent."""

    body: str = Field(max_length=5)
    times: int = 1


class Made(BaseModel):
    """What comes of it."""

    said: list[Any]


async def _known(request: Request, x_token: Annotated[int | None, Header()] = None) -> str:
    if x_token == 0:
        raise Forbidden
    return f"{x_token} {request.method}"


async def _twice(one: Annotated[str, Depends(_known)], other: Annotated[str, Depends(_known)]) -> str:
    return one + other


def _app(kind: type[APIRoute], *, is_direct: bool = False) -> FastAPI:
    router = APIRouter(prefix="/api", route_class=kind)

    @router.post("/things/{number}", status_code=201)
    async def post(
        number: Number,
        new: New,
        response: Response,
        known: Annotated[str, Depends(_twice)],
        again: Annotated[str, Depends(_known)],
        key: Annotated[str, Header(alias="Idempotency-Key", min_length=3)],
        *,
        flag: bool = False,
        tags: Annotated[list[str] | None, Query()] = None,
    ) -> Made:
        if new.times == _BROKEN:
            raise LookupError
        if new.times == _UNWELL:
            raise HTTPException(409, headers={"Retry-After": "1"})
        if new.times > 1:
            response.status_code = 202
        response.headers["X-Times"] = str(new.times)
        return Made(said=[number, new.body, known, again, key, flag, tags])

    @router.delete("/things/{number}", status_code=204)
    async def delete(number: Number) -> None:
        assert number

    app = FastAPI()
    app.include_router(router)
    problem.install(app)
    if is_direct:
        app.add_middleware(Direct, routes=router.routes, handlers=app.exception_handlers)
    app.add_middleware(Unexpected)
    return app


def _requests() -> Iterator[dict[str, Any]]:
    bodies: list[bytes] = [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"body": "a"}',
        b'{"body": "long er"}',
        b'{"body": 1, "times": "x"}',
    ]
    types = [None, "application/json", "application/problem+json; charset=utf-8", "text/plain", "nonsense"]
    for body, kind in itertools.product(bodies, types):
        yield {"content": body, "headers": {"Idempotency-Key": "abc", **({"Content-Type": kind} if kind else {})}}
    for times in (_BROKEN, _UNWELL):
        yield {"json": {"body": "a", "times": times}, "headers": {"Idempotency-Key": "abc"}}
    good = {"json": {"body": "a", "times": 2}}
    for headers in ({}, {"Idempotency-Key": "a"}, {"Idempotency-Key": "abc", "X-Token": "7"}):
        yield {**good, "headers": headers}
        yield {**good, "headers": {**headers, "X-Token": "x"}, "params": {"flag": "maybe"}}
        yield {**good, "headers": {**headers, "X-Token": "0"}, "params": {"flag": "yes", "tags": ["a", "b"]}}
        yield {**good, "headers": headers, "params": {"flag": "yes", "tags": ["a", "b"]}, "path": "x"}


_METHODS = ("DELETE", "PUT", "HEAD", "OPTIONS")


def _told(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """The framework says what is wrong with a dependency once for each who needs it; once will do."""
    headers, said = dict(answer.headers), answer.json() if answer.content else {}
    if "errors" in said:
        said["errors"] = [dict(each) for each in dict.fromkeys(tuple(error.items()) for error in said["errors"])]
        del headers["content-length"]
    return answer.status_code, headers, said


async def _answers(kind: type[APIRoute], *, is_direct: bool = False) -> tuple[list[Any], Any]:
    app = _app(kind, is_direct=is_direct)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parley.test") as client:
        found = [_told(await client.post(f"/api/things/{each.pop('path', '12')}", **each)) for each in _requests()]
        found += [_told(await client.request(method, "/api/things/12")) for method in _METHODS]
    return found, app.openapi()


@pytest.mark.parametrize("is_direct", [False, True])
async def test_every_answer_is_the_frameworks_own(monkeypatch: pytest.MonkeyPatch, *, is_direct: bool) -> None:
    # Written out, a trace takes longer than all the rest.
    monkeypatch.setattr(unexpected, "log", SimpleNamespace(exception=lambda *_, **__: None))
    (ours, document), (theirs, as_documented) = await _answers(Straight, is_direct=is_direct), await _answers(APIRoute)
    for asked, one, other in zip([*_requests(), *_METHODS], ours, theirs, strict=True):
        assert one == other, asked
    assert document == as_documented
    assert {status for status, _, _ in ours} == {201, 202, 204, 400, 403, 405, 409, 422, 500}


def _works() -> str:
    return "in a thread"


async def _yields() -> Any:
    yield 1


async def _later(tasks: BackgroundTasks) -> None: ...


@pytest.mark.parametrize("call", [_works, _yields, _later])
def test_what_a_straight_route_does_not_know_is_refused_when_it_is_made(call: Callable[..., Any]) -> None:
    router = APIRouter(route_class=Straight)

    async def endpoint(found: Any = Depends(call)) -> Made:  # noqa: B008  # known here only
        return Made(said=[found])

    with pytest.raises(TypeError, match="wants more"):
        router.add_api_route("/things", endpoint)
