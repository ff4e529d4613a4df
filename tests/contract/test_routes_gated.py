"""Silence is refusal: every route says whom it serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import iscoroutinefunction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.web import who

GATES = {who.anyone, who.moderator}


def _calls(dependant: Dependant) -> Iterator[object]:
    for below in dependant.dependencies:
        yield below.call
        yield from _calls(below)


def _routes(routes: Iterable[Any]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from _routes(included.routes)  # FastAPI keeps included routers whole


def ungated(app: FastAPI) -> list[str]:
    """The routes that name none of the gates."""
    return [
        f"{sorted(route.methods)} {route.path}"
        for route in _routes(app.routes)
        if not GATES & set(_calls(route.dependant))
    ]


async def test_every_route_names_whom_it_serves(app: FastAPI) -> None:
    documented = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    seen = {(method, route.path) for route in _routes(app.routes) for method in route.methods}
    assert documented <= seen, "a route this test does not look at"
    assert ungated(app) == []


async def test_a_route_without_a_gate_is_found() -> None:
    planted = FastAPI()

    @planted.get("/open-door")
    async def open_door() -> None: ...

    assert ungated(planted) == ["['GET'] /open-door"]
    around = FastAPI()
    around.include_router(planted.router)
    assert ungated(around) == ["['GET'] /open-door"]


def threaded(app: FastAPI) -> list[str]:
    """Whatever of the routes is not async, and so goes through a thread at each request."""
    calls = {call for route in _routes(app.routes) for call in (route.endpoint, *_calls(route.dependant))}
    return sorted(call.__qualname__ for call in calls if not iscoroutinefunction(call))  # type: ignore[attr-defined]


async def test_no_request_goes_through_a_thread_to_be_looked_at(app: FastAPI) -> None:
    assert threaded(app) == []


async def test_what_would_go_through_a_thread_is_found() -> None:
    planted = FastAPI()

    @planted.get("/slow")
    async def slow(number: Annotated[int, Depends(_waits)]) -> int:
        return number

    assert threaded(planted) == ["_waits"]


def _waits() -> int:
    return 1
