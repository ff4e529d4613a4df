"""The HTTP server, with Parley's options."""

from __future__ import annotations

import contextlib
import resource
import socket
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.kit import heap
from service.web.parts import Parts
from service.web.patience import Deadlines, patient
from service.web.wire import ReadyPages


class Server(uvicorn.Server):
    """Ends what streams before it waits for answers in flight: a stream would otherwise be waited for in vain."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        heap.settle()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        made: Parts | None = getattr(cast("Any", self.config.app).state, "parts", None)
        if made is not None:
            made.watch.end()
            made.fanout.close()
        await super().shutdown(sockets)


_FILES_OF_OURS = 256  # databases, Redis, built files, log
_MOST_FILES = 65_536


def room() -> int:
    """How many connections there are open files for, after asking the system for as many as it lets us have.

    The usual limit of 1,024 is for programs that use select(); a thousand readers who listen need more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    files = _MOST_FILES if soft == resource.RLIM_INFINITY else soft
    return max(64, files - _FILES_OF_OURS)


def config(
    app: ASGIApp,
    *,
    protocol: type[HttpToolsProtocol] = ReadyPages,
    patience: float = Deadlines.patience,
    most: int = Deadlines.most,
) -> uvicorn.Config:
    """How uvicorn serves: no log of readers, no word about itself, no belief in headers that anybody can write.

    `patience`: seconds a client may take for the head of a request, or without taking what it is sent. `most`:
    connections there is room for.
    """
    return uvicorn.Config(
        app,
        http=patient(patience, protocol, most=most),
        log_config=None,
        access_log=False,  # it would write addresses of readers and pages
        server_header=False,
        proxy_headers=False,  # addresses are read by service.kit.address, from configured proxies only
        timeout_graceful_shutdown=10,
        timeout_keep_alive=20,
    )
