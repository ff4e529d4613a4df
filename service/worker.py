"""What follows from what, and the work that comes back: read this screen to know what a fact causes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from service import comments, identity, moderation, posting, sites, threads
from service.delivery import Mail
from service.identity.events import SignInAsked
from service.kit.errors import Unavailable
from service.outbox import Fact, Reaction
from service.web.parts import Parts

log = structlog.get_logger()


def reactions(parts: Parts) -> Mapping[type[Fact], Sequence[Reaction]]:
    """Every fact and what it causes, in order."""
    tell = parts.announcer
    return {
        comments.CommentPosted: [tell.on_posted],
        comments.CommentEdited: [tell.on_edited],
        comments.CommentRemoved: [tell.on_removed],
        comments.VotesMoved: [tell.on_votes_moved],
        threads.ThreadClosed: [tell.on_thread],
        threads.ThreadReopened: [tell.on_thread],
        moderation.CaseOpened: [parts.queue.on_case_opened],
        moderation.CaseRaised: [parts.queue.on_case_raised],
        moderation.CaseClosed: [parts.queue.on_case_closed],
        SignInAsked: [_mail_link(parts)],
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


async def run(parts: Parts) -> None:
    """Hand facts on and do the periodic work until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.relay.run())
        group.create_task(_every(timedelta(seconds=20), "queue.reconcile", lambda: _reconcile(parts)))
        group.create_task(_every(timedelta(minutes=10), "expiry", lambda: _expire(parts)))


async def _every(interval: timedelta, name: str, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await act()
        except Unavailable:
            log.info("work.postponed", work=name)
        except Exception as error:  # one failure must not end the work of the process
            log.warning("work.failed", work=name, error=type(error).__name__, exc_info=error)
        await asyncio.sleep(interval.total_seconds())


async def _reconcile(parts: Parts) -> None:
    for site in await parts.db.read(sites.all_sites):
        await parts.queue.reconcile(site.id)


async def _expire(parts: Parts) -> None:
    await parts.db.transact(identity.forget_expired)
    await parts.db.transact(posting.forget_retries)
