"""What the moderators' pages show. Filled by the console's endpoints, drawn by `draw.console_*`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from service.pages.views import CommentView

CaseReason = Literal["held", "reported", "appealed"]
Tone = Literal["good", "bad", "plain"]


@dataclass(frozen=True)
class ConsoleUser:
    """Who is signed in."""

    name: str
    email: str


@dataclass(frozen=True)
class ConsoleApp:
    """The document the console's script starts in."""

    user: ConsoleUser
    offers: tuple[str, ...]
    """What this server can do, by the script's names for it."""


@dataclass(frozen=True)
class ConsoleNotice:
    """What the last act led to, said at the top of the page ("Approved. 12 cases are left.")."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class ConsoleSite:
    """A site the moderator works for, with its open cases; the queue can be filtered by it."""

    name: str
    title: str
    open_cases: int


@dataclass(frozen=True)
class ConsoleSignal:
    """What screening or readers noticed."""

    words: str
    """For people: "Holds a word from the list: …"."""
    score: float | None = None
    """0 to 1, where the check gives one."""


@dataclass(frozen=True)
class ConsoleReport:
    """Reports of one reason, counted, with what reporters wrote."""

    words: str
    count: int
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConsoleClaim:
    """Who works on a case."""

    by: str
    is_mine: bool
    until: datetime
    claim: str | None = None
    """The claim to decide with; only when `is_mine`."""


@dataclass(frozen=True)
class ConsoleAuthor:
    """What is known of the author at this site, to judge with."""

    published: int = 0
    rejected: int = 0
    kind: Literal["guest", "member", "imported"] = "guest"


@dataclass(frozen=True)
class ConsoleReason:
    """A reason of the site's list, to choose from."""

    code: str
    title: str


@dataclass(frozen=True)
class ConsoleCase:
    """A comment that waits for a decision."""

    comment: CommentView
    """As the moderator may see it: with its text, whatever its state."""
    site: str
    site_title: str
    thread_title: str
    article_url: str
    opened_at: datetime
    reason: CaseReason
    signals: tuple[ConsoleSignal, ...] = ()
    reports: tuple[ConsoleReport, ...] = ()
    author: ConsoleAuthor = field(default_factory=ConsoleAuthor)
    parent: CommentView | None = None
    """The comment it answers, for context."""
    is_urgent: bool = False
    claim: ConsoleClaim | None = None
    reasons: tuple[ConsoleReason, ...] = ()


@dataclass(frozen=True)
class ConsoleQueue:
    """A page of cases, the most urgent first."""

    user: ConsoleUser
    now: datetime
    """To say how old a case is; aware UTC."""
    sites: tuple[ConsoleSite, ...]
    cases: tuple[ConsoleCase, ...]
    site: str | None = None
    """The site the page is filtered by; None for all."""
    next_cursor: str | None = None
    notice: ConsoleNotice | None = None

    @property
    def open_cases(self) -> int:
        """Open cases of the sites the page covers."""
        return sum(site.open_cases for site in self.sites if self.site in {None, site.name})

    @property
    def mine(self) -> int:
        """Cases on this page that the moderator has claimed."""
        return sum(1 for case in self.cases if case.claim and case.claim.is_mine)


@dataclass(frozen=True)
class ConsoleDecision:
    """A line of the record."""

    at: datetime
    moderator: str
    action: str
    """approve, reject, spam, restore, …: as it was asked for."""
    state_before: str
    state_after: str
    site: str
    author: str | None
    excerpt: str
    """Plain text, cut by whoever fills the view; empty when it is gone."""
    thread_title: str
    comment_url: str | None
    note: str = ""


@dataclass(frozen=True)
class ConsoleLog:
    """A page of decisions, the newest first."""

    user: ConsoleUser
    now: datetime
    sites: tuple[ConsoleSite, ...]
    decisions: tuple[ConsoleDecision, ...]
    site: str | None = None
    next_cursor: str | None = None


@dataclass(frozen=True)
class ConsoleSignIn:
    """Asking for a sign-in link."""

    email: str = ""
    is_sent: bool = False
    """True after asking; the page then says the same for known and unknown addresses."""
    problem: str | None = None
    """What was wrong with the last try."""


@dataclass(frozen=True)
class ConsoleEnter:
    """A link was followed. A button trades its token for a session: programs that look into mail open links too."""

    token: str
    problem: str | None = None


@dataclass(frozen=True)
class ConsoleGrant:
    """Whether an application may act for somebody; `asked` goes along with the answer."""

    application: str
    site: str
    account: str
    host: str
    may: tuple[str, ...]
    asked: Mapping[str, str]


@dataclass(frozen=True)
class ConsoleMessage:
    """A page that says one thing: refused, gone, signed out."""

    title: str
    text: str
    link: str = "/console/plain"
    link_words: str = "Back to the queue"
    user: ConsoleUser | None = None
    lang: str = "en"
    direction: str = "ltr"
