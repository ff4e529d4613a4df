"""A client that leaves a stream of events once it is greeted: httpx's transport waits for the end of an answer."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def impatient(app: ASGIApp) -> ASGIApp:
    """The app, left by its caller at the first words of a reader's stream; other answers are waited for.

    A moderator's stream ends by itself, when it is asked to.
    """

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        left, is_stream = asyncio.Event(), False

        async def heard(message: Message) -> None:
            nonlocal is_stream
            if message["type"] == "http.response.start":
                is_events = any(value.startswith(b"text/event-stream") for _, value in message["headers"])
                is_stream = is_events and scope["path"].endswith("/events")
            await send(message)
            if is_stream and message.get("body"):
                left.set()

        async def until_left() -> Message:
            asking, leaving = asyncio.ensure_future(receive()), asyncio.ensure_future(left.wait())
            try:
                await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
                return {"type": "http.disconnect"} if left.is_set() else await asking
            finally:
                asking.cancel()
                leaving.cancel()

        await app(scope, until_left, heard)

    return asked
