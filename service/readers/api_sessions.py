"""A reader's own sessions over HTTP: which there are, and ending them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from service import readers, sites
from service.kit.db import ReadTx
from service.kit.errors import NotFound, SignInNeeded
from service.pages.views import View
from service.readers.devices import opened
from service.readers.sessions import Session, session_of
from service.sites import Site, SiteUnknown
from service.web import reader_cookie
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import private
from service.web.who import AllParts, Anyone, Bearer, CrossSite, refuse_foreign_page

router = APIRouter(prefix="/api/v1/sites/{site}/sign-in", tags=["readers"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
SessionId = Annotated[PublicId, Path(description="A session's id")]


class SessionUnknown(NotFound):
    """There is no such session of yours."""

    type = "session-unknown"


class OwnSessionView(View):
    """One of one's sessions."""

    id: str
    site: str = Field(description="The title of the site it is at")
    created_at: datetime
    ends_at: datetime
    is_this: bool
    way: str | None = Field(default=None, examples=["email"], description="email, oidc or passkey: how it began")
    browser: str = Field(default="", examples=["Firefox, Windows"])
    network: str = Field(default="", examples=["203.0.*"], description="The part of the address that a town shares")


class OwnSessionsView(View):
    """One's sessions at all sites, the newest first."""

    items: list[OwnSessionView]


@router.get("/sessions", responses=raises(SiteUnknown, SignInNeeded))
async def get_sessions(
    site: SiteName, response: Response, parts: AllParts, _: Anyone, authorization: Bearer = None
) -> OwnSessionsView:
    """One's sessions, at all sites of the platform."""
    private(response)
    own = await _own(parts, await parts.sites.by_name(site), authorization)

    async def read(tx: ReadTx) -> list[tuple[Session, Site]]:
        return [(each, await sites.by_id(tx, each.site_id)) for each in await readers.of_reader(tx, own.reader_id)]

    return OwnSessionsView(items=[_session_view(parts, each, at, own) for each, at in await parts.db.read(read)])


@router.delete("/session", status_code=204, responses=raises(SiteUnknown, SignInNeeded, CrossSite))
async def delete_this_session(
    site: SiteName, request: Request, response: Response, parts: AllParts, _: Anyone, authorization: Bearer = None
) -> None:
    """Sign out: the session that comes along is over."""
    refuse_foreign_page(request, parts)
    found = await parts.sites.by_name(site)
    own = await _own(parts, found, authorization)
    await parts.db.transact(readers.end, own.reader_id, own.id)
    reader_cookie.drop(response, parts, found)


@router.delete("/sessions", status_code=204, responses=raises(SiteUnknown, SignInNeeded, CrossSite))
async def delete_sessions(
    site: SiteName,
    request: Request,
    parts: AllParts,
    _: Anyone,
    others: Annotated[bool, Query(description="All but the one that comes along")] = False,
    authorization: Bearer = None,
) -> None:
    """End all of one's sessions, at every site, this one too unless `others` says so."""
    refuse_foreign_page(request, parts)
    own = await _own(parts, await parts.sites.by_name(site), authorization)
    await parts.db.transact(readers.end_all, own.reader_id, but=own.id if others else None)


@router.delete(
    "/sessions/{session}", status_code=204, responses=raises(SiteUnknown, SignInNeeded, SessionUnknown, CrossSite)
)
async def delete_session(
    site: SiteName, session: SessionId, request: Request, parts: AllParts, _: Anyone, authorization: Bearer = None
) -> None:
    """End one of one's sessions."""
    refuse_foreign_page(request, parts)
    own = await _own(parts, await parts.sites.by_name(site), authorization)
    if not await parts.db.transact(readers.end, own.reader_id, number(session)):
        raise SessionUnknown


def _session_view(parts: Parts, each: Session, at: Site, own: Session) -> OwnSessionView:
    browser, network = opened(parts.keeper, each.kept)
    return OwnSessionView(
        id=str(each.id),
        site=at.title,
        created_at=each.created_at,
        ends_at=each.ends_at,
        is_this=each.id == own.id,
        way=each.way,
        browser=browser,
        network=network,
    )


async def _own(parts: Parts, site: Site, authorization: str | None) -> Session:
    scheme, _, token = (authorization or "").partition(" ")
    found = await parts.db.read(session_of, site.id, token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise SignInNeeded
    return found
