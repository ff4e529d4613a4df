"""Having somebody forgotten with an owner's authority: who asked by letter, whom a law protects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service import privacy
from service.kit import text
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.pages.views import View
from service.privacy import Erasure, ErasureReason
from service.record import Actor
from service.sites import SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.owned import owned_site
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1", tags=["privacy"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
PersonId = Annotated[PublicId, Path(description="A person's id")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class ErasureBody(Body):
    """Why somebody is to be forgotten."""

    reason: ErasureReason = Field(description="`asked`: they did, by letter or mail; `law`; `child`; `mistake`")
    note: Text = Field(default="", max_length=1_000, description="For the record; erased with the person")
    at_once: bool = Field(default=False, description="Without the site's cooling time")


class SiteErasureView(View):
    """An erasure at a site. It names nobody."""

    id: str
    person: str = Field(description="The id of the person, of whom nothing is known once it is done")
    asked_by: str = Field(examples=["person", "account", "terminal"])
    reason: str
    state: str = Field(examples=["waiting", "running", "done", "called-off"])
    comments: int
    votes: int
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None


class SiteErasuresView(View):
    """Erasures, the newest first."""

    items: list[SiteErasureView]
    next_cursor: str | None = None


@router.post(
    "/moderation/authors/{person}/erasure",
    status_code=202,
    responses=raises(*_SHARED, Invalid, privacy.PersonUnknown, privacy.ErasedAlready),
)
async def post_erasure(
    person: PersonId, new: ErasureBody, response: Response, parts: AllParts, who: Moderator, site: SiteName
) -> SiteErasureView:
    """Have an author forgotten for good; for owners, and on record."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    asked = await parts.db.transact(
        privacy.ask,
        found,
        number(person),
        by=Actor.account(who.account.id),
        reason=new.reason,
        note=text.clean_line(new.note, field="note", max_chars=1_000) if new.note.strip() else "",
        wait=timedelta() if new.at_once else None,
    )
    return _view(asked)


@router.delete(
    "/moderation/authors/{person}/erasure",
    responses=raises(*_SHARED, privacy.NoErasure, privacy.ErasureBegun),
)
async def delete_erasure(
    person: PersonId, response: Response, parts: AllParts, who: Moderator, site: SiteName
) -> SiteErasureView:
    """Call it off while it waits, also when the person asked; for owners, and on record."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    by = Actor.account(who.account.id)
    return _view(await parts.db.transact(privacy.call_off, found, number(person), by=by))


@router.get("/sites/{site}/erasures", responses=raises(*_SHARED, Invalid))
async def get_erasures(
    site: Annotated[Text, Path(max_length=50, description="The site's shortname")],
    response: Response,
    parts: AllParts,
    who: Moderator,
    cursor: Annotated[Text | None, Query(max_length=19, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page")] = 50,
) -> SiteErasuresView:
    """Who is to be forgotten at a site, and what was done; for owners."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    before = parse_id(cursor, field="cursor") if cursor else None
    items = await parts.db.read(privacy.of_site, found.id, before=before, limit=limit + 1)
    return SiteErasuresView(
        items=[_view(each) for each in items[:limit]],
        next_cursor=str(items[limit - 1].id) if len(items) > limit else None,
    )


def _view(each: Erasure) -> SiteErasureView:
    return SiteErasureView(
        id=str(each.id),
        person=str(each.person_id),
        asked_by=each.asked_by,
        reason=each.reason,
        state=each.state,
        comments=each.comments,
        votes=each.votes,
        asked_at=each.asked_at,
        due_at=each.due_at,
        done_at=each.done_at,
    )
