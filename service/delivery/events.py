"""Facts delivery announces."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class WebhookDisabled(Fact):
    """Nothing is sent to a webhook any more, because it failed for days. `change` tells two times apart."""

    webhook: int
    site: int
    change: int
