"""An answer in one write has the very bytes that uvicorn's two have, and what is more than that is left to uvicorn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from service.web.one_write import OneWrite
from tests.servers.waiting import eventually

Parts = list[bytes]


class _Swapped(HttpToolsProtocol):
    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.cycle.__class__ = OneWrite


class _Transport(asyncio.Transport):
    """What is written to it; whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written: Parts = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def resume_reading(self) -> None: ...


async def _said(
    kind: type[HttpToolsProtocol], asked: bytes, messages: list[dict[str, Any] | None]
) -> tuple[Parts, bool]:
    """What a client gets of an application that sends these messages; None breaks it."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            if message is None:
                raise LookupError
            await send(dict(message))

    config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False)
    state = ServerState()
    state.default_headers = [(b"date", b"now")]
    protocol, transport = kind(config, state, {}), _Transport()
    protocol.connection_made(transport)
    protocol.data_received(asked)
    await eventually(lambda: not state.tasks, "the answer")
    is_closed = transport.closed
    protocol.connection_lost(None)
    return transport.written, is_closed


def _head(status: int = 200, **fields: str) -> dict[str, Any]:
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    return {"type": "http.response.start", "status": status, "headers": headers}


def _body(body: bytes = b"", **more: Any) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, **more}


_GET, _HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
_POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"


@pytest.mark.parametrize(
    ("asked", "messages", "writes"),
    [
        (_GET, [_head(content_length="3", x_a="b"), _body(b"abc")], 1),
        (_POST, [_head(201, content_length="3"), _body(b"abc")], 1),
        (_POST, [_head(422, content_length="0"), _body()], 1),
        (_GET + _POST, [_head(content_length="3"), _body(b"abc")], 2),
        (_HEAD, [_head(content_length="3"), _body()], 1),
        (_GET, [_head(304), _body()], 1),
        (_GET, [_head(204), _body()], 1),
        # A stream's head does not wait.
        (_GET, [_head(content_type="text/event-stream"), _body(b"a", more_body=True), _body(b"b")], 3),
        (_GET, [_head(content_length="2"), _body(b"a", more_body=True), _body(b"b")], 3),
        (_GET, [_head(content_length="3", connection="close"), _body(b"abc")], 2),
        (_GET, [_head(X_Odd="a", content_length="3"), _body(b"abc")], 2),
        (b"GET / HTTP/1.0\r\n\r\n", [_head(content_length="3"), _body(b"abc")], 2),
        # Refused: nothing that was written into a field becomes another one.
        (_GET, [_head(content_length="3", x_a="b\r\nx-c: d"), _body(b"abc")], 0),
        (_GET, [_head(content_length="3", x_a="b", **{"x c": "d"}), _body(b"abc")], 0),
    ],
)
async def test_the_bytes_are_uvicorns(asked: bytes, messages: list[dict[str, Any] | None], writes: int) -> None:
    ours, is_closed = await _said(_Swapped, asked, messages)
    theirs, theirs_is_closed = await _said(HttpToolsProtocol, asked, messages)
    assert b"".join(ours) == b"".join(theirs)
    assert (len([each for each in ours if each]), is_closed) == (writes, theirs_is_closed)


@pytest.mark.parametrize(
    "messages",
    [
        [_head(content_length="3"), None],
        [_head(content_length="3"), _body(b"abcd")],
        [_head(content_length="3"), _body(b"a")],
        [_head(content_length="3")],
        [_head(content_length="3"), _head(content_length="3")],
        [_body(b"abc")],
    ],
)
async def test_an_answer_that_breaks_off_ends_the_connection(messages: list[dict[str, Any] | None]) -> None:
    ours, is_closed = await _said(_Swapped, _GET, messages)
    theirs, theirs_is_closed = await _said(HttpToolsProtocol, _GET, messages)
    assert is_closed
    assert theirs_is_closed
    # A head whose body never came may be missing as well.
    assert b"".join(theirs).startswith(b"".join(ours))
