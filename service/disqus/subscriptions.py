"""`forums/webhooks/…`: how WordPress's plugin for Disqus asks to be told of comments. For owners only.

Before anything is sent there, the address has to answer a challenge that is signed with the secret it named.
"""

from __future__ import annotations

import json

from service.delivery import syncing, webhooks
from service.delivery.webhooks import LEAST_SECRET, SYNCED, Webhook
from service.disqus import finding
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.calls import Answer, Call
from service.disqus.faults import BAD_ARGUMENT, NOT_FOUND, Fault
from service.disqus.shapes import Shape
from service.kit import signing
from service.kit.db import ReadTx, WriteTx
from service.kit.http import NoAnswer
from service.kit.seal import Keeper, is_same, new_token
from service.record import Actor
from service.sites import Site
from service.web.parts import Parts

_SECONDS = 10.0  # for the answer to the challenge


async def webhooks_list(call: Call) -> Answer:
    """A forum's subscriptions. Their secrets are the receivers' own, who compare them."""
    site = await finding.forum(call.tx, call.asked)
    call.caller.owner(site)
    return Answer([_shape(*each, site) for each in await webhooks.synced(call.tx, call.keeper, site.id)])


async def webhooks_create(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Tell `url` of comments, signed with `secret`; one that is told already is updated."""
    site = await parts.db.read(finding.forum, asked)
    staff = caller.owner(site)
    url, secret = parts.out.checked(asked.needs("url")), _secret(asked.needs("secret"))
    await _challenge(parts, url, secret)

    async def make(tx: WriteTx) -> Shape:
        by = Actor.account(staff.account.id)
        known = next((each for each, _ in await webhooks.synced(tx, parts.keeper, site.id) if each.url == url), None)
        if known is not None:
            enabled = _is_on(asked, otherwise=known.enabled)
            return await _changed(tx, parts.keeper, site, known, secret, enabled=enabled, by=by)
        made, _ = await webhooks.create(
            tx,
            parts.keeper,
            site.id,
            url,
            SYNCED,
            "WordPress",
            form="disqus",
            secret=secret,
            enabled=_is_on(asked, otherwise=True),
            by=by,
        )
        return _shape(made, secret, site)

    return Answer(await parts.db.transact(make))


async def webhooks_update(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Switch a `subscription` on or off, or give it another `secret`."""
    site = await parts.db.read(finding.forum, asked)
    staff = caller.owner(site)
    known, before = await parts.db.read(_known, parts.keeper, site, asked.needs("subscription"))
    secret = _secret(said) if (said := asked.one("secret")) is not None else None
    if secret is not None and not is_same(secret, before):
        await _challenge(parts, known.url, secret)
    by = Actor.account(staff.account.id)

    async def change(tx: WriteTx) -> Shape:
        enabled = _is_on(asked, otherwise=known.enabled)
        return await _changed(tx, parts.keeper, site, known, secret or before, enabled=enabled, by=by)

    changed = await parts.db.transact(change)
    parts.posts.poke()
    return Answer(changed)


async def _changed(
    tx: WriteTx, keeper: Keeper, site: Site, known: Webhook, secret: str, *, enabled: bool, by: Actor
) -> Shape:
    after = await webhooks.change(
        tx, site.id, known.id, url=known.url, events=SYNCED, note=known.note, enabled=enabled, by=by
    )
    if not is_same((await _known(tx, keeper, site, str(known.id)))[1], secret):
        await webhooks.give_secret(tx, keeper, site.id, known.id, secret, by=by)
    return _shape(after, secret, site)


async def _known(tx: ReadTx, keeper: Keeper, site: Site, number: str) -> tuple[Webhook, str]:
    for webhook, secret in await webhooks.synced(tx, keeper, site.id):
        if str(webhook.id) == number:
            return webhook, secret
    raise Fault(NOT_FOUND, f"Unable to find subscription '{number}'")


async def _challenge(parts: Parts, url: str, secret: str) -> None:
    """Raises Fault for who does not answer the challenge: with another secret, or not at all."""
    challenge = new_token()
    body = json.dumps(syncing.verification(challenge)).encode()
    try:
        answer = await parts.out.post(url, body, signing.hub_signed([secret], body), seconds=_SECONDS)
    except NoAnswer as fault:
        raise Fault(BAD_ARGUMENT, f"Invalid argument, 'url': {fault}") from fault
    if not answer.is_good or not is_same(answer.body.strip(), challenge):
        raise Fault(BAD_ARGUMENT, "Invalid argument, 'url': it does not answer the challenge, or has another secret")


def _secret(said: str) -> str:
    if not LEAST_SECRET <= len(said) <= 200:
        raise Fault(BAD_ARGUMENT, f"Invalid argument, 'secret': {LEAST_SECRET} to 200 characters")
    return said


def _is_on(asked: Asked, *, otherwise: bool) -> bool:
    said = asked.one("enableSending")
    return otherwise if said is None else said.lower() in {"1", "true"}


def _shape(webhook: Webhook, secret: str, site: Site) -> Shape:
    return {
        "id": str(webhook.id),
        "url": webhook.url,
        "secret": secret,
        "enableSending": webhook.enabled,
        "forum": site.name,
    }
