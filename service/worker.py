"""What follows from what, and the work that comes back: read this screen to know what a fact causes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from service import (
    comments,
    hooks,
    identity,
    keys,
    mailing,
    moderation,
    outbox,
    posting,
    privacy,
    publishing,
    readers,
    record,
    sanctions,
    sites,
    threads,
    transfer,
    votes,
)
from service.delivery import FanOut, Mail, WebhookDisabled, deliveries, tell_owners
from service.delivery.deliveries import forget_old
from service.delivery.links import forget_old as forget_old_links
from service.identity.events import SignInAsked
from service.kit import clock, traces
from service.kit.cancelling import end_if_told
from service.kit.db import WriteTx
from service.kit.errors import Unavailable
from service.moderation import bulk, bulk_work, reporters
from service.outbox import Fact, ForAll, Reaction
from service.privacy import exports, retention
from service.web.parts import Parts

log = structlog.get_logger()


def reactions(parts: Parts) -> Mapping[type[Fact], Sequence[Reaction]]:
    """Every fact and what it causes, in order."""
    fan_out = FanOut(parts.db, parts.posts)
    told = fan_out.on_fact
    noted, tell = parts.alerts.on_case, parts.announcer
    news = mailing.Noticing(parts.db, parts.sites).on_posted
    return {
        comments.CommentPosted: [ForAll(tell.on_posted, tell.on_all_posted), ForAll(told, fan_out.on_facts), news],
        comments.CommentEdited: [tell.on_edited, told],
        comments.CommentRemoved: [tell.on_removed, told],
        comments.VotesMoved: [tell.on_votes_moved],
        threads.ThreadClosed: [tell.on_thread, told],
        threads.ThreadReopened: [tell.on_thread],
        moderation.CaseOpened: [parts.queue.on_case_opened, told, noted],
        moderation.CaseDecided: [told],
        moderation.CaseRaised: [parts.queue.on_case_raised, noted],
        moderation.CaseClosed: [parts.queue.on_case_closed],
        SignInAsked: [_mail_link(parts)],
        readers.CodeAsked: [_mail_code(parts)],
        readers.WaysChanged: [_mail_notice(parts)],
        mailing.ConfirmationAsked: [parts.reader_mail.on_asked],
        WebhookDisabled: [tell_owners(parts.db, parts.mailer, parts.settings.origin)],
    }


def _mail_link(parts: Parts) -> Callable[[SignInAsked], Awaitable[None]]:
    async def mail_link(fact: SignInAsked) -> None:
        staff = await parts.db.read(identity.staff_of, fact.account)
        if staff is None:
            return
        # Made here and not where it was asked for: the token is in the mail and nowhere else.
        token = await parts.db.transact(identity.make_link, fact.account)
        minutes = int(identity.LINK_LIFE.total_seconds() // 60)
        text = (
            f"Hello {staff.account.name},\n\n"
            f"sign in to the moderators' console with this link. It works once, within {minutes} minutes:\n\n"
            f"{parts.settings.origin}/console/enter?token={token}\n\n"
            "If you did not ask for it, ignore this mail: nobody gets in without the link.\n"
        )
        await parts.mailer.send(Mail(staff.account.email, "Your sign-in link", text, key=f"link-{fact.request}"))

    return mail_link


def _mail_code(parts: Parts) -> Callable[[readers.CodeAsked], Awaitable[None]]:
    async def mail_code(fact: readers.CodeAsked) -> None:
        titles = {site.id: site.title or site.name for site in await parts.db.read(sites.all_sites)}
        letter = await parts.db.read(readers.letter_for, parts.keeper, fact.ask, titles)
        if letter is not None:
            to, subject, text = letter
            await parts.mailer.send(Mail(to, subject, text, key=f"code-{fact.ask[:16]}"))

    return mail_code


def _mail_notice(parts: Parts) -> Callable[[readers.WaysChanged], Awaitable[None]]:
    async def mail_notice(fact: readers.WaysChanged) -> None:
        letter = await parts.db.read(readers.notice_for, parts.keeper, fact.notice)
        if letter is not None:
            to, subject, text = letter
            await parts.mailer.send(Mail(to, subject, text, key=f"ways-{fact.notice}"))
            await parts.db.transact(readers.noticed, fact.notice)

    return mail_notice


async def run(parts: Parts) -> None:
    """Hand facts on and do the periodic work until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.relay.run())
        group.create_task(parts.posts.run())
        group.create_task(parts.questions.run())
        group.create_task(_every(timedelta(seconds=20), "queue.reconcile", lambda: _reconcile(parts)))
        group.create_task(_every(timedelta(seconds=1), "votes.fold", lambda: votes.fold_waiting(parts.db)))
        group.create_task(_every(timedelta(minutes=1), "ranks.forget", lambda: _forget_old_ranks(parts)))
        group.create_task(_every(timedelta(seconds=2), "bulk", lambda: _bulk(parts)))
        group.create_task(_every(timedelta(seconds=2), "imports", lambda: _imports(parts)))
        group.create_task(_every(timedelta(seconds=2), "thread_jobs", lambda: _thread_jobs(parts)))
        group.create_task(_every(timedelta(minutes=1), "erasing", lambda: _erase_sites(parts)))
        group.create_task(_every(timedelta(seconds=2), "exports", lambda: _exports(parts)))
        group.create_task(_erasures(parts))
        group.create_task(_every(timedelta(seconds=10), "alerts", parts.alerts.send_due))
        group.create_task(_every(timedelta(minutes=1), "clock.mend", lambda: mend(parts)))
        group.create_task(_every(timedelta(seconds=10), "reader_mail", lambda: _reader_mail(parts)))
        group.create_task(_every(timedelta(minutes=10), "expiry", lambda: _expire(parts)))


async def _every(interval: timedelta, name: str, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            with traces.work(name) if traces.on else contextlib.nullcontext():
                await act()
        except Unavailable:
            log.info("work.postponed", work=name)
        except Exception as error:  # one failure must not end the work of the process
            log.warning("work.failed", work=name, error=type(error).__name__, exc_info=error)
        end_if_told()
        await asyncio.sleep(interval.total_seconds())


async def mend(parts: Parts) -> None:
    """What was put off by a clock that ran ahead is due: everybody would wait until that time has really come."""
    for hurry in (outbox.hurry, deliveries.hurry, hooks.hurry):
        await parts.db.transact(hurry)
    parts.relay.poke()


async def _reconcile(parts: Parts) -> None:
    for site in await parts.db.read(sites.all_sites):
        await parts.queue.reconcile(site.id)


async def _forget_old_ranks(parts: Parts) -> None:
    while await parts.db.transact(comments.forget_old_ranks, clock.now() - comments.RANKS_KEPT):
        pass


async def _bulk(parts: Parts) -> None:
    if await bulk_work.work(parts.db, parts.queue):
        parts.relay.poke()


async def _imports(parts: Parts) -> None:
    if await transfer.work(parts.db):
        parts.relay.poke()


async def _thread_jobs(parts: Parts) -> None:
    if await publishing.work(parts.db):
        parts.relay.poke()


async def _erase_sites(parts: Parts) -> None:
    await publishing.erase_due(parts.db, parts.redis)


async def _exports(parts: Parts) -> None:
    await exports.work(parts.db, parts.keeper)


async def _reader_mail(parts: Parts) -> None:
    await parts.reader_mail.send_due()


async def _erasures(parts: Parts) -> None:
    """First whoever an old copy of the database has brought back, however it was put in place; then what is asked."""
    eraser = privacy.Eraser(parts.db, parts.keeper, parts.settings.erased_file)
    is_checked = False

    async def work() -> None:
        nonlocal is_checked
        if not is_checked:
            try:
                await privacy.erase_again(parts.db, parts.keeper, parts.settings.erased_file)
            except (privacy.ListUnreadable, privacy.ListDamaged, OSError) as error:
                # What is asked for is carried out all the same; `parley doctor` says what is wrong with the list.
                log.warning("erasure.list-unusable", error=type(error).__name__)
            is_checked = True
        if await eraser.work():
            parts.relay.poke()

    await _every(timedelta(seconds=10), "erasures", work)


async def _expire(parts: Parts) -> None:
    await parts.db.transact(bulk.forget_previews)
    while await parts.db.transact(transfer.forget_files):
        pass
    await parts.db.transact(reporters.forget_stale)
    await parts.db.transact(identity.forget_expired)
    await parts.db.transact(readers.forget_codes)
    await parts.db.transact(readers.forget_sessions)
    await parts.db.transact(readers.forget_windows)
    await parts.db.transact(readers.forget_proofs)
    await parts.db.transact(readers.forget_notices)
    await parts.db.transact(keys.forget_ended_tokens)
    await parts.db.transact(keys.forget_ended)
    await parts.db.transact(privacy.forget_sessions)
    await parts.db.transact(privacy.forget_exports)
    await privacy.Eraser(parts.db, parts.keeper, parts.settings.erased_file).keep_list()
    await parts.db.transact(posting.forget_retries)
    await parts.db.transact(forget_old)
    await parts.db.transact(forget_old_links)
    await parts.db.transact(hooks.forget_old)
    while await parts.db.transact(mailing.forget_by_age):
        pass
    await parts.db.transact(record.forget_expired, record.PLATFORM)
    for site in await parts.db.read(sites.all_sites):
        await retention.forget_by_age(parts.db, site)
    while await parts.db.transact(comments.forget_addresses, clock.now() - identity.ADDRESS_LIFE):
        pass
    while await parts.db.transact(publishing.forget_old):
        pass
    await parts.db.transact(_forget_keys)


async def _forget_keys(tx: WriteTx) -> None:
    await identity.forget_address_keys(tx, await sanctions.keys_in_use(tx))
