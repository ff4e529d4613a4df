"""The HTTP server, with Parley's options."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

from service.web.wire import ReadyPages


def config(app: ASGIApp, *, protocol: type[ReadyPages] | str = ReadyPages) -> uvicorn.Config:
    """How uvicorn serves: no log of readers, no word about itself, no belief in headers that anybody can write."""
    return uvicorn.Config(
        app,
        http=protocol,
        log_config=None,
        access_log=False,  # it would write addresses of readers and pages
        server_header=False,
        proxy_headers=False,  # addresses are read by service.kit.address, from configured proxies only
        timeout_graceful_shutdown=10,
        timeout_keep_alive=20,
        h11_max_incomplete_event_size=32_768,
    )
