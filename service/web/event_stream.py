"""Server-sent events as an answer that goes on until one side has enough.

Not FastAPI's own: it encodes each event for each listener, keeps a task group and two streams per connection, and
waits for the next event without noticing that the server wants to end. See docs/decisions/0028.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import AbstractContextManager

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from service.kit.fanout import Ear, Over


class EventStream(Response):
    """First `past`, then whatever the ear hears, in frames; ends with the ear, the client or the server.

    `listening` is the context that the ear lives in: it is left when the answer ends, however it does.
    """

    media_type = "text/event-stream"

    def __init__(self, listening: AbstractContextManager[object], ear: Ear, past: bytes) -> None:
        super().__init__(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store, no-transform",
                # nginx would gather the events until there are enough of them.
                "X-Accel-Buffering": "no",
                "Access-Control-Allow-Origin": "*",
                "Cross-Origin-Resource-Policy": "cross-origin",
            }
        )
        del self.headers["content-length"]
        self._listening = listening
        self._ear = ear
        # After an outage all come again, but not all at once.
        self._past = f"retry: {random.randint(2_000, 8_000)}\n\n".encode() + past

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # as ASGI has it
        watcher = asyncio.ensure_future(_until_gone(receive, self._ear))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _send(send, self._past)
            with contextlib.suppress(Over):
                while True:
                    await _send(send, await self._ear.hear())
            await send({"type": "http.response.body", "body": b""})
        except OSError:
            return  # the client has gone
        finally:
            watcher.cancel()
            self._listening.__exit__(None, None, None)


async def _send(send: Send, body: bytes) -> None:
    message: Message = {"type": "http.response.body", "body": body, "more_body": True}
    await send(message)


async def _until_gone(receive: Receive, ear: Ear) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    ear.close()
