"""The act of asking for mail: who asks, what about, to which address. Who was nobody yet is a guest from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service import comments, identity, posting, threads
from service.comments import CommentUnknown
from service.identity import Person, Visitor
from service.kit import clock
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid
from service.kit.seal import Keeper
from service.mailing import addresses, subscriptions
from service.mailing.addresses import Address, Pace
from service.mailing.rules import next_digest, rules_of
from service.mailing.subscriptions import Kind, Subscription
from service.sites import Site


class MailOff(Forbidden):
    """This site sends no mail to its readers."""

    type = "mail-off"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to be told. `comment` says whose comments are not to be told of (`muted`)."""

    kind: Kind
    thread: int | None = None
    comment: int | None = None
    email: str | None = None
    language: str = "en"


async def wish(
    tx: WriteTx, keeper: Keeper, site: Site, who: Visitor, new: Wish
) -> tuple[Person, Subscription, Address | None]:
    """Note a wish. Mail begins when the address is confirmed, and at once where it is.

    Raises MailOff, GuestsRefused, SiteAccountNeeded, ThreadUnknown, CommentUnknown, AddressNeeded,
    TooManySubscriptions, Invalid.
    """
    if not rules_of(site).enabled:
        raise MailOff
    posting.refuse_outsiders(site, who)
    thread, author = await _thread(tx, site, new), await _author(tx, site, new)
    if who.person is None and new.email is None:
        raise addresses.AddressNeeded(field="email")
    person = who.person or await identity.make_guest(tx, keeper, site.id, "")
    if new.kind in {"quiet", "muted"}:
        address = await addresses.address_of(tx, keeper, person.id)
    else:
        address = await addresses.use(tx, keeper, person, new.email, new.language)
    return person, await subscriptions.add(tx, person, new.kind, thread, author), address


async def change(
    tx: WriteTx,
    keeper: Keeper,
    site: Site,
    person: Person,
    pace: Pace | None,
    state: Literal["on", "off"] | None,
    language: str,
) -> None:
    """Change how often somebody's mail comes, end all of it, or begin again. Raises MailOff, AddressNeeded."""
    if state == "off":
        await addresses.end(tx, person.id)
    if state == "on":
        if not rules_of(site).enabled:
            raise MailOff
        await addresses.use(tx, keeper, person, None, language)
    if pace is not None:
        now = clock.now()
        await addresses.set_pace(tx, person.id, pace, next_digest(site, now) if pace == "daily" else now)


async def _thread(tx: WriteTx, site: Site, new: Wish) -> int | None:
    if new.kind in {"thread", "quiet"} and new.thread is None:
        raise Invalid("say which discussion: `thread`", field="thread")
    if new.thread is None or new.kind == "muted":
        return None
    found = await threads.get(tx, new.thread)
    if found.site_id != site.id:
        raise threads.ThreadUnknown(field="thread")
    return found.id


async def _author(tx: WriteTx, site: Site, new: Wish) -> int | None:
    if new.kind != "muted":
        return None
    if new.comment is None:
        raise Invalid("say whose comments: `comment` is one of theirs", field="comment")
    comment = await comments.get(tx, new.comment)
    if comment.site_id != site.id or not comment.is_published or comment.person_id is None:
        raise CommentUnknown
    return comment.person_id
