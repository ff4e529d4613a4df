"""What a reader with an account sees of the ways into it, and of where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from service.pages.own_views import MeView

Purpose = Literal["prove", "add"]


@dataclass(frozen=True)
class WayView:
    """A way in. `called` is the address, what the provider is called, or what the reader calls the passkey."""

    id: str
    kind: str
    called: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class SignedInView:
    """A session: at which site, in what browser, from which network, by which kind of way."""

    id: str
    site: str
    browser: str
    network: str
    kind: str | None
    created_at: datetime


@dataclass(frozen=True)
class CodeAskedView:
    """A code is on its way; what is typed in has to come with `ask`."""

    purpose: Purpose
    ask: str
    problem: str = ""


@dataclass(frozen=True)
class OtherAccountView:
    """Another account was proven, too. It cannot be joined where both are somebody at the same site."""

    both_at: tuple[str, ...]


@dataclass(frozen=True)
class WaysPage:
    """The page with both. Without an account there is nothing of it."""

    title: str
    me: MeView
    has_account: bool
    is_proven: bool = False
    ways: tuple[WayView, ...] = ()
    sessions: tuple[SignedInView, ...] = ()
    providers: tuple[tuple[str, str, Purpose], ...] = ()
    """(id, name, what for) of those one may go to now."""
    may_mail: bool = False
    may_passkey: bool = False
    asked: CodeAskedView | None = None
    other: OtherAccountView | None = None
    told: str = ""
    """A sentence about what was just done."""
    problem: str = ""
    part: str = "ways"
