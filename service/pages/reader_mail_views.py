"""What mail to readers shows, and the pages its links lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NewsKind = Literal["replies", "mentions", "thread"]


@dataclass(frozen=True)
class MailNews:
    """A comment in a mail. `html` is safe as it is everywhere; `plain` is the same without markup."""

    kind: NewsKind
    author: str
    html: str
    plain: str
    link: str


@dataclass(frozen=True)
class MailThread:
    """A discussion in a mail, with what is new in it; `stop` ends mail about it."""

    title: str
    url: str
    news: tuple[MailNews, ...]
    stop: str


@dataclass(frozen=True)
class ReaderMail:
    """A mail to a reader: what is new, how much of it is left out, how to end this."""

    site: str
    threads: tuple[MailThread, ...]
    count: int
    more: int
    stop: str

    @property
    def first(self) -> MailNews:
        """The first of the news."""
        return self.threads[0].news[0]


@dataclass(frozen=True)
class ConfirmMail:
    """The one mail that goes to an address nobody has confirmed."""

    site: str
    link: str
    stop: str
    days: int


@dataclass(frozen=True)
class MailPage:
    """A page a link leads to: what it says, and the buttons that do something, each by the name it is sent as."""

    title: str
    says: str
    lines: tuple[str, ...] = ()
    action: str = ""
    token: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    is_refused: bool = False
