"""Mail that did not arrive, counted for its mailbox: what is gone for good stops at once, what may pass after some."""

from __future__ import annotations

from datetime import timedelta

import structlog

from service.kit import clock, metrics
from service.kit.db import WriteTx
from service.kit.seal import Keeper
from service.mailing.addresses import box_of, stop_mailbox
from service.mailing.links import is_returned
from service.mailing.reports import Report, Verdict
from service.mailing.tables import MailAddressRow

MOST_SOFT = 3
# Failures further apart than this are not counted together.
_TOGETHER = timedelta(days=30)
_BOUNCED = metrics.counter("mail_bounced", "Mail that came back or was complained about.", "how")
log = structlog.get_logger()


async def came_back(tx: WriteTx, keeper: Keeper, report: Report) -> Verdict:
    """Note what a report says of a mailbox our own mail went to; what came of it, `nothing` where it is not ours."""
    if report.verdict == "nothing":
        return "nothing"
    for person, signature in report.paths[:5]:
        row = await tx.get(MailAddressRow, person)
        if row is not None and is_returned(keeper, person, row.mailbox, signature):
            await note(tx, row.mailbox, report.verdict)
            return report.verdict
    return "nothing"


async def note(tx: WriteTx, mailbox: str, verdict: Verdict) -> None:
    """Count a failure, and stop all mail to the mailbox when it is one too many."""
    if verdict == "nothing":
        return
    _BOUNCED.labels(verdict).inc()
    if verdict == "complained":
        await stop_mailbox(tx, mailbox, "complained")
        return
    box, now = await box_of(tx, mailbox), clock.now()
    box.soft = box.soft + 1 if box.changed_at > now - _TOGETHER else 1
    box.changed_at = now
    await tx.flush()
    if verdict == "hard" or box.soft >= MOST_SOFT:
        count = await stop_mailbox(tx, mailbox, "bounced")
        log.info("mail.stopped", addresses=count, verdict=verdict)
