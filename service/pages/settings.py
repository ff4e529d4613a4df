"""What the drawing of a site's frame depends on, besides the discussion itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]
Direction = Literal["ltr", "rtl"]

REPORT_REASONS: tuple[tuple[str, str], ...] = (
    ("spam", "Spam or advertising"),
    ("abuse", "Insults or harassment"),
    ("hate", "Hate against a group"),
    ("off-topic", "Off topic"),
    ("misinformation", "False or misleading"),
    ("illegal", "Illegal content"),
    ("other", "Something else"),
)


@dataclass(frozen=True)
class FrameSettings:
    """How a site wants its frame. One per site; it holds nothing of a viewer or a request."""

    max_length: int = 5_000
    """Longest comment, in characters."""
    may_guests_post: bool = True
    """False: people without an account read only, and are told so."""
    may_vote: bool = True
    """False: scores and vote buttons are left out."""
    depth_shown: int = 4
    """Levels drawn below a root; what is deeper is a page of its own ("Continue this thread")."""
    edit_seconds: int = 900
    """How long authors may edit and delete, in seconds; 0 for never."""
    report_reasons: tuple[tuple[str, str], ...] = REPORT_REASONS
    """(value, words) in the order shown; no reasons, no reporting."""
    guidelines_url: str | None = None
    """The site's rules for discussion, linked beside the composer; http or https only."""
    direction: Direction = "ltr"
    """Direction of the frame itself. Names and texts of readers find theirs by themselves."""
