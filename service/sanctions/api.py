"""Sanctions over HTTP: look, impose, lift."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, Field, model_validator

from service import comments, moderation, redress, sanctions, sites
from service.desk.views import SanctionView, sanction_view
from service.identity import Staff
from service.kit import text
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.moderation import NewSanction
from service.pages.views import View
from service.sanctions import Kind, Sanction, Target
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation/sanctions", tags=["sanctions"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
CursorText = Annotated[Text | None, Query(max_length=19, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page")]
SanctionId = Annotated[PublicId, Path(description="A sanction's id")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown, moderation.WholeSiteNeeded)


class TargetBody(Body):
    """Whom it concerns: a `value`, or whoever wrote a `comment` (not for hosts of e-mail addresses)."""

    type: Target = "person"
    value: Text | None = Field(
        default=None, min_length=1, max_length=255, description="A person's id, an address's pseudonym, or a host"
    )
    comment: PublicId | None = None

    @model_validator(mode="after")
    def _says_one(self) -> TargetBody:
        if (self.value is None) == (self.comment is None):
            raise ValueError("say either `value` or `comment`")
        return self


class SanctionBody(Body):
    """What is to be imposed."""

    kind: Kind
    target: TargetBody
    until: AwareDatetime | None = Field(default=None, description="When it ends by itself; a suspension needs it")
    reason: Text = Field(default="", max_length=40, description="A code of the site's own list")
    note: Text = Field(default="", max_length=1_000, description="For the person, where one is told")
    slow_seconds: int | None = Field(default=None, ge=1, le=86_400, description="For slow mode: between two comments")


class SanctionsView(View):
    """Sanctions, the newest first."""

    items: list[SanctionView]
    next_cursor: str | None = None


@router.get("", responses=raises(*_SHARED, Invalid))
async def get_sanctions(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    active: Annotated[bool, Query(description="Only those in force")] = False,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> SanctionsView:
    """The sanctions of a site."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await _site(parts, who, site)
    before = parse_id(cursor, field="cursor") if cursor else None
    items = await parts.db.read(sanctions.listing, found.id, only_active=active, before=before, limit=limit + 1)
    shown = items[:limit]
    known = await parts.db.read(moderation.names, found.id, {each.account_id for each in shown})
    return SanctionsView(
        items=[sanction_view(each, known) for each in shown],
        next_cursor=str(shown[-1].id) if len(items) > limit else None,
    )


@router.post(
    "",
    status_code=201,
    responses=raises(
        *_SHARED,
        Invalid,
        redress.ReasonUnknown,
        sanctions.TargetUnknown,
        comments.CommentUnknown,
        moderation.SanctionRefused,
    ),
)
async def post_sanction(new: SanctionBody, parts: AllParts, who: Moderator, site: SiteName) -> SanctionView:
    """Impose a sanction on a person, an address or a host. One of the same kind gives way to it."""
    found = await _site(parts, who, site)
    wanted = NewSanction(
        new.kind,
        new.target.type,
        new.target.value,
        new.until,
        new.reason.strip(),
        text.clean_line(new.note, field="note", max_chars=1_000) if new.note.strip() else "",
        new.slow_seconds,
    )
    if new.target.comment is not None:
        made = await parts.db.transact(moderation.impose_for, who, found, wanted, number(new.target.comment))
    else:
        made = await parts.db.transact(moderation.impose, who, found, wanted)
    return await parts.db.read(_view, made)


@router.delete("/{sanction}", responses=raises(*_SHARED, sanctions.SanctionUnknown, sanctions.SanctionOver))
async def delete_sanction(sanction: SanctionId, parts: AllParts, who: Moderator) -> SanctionView:
    """Lift a sanction before its time."""
    return await parts.db.read(_view, await parts.db.transact(moderation.lift, who, number(sanction)))


async def _site(parts: Parts, who: Staff, name: str) -> Site:
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    if who.sections_at(found.id) is not None:
        raise moderation.WholeSiteNeeded
    return found


async def _view(tx: ReadTx, made: Sanction) -> SanctionView:
    return sanction_view(made, await moderation.names(tx, made.site_id, [made.account_id]))
