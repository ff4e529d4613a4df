"""What mailing keeps of people, told to themselves, and forgotten: by age, with the person, when nobody confirms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, or_, select

from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper
from service.mailing.addresses import WAITS, address_of
from service.mailing.subscriptions import ENDED_KEPT
from service.mailing.tables import MailAddressRow, MailboxRow, MailConfirmRow, MailNoticeRow, SubscriptionRow

# That somebody was told of a comment is kept so long: whoever publishes it anew does not tell them twice.
NOTICES_KEPT = timedelta(days=30)
# That a mailbox is gone, or nobody's to write to.
MAILBOXES_KEPT = timedelta(days=365)
_SOME = 200
_MOST_TOLD = 1_000


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Forget what somebody wanted to be told, what waits for them, and their address.

    Of a mailbox nobody else here has given nothing stays, but that it is not to be written to.
    """
    await tx.exec(delete(MailNoticeRow).where(col(MailNoticeRow.person_id) == person_id))
    await tx.exec(delete(MailConfirmRow).where(col(MailConfirmRow.person_id) == person_id))
    either = or_(col(SubscriptionRow.person_id) == person_id, col(SubscriptionRow.author_id) == person_id)
    await tx.exec(delete(SubscriptionRow).where(either))
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    mailbox = row.mailbox
    await tx.delete(row)
    await tx.flush()
    others = select(MailAddressRow.person_id).where(MailAddressRow.mailbox == mailbox).limit(1)
    if (await tx.exec(others)).first() is None:
        open_ones = col(MailboxRow.state).in_(("open", "bounced"))
        await tx.exec(delete(MailboxRow).where(col(MailboxRow.pseudonym) == mailbox, open_ones))


async def forget_by_age(tx: WriteTx) -> bool:
    """Forget what is old, some at a time; True when there is more."""
    now = clock.now()
    await tx.exec(delete(MailConfirmRow).where(col(MailConfirmRow.expires_at) <= now))
    await tx.exec(delete(MailNoticeRow).where(col(MailNoticeRow.created_at) < now - NOTICES_KEPT))
    await tx.exec(delete(SubscriptionRow).where(col(SubscriptionRow.ended_at) < now - ENDED_KEPT))
    await tx.exec(delete(MailboxRow).where(col(MailboxRow.changed_at) < now - MAILBOXES_KEPT))
    unconfirmed = select(MailAddressRow.person_id).where(
        MailAddressRow.state == "waiting", MailAddressRow.asked_at < now - WAITS
    )
    some = list(await tx.exec(unconfirmed.limit(_SOME)))
    for person_id in some:
        await forget_person(tx, person_id)
    return len(some) == _SOME


async def held(tx: ReadTx, keeper: Keeper, person_id: int) -> dict[str, Any]:
    """Everything mailing keeps about a person, for their export."""
    address = await address_of(tx, keeper, person_id)
    wishes = await tx.exec(
        select(SubscriptionRow).where(SubscriptionRow.person_id == person_id).order_by(col(SubscriptionRow.id))
    )
    told = await tx.exec(
        select(MailNoticeRow)
        .where(MailNoticeRow.person_id == person_id)
        .order_by(col(MailNoticeRow.comment_id).desc())
        .limit(_MOST_TOLD)
    )
    return {
        "address": None
        if address is None
        else {
            "email": address.email,
            "state": address.state,
            "why": address.why or None,
            "pace": address.pace,
            "language": address.language,
            "asked_at": _at(address.asked_at),
            "confirmed_at": _at(address.confirmed_at),
        },
        "subscriptions": [
            {
                "kind": row.kind,
                "thread": str(row.thread_id) if row.thread_id else None,
                "created_at": _at(row.created_at),
                "ended_at": _at(row.ended_at),
            }
            for row in wishes
        ],
        "notices": [
            {"comment": str(row.comment_id), "why": row.why, "at": _at(row.created_at), "sent_at": _at(row.sent_at)}
            for row in told
        ],
    }


def _at(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at is not None else None
