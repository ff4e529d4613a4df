"""Built files are answered before the framework is asked."""

from __future__ import annotations

from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from service.web.parts import Parts


class BuiltFiles:
    """Plain ASGI: scripts and styles go to `kit.assets`, everything else on to the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assets = cast("Parts", scope["app"].state.parts).assets
            if assets.serves(scope["path"]) or scope["path"].startswith("/static/"):
                await assets(scope, receive, send)
                return
        await self._app(scope, receive, send)
