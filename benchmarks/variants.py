"""Servers to compare with, each on uvicorn with Parley's own options: `python -m benchmarks.variants NAME`.

uncached   Parley without the ready pages: the framework's route, the database and the drawing, every time
framework  a route of the framework that returns bytes it holds already
raw        a plain ASGI function that sends bytes it holds already, and knows nothing else

The last two serve what they find in the file named by BENCH_PAGE.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.app import create_app
from service.commands import run
from service.kit.settings import Settings
from service.web.fast import FastPages
from service.web.server import config

_HEADERS = {"content-type": "text/html; charset=utf-8", "content-encoding": "gzip", "etag": '"constant"'}


def raw() -> ASGIApp:
    """As little as ASGI allows."""
    body = _page()
    fields = {**_HEADERS, "content-length": str(len(body))}
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def framework() -> ASGIApp:
    """The same bytes from a route."""
    body = _page()
    app = FastAPI(openapi_url=None, telemetry={"tracing": False})

    @app.get("/embed")
    async def page() -> Response:
        return Response(body, headers=_HEADERS)

    return app


def without_ready_pages(settings: Settings) -> FastAPI:
    """Parley, every page read and drawn anew."""
    app = create_app(settings)
    ready: Any = FastPages
    app.user_middleware = [each for each in app.user_middleware if each.cls is not ready]
    return app


def main(name: str) -> None:
    """Serve one of them until a signal comes."""
    if name == "uncached":
        vars(run)["create_app"] = without_ready_pages
        run.serve()
    else:
        served = config(raw() if name == "raw" else framework(), protocol=HttpToolsProtocol)
        served.port = int(os.environ["PARLEY_PORT"])
        uvicorn.Server(served).run()


def _page() -> bytes:
    return Path(os.environ["BENCH_PAGE"]).read_bytes()


if __name__ == "__main__":
    main(sys.argv[1])
