"""Who may take part at a site: asked by every way in."""

from __future__ import annotations

from service.identity import Visitor
from service.kit.errors import Forbidden
from service.posting.rules import PostingRules, TakesPart
from service.sites import Site


class GuestsRefused(Forbidden):
    """This site takes comments only from people who are signed in."""

    type = "guests-refused"


class SiteAccountNeeded(Forbidden):
    """Here only those can take part who are signed in with their account of this site."""

    type = "site-account-needed"


def refuse_outsiders(site: Site, who: Visitor) -> None:
    """Raise GuestsRefused or SiteAccountNeeded for whom the site does not let write and vote."""
    _refuse(site.section("posting", PostingRules).who, site, who)


def refuse_reports_of_outsiders(site: Site, who: Visitor) -> None:
    """Raise GuestsRefused or SiteAccountNeeded for whom the site does not let report."""
    _refuse(site.section("posting", PostingRules).who_reports, site, who)


def _refuse(wanted: TakesPart, site: Site, who: Visitor) -> None:
    if wanted == "guests" or (who.staff is not None and who.staff.is_moderator_at(site.id)):
        return
    if wanted == "members" and not (who.person is not None and who.person.is_member):
        raise GuestsRefused
    if wanted == "sso" and not (who.person is not None and who.person.is_of_site):
        raise SiteAccountNeeded
