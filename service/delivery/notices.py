"""Mail to owners about what concerns them as owners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from service import identity, sites
from service.delivery.events import WebhookDisabled
from service.delivery.mail import Mail, Mailer
from service.delivery.webhooks import Webhook, WebhookUnknown, get
from service.identity import Account
from service.kit.db import Database, ReadTx
from service.sites import Site


def tell_owners(db: Database, mailer: Mailer, origin: str) -> Callable[[WebhookDisabled], Awaitable[None]]:
    """The reaction to a webhook that was switched off."""

    async def tell(fact: WebhookDisabled) -> None:
        found = await db.read(_found, fact)
        if found is None:
            return
        site, webhook, owners = found
        for owner in owners:
            await mailer.send(_mail(owner, site, webhook, origin, f"webhook-off-{fact.change}-{owner.id}"))

    return tell


async def _found(tx: ReadTx, fact: WebhookDisabled) -> tuple[Site, Webhook, list[Account]] | None:
    try:
        webhook = await get(tx, fact.site, fact.webhook)
    except WebhookUnknown:
        return None
    team = await identity.team(tx, fact.site)
    return await sites.by_id(tx, fact.site), webhook, [member.account for member in team if member.role == "owner"]


def _mail(owner: Account, site: Site, webhook: Webhook, origin: str, key: str) -> Mail:
    text = (
        f"Hello {owner.name},\n\n"
        f"a webhook of {site.name} was switched off, because what was sent to it was not taken:\n\n"
        f"  {webhook.url}\n"
        f"  {webhook.disabled_because}\n\n"
        "Nothing is lost: what was not taken is in the log of deliveries and can be sent again\n"
        "when the receiver works and the webhook is switched on:\n\n"
        f"{origin}/console\n"
    )
    return Mail(owner.email, f"A webhook of {site.name} was switched off", text, key=key)
