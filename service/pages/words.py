"""Views in words: the filters of the templates."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.kit.said import N_
from service.pages.views import GoneReason, Sort

SORT_WORDS: dict[Sort, str] = {
    "best": N_("Best"),
    "hot": N_("Hot"),
    "newest": N_("Newest"),
    "oldest": N_("Oldest"),
    "controversial": N_("Controversial"),
}

GONE_WORDS: dict[GoneReason, str] = {
    "deleted": N_("The author has deleted this comment."),
    "removed": N_("A moderator has removed this comment."),
    "held": N_("This comment is waiting for a moderator."),
}

OWN_STATE_WORDS = {
    "held": N_("A moderator looks at it first; until then nobody else can see it."),
    "removed": N_("A moderator has removed this comment."),
    "deleted": N_("You have deleted this comment."),
}

BADGE_WORDS = {
    "owner": N_("Publisher"),
    "editor": N_("Editor"),
    "expert": N_("Expert"),
    "moderator": N_("Moderator"),
}

_STEPS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def iso(at: datetime) -> str:
    """RFC 3339 in whole seconds, UTC: the `datetime` attribute of `<time>`."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def age(at: datetime, now: datetime) -> str:
    """How long ago in one unit: `3 hours`, `less than a minute`."""
    passed = now - at
    for step, name in _STEPS:
        if passed >= step:
            return count(passed // step, name)
    return "less than a minute"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 reply`, `12 replies`, `1,204 comments`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def web_address(url: str) -> str:
    """The address if it leads to the web, else nothing: no `javascript:` gets into a link, whoever stored it."""
    return url if url.lower().startswith(("http://", "https://")) else ""


# About what fits on a phone's screen.
_LONG, _LONG_LINES = 2_000, 20


def is_long(html: str) -> bool:
    """Whether a text is so long that readers are shown its beginning first."""
    return len(html) > _LONG or sum(html.count(end) for end in ("<br>", "</p>", "</li>", "\n")) > _LONG_LINES
