"""What a process that answers nobody shows of itself: whether it lives, can work, and how it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from service.web import health, metrics, problem
from service.web.headers import SecurityHeaders
from service.web.parts import Parts
from service.web.unexpected import Unexpected


class Beside(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def beside(parts: Parts, port: int) -> Beside:
    """`/livez`, `/readyz` and `/metrics` of these parts, on the loopback address."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry={"tracing": False, "metrics": False})
    app.state.parts = parts
    app.include_router(health.router)
    app.include_router(metrics.router)
    problem.install(app)
    app.add_middleware(Unexpected)
    app.add_middleware(SecurityHeaders, origin=parts.settings.origin)
    return Beside(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False)
    )
