"""How a moderator wants to be told by mail: what at once, how often at most, a digest, and when not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import col, select

from service.delivery.tables import AlertRow, MailLinkRow
from service.kit import clock
from service.kit.db import ReadTx, WriteTx

AtOnce = Literal["never", "high", "medium", "low"]
# From which level on a case is told at once.
_LEVELS: Mapping[AtOnce, tuple[str, ...]] = {
    "high": ("high",),
    "medium": ("high", "medium"),
    "low": ("high", "medium", "low"),
    "never": (),
}


@dataclass(frozen=True)
class Alert:
    """One moderator's wishes at one site. Quiet times are `HH:MM` in `zone`, and may go over midnight."""

    account_id: int
    site_id: int
    at_once: AtOnce = "never"
    gap_minutes: int = 10
    digest_hours: int = 0
    quiet_from: str | None = None
    quiet_until: str | None = None
    zone: str = "UTC"
    language: str = "en"
    sent_at: datetime | None = None
    digest_at: datetime | None = None

    def tells_at_once(self, level: str) -> bool:
        """Whether a case of this level is worth a mail of its own."""
        return level in _LEVELS[self.at_once]

    def is_quiet(self, now: datetime) -> bool:
        """Whether no mail is wanted at this time."""
        if not self.quiet_from or not self.quiet_until:
            return False
        local = now.astimezone(ZoneInfo(self.zone)).strftime("%H:%M")
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until

    def may_tell(self, now: datetime) -> bool:
        """Whether the last mail is long enough ago."""
        return self.sent_at is None or now - self.sent_at >= timedelta(minutes=self.gap_minutes)

    def is_digest_due(self, now: datetime) -> bool:
        """Whether it is time for a digest."""
        return self.digest_at is not None and self.digest_at <= now


async def of(tx: ReadTx, account_id: int, site_id: int) -> Alert:
    """What somebody wishes at a site; nothing, where nothing was said."""
    row = await tx.get(AlertRow, (account_id, site_id))
    return alert_of(row) if row else Alert(account_id, site_id)


async def of_site(tx: ReadTx, site_id: int) -> list[Alert]:
    """Those who want to be told of some of a site's cases at once."""
    return [
        alert_of(row)
        for row in await tx.exec(select(AlertRow).where(AlertRow.site_id == site_id, col(AlertRow.at_once) != "never"))
    ]


async def wish(tx: WriteTx, new: Alert) -> Alert:
    """Set what somebody wishes; a first digest comes when its time has passed once."""
    row = await tx.get(AlertRow, (new.account_id, new.site_id), with_for_update=True)
    if row is None:
        row = AlertRow(account_id=new.account_id, site_id=new.site_id)
        tx.add(row)
    if row.digest_hours != new.digest_hours or row.digest_at is None:
        row.digest_at = clock.now() + timedelta(hours=new.digest_hours) if new.digest_hours else None
    row.at_once, row.gap_minutes, row.digest_hours = new.at_once, new.gap_minutes, new.digest_hours
    row.quiet_from, row.quiet_until, row.zone = new.quiet_from, new.quiet_until, new.zone
    row.language = new.language
    await tx.flush()
    return alert_of(row)


async def stop(tx: WriteTx, account_id: int, site_id: int) -> None:
    """No more mail to this account about this site's cases. Twice is the same as once."""
    await tx.exec(
        delete(MailLinkRow).where(
            col(MailLinkRow.account_id) == account_id,
            col(MailLinkRow.site_id) == site_id,
            col(MailLinkRow.sent_at).is_(None),
        )
    )
    await tx.exec(delete(AlertRow).where(col(AlertRow.account_id) == account_id, col(AlertRow.site_id) == site_id))


def alert_of(row: AlertRow) -> Alert:
    """The wishes a row holds."""
    at_once: AtOnce = next((level for level in _LEVELS if level == row.at_once), "never")
    return Alert(
        row.account_id,
        row.site_id,
        at_once,
        row.gap_minutes,
        row.digest_hours,
        row.quiet_from,
        row.quiet_until,
        row.zone,
        row.language,
        row.sent_at,
        row.digest_at,
    )
