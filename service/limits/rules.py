"""The limits of a site, as its settings hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

Scope = Literal["address", "author", "thread", "site"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORM = re.compile(r"(\d{1,6})/(\d{0,5})([smhd])")


@dataclass(frozen=True)
class Limit:
    """At most `count` in `seconds`, all at once or spread."""

    count: int
    seconds: int

    @classmethod
    def read(cls, text: str) -> Limit:
        """`5/30s`, `60/h`. Raises ValueError."""
        found = _FORM.fullmatch(text.strip())
        if found is None or int(found[1]) < 1:
            raise ValueError("write a limit as 5/30s, 60/h or 1000/d")
        return cls(int(found[1]), max(1, int(found[2] or 1)) * _UNITS[found[3]])

    def __str__(self) -> str:
        name, size = next(
            (name, size) for name, size in reversed(_UNITS.items()) if self.seconds % size == 0
        )  # a second divides everything
        spans = self.seconds // size
        return f"{self.count}/{spans if spans > 1 else ''}{name}"


def _limit(value: Any) -> Any:
    return Limit.read(value) if isinstance(value, str) else value


Written = Annotated[Limit, BeforeValidator(_limit), PlainSerializer(str, return_type=str)]


class ScopeLimits(BaseModel):
    """Per scope a list: usually a short one against bursts and a long one against persistence."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    address: tuple[Written, ...] = ()
    author: tuple[Written, ...] = ()
    thread: tuple[Written, ...] = ()
    site: tuple[Written, ...] = ()

    def of(self, scope: Scope) -> tuple[Limit, ...]:
        """The limits of one scope."""
        limits: tuple[Limit, ...] = getattr(self, scope)
        return limits


def _limits(**scopes: str) -> ScopeLimits:
    return ScopeLimits(**{name: tuple(Limit.read(part) for part in text.split()) for name, text in scopes.items()})


class LimitRules(BaseModel):
    """What a site lets through, by act. An address is an IPv4 address or an IPv6 /64."""

    model_config = ConfigDict(frozen=True)

    post: ScopeLimits = Field(
        default_factory=lambda: _limits(
            address="6/30s 120/h", author="5/30s 60/h", thread="60/10s 3000/h", site="200/10s 20000/h"
        ),
        description="New comments.",
    )
    edit: ScopeLimits = Field(
        default_factory=lambda: _limits(address="20/m 200/h", author="10/m 100/h"), description="Edits and deletions."
    )
    vote: ScopeLimits = Field(
        default_factory=lambda: _limits(address="60/m 1000/h", author="40/m 600/h", site="2000/10s"),
        description="Votes.",
    )
    ballot: ScopeLimits = Field(
        default_factory=lambda: _limits(address="3/d"),
        description="First votes of strangers, per comment and address: a household, not a crowd of one.",
    )
    live: ScopeLimits = Field(
        default_factory=lambda: _limits(address="300/m"),
        description="Live connections opened; many readers may share an address.",
    )
    search: ScopeLimits = Field(
        default_factory=lambda: _limits(address="30/m 600/h"), description="Searches in a discussion."
    )
    preview: ScopeLimits = Field(
        default_factory=lambda: _limits(address="40/m 600/h"),
        description="Previews and looked up names, while somebody writes.",
    )
    report: ScopeLimits = Field(
        default_factory=lambda: _limits(address="10/m 60/h", author="10/m 60/h"), description="Reports."
    )
    sso: ScopeLimits = Field(
        default_factory=lambda: _limits(address="120/m 2000/h"),
        description="Silent sign-ins with a token of the site's own; every page a member opens may ask for one.",
    )
    sign_in: ScopeLimits = Field(
        default_factory=lambda: _limits(address="5/m 20/h", author="3/m 10/h"),
        description="Sign-in links asked for and used; of the installation, not of one site.",
    )
