"""What a site lets its readers write."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.posting.hours import Hours, TimeZone

TakesPart = Literal["guests", "members", "sso"]


class PostingRules(BaseModel):
    """The `posting` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    who: TakesPart = Field(
        default="guests",
        description="Who may post, edit and vote: `guests` is everybody, `members` whoever is signed in, `sso` only"
        " whom the site itself signs in.",
    )
    who_reports: TakesPart = Field(
        default="guests",
        description="Who may report. Whoever cannot may have to be given another way to tell of what is illegal.",
    )
    max_length: int = Field(default=5_000, ge=100, le=20_000, description="Longest comment, in characters.")
    max_depth: int = Field(default=500, ge=0, le=2_000, description="Deepest reply that is taken.")
    edit_seconds: int = Field(default=900, ge=0, le=86_400, description="How long authors may edit and delete.")
    closed: bool = Field(default=False, description="Closes all threads of the site.")
    close_after_days: int = Field(
        default=0, ge=0, le=36_500, description="Closes a discussion so many days after it was begun; 0: never."
    )
    votes: bool = Field(default=True, description="Whether readers vote on comments.")
    opening_hours: tuple[Hours, ...] = Field(
        default=(),
        max_length=50,
        description="When comments are taken, on the clocks of `time_zone`; empty: always."
        ' `{"days": ["mon", "fri"], "opens": "07:00", "closes": "22:00"}`; one that closes before it opens reaches'
        " past midnight.",
    )
    time_zone: TimeZone = Field(
        default="UTC", description="Where the site's clocks are, as the time zone database names it: `Europe/Berlin`."
    )

    @model_validator(mode="before")
    @classmethod
    def _guests(cls, values: Any) -> Any:
        """Settings from before there were members said `guests`: true or false."""
        if isinstance(values, dict) and "guests" in values:
            values = dict(values)
            if values.pop("guests") is False:
                values.setdefault("who", "members")
        return values
