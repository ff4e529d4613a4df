"""Silence is refusal: every route says whom it serves."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.web import who

GATES = {who.anyone, who.moderator}


def _calls(dependant: Dependant) -> Iterator[object]:
    for below in dependant.dependencies:
        yield below.call
        yield from _calls(below)


def ungated(app: FastAPI) -> list[str]:
    """The routes that name none of the gates."""
    return [
        f"{sorted(route.methods)} {route.path}"
        for route in app.routes
        if isinstance(route, APIRoute) and not GATES & set(_calls(route.dependant))
    ]


async def test_every_route_names_whom_it_serves(app: FastAPI) -> None:
    assert [route for route in app.routes if isinstance(route, APIRoute)]
    assert ungated(app) == []


async def test_a_route_without_a_gate_is_found() -> None:
    planted = FastAPI()

    @planted.get("/open-door")
    async def open_door() -> None: ...

    assert ungated(planted) == ["['GET'] /open-door"]
