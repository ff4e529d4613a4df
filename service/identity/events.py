"""Facts identity announces."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class SignInAsked(Fact):
    """Somebody asked for a sign-in link for an account. `request` tells two askings apart."""

    account: int
    request: int
