"""HEAD is GET without the body (RFC 9110 section 9.3.2), for every route at once."""

from __future__ import annotations

import asyncio

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

        is_over = asyncio.Event()

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif not is_over.is_set():
                await send({"type": "http.response.body", "body": b""})
                is_over.set()

        async def until_over() -> Message:
            # An answer that goes on (server-sent events) learns that nobody listens.
            if not is_over.is_set():
                asked = asyncio.ensure_future(receive())
                waited = asyncio.ensure_future(is_over.wait())
                await asyncio.wait({asked, waited}, return_when=asyncio.FIRST_COMPLETED)
                waited.cancel()
                if asked.done():
                    return asked.result()
                asked.cancel()
            return {"type": "http.disconnect"}

        await self._app({**scope, "method": "GET", HEAD: True}, until_over, without_body)
