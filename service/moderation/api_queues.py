"""The queue over HTTP: look at it, and count what is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from service import moderation
from service.identity import Staff
from service.kit import clock
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.paging import InvalidCursor
from service.kit.redis import Away
from service.moderation import queues
from service.moderation.access import sections_of
from service.moderation.api_case import CaseView, case_view
from service.moderation.case import Case
from service.moderation.desk import DeskCase, held_by, lay_out
from service.moderation.index import Holder
from service.pages.views import View
from service.sites import Site, SiteUnknown
from service.web.input import Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, SiteName, own_sites, private, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)

QueueName = Annotated[
    Text | None,
    Query(max_length=60, description="A queue by id or name: all, held, reported, appeals, sampled, or a saved one"),
]


class CasesView(View):
    """A page of the queue."""

    items: list[CaseView]
    next_cursor: str | None = None
    open: int = Field(description="Open cases of the queue")


class QueueCountView(View):
    """One queue in numbers."""

    id: str
    name: str
    open: int
    overdue: int = Field(description="Open and due before now")
    held: int = Field(description="Open and claimed by somebody at this moment; 0 while that cannot be told")


class SiteCountView(View):
    """Open cases of one site."""

    site: str
    open: int
    queues: list[QueueCountView]


class CountsView(View):
    """Open cases of the sites of whoever asks."""

    items: list[SiteCountView]


@router.get("/queue", responses=raises(*_SHARED, moderation.QueueUnknown, Invalid, InvalidCursor))
async def get_queue(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    queue: QueueName = None,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> CasesView:
    """Look at a site's open cases, the first due first, without claiming any."""
    private(response)
    found = await site_named(parts, who, site)
    after = moderation.Place.read(cursor) if cursor else None
    cases, desk, opened = await parts.db.read(_page, who, found, queue or None, after, limit)
    held = await held_by(parts.db, parts.queue, found.id)
    return CasesView(
        items=[case_view(item, held[item.case.id].name if item.case.id in held else None) for item in desk],
        next_cursor=cases[limit - 1].place.encode() if len(cases) > limit else None,
        open=opened,
    )


@router.get("/counts", responses=raises(*_SHARED, Invalid))
async def get_counts(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: Annotated[Text | None, Query(max_length=50, description="One site; left out: all of one's own")] = None,
) -> CountsView:
    """Open cases, queue by queue. Counted over SQL's index of open cases each time, so they cannot drift."""
    private(response)
    asked = [await site_named(parts, who, site)] if site else await own_sites(parts, who)
    return CountsView(items=[await _counts(parts, who, one) for one in asked])


async def _page(
    tx: ReadTx, who: Staff, site: Site, wanted: str | None, after: moderation.Place | None, limit: int
) -> tuple[list[Case], list[DeskCase], int]:
    queue, own = await queues.find(tx, site.id, wanted), sections_of(who, site.id)
    cases = await moderation.list_open(tx, [site.id], after, limit + 1, asked=queue.filter, sections=own)
    (counted,) = await moderation.count_queues(tx, site.id, [queue], clock.now(), own)
    return cases, await lay_out(tx, cases[:limit]), counted.open


async def _counts(parts: Parts, who: Staff, site: Site) -> SiteCountView:
    async def read(tx: ReadTx) -> list[moderation.QueueCount]:
        of_site = await queues.of_site(tx, site.id)
        return await moderation.count_queues(tx, site.id, of_site, clock.now(), sections_of(who, site.id))

    counted = await parts.db.read(read)
    try:
        holders: Mapping[int, Holder] = await parts.queue.holders(site.id)
    except Away:
        holders = {}
    return SiteCountView(
        site=site.name,
        open=counted[0].open,
        queues=[
            QueueCountView(
                id=one.queue.key,
                name=one.queue.name,
                open=one.open,
                overdue=one.overdue,
                held=sum(one.queue.key in holder.lanes for holder in holders.values()),
            )
            for one in counted
        ],
    )
