"""The log of deliveries, which is also what is still to be sent: one row an event and webhook, each try in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import delete, update
from sqlmodel import col, select

from service.delivery.tables import DeliveryRow, WebhookRow, is_waiting
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import NotFound

State = Literal["waiting", "delivered", "dead", "moot"]
STATES: tuple[State, ...] = get_args(State)

# Trying ends after this, counted from the event or the last replay.
LIFE = timedelta(hours=90)
# How long the log is kept; what waits is never deleted by age.
KEPT = timedelta(days=30)
# The latest tries that a row remembers.
MOST_TRIES = 24


class DeliveryUnknown(NotFound):
    """There is no such delivery of this webhook."""

    type = "delivery-unknown"


@dataclass(frozen=True)
class Try:
    """One try: when, what came back (None: nothing), why it was not taken, and how long it took."""

    at: datetime
    status: int | None
    fault: str
    milliseconds: int


@dataclass(frozen=True)
class Delivery:
    """One event for one webhook. `message` is the id it is sent with, the same at every try and replay."""

    id: int
    webhook_id: int
    event: str
    about: Mapping[str, Any]
    state: str
    attempts: int
    tries: tuple[Try, ...]
    due_at: datetime
    created_at: datetime

    @property
    def message(self) -> str:
        """What a receiver tells repetitions by."""
        return f"msg_{self.id}"


async def add(
    tx: WriteTx, webhook_id: int, event: str, about: Mapping[str, Any], *, key: str, after: timedelta = timedelta()
) -> int | None:
    """Note an event to be sent, `after` a while; its id, or None when it was noted before."""
    made = await add_all(tx, webhook_id, event, {key: about}, after=after)
    return made[0] if made else None


async def add_all(
    tx: WriteTx, webhook_id: int, event: str, abouts: Mapping[str, Mapping[str, Any]], *, after: timedelta = timedelta()
) -> list[int]:
    """Note events of a kind by their keys, in this order; the ids of those that were not noted before."""
    known = select(DeliveryRow.key).where(DeliveryRow.webhook_id == webhook_id, col(DeliveryRow.key).in_(abouts))
    noted_before = set(await tx.exec(known))
    now = clock.now()
    rows = [
        DeliveryRow(
            id=ids.new_id(),
            webhook_id=webhook_id,
            event=event,
            key=key,
            about=dict(about),
            due_at=now + after,
            dies_at=now + LIFE,
            created_at=now,
        )
        for key, about in abouts.items()
        if key not in noted_before
    ]
    for row in rows:
        tx.add(row)
    await tx.flush()
    return [row.id for row in rows]


async def of_webhook(
    tx: ReadTx, webhook_id: int, *, state: State | None = None, after: int | None = None, limit: int = 50
) -> list[Delivery]:
    """The log, newest first; `after` is the id of the last one seen."""
    query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
    if state is not None:
        query = query.where(DeliveryRow.state == state)
    if after is not None:
        query = query.where(col(DeliveryRow.id) < after)
    return [delivery_of(row) for row in await tx.exec(query.order_by(col(DeliveryRow.id).desc()).limit(limit))]


async def get(tx: ReadTx, webhook_id: int, delivery_id: int) -> Delivery:
    """One delivery of a webhook. Raises DeliveryUnknown."""
    row = await tx.get(DeliveryRow, delivery_id, populate_existing=True)
    if row is None or row.webhook_id != webhook_id:
        raise DeliveryUnknown
    return delivery_of(row)


async def replay(tx: WriteTx, webhook_id: int, delivery_id: int) -> Delivery:
    """Send once more, whatever became of it, with the same message id. Raises DeliveryUnknown."""
    row = await tx.get(DeliveryRow, delivery_id, with_for_update=True, populate_existing=True)
    if row is None or row.webhook_id != webhook_id:
        raise DeliveryUnknown
    row.state, row.attempts, row.due_at, row.dies_at = "waiting", 0, clock.now(), clock.now() + LIFE
    await tx.flush()
    await _wake(tx, webhook_id)
    return delivery_of(row)


async def replay_failed(tx: WriteTx, webhook_id: int) -> int:
    """Send everything that is dead once more; how many that is."""
    now = clock.now()
    again = await tx.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.webhook_id) == webhook_id, col(DeliveryRow.state) == "dead")
        .values(state="waiting", attempts=0, due_at=now, dies_at=now + LIFE)
    )
    await _wake(tx, webhook_id)
    return int(again.rowcount)


async def _wake(tx: WriteTx, webhook_id: int) -> None:
    # Somebody waits for it: a webhook that rests after failures is tried at once.
    await tx.exec(update(WebhookRow).where(col(WebhookRow.id) == webhook_id).values(rests_until=None))


async def forget_old(tx: WriteTx) -> None:
    """Delete what the log is not kept for any longer."""
    await tx.exec(
        delete(DeliveryRow).where(col(DeliveryRow.created_at) < clock.now() - KEPT, col(DeliveryRow.state) != "waiting")
    )


async def hurry(tx: WriteTx) -> None:
    """Make due what a clock that ran ahead has put off: none waits for a day, no webhook rests for an hour."""
    now = clock.now()
    late = col(DeliveryRow.due_at) > now + timedelta(hours=23)
    await tx.exec(update(DeliveryRow).where(is_waiting(), late).values(due_at=now))
    resting = col(WebhookRow.rests_until) > now + timedelta(hours=1)
    await tx.exec(update(WebhookRow).where(resting).values(rests_until=None))


def noted(row: DeliveryRow, status: int | None, fault: str, seconds: float) -> None:
    """Write a try into its row."""
    tried = {
        "at": clock.now().isoformat(),
        "status": status,
        "fault": fault[:300],
        "milliseconds": round(seconds * 1_000),
    }
    row.tries = [*row.tries, tried][-MOST_TRIES:]
    row.attempts += 1


def delivery_of(row: DeliveryRow) -> Delivery:
    """The delivery a row holds."""
    tries = tuple(
        Try(datetime.fromisoformat(each["at"]), each["status"], each["fault"], each["milliseconds"])
        for each in row.tries
    )
    return Delivery(
        row.id, row.webhook_id, row.event, row.about, row.state, row.attempts, tries, row.due_at, row.created_at
    )
