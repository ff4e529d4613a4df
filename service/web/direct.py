"""Straight routes are found in a table, before the framework looks for them.

FastAPI asks its routers one after the other, and puts a layer that handles errors, one that cleans up and a scope for
each router around what it finds. For straight routes (straight.py) all of that is known when the application is made.
Whatever the table does not have (another method, an address that is nowhere) is the framework's to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from service.web.straight import Straight


class Direct:
    """Plain ASGI: the last before the framework's router."""

    def __init__(self, app: ASGIApp, *, routes: Iterable[BaseRoute], handlers: Mapping[Any, Any]) -> None:
        """The straight ones among `routes`, and the application's `handlers` of errors."""
        self._app = app
        self._handlers = handlers
        self._by_method: dict[str, list[Straight]] = {}
        for route in routes:
            if isinstance(route, Straight):
                for method in route.methods or ():
                    self._by_method.setdefault(method, []).append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._found(scope) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            answer = await route.answered(request)
        except Exception as error:
            handler = self._handler(error)
            if handler is None:
                raise
            answer = await handler(request, error)
        await answer(scope, receive, send)

    def _found(self, scope: Scope) -> Straight | None:
        """The route, which the scope is told as the framework would."""
        if scope.get("root_path"):
            return None
        for route in self._by_method.get(scope["method"], ()):
            if found := route.path_regex.match(scope["path"]):
                converted = {
                    name: route.param_convertors[name].convert(value) for name, value in found.groupdict().items()
                }
                scope.update(route=route, endpoint=route.endpoint, path_params=converted)
                return route
        return None

    def _handler(self, error: Exception) -> Any:
        """What makes an answer of an error, if anything does: for its status, or for the nearest of its classes."""
        kinds = type(error).__mro__
        asked = (error.status_code, *kinds) if isinstance(error, HTTPException) else kinds
        return next((self._handlers[each] for each in asked if each in self._handlers), None)
