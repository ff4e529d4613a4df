"""Each request is counted, timed and given an id, but for ready pages sent below ASGI: the cache counts those."""

from __future__ import annotations

import contextlib
import random
import time
from functools import cache

import structlog
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from service.kit import metrics, traces

_SECONDS = metrics.seconds(
    "http_server_request_duration_seconds",
    "From a request's head to the head of its answer; nearly all pages that are ready are not among these.",
    "method",
    "route",
    "status",
)
_UNDER_WAY = metrics.gauge("http_server_active_requests", "Requests being answered at this moment, streams too.")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SAFE = frozenset({"GET", "HEAD"})
_REFUSED = 400
# What readers do; all else is one, or each of hundreds of routes would be a dozen series.
_KEPT_APART = frozenset(
    {
        ("GET", "/embed"),
        ("GET", "/t/{thread}"),
        ("GET", "/api/v1/threads"),
        ("GET", "/api/v1/counts"),
        ("POST", "/api/v1/comments"),
        ("PATCH", "/api/v1/comments/{comment}"),
        ("PUT", "/api/v1/comments/{comment}/vote"),
        ("POST", "/api/v1/moderation/claims"),
        ("POST", "/api/v1/moderation/decisions"),
    }
)
_OTHER = ("other", "other")
_SLOW = 2.0  # seconds after which it is worth a line


class Watched:
    """Plain ASGI. What is told of a request is its route's template: paths carry ids, queries pages' addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # No secret: it is told to whoever asked, and has only to be another one each time.
        since, number = time.perf_counter(), f"{random.getrandbits(64):016x}"

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                _note(scope, status, time.perf_counter() - since)
                if span:
                    span.answered(_method(scope), _route(scope), status)
                # Pages that may be kept are the same for everybody, and one request's id is not.
                if status >= _REFUSED or scope["method"] not in _SAFE:
                    message["headers"] = [*message.get("headers", ()), (b"x-request-id", number.encode())]
            await send(message)

        tracing = traces.request(_method(scope), number) if traces.on else contextlib.nullcontext()
        bound = bind_contextvars(request=number)
        _UNDER_WAY.inc()
        try:
            with tracing as span:
                await self._app(scope, receive, noted)
        finally:
            _UNDER_WAY.dec()
            reset_contextvars(**bound)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "none"


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "none")


def _note(scope: Scope, status: int, seconds: float) -> None:
    method, route = _method(scope), _route(scope)
    apart = (method, route) if (method, route) in _KEPT_APART else _OTHER
    _series(apart, status // 100).observe(seconds)
    if seconds > _SLOW:
        _log.warning("request.slow", method=method, route=route, status=status, seconds=round(seconds, 3))


@cache
def _series(apart: tuple[str, str], hundreds: int) -> Histogram:
    """There are a few dozen; looking one up takes longer than to observe."""
    return _SECONDS.labels(*apart, f"{hundreds}xx")


_log = structlog.get_logger()
