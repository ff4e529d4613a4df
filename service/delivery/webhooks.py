"""Webhooks of a site: made, listed, changed, given a new secret, deleted. The secret is shown when it is made, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from service import record
from service.delivery.tables import DeliveryRow, WebhookRow, is_waiting
from service.kit import clock, ids, signing
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.kit.seal import Keeper
from service.record import Actor

Event = Literal[
    "case.opened", "case.decided", "comment.posted", "comment.edited", "comment.removed", "thread.closed"
]  # fmt: skip
EVENTS: tuple[Event, ...] = get_args(Event)
Form = Literal["parley", "disqus"]
# What WordPress's plugin for Disqus can be told.
SYNCED: tuple[Event, ...] = ("comment.posted", "comment.edited", "comment.removed")
LEAST_SECRET = 32  # characters of a secret that the receiver made, as the plugin has it
# What the test button sends, whatever the webhook listens to.
TEST = "webhook.test"
MOST_WEBHOOKS = 20


class WebhookUnknown(NotFound):
    """There is no such webhook at this site."""

    type = "webhook-unknown"


class TooManyWebhooks(Conflict):
    """This site has as many webhooks as one may have. Delete one first."""

    type = "too-many-webhooks"


@dataclass(frozen=True)
class Webhook:
    """Where a site's events are sent. `secrets` says how many are valid; what they are is told to nobody."""

    id: int
    site_id: int
    url: str
    events: tuple[str, ...]
    form: str
    note: str
    enabled: bool
    disabled_because: str
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    created_at: datetime
    secrets: tuple[datetime | None, ...]
    """Until when each valid secret is; None for the newest, which stays."""


async def create(
    tx: WriteTx,
    keeper: Keeper,
    site_id: int,
    url: str,
    events: Sequence[Event],
    note: str = "",
    *,
    form: Form = "parley",
    secret: str | None = None,
    enabled: bool = True,
    by: Actor,
) -> tuple[Webhook, str]:
    """A new webhook and its secret, `secret` where the receiver made it; `url` has gone through `Outbound.checked`.

    Raises TooManyWebhooks.
    """
    count = await tx.exec(select(func.count()).select_from(WebhookRow).where(col(WebhookRow.site_id) == site_id))
    if count.one() >= MOST_WEBHOOKS:
        raise TooManyWebhooks
    made, kept = (secret, signing.given(keeper, secret)) if secret else signing.rotated(keeper, [], keep=timedelta())
    row = WebhookRow(
        id=ids.new_id(),
        site_id=site_id,
        url=url,
        events=_ordered(events),
        form=form,
        note=note,
        secrets=kept,
        enabled=enabled,
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    await _note(tx, by, "webhook-added", row)
    return _webhook(row), made


async def of_site(tx: ReadTx, site_id: int) -> list[Webhook]:
    """A site's webhooks, the oldest first."""
    rows = await tx.exec(select(WebhookRow).where(WebhookRow.site_id == site_id).order_by(col(WebhookRow.id)))
    return [_webhook(row) for row in rows]


async def get(tx: ReadTx, site_id: int, webhook_id: int) -> Webhook:
    """One webhook of a site. Raises WebhookUnknown, also for another site's."""
    return _webhook(await _row(tx, site_id, webhook_id))


async def change(
    tx: WriteTx,
    site_id: int,
    webhook_id: int,
    *,
    url: str,
    events: Sequence[Event],
    note: str,
    enabled: bool,
    by: Actor,
) -> Webhook:
    """Replace what is set. Enabling one that failed for long begins anew. Raises WebhookUnknown."""
    row = await _row(tx, site_id, webhook_id)
    if (enabled and not row.enabled) or url != row.url:
        row.failures, row.failing_since, row.rests_until, row.disabled_because = 0, None, None, ""
    row.url, row.events, row.note, row.enabled = url, _ordered(events), note, enabled
    await tx.flush()
    await _note(tx, by, "webhook-changed", row)
    return _webhook(row)


async def rotate(
    tx: WriteTx, keeper: Keeper, site_id: int, webhook_id: int, *, keep: timedelta, by: Actor
) -> tuple[Webhook, str]:  # fmt: skip
    """A new secret; those before it sign beside it for `keep`. Raises WebhookUnknown."""
    row = await _row(tx, site_id, webhook_id)
    secret, row.secrets = signing.rotated(keeper, row.secrets, keep=keep)
    await tx.flush()
    await _note(tx, by, "webhook-secret-made", row)
    return _webhook(row), secret


async def synced(tx: ReadTx, keeper: Keeper, site_id: int) -> list[tuple[Webhook, str]]:
    """The webhooks of a site in Disqus's form, each with the secret its receiver made or was given."""
    query = select(WebhookRow).where(WebhookRow.site_id == site_id, WebhookRow.form == "disqus")
    rows = await tx.exec(query.order_by(col(WebhookRow.id)))
    return [(_webhook(row), next(iter(signing.valid(keeper, row.secrets)), "")) for row in rows]


async def give_secret(
    tx: WriteTx, keeper: Keeper, site_id: int, webhook_id: int, secret: str, *, by: Actor
) -> None:  # fmt: skip
    """Sign with a secret the receiver made from now on. Raises WebhookUnknown."""
    row = await _row(tx, site_id, webhook_id)
    row.secrets = signing.given(keeper, secret)
    await tx.flush()
    await _note(tx, by, "webhook-secret-made", row)


async def remove(tx: WriteTx, site_id: int, webhook_id: int, *, by: Actor) -> None:
    """Delete a webhook with its log; nothing is sent any more. Raises WebhookUnknown."""
    row = await _row(tx, site_id, webhook_id)
    # Whoever notes a delivery at this moment waits, and then finds no webhook.
    await tx.get(WebhookRow, row.id, with_for_update=True, populate_existing=True)
    await tx.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook_id) == row.id))
    await tx.exec(delete(WebhookRow).where(col(WebhookRow.id) == row.id))
    await _note(tx, by, "webhook-removed", row)


async def disable(tx: WriteTx, webhook_id: int, because: str) -> bool:
    """Send nothing more until an owner enables it; what waits is dead, and can be replayed. False if it was so."""
    done = await tx.exec(
        update(WebhookRow)
        .where(col(WebhookRow.id) == webhook_id, col(WebhookRow.enabled))
        .values(enabled=False, disabled_because=because)
    )
    if done.rowcount == 0:
        return False
    await tx.exec(
        update(DeliveryRow).where(col(DeliveryRow.webhook_id) == webhook_id, is_waiting()).values(state="dead")
    )
    return True


async def _note(tx: WriteTx, by: Actor, act: str, row: WebhookRow) -> None:
    # Where things are sent is an address: it can be erased from the record, what was done stays.
    detail = {"events": list(row.events), "enabled": row.enabled}
    await record.append(tx, row.site_id, by, act, f"webhook:{row.id}", detail, words={"url": row.url})


async def _row(tx: ReadTx, site_id: int, webhook_id: int) -> WebhookRow:
    row = await tx.get(WebhookRow, webhook_id)
    if row is None or row.site_id != site_id:
        raise WebhookUnknown
    return row


def _ordered(events: Sequence[Event]) -> list[str]:
    return [event for event in EVENTS if event in events]


def _webhook(row: WebhookRow) -> Webhook:
    now = clock.now()
    ends = [datetime.fromisoformat(each["until"]) if each["until"] else None for each in row.secrets]
    return Webhook(
        row.id,
        row.site_id,
        row.url,
        tuple(row.events),
        row.form,
        row.note,
        row.enabled,
        row.disabled_because,
        row.failures,
        row.failing_since,
        row.rests_until,
        row.created_at,
        tuple(end for end in ends if end is None or end > now),
    )
