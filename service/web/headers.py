"""Headers every answer has, whoever made it: the safe value is the default, a route that needs more says so."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Raw = tuple[bytes, bytes]
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
        self._always = _raw(always(origin))
        self._always_names = frozenset(name for name, _ in self._always)
        self._unless_said = _raw(_UNLESS_SAID)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with(message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _with(self, said: Iterable[Raw]) -> list[Raw]:
        """Those an answer says of itself, and ours. ASGI has names in lower case."""
        kept = [pair for pair in said if pair[0] not in self._always_names]
        names = {name for name, _ in kept}
        return [*kept, *self._always, *(pair for pair in self._unless_said if pair[0] not in names)]


def _raw(fields: dict[str, str]) -> list[Raw]:
    return [(name.lower().encode(), value.encode()) for name, value in fields.items()]
