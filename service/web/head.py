"""HEAD is GET without the body (RFC 9110 section 9.3.2), for every route at once."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = "parley.head"


class HeadAsGet:
    """Plain ASGI: asks the app for the page and keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # What streams for as long as somebody listens must know that nobody does.
        await self._app({**scope, "method": "GET", HEAD: True}, receive, without_body)
