"""How a site mails its readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.posting import PostingRules
from service.sites import Site

# What happens within this time after the first news goes in the same mail.
GATHER = timedelta(minutes=2)


class MailRules(BaseModel):
    """The `mail` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    enabled: bool = Field(
        default=False,
        description="Whether readers may have replies, mentions and whole discussions mailed to them. An address is"
        " written to when who reads its mail has confirmed it.",
    )
    sender: str = Field(
        default="",
        max_length=80,
        description="Whom such mail is from, by name; empty: the site's title. The address is PARLEY_MAIL_FROM's.",
    )
    reply_to: str = Field(
        default="", max_length=254, description="Where answers to such mail go, as an address; empty: nowhere else."
    )
    digest_hour: int = Field(
        default=7, ge=0, le=23, description="When daily mail goes, on the clocks of `posting.time_zone`."
    )
    gap_minutes: int = Field(
        default=10,
        ge=1,
        le=1_440,
        description="Least time between two mails to one reader; what comes meanwhile is told together.",
    )

    @field_validator("reply_to")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        value = value.strip()
        host = value.rpartition("@")[2]
        if value and (value.count("@") != 1 or not host or any(char in value for char in " <>,;\"'\r\n\t")):
            raise ValueError("is not an e-mail address")
        return value

    @field_validator("sender")
    @classmethod
    def _is_a_line(cls, value: str) -> str:
        return " ".join(value.split())

    @property
    def gap(self) -> timedelta:
        """Least time between two mails to one reader."""
        return timedelta(minutes=self.gap_minutes)


def rules_of(site: Site) -> MailRules:
    """The rules of a site."""
    return site.section("mail", MailRules)


def next_digest(site: Site, now: datetime) -> datetime:
    """When the next daily mail of a site goes: the hour of its own clocks, today or tomorrow."""
    zone = ZoneInfo(site.section("posting", PostingRules).time_zone)
    there = now.astimezone(zone)
    at = there.replace(hour=rules_of(site).digest_hour, minute=0, second=0, microsecond=0)
    if at <= there:
        at = (there + timedelta(days=1)).replace(hour=at.hour, minute=0, second=0, microsecond=0)
    return at.astimezone(UTC)
