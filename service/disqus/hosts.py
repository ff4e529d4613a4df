"""Every forum has a host of its own, as with Disqus: `NAME.comments.example.org` leads to `/forums/NAME`.

So that of an old snippet nothing but the host changes. The Host header, which anybody may write, chooses among public
scripts here and does nothing else.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,49}")
_SCRIPT = re.compile(r"/[a-z_-]{3,40}\.js")


class ForumHosts:
    """Plain ASGI: gives such a request the path it has on Parley's own host. Without `suffix` it does nothing."""

    def __init__(self, app: ASGIApp, *, suffix: str | None) -> None:
        self._app = app
        self._suffix = f".{suffix}".encode() if suffix else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._suffix is not None and scope["type"] == "http":
            scope = self._led(scope, self._suffix)
        await self._app(scope, receive, send)

    def _led(self, scope: Scope, suffix: bytes) -> Scope:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").lower()
        name, found, port = host.partition(suffix)
        path = scope["path"]
        # `www.` is the service itself.
        if not found or (port and not port.startswith(b":")) or name == b"www" or not _SCRIPT.fullmatch(path):
            return scope
        forum = name.decode("latin-1")
        if not _NAME.fullmatch(forum):
            return scope
        led = f"/forums/{forum}{path}"
        return {**scope, "path": led, "raw_path": led.encode()}
