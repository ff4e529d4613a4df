"""What a site asks of its moderation: how soon, in which order, and how long a claim lasts.

The order of a queue is the due time: when the case was opened, plus the goal of its severity. Goals are bounded, so a
case that has waited longer than the longest of them comes before every new one, however severe: nothing starves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["high", "medium", "low"]

_HIGH, _MEDIUM = 0.7, 0.35
_A_WEEK = 7 * 24 * 60


class ModerationGoals(BaseModel):
    """The `moderation` section of a site's settings."""

    model_config = ConfigDict(frozen=True)

    high_minutes: int = Field(default=15, ge=1, le=_A_WEEK, description="A severe case is due after so many minutes.")
    medium_minutes: int = Field(default=60, ge=1, le=_A_WEEK, description="The same for a case of medium severity.")
    low_minutes: int = Field(default=240, ge=1, le=_A_WEEK, description="The same for a light one.")
    reopen_after: int = Field(
        default=3,
        ge=1,
        le=1_000,
        description="So many new reporters of an approved comment make a case as pressing as any other. Fewer make one"
        " that is due only after the cool-off, so that it waits its turn and still reaches a person.",
    )
    cool_off_hours: int = Field(
        default=24, ge=0, le=168, description="How long reports of fewer readers wait after an approval."
    )
    claim_seconds: int = Field(
        default=180, ge=1, le=3_600, description="How long a claim lasts until the case is offered to others again."
    )
    claim_cap: int = Field(default=25, ge=1, le=200, description="So many cases one moderator may hold at once.")
    skip_minutes: int = Field(
        default=30, ge=1, le=1_440, description="How long a case one skipped is offered to others only."
    )
    second_look_percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="So many of a hundred decided cases are shown once more to somebody else, without the first"
        " decision; 3 is a good start for a team of three or more.",
    )
    second_look_hours: int = Field(default=48, ge=1, le=168, description="A second look is due after so many hours.")

    def target(self, pressure: float) -> timedelta:
        """How long a case of this pressure (0 to 1) may take."""
        minutes = {"high": self.high_minutes, "medium": self.medium_minutes, "low": self.low_minutes}
        return timedelta(minutes=minutes[level(pressure)])

    @property
    def longest(self) -> timedelta:
        """The age floor: a case that has waited so long comes before every new one."""
        return timedelta(minutes=max(self.high_minutes, self.medium_minutes, self.low_minutes))

    @property
    def cool_off(self) -> timedelta:
        """How long an approval is left alone."""
        return timedelta(hours=self.cool_off_hours)


def severity(scores: Iterable[float]) -> float:
    """One number from 0 to 1 for several signals' scores: each further one raises it, none lowers it (noisy or)."""
    return 1.0 - math.prod(1.0 - min(max(score, 0.0), 1.0) for score in scores)


def level(severity: float) -> Level:
    """A severity in a word."""
    if severity >= _HIGH:
        return "high"
    return "medium" if severity >= _MEDIUM else "low"
