"""The HTTP server, with Parley's options."""

from __future__ import annotations

import socket
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.web.parts import Parts
from service.web.patience import Deadlines, patient
from service.web.wire import ReadyPages


class Server(uvicorn.Server):
    """Ends what streams before it waits for answers in flight: a stream would otherwise be waited for in vain."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        made: Parts | None = getattr(cast("Any", self.config.app).state, "parts", None)
        if made is not None:
            made.watch.end()
        await super().shutdown(sockets)


def config(
    app: ASGIApp, *, protocol: type[HttpToolsProtocol] = ReadyPages, patience: float = Deadlines.patience
) -> uvicorn.Config:
    """How uvicorn serves: no log of readers, no word about itself, no belief in headers that anybody can write.

    `patience`: seconds a client may take for the head of a request, or without taking what it is sent.
    """
    return uvicorn.Config(
        app,
        http=patient(patience, protocol),
        log_config=None,
        access_log=False,  # it would write addresses of readers and pages
        server_header=False,
        proxy_headers=False,  # addresses are read by service.kit.address, from configured proxies only
        timeout_graceful_shutdown=10,
        timeout_keep_alive=20,
    )
