"""The address mail to a person goes to, and whether it may: nothing but one question goes to one that is not confirmed.

An address is confirmed by a button behind a link in a mail to it, or by a way in that was proven there. A mailbox is
asked once a day and three times a month at most, whoever gives its address, and whoever gives it is told the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from service import identity, outbox, readers
from service.identity import Person
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid
from service.kit.seal import Keeper, new_token, token_hash
from service.mailing.events import ConfirmationAsked
from service.mailing.rules import GATHER
from service.mailing.tables import MailAddressRow, MailboxRow, MailConfirmRow, MailNoticeRow

Pace = Literal["at-once", "daily"]
State = Literal["waiting", "confirmed", "ended", "stopped"]
CONFIRM_LIFE = timedelta(days=3)
# Addresses nobody confirmed are forgotten after it, with what was asked for.
WAITS = timedelta(days=7)
_ASKED_AGAIN = timedelta(hours=24)
_MONTH = timedelta(days=30)
_MOST_A_MONTH = 3
_PURPOSE = "mail-address"


class AddressNeeded(Invalid):
    """To get mail, give your e-mail address."""

    type = "address-needed"


class ConfirmLinkUsed(Forbidden):
    """This link was used already or is too old. Ask for mail in the discussion again."""

    type = "confirm-link-used"


@dataclass(frozen=True)
class Address:
    """Where mail to a person goes, for themselves alone, and how it stands."""

    person_id: int
    site_id: int
    email: str
    state: State
    why: str
    pace: Pace
    language: str
    asked_at: datetime
    confirmed_at: datetime | None


def mailbox_of(keeper: Keeper, email: str) -> str:
    """The pseudonym of a mailbox: case, and what stands behind a plus sign, make no other one."""
    local, _, host = email.strip().lower().rpartition("@")
    return keeper.pseudonym("mailbox", f"{local.partition('+')[0]}@{host}")


async def address_of(tx: ReadTx, keeper: Keeper, person_id: int) -> Address | None:
    """Where mail to a person goes; None when they never asked for any."""
    row = await tx.get(MailAddressRow, person_id, populate_existing=True)
    return _address(keeper, row) if row is not None else None


async def use(tx: WriteTx, keeper: Keeper, person: Person, email: str | None, language: str) -> Address:
    """Have mail go to this address, or to the one a person gave before; it begins when that is confirmed.

    Raises AddressNeeded.
    """
    row = await tx.get(MailAddressRow, person.id, with_for_update=True, populate_existing=True)
    known = keeper.unseal(_PURPOSE, row.sealed) if row is not None else None
    email = email or known or await identity.email(tx, keeper, person.id)
    if not email:
        raise AddressNeeded(field="email")
    if row is None:
        row = MailAddressRow(person_id=person.id, site_id=person.site_id, sealed="", mailbox="", asked_at=clock.now())
        tx.add(row)
    row.language = language[:20]
    if email != known:
        row.sealed, row.mailbox = keeper.seal(_PURPOSE, email), mailbox_of(keeper, email)
        row.state, row.why, row.confirmed_at, row.batch, row.failures = "waiting", "", None, None, 0
    await _begin(tx, row, is_proven=await readers.has_proven(tx, keeper, person, email))
    await tx.flush()
    return _address(keeper, row)


async def _begin(tx: WriteTx, row: MailAddressRow, *, is_proven: bool) -> None:
    """Go on where an address is confirmed; ask, where it is not or where mail to it came back."""
    if row.state == "ended" and row.confirmed_at is not None:
        row.state = "confirmed"
    if row.state == "confirmed":
        return
    if is_proven and row.state != "stopped":
        row.state, row.confirmed_at, row.asked_at = "confirmed", clock.now(), clock.now()
        return
    row.state, row.why, row.confirmed_at, row.asked_at = "waiting", "", None, clock.now()
    await outbox.add(tx, ConfirmationAsked(row.person_id, row.site_id, ids.new_id()))


async def question(tx: WriteTx, keeper: Keeper, person_id: int, request: int) -> tuple[Address, str] | None:
    """The address to ask, and the token of the link that confirms it; None where nobody is to be asked (any more)."""
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "waiting" or not await _may_ask(tx, row.mailbox, request):
        return None
    # Made here and not where it was asked for: the token is in the mail and nowhere else.
    token = new_token()
    until = clock.now() + CONFIRM_LIFE
    tx.add(MailConfirmRow(token_hash=token_hash(token), person_id=person_id, mailbox=row.mailbox, expires_at=until))
    await tx.flush()
    return _address(keeper, row), token


async def _may_ask(tx: WriteTx, mailbox: str, request: int) -> bool:
    box, now = await box_of(tx, mailbox), clock.now()
    if box.request == request:
        return True  # handed on once more: the mail may not have gone
    if box.state in {"complained", "refused"}:
        return False
    if box.asked_at is not None and box.asked_at > now - _ASKED_AGAIN:
        return False
    if box.asked_at is None or box.asked_at < now - _MONTH:
        box.asked = 0
    if box.asked >= _MOST_A_MONTH:
        return False
    box.asked, box.asked_at, box.request, box.changed_at = box.asked + 1, now, request, now
    return True


async def box_of(tx: WriteTx, mailbox: str) -> MailboxRow:
    """What is known of a mailbox, locked; made where nothing is."""
    box = await tx.get(MailboxRow, mailbox, with_for_update=True, populate_existing=True)
    if box is None:
        box = MailboxRow(pseudonym=mailbox, changed_at=clock.now())
        tx.add(box)
        await tx.flush()
    return box


async def asked_by(tx: ReadTx, token: str) -> int:
    """Whose address a link would confirm. Raises ConfirmLinkUsed."""
    row = await tx.get(MailConfirmRow, token_hash(token))
    if row is None or row.expires_at <= clock.now():
        raise ConfirmLinkUsed
    return row.person_id


async def confirm(tx: WriteTx, token: str) -> int:
    """Confirm the address a link went to, and use the link up; whose it is. Raises ConfirmLinkUsed."""
    used = await tx.exec(
        delete(MailConfirmRow)
        .where(col(MailConfirmRow.token_hash) == token_hash(token), col(MailConfirmRow.expires_at) > clock.now())
        .returning(col(MailConfirmRow.person_id), col(MailConfirmRow.mailbox))
    )
    found = used.first()
    row = await tx.get(MailAddressRow, found[0], with_for_update=True, populate_existing=True) if found else None
    # Another address was given since, or nobody wants mail any more.
    if found is None or row is None or row.mailbox != found[1] or row.state != "waiting":
        raise ConfirmLinkUsed
    now = clock.now()
    row.state, row.confirmed_at, row.failures = "confirmed", now, 0
    box = await box_of(tx, row.mailbox)
    box.state, box.soft, box.changed_at = "open", 0, now
    waiting = select(MailNoticeRow.person_id).where(
        MailNoticeRow.person_id == row.person_id, col(MailNoticeRow.sent_at).is_(None)
    )
    if (await tx.exec(waiting.limit(1))).first() is not None:
        row.due_at = now + GATHER
    await tx.exec(delete(MailConfirmRow).where(col(MailConfirmRow.person_id) == row.person_id))
    await tx.flush()
    return row.person_id


async def set_pace(tx: WriteTx, person_id: int, pace: Pace, due: datetime) -> None:
    """Mail at once or once a day; what waits already goes at `due`."""
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    if row is not None and row.pace != pace:
        row.pace, row.due_at = pace, due if row.due_at is not None else None
        await tx.flush()


async def end(tx: WriteTx, person_id: int) -> None:
    """No more mail of this site to a person, until they want some again. Twice is the same as once.

    Who ends it before it was confirmed is not asked again, by whoever gives the address.
    """
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    if row is None or row.state in {"ended", "stopped"}:
        return
    if row.state == "waiting":
        row.why = "refused"
        box = await box_of(tx, row.mailbox)
        box.state, box.changed_at = "refused", clock.now()
    row.state = "ended" if row.state == "confirmed" else "stopped"
    await _drop_waiting(tx, row)


async def resume(tx: WriteTx, person_id: int) -> None:
    """Take the ending back. Only where it was confirmed before, and ended by its reader."""
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    if row is not None and row.state == "ended" and row.confirmed_at is not None:
        row.state = "confirmed"
        await tx.flush()


async def stop_mailbox(tx: WriteTx, mailbox: str, why: Literal["bounced", "complained"]) -> int:
    """No more mail to a mailbox, at whichever site; how many addresses that were."""
    box = await box_of(tx, mailbox)
    box.state, box.changed_at = why, clock.now()
    rows = (
        await tx.exec(
            select(MailAddressRow)
            .where(MailAddressRow.mailbox == mailbox, MailAddressRow.state != "stopped")
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).all()
    for row in rows:
        row.state, row.why = "stopped", why
        await _drop_waiting(tx, row)
    await tx.flush()
    return len(rows)


async def _drop_waiting(tx: WriteTx, row: MailAddressRow) -> None:
    row.due_at = row.batch = row.claimed_until = None
    mine = (col(MailNoticeRow.person_id) == row.person_id, col(MailNoticeRow.sent_at).is_(None))
    await tx.exec(delete(MailNoticeRow).where(*mine))
    await tx.exec(delete(MailConfirmRow).where(col(MailConfirmRow.person_id) == row.person_id))
    await tx.flush()


async def note_due(tx: WriteTx, people: SelectOfScalar[int], soon: datetime, digest: datetime) -> None:
    """Something waits for these people: let their mail go when it is time, where none is due already."""
    for pace, at in (("at-once", soon), ("daily", digest)):
        await tx.exec(
            update(MailAddressRow)
            .where(
                col(MailAddressRow.person_id).in_(people),
                col(MailAddressRow.state) == "confirmed",
                col(MailAddressRow.pace) == pace,
                col(MailAddressRow.due_at).is_(None),
            )
            .values(due_at=at)
        )


def _address(keeper: Keeper, row: MailAddressRow) -> Address:
    states: tuple[State, ...] = ("waiting", "confirmed", "ended", "stopped")
    return Address(
        row.person_id,
        row.site_id,
        keeper.unseal(_PURPOSE, row.sealed) or "",
        next(known for known in states if known == row.state),
        row.why,
        "daily" if row.pace == "daily" else "at-once",
        row.language,
        row.asked_at,
        row.confirmed_at,
    )
