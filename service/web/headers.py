"""Headers every answer has, whoever made it: the safe value is the default, a route that needs more says so."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}
_UNLESS_SAID = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A window that signs somebody in has to know the frame that opened it.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-store",
}


def always(origin: str) -> dict[str, str]:
    """What no answer says otherwise."""
    more = {"Strict-Transport-Security": "max-age=31536000"} if origin.startswith("https://") else {}
    return _ALWAYS | more


def safe(origin: str) -> dict[str, str]:
    """All of them, for an answer that says nothing of it itself."""
    return _UNLESS_SAID | always(origin)


class SecurityHeaders:
    """Plain ASGI: adds the headers as the answer starts."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._always = always(origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers[name] = value
                for name, value in _UNLESS_SAID.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
