"""Opening hours: when a newsroom takes comments, on the clocks of its own place.

Times are wall-clock times of a time zone, so that eight in the morning stays eight in the morning when clocks change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = get_args(Day)
# Opening is looked for this far ahead: a week, and the evening before it that may reach past midnight.
_AHEAD = 8


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown; a folder of zones; a path that leads out of them
        raise ValueError("there is no such time zone") from error
    return name


TimeZone = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_zone)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class Hours(BaseModel):
    """One span of a day, on some days of the week. One that ends before it begins reaches past midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: tuple[Day, ...] = Field(default=_DAYS, min_length=1, max_length=7)
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _is_a_span(self) -> Hours:
        if self.opens in {self.closes, "24:00"}:
            raise ValueError("`opens` and `closes` need to be two times; from 00:00 to 24:00 is a whole day")
        return self

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The span that begins on a day, or None."""
        if _DAYS[day.weekday()] not in self.days:
            return None
        end = day + timedelta(days=1) if self.closes < self.opens else day
        return _at(day, self.opens, zone), _at(end, self.closes, zone)


def is_open(hours: Sequence[Hours], zone: str, now: datetime) -> bool:
    """Whether it is within one of the spans; without any it always is."""
    return not hours or any(begins <= now < ends for begins, ends in _spans(hours, ZoneInfo(zone), now))


def opens_at(hours: Sequence[Hours], zone: str, now: datetime) -> datetime | None:
    """When it opens next, as seen from a time when it is closed; None when there are no hours."""
    return min((begins for begins, _ in _spans(hours, ZoneInfo(zone), now) if begins > now), default=None)


def _spans(hours: Sequence[Hours], zone: ZoneInfo, now: datetime) -> list[tuple[datetime, datetime]]:
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(-1, _AHEAD)]
    return [span for each in hours for day in days if (span := each.on(day, zone)) is not None]


def _at(day: date, time: str, zone: ZoneInfo) -> datetime:
    hour, minute = map(int, time.split(":"))
    # A wall-clock time that clocks skip is read as the one an hour later, as zoneinfo does.
    there = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(hours=hour, minutes=minute)
    return there.astimezone(UTC)
