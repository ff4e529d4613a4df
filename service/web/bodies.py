"""A body that is too large, or takes too long, is refused: unread when it says so itself, cut off when it does not.

FastAPI's own limit stands outside of all handlers, so its refusal would be the one error that is no problem+json.
Files are sent to two addresses only, whose handlers read them in pieces and only from those who may send some.
"""

from __future__ import annotations

import asyncio
import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.web.problem import too_large

_FILES = re.compile(r"/api/v1/sites/[^/]+/(imports|thread-jobs/remap\.csv)")


class BodyLimit:
    """Plain ASGI: looks at Content-Length, counts, and looks at the clock."""

    def __init__(self, app: ASGIApp, *, most: int, seconds: float, most_of_files: int) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._most_of_files = most_of_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        is_file = scope["method"] == "POST" and _FILES.fullmatch(scope["path"]) is not None
        most = self._most_of_files if is_file else self._most
        if not said.isdigit() or int(said) > most:
            await too_large()(scope, receive, send)
            return
        read = 0
        # One deadline for the whole body, so that a byte now and then buys nothing. After it, whoever asks waits for
        # the client to go, which may take as long as it likes.
        deadline: float | None = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal read, deadline
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            if not message.get("more_body"):
                deadline = None
            elif is_file:
                # It takes as long as it takes, as long as something comes.
                deadline = asyncio.get_running_loop().time() + self._seconds
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
