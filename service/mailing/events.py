"""Facts mailing announces."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class ConfirmationAsked(Fact):
    """Somebody wants mail at an address that is not proven theirs. `request` tells two askings apart."""

    person: int
    site: int
    request: int
