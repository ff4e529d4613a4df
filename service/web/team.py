"""Parameters and look-ups that everything for a site's team shares."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from service import sites
from service.identity import Staff
from service.kit.db import ReadTx
from service.sites import Site, SiteUnknown
from service.web.input import Text
from service.web.parts import Parts

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
CursorText = Annotated[Text | None, Query(max_length=60, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page")]


def private(response: Response) -> None:
    """What is for one pair of eyes is kept by nobody."""
    response.headers["Cache-Control"] = "private, no-store"


async def site_named(parts: Parts, who: Staff, name: str) -> Site:
    """A site one moderates, by name; any other is unknown. Raises SiteUnknown."""
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    return found


async def own_sites(parts: Parts, who: Staff) -> list[Site]:
    """Every site one moderates, by name."""
    return [site for site in await parts.db.read(sites.all_sites) if who.is_moderator_at(site.id)]


async def site_numbered(parts: Parts, who: Staff, site_id: int) -> Site:
    """A site one moderates, by id; any other is unknown. Raises SiteUnknown."""
    if not who.is_moderator_at(site_id):
        raise SiteUnknown(field="site")

    async def read(tx: ReadTx) -> Site:
        return await sites.by_id(tx, site_id)

    return await parts.db.read(read)
