"""The staff's cookie: set, ended."""

from __future__ import annotations

from starlette.responses import Response

from service.identity import SESSION_LIFE
from service.web.parts import Parts
from service.web.who import console_cookie


def set_cookie(response: Response, parts: Parts, session: str) -> None:
    """Give the browser its session: not readable by scripts, not sent from other sites' pages."""
    response.set_cookie(
        console_cookie(parts),
        session,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
        httponly=True,
        secure=parts.settings.origin.startswith("https://"),
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"


def end_cookie(response: Response, parts: Parts) -> None:
    """Take it away."""
    response.delete_cookie(
        console_cookie(parts),
        path="/",
        httponly=True,
        secure=parts.settings.origin.startswith("https://"),
        samesite="lax",
    )
