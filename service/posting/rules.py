"""What a site lets its readers write."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from service.posting.hours import Hours, TimeZone


class PostingRules(BaseModel):
    """The `posting` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    guests: bool = Field(default=True, description="Whether people without an account may post.")
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
