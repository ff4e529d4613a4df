"""Webhooks over HTTP, for owners of the site: set up, test, look at what became of each event, send again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, Field

from service import record
from service.delivery import deliveries, sending, webhooks
from service.delivery.deliveries import Delivery
from service.delivery.webhooks import Event, Form, Webhook
from service.identity import Staff
from service.kit import text
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.http import URLRefused
from service.kit.ids import parse_id
from service.kit.paging import InvalidCursor
from service.limits import LimitReached
from service.limits.rules import Limit, ScopeLimits
from service.pages.views import View
from service.record import Actor
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.owned import owned_site
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites/{site}/webhooks", tags=["webhooks"])

# Each test sends something to somebody.
_TESTS = ScopeLimits(author=(Limit(10, 60), Limit(100, 3_600)))

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
WebhookId = Annotated[PublicId, Path(description="A webhook's id")]
DeliveryId = Annotated[PublicId, Path(description="A delivery's id")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


def _some(events: list[Event]) -> list[Event]:
    return list(dict.fromkeys(events))


Events = Annotated[
    list[Event], Field(min_length=1, max_length=20, description="What it is told"), AfterValidator(_some)
]


class NewWebhookBody(Body):
    """Where to send what."""

    url: Text = Field(max_length=2_000, examples=["https://hooks.news.example/parley"])
    events: Events
    note: Text = Field(default="", max_length=200, description="What it is for; only the team sees it")


class WebhookBody(NewWebhookBody):
    """All that can be changed."""

    enabled: bool = True


class MadeWebhookBody(NewWebhookBody):
    """Where to send what, and how."""

    form: Form = Field(
        default="parley",
        description="`disqus`: as the WordPress plugin of Disqus wants to be told (docs/disqus.md), of comments only",
    )


class RotateBody(Body):
    """How long the secrets before the new one stay valid."""

    keep_hours: int = Field(default=24, ge=0, le=168)


class WebhookView(View):
    """A webhook. What its secrets are is told when they are made, and not again."""

    id: str
    url: str
    events: list[str]
    form: str = Field(description="`parley` or `disqus`")
    note: str
    enabled: bool
    disabled_because: str = Field(description="Why it was switched off, when Parley did that")
    failures: int = Field(description="Failed tries in a row")
    failing_since: datetime | None
    rests_until: datetime | None = Field(description="Not tried before, after failures")
    secrets: int = Field(description="Valid secrets; each message has a signature of each")
    created_at: datetime


class WebhookListView(View):
    """A site's webhooks."""

    items: list[WebhookView]
    next_cursor: str | None = None


class SecretView(View):
    """A webhook and its new secret, shown this once."""

    webhook: WebhookView
    secret: str = Field(examples=["whsec_…"])


class TryView(View):
    """One try."""

    at: datetime
    status: int | None = Field(description="Of the answer; null when there was none")
    fault: str = Field(description="Why it was not taken; empty when it was")
    milliseconds: int


class DeliveryView(View):
    """What became of one event."""

    id: str
    message: str = Field(description="`webhook-id`: the same at every try and replay")
    event: str
    state: str = Field(description="`waiting`, `delivered`, `dead`, or `moot`: there was nothing to tell any more")
    attempts: int
    next_at: datetime | None = Field(description="When it is tried next")
    created_at: datetime
    tries: list[TryView]


class DeliveryListView(View):
    """The log, newest first."""

    items: list[DeliveryView]
    next_cursor: str | None = None


class ReplayedView(View):
    """How many are sent again."""

    count: int


@router.get("", responses=raises(*_SHARED))
async def get_webhooks(site: SiteName, response: Response, parts: AllParts, who: Moderator) -> WebhookListView:
    """The webhooks of a site."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    return WebhookListView(items=[_webhook(each) for each in await parts.db.read(webhooks.of_site, found.id)])


@router.post("", status_code=201, responses=raises(*_SHARED, Invalid, URLRefused, webhooks.TooManyWebhooks))
async def post_webhook(
    site: SiteName, new: MadeWebhookBody, response: Response, parts: AllParts, who: Moderator
) -> SecretView:
    """Add a webhook. The answer has its secret, which is not shown again."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    url = parts.out.checked(new.url)
    made, secret = await parts.db.transact(
        webhooks.create,
        parts.keeper,
        found.id,
        url,
        new.events,
        _note(new.note),
        form=new.form,
        by=Actor.account(who.account.id),
    )
    return SecretView(webhook=_webhook(made), secret=secret)


@router.put("/{webhook}", responses=raises(*_SHARED, Invalid, URLRefused, webhooks.WebhookUnknown))
async def put_webhook(
    site: SiteName, webhook: WebhookId, new: WebhookBody, parts: AllParts, who: Moderator
) -> WebhookView:
    """Replace where it leads and what it is told, or switch it on and off. Its secret stays."""
    found = await owned_site(parts, who, site)
    changed = await parts.db.transact(
        webhooks.change,
        found.id,
        number(webhook),
        url=parts.out.checked(new.url),
        events=new.events,
        note=_note(new.note),
        enabled=new.enabled,
        by=Actor.account(who.account.id),
    )
    return _webhook(changed)


@router.delete("/{webhook}", status_code=204, responses=raises(*_SHARED, webhooks.WebhookUnknown))
async def delete_webhook(site: SiteName, webhook: WebhookId, parts: AllParts, who: Moderator) -> None:
    """Delete a webhook with its log."""
    found = await owned_site(parts, who, site)
    await parts.db.transact(webhooks.remove, found.id, number(webhook), by=Actor.account(who.account.id))


@router.post("/{webhook}/rotate", responses=raises(*_SHARED, Invalid, webhooks.WebhookUnknown))
async def post_rotate(
    site: SiteName, webhook: WebhookId, asked: RotateBody, response: Response, parts: AllParts, who: Moderator
) -> SecretView:
    """Make a new secret. Until the old one ends, messages are signed with both."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    changed, secret = await parts.db.transact(
        webhooks.rotate,
        parts.keeper,
        found.id,
        number(webhook),
        keep=timedelta(hours=asked.keep_hours),
        by=Actor.account(who.account.id),
    )
    return SecretView(webhook=_webhook(changed), secret=secret)


@router.post("/{webhook}/test", responses=raises(*_SHARED, webhooks.WebhookUnknown, LimitReached))
async def post_test(site: SiteName, webhook: WebhookId, parts: AllParts, who: Moderator) -> DeliveryView:
    """Send a `webhook.test` now, and say what came back. It is tried once, also while the webhook is off."""
    found = await owned_site(parts, who, site)
    await parts.limiter.spend(found.id, "webhook-test", _TESTS, {"author": who.account.id})
    delivery = await parts.db.transact(_ping, found, number(webhook), who)
    await parts.sending.work(delivery)
    return _delivery(await parts.db.read(deliveries.get, number(webhook), delivery))


@router.get("/{webhook}/deliveries", responses=raises(*_SHARED, Invalid, InvalidCursor, webhooks.WebhookUnknown))
async def get_deliveries(
    site: SiteName,
    webhook: WebhookId,
    response: Response,
    parts: AllParts,
    who: Moderator,
    state: Annotated[deliveries.State | None, Query(description="Only those in this state")] = None,
    cursor: Annotated[Text | None, Query(max_length=60, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items on a page")] = 50,
) -> DeliveryListView:
    """What was sent, what came back, how long it took; kept for 30 days."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await owned_site(parts, who, site)
    after = parse_id(cursor, field="cursor") if cursor else None
    rows = await parts.db.read(_log, found, number(webhook), state, after, limit + 1)
    return DeliveryListView(
        items=[_delivery(row) for row in rows[:limit]],
        next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None,
    )


@router.post("/{webhook}/deliveries/replay", status_code=202, responses=raises(*_SHARED, webhooks.WebhookUnknown))
async def post_replay_failed(site: SiteName, webhook: WebhookId, parts: AllParts, who: Moderator) -> ReplayedView:
    """Send everything that is dead once more."""
    found = await owned_site(parts, who, site)
    count = await parts.db.transact(_replay_failed, found, number(webhook), who)
    parts.posts.poke()
    return ReplayedView(count=count)


@router.post(
    "/{webhook}/deliveries/{delivery}/replay",
    status_code=202,
    responses=raises(*_SHARED, webhooks.WebhookUnknown, deliveries.DeliveryUnknown),
)
async def post_replay(
    site: SiteName, webhook: WebhookId, delivery: DeliveryId, parts: AllParts, who: Moderator
) -> DeliveryView:
    """Send one event once more, as the same message, whatever became of it before."""
    found = await owned_site(parts, who, site)
    again = await parts.db.transact(_replay, found, number(webhook), number(delivery), who)
    parts.posts.poke()
    return _delivery(again)


async def _ping(tx: WriteTx, site: Site, webhook_id: int, who: Staff) -> int:
    await webhooks.get(tx, site.id, webhook_id)
    await _record(tx, site, who, "webhook-tested", webhook_id)
    return await sending.ping(tx, webhook_id)


async def _replay_failed(tx: WriteTx, site: Site, webhook_id: int, who: Staff) -> int:
    await webhooks.get(tx, site.id, webhook_id)
    count = await deliveries.replay_failed(tx, webhook_id)
    await _record(tx, site, who, "webhook-replayed", webhook_id, count=count)
    return count


async def _replay(tx: WriteTx, site: Site, webhook_id: int, delivery_id: int, who: Staff) -> Delivery:
    await webhooks.get(tx, site.id, webhook_id)
    again = await deliveries.replay(tx, webhook_id, delivery_id)
    await _record(tx, site, who, "webhook-replayed", webhook_id, delivery=str(delivery_id))
    return again


async def _record(tx: WriteTx, site: Site, who: Staff, act: str, webhook_id: int, **detail: Any) -> None:
    await record.append(tx, site.id, Actor.account(who.account.id), act, f"webhook:{webhook_id}", detail)


async def _log(
    tx: ReadTx, site: Site, webhook_id: int, state: deliveries.State | None, after: int | None, limit: int
) -> list[Delivery]:
    await webhooks.get(tx, site.id, webhook_id)
    return await deliveries.of_webhook(tx, webhook_id, state=state, after=after, limit=limit)


def _note(note: str) -> str:
    return text.clean_line(note, field="note", max_chars=200) if note.strip() else ""


def _webhook(webhook: Webhook) -> WebhookView:
    return WebhookView(
        id=str(webhook.id),
        url=webhook.url,
        events=list(webhook.events),
        form=webhook.form,
        note=webhook.note,
        enabled=webhook.enabled,
        disabled_because=webhook.disabled_because,
        failures=webhook.failures,
        failing_since=webhook.failing_since,
        rests_until=webhook.rests_until,
        secrets=len(webhook.secrets),
        created_at=webhook.created_at,
    )


def _delivery(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=str(delivery.id),
        message=delivery.message,
        event=delivery.event,
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=delivery.due_at if delivery.state == "waiting" else None,
        created_at=delivery.created_at,
        tries=[
            TryView(at=each.at, status=each.status, fault=each.fault, milliseconds=each.milliseconds)
            for each in delivery.tries
        ],
    )
