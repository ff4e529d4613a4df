"""A sanction: what it forbids, whom, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from service.kit import clock
from service.kit.errors import Conflict, NotFound
from service.sanctions.tables import SanctionRow

Kind = Literal["ban", "suspend", "premoderate", "slow", "shadow"]
Target = Literal["person", "address", "email_domain"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TARGETS: tuple[Target, ...] = get_args(Target)


class SanctionUnknown(NotFound):
    """There is no such sanction."""

    type = "sanction-unknown"


class SanctionOver(Conflict):
    """This sanction is over already."""

    type = "sanction-over"


@dataclass(frozen=True)
class Sanction:
    """What somebody may not do. `target` is a person's id, an address's pseudonym or a host, by its type."""

    id: int
    site_id: int
    kind: str
    target_type: str
    target: str
    person_id: int | None
    comment_id: int | None
    decision_id: int | None
    account_id: int
    reason: str
    title: str
    note: str
    slow_seconds: int | None
    created_at: datetime
    until: datetime | None
    lifted_at: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether it is in force; at the very instant it ends it is over."""
        return self.lifted_at is None and (self.until is None or at < self.until)

    @property
    def is_active(self) -> bool:
        """Whether it is in force now."""
        return self.holds_at(clock.now())


def sanction_of(row: SanctionRow) -> Sanction:
    """The sanction a row holds."""
    return Sanction(
        row.id,
        row.site_id,
        row.kind,
        row.target_type,
        row.target,
        row.person_id,
        row.comment_id,
        row.decision_id,
        row.account_id,
        row.reason,
        row.title,
        row.note,
        row.slow_seconds,
        row.created_at,
        row.until,
        row.lifted_at,
    )
