"""The sites a moderator has a role at."""

from __future__ import annotations

from collections.abc import Sequence

from service import moderation, sites
from service.identity import Staff
from service.pages.console_views import ConsoleSite
from service.sites import Site, SiteUnknown
from service.web.parts import Parts


async def own_sites(parts: Parts, who: Staff) -> list[Site]:
    """The sites where somebody moderates."""
    return [site for site in await parts.db.read(sites.all_sites) if who.is_moderator_at(site.id)]


async def site_views(parts: Parts, own: Sequence[Site]) -> tuple[ConsoleSite, ...]:
    """The same as the pages list them, with how many cases wait."""
    counts = await parts.db.read(moderation.count_open, [site.id for site in own])
    return tuple(ConsoleSite(site.name, site.title, counts[site.id]) for site in own)


def one_of(own: Sequence[Site], name: str) -> Site:
    """One of the moderator's own sites. Raises SiteUnknown for any other."""
    for site in own:
        if site.name == name:
            return site
    raise SiteUnknown
