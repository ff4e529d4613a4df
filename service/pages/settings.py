"""What the drawing of a site's frame depends on, besides the discussion itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.kit.said import N_

Theme = Literal["light", "dark"]

REPORT_REASONS: tuple[tuple[str, str], ...] = (
    ("spam", N_("Spam or advertising")),
    ("abuse", N_("Insults or harassment")),
    ("hate", N_("Hate against a group")),
    ("off-topic", N_("Off topic")),
    ("misinformation", N_("False or misleading")),
    ("illegal", N_("Illegal content")),
    ("other", N_("Something else")),
)


@dataclass(frozen=True)
class FrameSettings:
    """How a site wants its frame. One per site; it holds nothing of a viewer or a request."""

    max_length: int = 5_000
    """Longest comment, in characters."""
    may_guests_post: bool = True
    """False: people without an account read only, and are told so; the composer shows once somebody signs in."""
    login_url: str | None = None
    """The site's own sign-in page, linked where one writes; http or https only."""
    logout_url: str | None = None
    """The site's own sign-out page."""
    may_sign_in_by_mail: bool = False
    """True: readers may sign in with a code sent to their address."""
    providers: tuple[tuple[str, str], ...] = ()
    """(id, name) of services readers may sign in with."""
    may_use_passkeys: bool = False
    """True: readers may sign in with a passkey they added to their account."""
    may_have_mail: bool = False
    """True: readers may have replies and discussions mailed to them."""
    account_name: str = ""
    """What the site calls its accounts."""
    may_vote: bool = True
    """False: scores and vote buttons are left out."""
    depth_shown: int = 4
    """Levels drawn below a root; what is deeper is a page of its own ("Continue this thread")."""
    edit_seconds: int = 900
    """How long authors may edit and delete, in seconds; 0 for never."""
    report_reasons: tuple[tuple[str, str], ...] = REPORT_REASONS
    """(value, words) in the order shown; no reasons, no reporting."""
    lang: str = "en"
    """The language of articles that do not say theirs."""
    style: str = ""
    """CSS besides the common one, as `looks.stylesheet` makes it; it stands in the document as it is."""
    guidelines_url: str | None = None
    """The site's rules for discussion, linked beside the composer; http or https only."""
