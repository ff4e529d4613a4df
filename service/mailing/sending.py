"""Mail that is due, sent: one person at a time under a claim in SQL, and what became of it noted.

What is in a mail is settled before it is handed over: whoever dies in between, and sends it again, sends the same mail
with the same id, and what came meanwhile goes in the next one. Whether a comment may still be read is asked here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, or_, select

from service import comments, identity, sites, threads
from service.delivery import Mail, Mailer, MailRefused
from service.kit import clock, ids
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Unavailable
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.mailing import addresses, bounces
from service.mailing.events import ConfirmationAsked
from service.mailing.letters import News, Office
from service.mailing.reports import Verdict, of_refusal
from service.mailing.rules import GATHER, next_digest, rules_of
from service.mailing.subscriptions import of_person
from service.mailing.tables import MailAddressRow, MailNoticeRow
from service.pages.reader_mail_views import NewsKind
from service.sites import Site, SiteUnknown

_AT_ONCE = 5  # mails handed over side by side
_SOME = 50
_CLAIM = timedelta(minutes=2)
_MOST_SHOWN = 20  # comments in one mail
_MOST_READ = 500
# Waits while the mail server does not take anything, in minutes; then what was to be told is dropped.
_WAITS = (1, 5, 15, 60, 60, 120, 240, 480, 480, 720)
_KINDS: tuple[NewsKind, ...] = ("replies", "mentions", "thread")
log = structlog.get_logger()


class ReaderMailing:
    """Mails readers what waits for them, and asks addresses whether they want mail."""

    def __init__(self, db: Database, mailer: Mailer, keeper: Keeper, settings: Settings) -> None:
        self._db = db
        self._mailer = mailer
        self._keeper = keeper
        self._office = Office(keeper, settings)

    async def on_asked(self, fact: ConfirmationAsked) -> None:
        """Ask an address. Raises what the mailer raises, but for an address that is refused."""
        try:
            site = await self._db.read(sites.by_id, fact.site)
        except SiteUnknown:
            return
        asked = await self._db.transact(addresses.question, self._keeper, fact.person, fact.request)
        if asked is None or not rules_of(site).enabled:
            return
        to, token = asked
        mail = self._office.of_question(site, to, token, fact.request)
        try:
            await self._mailer.send(mail)
        except MailRefused as error:
            verdict = refused(error)
            if verdict == "nothing":
                raise
            await self._db.transact(bounces.note, addresses.mailbox_of(self._keeper, to.email), verdict)

    async def send_due(self) -> int:
        """Mail to everybody for whom it is time; how many mails went out."""
        sent = 0
        while some := await self._db.read(_due):
            went: list[bool] = []
            for start in range(0, len(some), _AT_ONCE):
                went += await asyncio.gather(*(self._send(each) for each in some[start : start + _AT_ONCE]))
            sent += sum(went)
            # Where nothing went, whatever is wrong is the same a moment later.
            if len(some) < _SOME or not any(went):
                break
        return sent

    async def _send(self, person_id: int) -> bool:
        try:
            made = await self._db.transact(_composed, self._keeper, self._office, person_id)
        except Unavailable:
            raise
        except Exception as error:  # one mail that cannot be written must not keep the others from going
            log.warning("mail.unwritten", error=type(error).__name__, exc_info=error)
            return False
        if made is None:
            return False
        mail, batch = made
        try:
            await self._mailer.send(mail)
        except Exception as error:  # noqa: BLE001  # whatever the mail server says, the others get theirs
            log.warning("mail.failed", error=type(error).__name__)
            verdict = refused(error)
            if verdict == "nothing":
                await self._db.transact(_put_back, person_id, batch)
            else:
                await self._db.transact(_refused, person_id, batch, verdict)
            return False
        await self._db.transact(_sent, person_id, batch)
        return True


def refused(error: Exception) -> Verdict:
    """What an error at handing over says of the mailbox; `nothing` where the fault is the server's, or passes."""
    if not isinstance(error, MailRefused):
        return "nothing"
    if error.to_recipient:
        return of_refusal(error.code, error.said)
    # The mail was not liked, which says little of who was to get it.
    return "soft" if 500 <= error.code < 600 else "nothing"


async def _due(tx: ReadTx) -> Sequence[int]:
    now = clock.now()
    query = select(MailAddressRow.person_id).where(
        col(MailAddressRow.due_at) <= now,
        or_(col(MailAddressRow.claimed_until).is_(None), col(MailAddressRow.claimed_until) <= now),
    )
    return (await tx.exec(query.order_by(col(MailAddressRow.due_at)).limit(_SOME))).all()


async def _composed(tx: WriteTx, keeper: Keeper, office: Office, person_id: int) -> tuple[Mail, int] | None:
    """The mail that is due to a person, claimed, and the number of its batch; None when there is nothing to tell."""
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    now = clock.now()
    if row is None or row.due_at is None or row.due_at > now or (row.claimed_until and row.claimed_until > now):
        return None
    site = await sites.by_id(tx, row.site_id)
    if row.state != "confirmed" or not rules_of(site).enabled:
        await _rest(tx, row, site)
        return None
    gap = rules_of(site).gap
    if row.batch is None and row.pace == "at-once" and row.sent_at is not None and row.sent_at + gap > now:
        row.due_at = row.sent_at + gap
        await tx.flush()
        return None
    if row.batch is None:
        row.batch = ids.new_id()
        await tx.exec(update(MailNoticeRow).where(*_untold(person_id, None)).values(mail_id=row.batch))
    news, more = await _news(tx, person_id, row.batch)
    to = await addresses.address_of(tx, keeper, person_id)
    if not news or to is None:
        await _rest(tx, row, site)
        return None
    row.claimed_until = now + _CLAIM
    await tx.flush()
    about = await threads.get_many(tx, [each.comment.thread_id for each in news])
    return office.of_news(site, to, news, about, more=more, key=row.batch), row.batch


async def _news(tx: WriteTx, person_id: int, batch: int) -> tuple[list[News], int]:
    """What of a batch can be told, the oldest first, and how much is left out. What cannot is forgotten."""
    query = select(MailNoticeRow).where(*_untold(person_id, batch)).order_by(col(MailNoticeRow.comment_id))
    why = {row.comment_id: row.why for row in (await tx.exec(query.limit(_MOST_READ))).all()}
    known = await comments.get_many(tx, list(why))
    wishes = await of_person(tx, person_id)
    quiet = {each.thread_id for each in wishes if each.kind == "quiet"}
    muted = {each.author_id for each in wishes if each.kind == "muted"}
    told = [
        each
        for number, each in sorted(known.items())
        if each.is_published and each.person_id not in {person_id, *muted} and each.thread_id not in quiet
    ]
    gone = sorted(why.keys() - {each.id for each in told})
    mine = col(MailNoticeRow.person_id) == person_id
    await tx.exec(delete(MailNoticeRow).where(mine, col(MailNoticeRow.comment_id).in_(gone)))
    shown = told[:_MOST_SHOWN]
    authors = await identity.people(tx, [each.person_id for each in shown if each.person_id])
    kinds = {number: next(kind for kind in _KINDS if kind == said) for number, said in why.items()}
    news = [News(each, kinds[each.id], authors.get(each.person_id or 0)) for each in shown]
    return news, len(told) - len(shown)


async def _sent(tx: WriteTx, person_id: int, batch: int) -> None:
    row = await _mine(tx, person_id, batch)
    if row is None:
        return
    now = clock.now()
    await tx.exec(update(MailNoticeRow).where(*_untold(person_id, batch)).values(sent_at=now))
    row.sent_at = now
    await _rest(tx, row, await sites.by_id(tx, row.site_id))


async def _put_back(tx: WriteTx, person_id: int, batch: int) -> None:
    """The mail server did not take it: later, with longer and longer waits, and at last not at all."""
    row = await _mine(tx, person_id, batch)
    if row is None:
        return
    row.claimed_until = None
    row.failures += 1
    if row.failures > len(_WAITS):
        await tx.exec(delete(MailNoticeRow).where(*_untold(person_id, batch)))
        await _rest(tx, row, await sites.by_id(tx, row.site_id))
        return
    row.due_at = clock.now() + timedelta(minutes=_WAITS[row.failures - 1])
    await tx.flush()


async def _refused(tx: WriteTx, person_id: int, batch: int, verdict: Verdict) -> None:
    """The mailbox did not take it: counted, and not tried again with the same mail."""
    row = await _mine(tx, person_id, batch)
    if row is None:
        return
    await tx.exec(delete(MailNoticeRow).where(*_untold(person_id, batch)))
    await _rest(tx, row, await sites.by_id(tx, row.site_id))
    await bounces.note(tx, row.mailbox, verdict)


async def _mine(tx: WriteTx, person_id: int, batch: int) -> MailAddressRow | None:
    row = await tx.get(MailAddressRow, person_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.batch == batch else None


async def _rest(tx: WriteTx, row: MailAddressRow, site: Site) -> None:
    """The mail is done with; the next is due when something waits for it."""
    row.batch = row.claimed_until = row.due_at = None
    row.failures = 0
    waits = select(MailNoticeRow.person_id).where(*_untold(row.person_id, None)).limit(1)
    if row.state == "confirmed" and rules_of(site).enabled and (await tx.exec(waits)).first() is not None:
        now = clock.now()
        row.due_at = now + GATHER if row.pace == "at-once" else next_digest(site, now)
    await tx.flush()


def _untold(person_id: int, batch: int | None) -> tuple[ColumnElement[bool], ...]:
    mine = col(MailNoticeRow.mail_id).is_(None) if batch is None else col(MailNoticeRow.mail_id) == batch
    return (col(MailNoticeRow.person_id) == person_id, col(MailNoticeRow.sent_at).is_(None), mine)
