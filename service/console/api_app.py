"""The console, which is a script: at its own address and at those of its views."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.console.answers import html, refused
from service.console.views import user_view
from service.kit.errors import Forbidden, NotFound
from service.pages import draw
from service.pages.console_views import ConsoleApp, ConsoleSignIn
from service.web.who import AllParts, Anyone, MaybeStaff

router = APIRouter(prefix="/console", tags=["console"], include_in_schema=False)

# The console's views, as they stand in its addresses.
_VIEWS = frozenset(
    {
        "alerts",
        "appeals",
        "authors",
        "bulk",
        "case",
        "hooks",
        "imports",
        "keys",
        "log",
        "queues",
        "rules",
        "sanctions",
        "settings",
        "sites",
        "snippet",
        "statements",
        "stats",
        "team",
        "threads",
        "webhooks",
    }
)
# What the console asks for where this server has it: a name for the script, the path behind it.
_OFFERS = {
    "alerts": "/api/v1/moderation/alerts",
    "appeals": "/api/v1/moderation/statements",
    "authors": "/api/v1/moderation/authors/{person}",
    "bulk": "/api/v1/moderation/bulk",
    "case": "/api/v1/moderation/cases/{case}",
    "hooks": "/api/v1/sites/{site}/hooks",
    "imports": "/api/v1/sites/{site}/imports",
    "keys": "/api/v1/sites/{site}/keys",
    "live": "/api/v1/moderation/live",
    "queues": "/api/v1/moderation/queues",
    "reasons": "/api/v1/moderation/reasons",
    "rules": "/api/v1/moderation/rules",
    "sanctions": "/api/v1/moderation/sanctions",
    "skip": "/api/v1/moderation/claims/{claim}/skip",
    "stats": "/api/v1/moderation/stats",
    "sites": "/api/v1/sites/{site}/changes",
    "team": "/api/v1/sites/{site}/team",
    "threads": "/api/v1/sites/{site}/threads",
    "undo": "/api/v1/moderation/decisions/{decision}/undo",
    "webhooks": "/api/v1/sites/{site}/webhooks",
}


@router.get("")
async def get_console(request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """The console, or where to sign in."""
    if who is None:
        return html(draw.console_sign_in(ConsoleSignIn(), asset=parts.assets.url))
    if not who.is_moderator:
        return refused(parts, Forbidden("You have no role at any site any more."), who)
    return html(draw.console_app(ConsoleApp(user_view(who), _offered(request)), asset=parts.assets.url))


@router.get("/{view}")
async def get_view(view: str, request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """The console at one of its views: the script reads the address."""
    if view not in _VIEWS:
        raise NotFound
    return await get_console(request, parts, who, _)


@router.get("/{view}/{name}")
async def get_view_of(view: str, name: str, request: Request, parts: AllParts, who: MaybeStaff, _: Anyone) -> Response:
    """The console at one case, author or job."""
    if not name.isalnum():
        raise NotFound
    return await get_view(view, request, parts, who, _)


def _offered(request: Request) -> tuple[str, ...]:
    # Paths are compared without the names of their parameters: those belong to the rooms.
    paths = {_unnamed(path) for path in request.app.openapi()["paths"]}
    return tuple(name for name, path in _OFFERS.items() if _unnamed(path) in paths)


def _unnamed(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
