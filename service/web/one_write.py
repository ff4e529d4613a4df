"""A short answer goes out in one write.

uvicorn writes the head when it is told of it and the body when it is told of that: two calls of the system and two
packets for a kilobyte, and each field of the head is looked through twice. Here a head that tells its body's length
waits for the body. Whatever else there is (streams, HEAD, files in pieces, a connection that ends) goes uvicorn's way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

from service.reading.cache import lines

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

# What is in no field's name (RFC 9110 section 5.1) as ASGI wants it, in lower case.
_NO_NAME = re.compile(rb"[^a-z0-9!#$%&'*+.^_`|~-]")
_LENGTH = b"content-length"
# With one of these, uvicorn has more to do than to write.
_MORE = {b"connection", b"transfer-encoding"}


class OneWrite(RequestResponseCycle):
    """One of uvicorn's cycles, which has this class from when its request's head is there."""

    _start: Message | None = None

    async def send(self, message: Any) -> None:
        """A head waits for its body, where it tells how long that is."""
        start, self._start = self._start, None
        if start is None and not self.response_started and self.keep_alive and _waits(message):
            # Begun for whoever asks: should no body come, no other answer may.
            self._start, self.response_started = message, True
        elif start is None:
            await super().send(message)
        elif self._is_rest(start, message):
            self._write(start, message.get("body", b""))
        else:
            self.response_started = False
            await super().send(cast("ASGISendEvent", start))
            await super().send(message)

    def _is_rest(self, start: Message, message: Message) -> bool:
        """Whether this is all of the body, for a client that takes it."""
        return (
            message["type"] == "http.response.body"
            and not message.get("more_body")
            and self.scope["method"] != "HEAD"
            and not self.disconnected
            and not self.flow.write_paused
            and dict(start["headers"])[_LENGTH] == b"%d" % len(message.get("body", b""))
        )

    def _write(self, start: Message, body: bytes) -> None:
        """As uvicorn ends an answer."""
        head = lines([*self.default_headers, *start["headers"]])
        self.transport.write(b"".join((STATUS_LINE[start["status"]], head, b"\r\n", body)))
        self.waiting_for_100_continue, self.response_complete = False, True
        self.message_event.set()
        self.on_response()


def _waits(start: Message) -> bool:
    """Whether it is a head that tells its body's length, and nothing that uvicorn would refuse or act on."""
    if start["type"] != "http.response.start":
        return False
    fields = start.get("headers", ())
    names = {name for name, _ in fields}
    return (
        _LENGTH in names
        and not names & _MORE
        and not _NO_NAME.search(b"".join(names))
        and not HEADER_VALUE_RE.search(b"".join(value for _, value in fields))
    )
