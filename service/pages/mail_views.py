"""What a mail about cases shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.pages.mail_words import MailWords


@dataclass(frozen=True)
class MailLinkView:
    """A thing one can do, and where."""

    words: str
    url: str


@dataclass(frozen=True)
class MailCaseView:
    """A case in a mail. `excerpt` is plain text and cut; everything here was written by somebody else."""

    author: str
    excerpt: str
    title: str
    reasons: tuple[str, ...]
    level: str
    due_at: datetime
    links: tuple[MailLinkView, ...]


@dataclass(frozen=True)
class MailAlertView:
    """A mail to a moderator: cases, how many there are in all, where the console is and how to end this."""

    name: str
    site: str
    is_digest: bool
    cases: tuple[MailCaseView, ...]
    open: int
    console: str
    stop: str
    hours: int
    words: MailWords


@dataclass(frozen=True)
class MailReasonView:
    """One of the site's reasons."""

    code: str
    title: str


@dataclass(frozen=True)
class MailLinkPage:
    """Where a link in a mail leads: what it would do, about what, in whose name. A button does it."""

    token: str
    action: str
    button: str
    moderator: str
    site: str
    author: str
    excerpt: str
    title: str
    url: str
    reasons: tuple[str, ...]
    words: MailWords
    choices: tuple[MailReasonView, ...] = ()
    """The site's reasons, where one is to be named."""
    is_reason_required: bool = False


@dataclass(frozen=True)
class MailStopPage:
    """Where `stop` in a mail leads."""

    token: str
    site: str
    words: MailWords
