"""The cookie of a window in which somebody signs in: whoever comes back to it is in the browser it was opened in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from service.identity import Visitor
from service.readers.devices import sealed
from service.web.parts import Parts


def window_cookie(parts: Parts) -> str:
    """Its name: `__Host-` wherever the browser lets it be secure."""
    return "__Host-parley-window" if parts.settings.origin.startswith("https://") else "parley-window"


def back_of(parts: Parts) -> str:
    """Where a provider sends readers back to."""
    return f"{parts.settings.origin}/sign-in/back"


def remember_window(response: Response, parts: Parts, state: str) -> None:
    """Give the window its state for ten minutes."""
    is_secure = parts.settings.origin.startswith("https://")
    response.set_cookie(
        window_cookie(parts), state, max_age=600, path="/", httponly=True, secure=is_secure, samesite="lax"
    )


def forget_window(response: Response, parts: Parts) -> None:
    """Take it away, with all it was set with, or a browser does not take it for the same one."""
    is_secure = parts.settings.origin.startswith("https://")
    response.delete_cookie(window_cookie(parts), path="/", httponly=True, secure=is_secure, samesite="lax")


def seen_of(request: Request, parts: Parts, who: Visitor) -> str:
    """What a session that begins now can be recognised by, sealed."""
    return sealed(parts.keeper, request.headers.get("user-agent", ""), who.address or "")
