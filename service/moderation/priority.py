"""How pressing a case is, and why, in words a moderator can check.

    severity   1 − Π(1 − score) over what was noticed, each name once
    reach      1 + log10(1 + w) / 4, at most 2, where w counts who may see it
    pressure   1 − (1 − severity)^reach
    due        when it was opened (or its rest ends) + the site's goal for that pressure

A site's goals are bounded, so age wins in the end: what has waited for the longest goal is due before anything new.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.moderation.goals import ModerationGoals, level

# A comment that nobody sees yet does less harm by waiting.
_UNSEEN = 0.25
_PER_REPLY = 4
_MOST_REACH = 2.0


@dataclass(frozen=True)
class Part:
    """One part of the priority: its `name`, what it says in `words`, and its `value`."""

    name: str
    words: str
    value: float


@dataclass(frozen=True)
class Audience:
    """Who may see a comment: the size of its discussion, and what hangs on the comment itself."""

    in_thread: int
    replies: int
    votes: int
    is_published: bool

    @property
    def reach(self) -> float:
        """From 1 (nobody) to 2 (ten thousand)."""
        seen = self.in_thread + _PER_REPLY * self.replies + self.votes
        weight = seen if self.is_published else seen * _UNSEEN
        return min(1.0 + math.log10(1.0 + max(weight, 0.0)) / 4.0, _MOST_REACH)

    def words(self) -> str:
        """The audience in words."""
        seen = "readers see it" if self.is_published else "nobody sees it yet"
        return (
            f"{_several(self.in_thread, 'comment')} in the discussion, {_several(self.replies, 'reply', 'replies')},"
            f" {_several(self.votes, 'vote')}; {seen}"
        )


def pressure(severity: float, reach: float) -> float:
    """Severity and reach in one number from 0 to 1; reach raises it and never lowers it."""
    return 1.0 - math.pow(1.0 - min(max(severity, 0.0), 1.0), max(reach, 1.0))


def explain(
    goals: ModerationGoals,
    severity: float,
    strongest: Iterable[tuple[str, float]],
    reach: float,
    audience: Audience,
    opened_at: datetime,
    rests_until: datetime | None,
) -> list[Part]:
    """The parts of a priority, in the order they are reckoned. `strongest` are the signals, (name, score)."""
    pressing = pressure(severity, reach)
    minutes = goals.target(pressing).total_seconds() / 60
    named = ", ".join(f"{name} {score:.2f}" for name, score in sorted(strongest, key=lambda one: -one[1]))
    parts = [
        Part("severity", f"What was noticed: {named or 'nothing'}; each further thing raises it", severity),
        Part("reach", f"Who may see it: {audience.words()}", reach),
        Part("pressure", f"1 − (1 − {severity:.2f})^{reach:.2f} = {pressing:.2f}: {level(pressing)}", pressing),
    ]
    if rests_until is not None and rests_until > opened_at:
        words = f"It can wait: counts as opened on {rests_until:%d %B at %H:%M} UTC"
        parts.append(Part("rest", words, (rests_until - opened_at).total_seconds() / 60))
    floor = goals.longest.total_seconds() / 60
    words = (
        f"Due within {minutes:.0f} minutes, the site's goal for {level(pressing)};"
        f" what has waited {floor:.0f} minutes comes before everything new"
    )
    return [*parts, Part("age", words, minutes)]


def _several(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
