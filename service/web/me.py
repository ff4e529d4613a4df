"""Whose own page it is: known by the cookie of that page, or by the capability a program sends along.

The cookie opens a person's own data at one site and nothing else. It is `SameSite=Strict`: the browser sends it
only with requests that our own pages make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response

from service import identity, privacy, readers, sites
from service.identity import Person, Visitor
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, SignInNeeded
from service.kit.seal import Keeper
from service.pages.own_views import ErasureView, ExportView, MeView, OwnSessionsView, OwnSessionView
from service.privacy import OWN_SESSION_LIFE, Erasure, Export, exports, own
from service.sites import Site
from service.web import acts
from service.web.input import Text
from service.web.parts import Parts
from service.web.who import AllParts, Anyone, Bearer, refuse_cross_site, visitor_at


@dataclass(frozen=True)
class Me:
    """A person at one site, for whom everything is their own. `session` is None for who came with a capability."""

    site: Site
    person: Person
    visitor: Visitor
    session: int | None = None


class NoPageOpen(Forbidden):
    """Your page is not open in this browser, or not any more. Open it from the discussion again."""

    type = "no-page-open"
    status = 401


def own_cookie(parts: Parts) -> str:
    """The name of the page's cookie: `__Host-` wherever the browser lets it be secure."""
    return "__Host-parley-me" if parts.settings.origin.startswith("https://") else "parley-me"


async def me_of_cookie(request: Request, parts: Parts, who: Visitor) -> Me | None:
    """Whose page this browser has open; None when it has none. Raises CrossSite for a write from another's page."""
    token = request.cookies.get(own_cookie(parts))
    found = await parts.db.read(own.person_of_session, token) if token else None
    if found is None:
        return None
    refuse_cross_site(request, parts)
    person, session = found
    site = await parts.db.read(sites.by_id, person.site_id)
    return Me(site, person, Visitor(who.address, person), session)


async def me(
    request: Request,
    parts: AllParts,
    who: Anyone,
    site: Annotated[
        Text | None, Query(max_length=50, description="The site's shortname; needed with a capability")
    ] = None,
    authorization: Bearer = None,
) -> Me:
    """The person who asks about themselves. Raises SignInNeeded for a stranger, SiteUnknown."""
    if authorization is None:
        found = await me_of_cookie(request, parts, who)
        if found is not None:
            return found
    if site is None or authorization is None:
        raise SignInNeeded("Send your capability and name the site, or open your page from the discussion.")
    at = await parts.db.read(sites.by_name, site)
    visitor = await visitor_at(parts, who, at, authorization)
    if visitor.person is None:
        raise SignInNeeded
    return Me(at, visitor.person, visitor)


Own = Annotated[Me, Depends(me)]


def set_own_cookie(response: Response, parts: Parts, session: str) -> None:
    """Open the page for this browser: not readable by scripts, sent only by our own pages."""
    response.set_cookie(
        own_cookie(parts),
        session,
        max_age=int(OWN_SESSION_LIFE.total_seconds()),
        path="/",
        httponly=True,
        secure=parts.settings.origin.startswith("https://"),
        samesite="strict",
    )


def end_own_cookie(response: Response, parts: Parts) -> None:
    """Close it."""
    response.delete_cookie(
        own_cookie(parts),
        path="/",
        httponly=True,
        secure=parts.settings.origin.startswith("https://"),
        samesite="strict",
    )


async def spend(parts: Parts, mine: Me) -> None:
    """Take what an act upon one's own data costs. Raises LimitReached."""
    await acts.spend(parts, mine.site, "report", mine.visitor, act="me")


async def me_view(tx: ReadTx, keeper: Keeper, mine: Me) -> MeView:
    """Who somebody is."""
    person = mine.person
    erasure = await privacy.open_of(tx, person.id)
    return MeView(
        id=str(person.id),
        site=mine.site.name,
        name=person.name,
        email=await identity.email(tx, keeper, person.id),
        kind=person.kind,
        since=person.created_at,
        has_account=readers.reader_of(person) is not None,
        erasure=erasure_view(erasure) if erasure else None,
    )


async def sessions_view(tx: ReadTx, mine: Me) -> OwnSessionsView:
    """The sessions of somebody's page."""
    return OwnSessionsView(
        items=[
            OwnSessionView(
                id=str(each.id), created_at=each.created_at, expires_at=each.expires_at, is_this=each.id == mine.session
            )
            for each in await own.sessions_of(tx, mine.person.id)
        ]
    )


def erasure_view(erasure: Erasure) -> ErasureView:
    """An erasure that waits or is being carried out."""
    return ErasureView(
        state="running" if erasure.state == "running" else "waiting",
        asked_at=erasure.asked_at,
        due_at=erasure.due_at,
    )


def export_view(parts: Parts, export: Export) -> ExportView:
    """An export, with its address once it can be fetched."""
    signed = exports.signature(parts.keeper, export)
    path = f"/api/v1/me/exports/{export.id}?signature={signed}"
    return ExportView.model_validate(
        {
            "id": str(export.id),
            "state": export.state,
            "asked_at": export.asked_at,
            "expires_at": export.expires_at,
            "url": f"{parts.settings.origin}{path}" if export.state == "ready" else None,
        }
    )
