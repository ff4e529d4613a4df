"""The site an owner sets something up for."""

from __future__ import annotations

from service import sites
from service.identity import Staff
from service.kit.errors import Forbidden
from service.sites import Site, SiteUnknown
from service.web.parts import Parts


async def owned_site(parts: Parts, who: Staff, name: str) -> Site:
    """A site that `who` owns. Raises SiteUnknown for one where they have no role, Forbidden for one they moderate."""
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    if not who.owns(found.id):
        raise Forbidden("Only owners of the site may do this.")
    return found
