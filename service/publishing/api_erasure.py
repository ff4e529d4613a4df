"""Erasing a site over HTTP, for owners: asked for with its name typed, seen, taken back while there is time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from service import sites
from service.identity import Staff
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.pages.views import View
from service.record import Actor
from service.sites import Erasure, ErasureAsked, NoErasure, SiteUnknown
from service.web.input import Body, Text
from service.web.owned import owned_site
from service.web.problem import raises
from service.web.team import private
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites/{site}/erasure", tags=["sites"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class ErasureBody(Body):
    """What confirms it."""

    confirm: Text = Field(max_length=50, description="The site's shortname, typed")


class ErasureView(View):
    """When a site is erased."""

    is_asked: bool
    asked_at: datetime | None = None
    due_at: datetime | None = Field(default=None, description="From then on nobody finds it; until then it can be kept")


@router.get("", responses=raises(*_SHARED))
async def get_erasure(site: SiteName, response: Response, parts: AllParts, who: Moderator) -> ErasureView:
    """Whether somebody has asked to erase the site, and when it goes."""
    private(response)
    found = await owned_site(parts, who, site)
    return _view(await parts.db.read(sites.erasure_of, found.id))


@router.post("", status_code=202, responses=raises(*_SHARED, Invalid, ErasureAsked))
async def post_erasure(site: SiteName, wanted: ErasureBody, parts: AllParts, who: Moderator) -> ErasureView:
    """Let the site be erased in a week: all it ever held. Take what you want to keep along before."""
    found = await owned_site(parts, who, site)

    async def ask(tx: WriteTx) -> Erasure:
        return await sites.ask_erasure(tx, found, wanted.confirm, by=_by(who))

    return _view(await parts.db.transact(ask))


@router.delete("", status_code=204, responses=raises(*_SHARED, NoErasure))
async def delete_erasure(site: SiteName, parts: AllParts, who: Moderator) -> None:
    """Keep the site after all."""
    found = await owned_site(parts, who, site)

    async def keep(tx: WriteTx) -> None:
        await sites.keep(tx, found, by=_by(who))

    await parts.db.transact(keep)


def _by(who: Staff) -> Actor:
    return Actor.account(who.account.id)


def _view(found: Erasure | None) -> ErasureView:
    if found is None:
        return ErasureView(is_asked=False)
    return ErasureView(is_asked=True, asked_at=found.asked_at, due_at=found.due_at)
