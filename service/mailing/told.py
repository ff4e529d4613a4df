"""A person's mail as a view: where it goes, how it stands, what they asked for."""

from __future__ import annotations

from service import identity, mailing, threads
from service.identity import Person
from service.kit.db import ReadTx
from service.kit.seal import Keeper
from service.mailing.subscriptions import Subscription
from service.pages.mail_own_views import OwnMailView, SubscriptionView
from service.sites import Site


async def own_mail(tx: ReadTx, keeper: Keeper, site: Site, person: Person, thread_id: int | None = None) -> OwnMailView:
    """What a person is told; with `thread_id`, of that discussion."""
    address = await mailing.address_of(tx, keeper, person.id)
    found = await mailing.of_person(tx, person.id, thread_id)
    return OwnMailView(
        is_on=mailing.rules_of(site).enabled,
        state=address.state if address else "none",
        why=(address.why or None) if address else None,
        email=address.email if address else None,
        pace=address.pace if address else "at-once",
        items=await views(tx, found),
    )


async def views(tx: ReadTx, found: list[Subscription]) -> list[SubscriptionView]:
    """Subscriptions with what they are about."""
    about = await threads.get_many(tx, [each.thread_id for each in found if each.thread_id])
    authors = await identity.people(tx, [each.author_id for each in found if each.author_id])
    told = []
    for each in found:
        thread = about.get(each.thread_id or 0)
        author = authors.get(each.author_id or 0)
        told.append(
            SubscriptionView(
                id=str(each.id),
                kind=each.kind,
                thread=str(each.thread_id) if each.thread_id else None,
                title=(thread.title or thread.url) if thread else None,
                link=f"/t/{each.thread_id}" if each.thread_id else None,
                author=author.name if author else None,
                created_at=each.created_at,
            )
        )
    return told
