"""Errors nobody thought of: logged without anything of the reader's, answered like every other error.

Starlette's own handler for them stands outside of all middleware, so its answers would lack the safe headers.
"""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.web.problem import internal

log = structlog.get_logger()


class Unexpected:
    """Plain ASGI: the innermost, next to the router."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def noted(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            # The route's template, not the path: paths carry ids, queries carry addresses of pages.
            route = getattr(scope.get("route"), "path", "?")
            log.exception("request.failed", route=route, error=type(error).__name__)
            if has_started:
                raise
            await internal()(scope, receive, send)
