"""The history of a site's settings over HTTP, for its owners: who changed what, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from service import sites
from service.identity import Staff
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.moderation import names
from service.pages.views import View
from service.record import Actor
from service.settings import history
from service.settings.history import Change, ChangeForgotten, ChangePassed, ChangeUnknown
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.owned import owned_site
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, private
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites/{site}/changes", tags=["sites"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
ChangeNumber = Annotated[PublicId, Path(description="A change's number")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
_OTHERS = {"terminal": "The server's terminal", "system": "Parley"}


class ChangeView(View):
    """One change of a site's settings. What is in neither `before` nor `after` had, or has, its default."""

    number: str
    at: datetime
    by: str
    section: str = Field(examples=["posting"])
    settings: list[str] = Field(examples=[["max_length"]])
    before: dict[str, Any] | None = Field(description="Null when it is not kept any more: it cannot be taken back")
    after: dict[str, Any] | None


class ChangesView(View):
    """Changes, newest first."""

    items: list[ChangeView]
    next_cursor: str | None = None


class UndoBody(Body):
    """The settings as they were seen."""

    settings_version: int = Field(ge=1, le=2**31 - 1, description="The version one has looked at")


class VersionView(View):
    """The settings' version afterwards."""

    settings_version: int


@router.get("", responses=raises(*_SHARED, Invalid))
async def get_changes(
    site: SiteName, response: Response, parts: AllParts, who: Moderator, cursor: CursorText = None, limit: Limit = 25
) -> ChangesView:
    """Who changed which settings, to what, and from what."""
    private(response)
    found = await owned_site(parts, who, site)
    before = parse_id(cursor, field="cursor") if cursor else None
    items = await parts.db.read(history.changes, found.id, before=before, limit=limit + 1)
    known = await _names(parts, found, items[:limit])
    return ChangesView(
        items=[_view(change, known) for change in items[:limit]],
        next_cursor=str(items[limit - 1].number) if len(items) > limit else None,
    )


@router.post(
    "/{change}/undo",
    responses=raises(*_SHARED, ChangeUnknown, ChangePassed, ChangeForgotten, sites.SettingsChanged, Invalid),
)
async def post_undo(
    site: SiteName, change: ChangeNumber, seen: UndoBody, parts: AllParts, who: Moderator
) -> VersionView:
    """Take one change back; refused when somebody has changed the same settings since."""
    found = await owned_site(parts, who, site)
    after = await parts.db.transact(_undo, found, number(change), seen.settings_version, who)
    return VersionView(settings_version=after.settings_version)


async def _undo(tx: WriteTx, site: Site, change: int, version: int, who: Staff) -> Site:
    now = await sites.by_id(tx, site.id)
    return await history.take_back(tx, now, change, version, by=Actor.account(who.account.id))


async def _names(parts: Parts, site: Site, items: list[Change]) -> dict[int, str]:
    return await parts.db.read(names, site.id, {change.by.id for change in items if change.by.kind == "account"})


def _view(change: Change, known: dict[int, str]) -> ChangeView:
    return ChangeView(
        number=str(change.number),
        at=change.at,
        by=_OTHERS.get(change.by.kind) or known.get(change.by.id, "Somebody"),
        section=change.section,
        settings=list(change.names),
        before=dict(change.before) if change.before is not None else None,
        after=dict(change.after) if change.after is not None else None,
    )
