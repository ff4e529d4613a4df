"""Moderators told by mail: severe cases at once, bundled when they come thick and fast; a digest of what is open.

A case only notes who is to be told (links.py). Mail goes out from here, one moderator and site at a time, under a claim
in SQL: a slow mail server does not hold up the outbox, and mail that was not taken is tried again when the claim ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlmodel import col, or_, select

from service import identity, moderation, sites
from service.delivery import alert, links
from service.delivery.alert import Alert, alert_of
from service.delivery.letters import letter
from service.delivery.links import MailLink
from service.delivery.mail import Mail, Mailer
from service.delivery.tables import AlertRow, MailLinkRow
from service.identity import Staff
from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.seal import Keeper
from service.moderation import Case, CaseOpened, CaseRaised, CaseUnknown
from service.moderation.desk import lay_out

_MOST = 10  # cases in one mail
_CLAIM = timedelta(minutes=2)
log = structlog.get_logger()


class Alerts:
    """Notes who is to be told, and tells them."""

    def __init__(self, db: Database, mailer: Mailer, keeper: Keeper, origin: str) -> None:
        self._db = db
        self._mailer = mailer
        self._keeper = keeper
        self._origin = origin

    async def on_case(self, fact: CaseOpened | CaseRaised) -> None:
        """Note who wants to hear of this case at once. Twice is the same as once."""
        if await self._db.read(alert.of_site, fact.site):
            await self._db.transact(_note, fact.case)

    async def send_due(self) -> None:
        """Mail to everybody for whom it is time."""
        for wishes in await self._db.read(_waiting):
            now = clock.now()
            if wishes.is_quiet(now) or not (wishes.may_tell(now) or wishes.is_digest_due(now)):
                continue
            made = await self._db.transact(_composed, self._keeper, self._origin, wishes)
            if made is not None:
                await self._send(wishes, *made)

    async def _send(self, wishes: Alert, mail: Mail, about: Sequence[int]) -> None:
        try:
            await self._mailer.send(mail)
        except Exception as error:  # noqa: BLE001  # whatever the mail server says, the others get theirs
            log.warning("alert.failed", error=type(error).__name__)
            return
        await self._db.transact(_sent, wishes, list(about))


async def _note(tx: WriteTx, case_id: int) -> None:
    try:
        case = await moderation.get(tx, case_id)
    except CaseUnknown:
        return
    for wishes in await alert.of_site(tx, case.site_id):
        if case.is_open and wishes.tells_at_once(case.level):
            staff = await identity.staff_of(tx, wishes.account_id)
            if staff is not None and may_see(staff, case):
                await links.make(tx, wishes.account_id, case)


def may_see(staff: Staff, case: Case) -> bool:
    """Whether a case is this moderator's business."""
    return staff.may_moderate(case.site_id, case.section) and staff.account.id not in case.not_for


async def _waiting(tx: ReadTx) -> list[Alert]:
    now = clock.now()
    to_tell = select(MailLinkRow.id).where(
        MailLinkRow.account_id == AlertRow.account_id,
        MailLinkRow.site_id == AlertRow.site_id,
        col(MailLinkRow.sent_at).is_(None),
    )
    query = select(AlertRow).where(
        or_(col(AlertRow.claimed_until).is_(None), col(AlertRow.claimed_until) <= now),
        or_(col(AlertRow.digest_at) <= now, to_tell.exists()),
    )
    return [alert_of(row) for row in await tx.exec(query)]


async def _composed(tx: WriteTx, keeper: Keeper, origin: str, wishes: Alert) -> tuple[Mail, list[int]] | None:
    """The mail that is due, and the links in it; None when there is nothing to tell any more."""
    if not await _claimed(tx, wishes):
        return None
    now = clock.now()
    staff = await identity.staff_of(tx, wishes.account_id)
    if staff is None or not staff.is_moderator_at(wishes.site_id):
        await alert.stop(tx, wishes.account_id, wishes.site_id)
        return None
    site = await sites.by_id(tx, wishes.site_id)
    is_digest = wishes.is_digest_due(now)
    bound = await _told(tx, staff, wishes, is_digest=is_digest)
    cases = {item.case.id: item for item in await lay_out(tx, [case for case, _ in bound])}
    told = [(cases[case.id], link) for case, link in bound if case.id in cases]
    if not told:
        await _rest(tx, wishes, is_digest=is_digest)
        return None
    counts = await moderation.count_open(tx, [site.id])
    key = f"alert-{wishes.account_id}-{site.id}-{int(wishes.sent_at.timestamp()) if wishes.sent_at else 0}"
    mail = letter(
        staff,
        site,
        told,
        keeper=keeper,
        origin=origin,
        open_cases=counts[site.id],
        is_digest=is_digest,
        key=key,
        language=wishes.language,
    )
    return mail, [link.id for _, link in told]


async def _claimed(tx: WriteTx, wishes: Alert) -> bool:
    now = clock.now()
    taken = await tx.exec(
        update(AlertRow)
        .where(
            col(AlertRow.account_id) == wishes.account_id,
            col(AlertRow.site_id) == wishes.site_id,
            or_(col(AlertRow.claimed_until).is_(None), col(AlertRow.claimed_until) <= now),
        )
        .values(claimed_until=now + _CLAIM)
    )
    return bool(taken.rowcount)


async def _told(tx: WriteTx, staff: Staff, wishes: Alert, *, is_digest: bool) -> list[tuple[Case, MailLink]]:
    """The cases of a mail with their links: those noted, the most pressing first, or in a digest those due first."""
    noted = await links.unsent(tx, wishes.account_id, wishes.site_id)
    known = await moderation.get_many(tx, [link.case_id for link in noted])
    fresh = [
        (known[link.case_id], link)
        for link in noted
        if (case := known.get(link.case_id)) is not None
        and case.is_open
        and case.comment_version == link.comment_version
    ]
    await links.drop(tx, [link.id for link in noted if link.id not in {kept.id for _, kept in fresh}])
    if is_digest:
        pressing = await moderation.list_open(tx, [wishes.site_id], limit=_MOST)
        fresh = [(case, await links.make(tx, wishes.account_id, case)) for case in pressing]
    fresh = [(case, link) for case, link in fresh if may_see(staff, case)]
    return sorted(fresh, key=lambda each: each[0].place)[:_MOST]


async def _sent(tx: WriteTx, wishes: Alert, about: list[int]) -> None:
    await links.sent(tx, about)
    await _rest(tx, wishes, is_digest=wishes.is_digest_due(clock.now()), sent=True)


async def _rest(tx: WriteTx, wishes: Alert, *, is_digest: bool, sent: bool = False) -> None:
    row = await tx.get(AlertRow, (wishes.account_id, wishes.site_id), with_for_update=True, populate_existing=True)
    if row is None:
        return
    now = clock.now()
    row.claimed_until = None
    row.sent_at = now if sent else row.sent_at
    if is_digest:
        row.digest_at = now + timedelta(hours=row.digest_hours) if row.digest_hours else None
