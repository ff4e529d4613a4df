"""What screening looks at, and what it says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["publish", "hold", "reject"]


@dataclass(frozen=True)
class Draft:
    """A text to be screened: as it is read (`plain`), as it was written (`source`), and where its links lead."""

    plain: str
    source: str
    name: str
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known beside the text. `published_before`: comments of the author's that this site has published.

    `section` is the discussion's; empty for one in none, and where it is not known.
    """

    published_before: int = 0
    is_staff: bool = False
    reports: int = 0
    section: str = ""


@dataclass(frozen=True)
class Signal:
    """One thing a check noticed, for a moderator to see.

    `score` goes from 0 (hardly) to 1 (surely). `span` is the place in the draft's plain text, as (start, end), when
    the thing has one. `action` is what follows from it where a rule of the site's says so; None: the policy says.
    """

    name: str
    score: float
    reason: str
    span: tuple[int, int] | None = None
    action: Action | None = None
