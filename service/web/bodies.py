"""A body that is too large, or takes too long, is refused: unread when it says so itself, cut off when it does not.

FastAPI's own limit stands outside of all handlers, so its refusal would be the one error that is no problem+json.
Files are sent to two addresses only, whose handlers read them in pieces and only from those who may send some.
"""

from __future__ import annotations

import asyncio
import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.web.fields import first
from service.web.problem import too_large
from service.web.sandglass import Sandglass

ARRIVED = "parley.arrived"
"""In a scope whose body is here, all of it, as nearly every one is before anybody asks for it (service/web/wire.py)."""
_FILES = re.compile(r"/api/v1/sites/[^/]+/(imports|thread-jobs/remap\.csv)")


class BodyLimit:
    """Plain ASGI: looks at Content-Length, counts, and looks at the clock."""

    def __init__(self, app: ASGIApp, *, most: int, seconds: float, most_of_files: int) -> None:
        self._app = app
        self._most = most
        self._glass = Sandglass(seconds)
        self._most_of_files = most_of_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = first(scope, b"content-length")
        said = told or b"0"
        is_file = scope["method"] == "POST" and _FILES.fullmatch(scope["path"]) is not None
        most = self._most_of_files if is_file else self._most
        if not said.isdigit() or int(said) > most:
            await too_large()(scope, receive, send)
            return
        if told is None or ARRIVED not in scope:
            receive = _Counted(receive, self._glass, most, is_file=is_file)
        await self._app(scope, receive, send)


class _Counted:
    """What comes of one body, as a `receive`.

    It has one deadline as a whole, so that a byte now and then buys nothing; a file takes as long as it takes, as long
    as something comes. After it, whoever asks waits for the client to go, which may take as long as it likes.
    """

    def __init__(self, receive: Receive, glass: Sandglass, most: int, *, is_file: bool) -> None:
        self._receive = receive
        self._glass = glass
        self._left = most
        self._is_file = is_file
        self._is_over = False
        self._deadline: float | None = None

    async def __call__(self) -> Message:
        if self._is_over:
            return await self._receive()
        message = await self._next()
        self._is_over = not message.get("more_body")
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        return message

    async def _next(self) -> Message:
        limit = asyncio.timeout_at(self._deadline)
        try:
            async with limit:
                if self._deadline is not None:
                    return await self._receive()
                # Nearly always it is here, and is all of it.
                since = self._glass.begin(limit)
                try:
                    message = await self._receive()
                finally:
                    self._glass.stop(limit)
        except TimeoutError:
            raise HTTPException(408) from None
        if not self._is_file:
            self._deadline = since + self._glass.seconds
        return message
