"""Every request is answered in time: what is too much at once is refused at once, what takes too long is given up.

Without the first each request makes all others slower, until all of them take longer than anybody waits for; without
the second a database that says nothing any more keeps readers waiting as long as it likes.
"""

from __future__ import annotations

import asyncio
import random

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kit import metrics, outside
from service.web.places import Places
from service.web.problem import overloaded, unavailable
from service.web.sandglass import Sandglass

SHED = metrics.counter("requests_shed", "Requests refused because too many were under way.")


class Shedding:
    """Plain ASGI. A request counts from when it has arrived, its body too, until its answer begins.

    So neither slow senders nor streams take anybody's place.
    """

    def __init__(self, app: ASGIApp, *, places: Places, seconds: float = 7.0) -> None:
        """So many `places`, each for so many `seconds`."""
        self._app = app
        self._places = places
        self._glass = Sandglass(seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._places.is_full:
            # Before its body is waited for, too. Most come no further than to service/web/wire.py.
            SHED.inc()
            await overloaded(moment())(scope, receive, send)
            return
        turn = _Turn(self._places, self._glass, receive, send)
        try:
            async with turn.time:
                if not _has_body(scope):
                    turn.take()
                await self._app(scope, turn.receive, turn.send)
        except TimeoutError:
            if not turn.time.expired() or turn.is_answered:
                raise
            # Whatever it was has been stopped, or goes on without anybody: who tries again with the same key is safe.
            await unavailable(moment())(scope, receive, send)
        finally:
            turn.leave()


class _Turn:
    """One request's place."""

    def __init__(self, places: Places, glass: Sandglass, receive: Receive, send: Send) -> None:
        self._places = places
        self._glass = glass
        self._receive = receive
        self._send = send
        self._is_waiting = True
        self._since: float | None = None
        self._outside = outside.begin()
        self.is_answered = False
        self.time = asyncio.timeout(None)

    def take(self) -> bool:
        """Take a place, if there is one."""
        self._is_waiting = False
        if not self._places.take():
            SHED.inc()
            return False
        self._since = self._glass.begin(self.time)
        self._outside.seconds = 0.0
        return True

    def leave(self) -> None:
        """Give the place to others."""
        self._is_waiting = False
        if self._since is not None:
            took = asyncio.get_running_loop().time() - self._since
            self._since = None
            self._glass.stop(self.time)
            self._places.leave(took - self._outside.seconds)

    async def receive(self) -> Message:
        """What the client sends; with the last of it a place is wanted."""
        message = await self._receive()
        if self._is_waiting and message["type"] == "http.request" and not message.get("more_body") and not self.take():
            raise HTTPException(503, headers={"Retry-After": moment()})
        return message

    async def send(self, message: Message) -> None:
        """What the client is sent; who only waits for the client needs no place any more."""
        if message["type"] == "http.response.start":
            self.leave()
            self.is_answered = True
            if self.time.when() is not None and not self.time.expired():
                # It has rung, and is not told yet.
                self.time.reschedule(None)
        await self._send(message)


# Who asks whether we live is to hear of it also when there is much to do.
ALWAYS = frozenset({"/livez", "/readyz", "/metrics"})


def _has_body(scope: Scope) -> bool:
    if scope["method"] in {"GET", "HEAD"}:
        return False
    return any(
        (name == b"content-length" and value != b"0") or name == b"transfer-encoding"
        for name, value in scope["headers"]
    )


def moment() -> str:
    """When to come again: spread, so that those who were refused together do not come back together."""
    return str(random.randint(1, 4))
