"""A moderator's own wishes for mail about cases, over HTTP."""

from __future__ import annotations

import zoneinfo
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, Field, model_validator

from service import sites
from service.delivery import alert
from service.delivery.alert import Alert, AtOnce
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.pages.mail_words import MailLanguage
from service.pages.views import View
from service.sites import SiteUnknown
from service.web.input import Body, Text
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation/alerts", tags=["moderation"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown, Invalid)


def _zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError("is not the name of a time zone")
    return name


HourMinute = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]


class AlertBody(Body):
    """When to be told by mail."""

    at_once: AtOnce = Field(default="never", description="The least severe case that is told at once")
    gap_minutes: int = Field(
        default=10, ge=1, le=1_440, description="Least time between two mails; what comes meanwhile is told together"
    )
    digest_hours: int = Field(default=0, ge=0, le=168, description="A digest of open cases so often; 0: none")
    quiet_from: HourMinute | None = Field(default=None, description="No mail from this time on")
    quiet_until: HourMinute | None = Field(default=None, description="Until this time; may be on the next day")
    zone: Annotated[Text, AfterValidator(_zone)] = Field(default="UTC", max_length=60, examples=["Europe/Berlin"])

    language: MailLanguage = Field(default="en", description="The language of the mails")

    @model_validator(mode="after")
    def _quiet_has_two_ends(self) -> AlertBody:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("say both ends of the quiet time, or neither")
        return self


class AlertView(View):
    """One's own wishes at one site."""

    site: str
    at_once: str
    gap_minutes: int
    digest_hours: int
    quiet_from: str | None
    quiet_until: str | None
    zone: str
    language: str


@router.get("", responses=raises(*_SHARED))
async def get_alerts(response: Response, parts: AllParts, who: Moderator, site: SiteName) -> AlertView:
    """How one is told of a site's cases by mail; not at all, where nothing was set."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await parts.db.read(sites.by_name, site)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    return _view(found.name, await parts.db.read(alert.of, who.account.id, found.id))


@router.put("", responses=raises(*_SHARED))
async def put_alerts(new: AlertBody, parts: AllParts, who: Moderator, site: SiteName) -> AlertView:
    """Set how one is told. Each mail has a link that ends it with one click."""
    found = await parts.db.read(sites.by_name, site)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    wanted = Alert(
        who.account.id,
        found.id,
        new.at_once,
        new.gap_minutes,
        new.digest_hours,
        new.quiet_from,
        new.quiet_until,
        new.zone,
        new.language,
    )
    return _view(found.name, await parts.db.transact(alert.wish, wanted))


def _view(site: str, wishes: Alert) -> AlertView:
    return AlertView(
        site=site,
        at_once=wishes.at_once,
        gap_minutes=wishes.gap_minutes,
        digest_hours=wishes.digest_hours,
        quiet_from=wishes.quiet_from,
        quiet_until=wishes.quiet_until,
        zone=wishes.zone,
        language=wishes.language,
    )
