"""Sending what waits: claimed from SQL, built and signed, sent with no transaction open, noted.

A delivery that fails waits longer each time, with jitter, and is dead after the last try. A webhook that fails rests as
a whole: of what waits for it one piece is tried when the rest is over. Who does not answer for days, or says 410, is
switched off, and its owner is told by mail.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, or_, select

from service import outbox
from service.delivery import deliveries, syncing, webhooks
from service.delivery.deliveries import Delivery, delivery_of, noted
from service.delivery.events import WebhookDisabled
from service.delivery.payloads import Moot, tell
from service.delivery.tables import DeliveryRow, WebhookRow, is_waiting
from service.kit import clock, ids, metrics, signing
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.http import Answer, NoAnswer, Outbound
from service.kit.seal import Keeper

SECONDS = 15.0  # for one try, all in all
_CLAIM = timedelta(seconds=60)
# Waits between tries; together about three days.
WAITS = (5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000)
MOST_ATTEMPTS = len(WAITS) + 1
# How long a webhook as a whole rests after so many failures in a row.
_RESTS = (0, 0, 5, 15, 60, 300, 900)
_GIVE_UP = timedelta(hours=72)
_LONGEST_WISH = 3_600  # seconds of a Retry-After that are granted
_GONE = 410
_ATTEMPTS = metrics.counter("webhook_attempts", "Tries to tell a webhook something.", "result")


@dataclass(frozen=True)
class _Letter:
    delivery: Delivery
    url: str
    form: str
    secrets: Sequence[str]
    body: bytes

    def headers(self) -> dict[str, str]:
        """How its receiver knows whom it is from."""
        if self.form == "disqus":
            return signing.hub_signed(self.secrets, self.body)
        return signing.signed(self.secrets, self.delivery.message, self.body)


class Sending:
    """The work of sending, for one process; see kit.pump."""

    AHEAD = 12
    """Deliveries of one webhook in a claim: four at a time, each of its full time, are done before the claim ends."""

    def __init__(self, db: Database, out: Outbound, keeper: Keeper) -> None:
        self._db = db
        self._out = out
        self._keeper = keeper
        # Webhooks that failed since they were claimed for: what was claimed with it is not tried on them.
        self._unwell: set[int] = set()
        self._taken: list[tuple[int, int, float]] = []
        self._turn = asyncio.Lock()

    async def parties(self) -> Sequence[int]:
        """Webhooks for which something is due."""
        return await self._db.read(_due_webhooks)

    async def take(self, party: int, most: int) -> Sequence[int]:
        """Claim deliveries of one webhook."""
        self._unwell.discard(party)
        return await self._db.transact(_claim, party, most)

    async def work(self, piece: int) -> None:
        """One try of one delivery."""
        try:
            letter = await self._db.read(_written, self._keeper, piece)
        except Moot as moot:
            await self._db.transact(_set_moot, piece, str(moot))
            return
        if letter is None:
            return
        webhook = letter.delivery.webhook_id
        # A test is tried always: whoever asked wants to see what comes back.
        if webhook in self._unwell and letter.delivery.event != webhooks.TEST:
            await self._db.transact(_put_back, piece)
            return
        try:
            answer = await self._out.post(
                letter.url,
                letter.body,
                letter.headers(),
                seconds=SECONDS,
            )
        except NoAnswer as fault:
            _ATTEMPTS.labels("no-answer").inc()
            self._unwell.add(webhook)
            await self._db.transact(_failed, piece, None, f"{fault.fault}: {fault}", fault.seconds, None)
        else:
            await self._note(letter, piece, answer)

    async def _note(self, letter: _Letter, piece: int, answer: Answer) -> None:
        _ATTEMPTS.labels("good" if answer.is_good else "refused").inc()
        if answer.is_good:
            await self._note_taken(piece, answer)
            return
        self._unwell.add(letter.delivery.webhook_id)
        wish = answer.headers.get("retry-after", "")
        seconds = min(int(wish), _LONGEST_WISH) if wish.isascii() and wish.isdigit() and len(wish) < 9 else None
        await self._db.transact(_failed, piece, answer.status, _said(answer.status), answer.seconds, seconds)
        if letter.form == "disqus":
            # WordPress takes no reply before what it answers, which may be from before it was told of anything.
            await self._db.transact(syncing.tell_parent_first, letter.delivery)

    async def _note_taken(self, piece: int, answer: Answer) -> None:
        """Note what was taken, in one transaction with all that is taken while the one before is under way.

        Where that fails each of them is sent once more when its claim ends, as after a process that died.
        """
        self._taken.append((piece, answer.status, answer.seconds))
        async with self._turn:
            taken, self._taken = self._taken, []
            if taken:
                await self._db.transact(_delivered, taken)


async def ping(tx: WriteTx, webhook_id: int) -> int:
    """Note a test to be sent; its id. It is claimed already: whoever asked sends it at once."""
    made = await deliveries.add(tx, webhook_id, webhooks.TEST, {}, key=f"test.{ids.new_id()}", after=_CLAIM)
    if made is None:
        raise AssertionError("a new id was not new")
    return made


async def _due_webhooks(tx: ReadTx) -> Sequence[int]:
    now = clock.now()
    waits = select(DeliveryRow.id).where(
        DeliveryRow.webhook_id == WebhookRow.id, is_waiting(), col(DeliveryRow.due_at) <= now
    )
    query = select(WebhookRow.id).where(
        col(WebhookRow.enabled),
        or_(col(WebhookRow.rests_until).is_(None), col(WebhookRow.rests_until) <= now),
        waits.exists(),
    )
    return (await tx.exec(query)).all()


async def _claim(tx: WriteTx, webhook_id: int, most: int) -> Sequence[int]:
    webhook = await tx.get(WebhookRow, webhook_id, with_for_update=True, populate_existing=True)
    now = clock.now()
    if webhook is None or not webhook.enabled or (webhook.rests_until is not None and webhook.rests_until > now):
        return []
    if webhook.failures or webhook.form == "disqus":
        # It failed when last tried: one is enough to see whether it is well again, and the others wait meanwhile.
        # WordPress is told one after the other: it takes no reply before what that answers.
        most, webhook.rests_until = 1, now + timedelta(seconds=SECONDS)
    due = (
        select(DeliveryRow.id)
        .where(col(DeliveryRow.webhook_id) == webhook_id, is_waiting(), col(DeliveryRow.due_at) <= now)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = (await tx.exec(due)).all()
    await tx.exec(update(DeliveryRow).where(col(DeliveryRow.id).in_(claimed)).values(due_at=now + _CLAIM))
    return claimed


async def _written(tx: ReadTx, keeper: Keeper, delivery_id: int) -> _Letter | None:
    row = await tx.get(DeliveryRow, delivery_id)
    webhook = await tx.get(WebhookRow, row.webhook_id) if row else None
    if row is None or webhook is None or row.state != "waiting":
        return None
    told: dict[str, Any]
    if webhook.form == "disqus":
        told = await syncing.tell(tx, row.event, row.about)
    else:
        told = {
            "type": row.event,
            "timestamp": row.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": await tell(tx, row.event, row.about),
        }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return _Letter(delivery_of(row), webhook.url, webhook.form, signing.valid(keeper, webhook.secrets), body)


async def _rows(tx: WriteTx, delivery_id: int) -> tuple[DeliveryRow, WebhookRow] | None:
    """A delivery and its webhook, locked; None when either is gone."""
    row = await tx.get(DeliveryRow, delivery_id)
    webhook = await tx.get(WebhookRow, row.webhook_id, with_for_update=True, populate_existing=True) if row else None
    row = await tx.get(DeliveryRow, delivery_id, with_for_update=True, populate_existing=True)
    return (row, webhook) if row is not None and webhook is not None else None


async def _delivered(tx: WriteTx, taken: Sequence[tuple[int, int, float]]) -> None:
    answers = {piece: (status, seconds) for piece, status, seconds in taken}
    of = select(DeliveryRow.webhook_id).where(col(DeliveryRow.id).in_(answers))
    # In the order in which everybody locks them: the webhooks first.
    told = select(WebhookRow).where(col(WebhookRow.id).in_(of)).order_by(col(WebhookRow.id)).with_for_update()
    for webhook in await tx.exec(told.execution_options(populate_existing=True)):
        webhook.failures, webhook.failing_since, webhook.rests_until = 0, None, None
    rows = select(DeliveryRow).where(col(DeliveryRow.id).in_(answers)).order_by(col(DeliveryRow.id)).with_for_update()
    for row in await tx.exec(rows.execution_options(populate_existing=True)):
        status, seconds = answers[row.id]
        noted(row, status, "", seconds)
        row.state = "delivered"


async def _put_back(tx: WriteTx, delivery_id: int) -> None:
    """What was claimed for a webhook that is not well: due again, and it rests first."""
    mine = (col(DeliveryRow.id) == delivery_id, is_waiting())
    await tx.exec(update(DeliveryRow).where(*mine).values(due_at=clock.now()))


async def _failed(
    tx: WriteTx, delivery_id: int, status: int | None, fault: str, seconds: float, wish: int | None
) -> None:
    if (found := await _rows(tx, delivery_id)) is None:
        return
    row, webhook = found
    now = clock.now()
    noted(row, status, fault, seconds)
    wait = timedelta(seconds=max(wish or 0, WAITS[min(row.attempts, len(WAITS)) - 1] * random.uniform(0.8, 1.2)))
    # A test says at once how it went; nobody waits for its second try.
    is_last = row.attempts >= MOST_ATTEMPTS or now + wait > row.dies_at or row.event == webhooks.TEST
    # Switched off while this was on its way: then it waits for nothing either.
    is_last = is_last or not webhook.enabled
    row.state, row.due_at = ("dead" if is_last else "waiting"), now + wait
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    rest = _RESTS[min(webhook.failures, len(_RESTS)) - 1] * random.uniform(0.8, 1.2)
    webhook.rests_until = now + timedelta(seconds=max(wish or 0, rest))
    await tx.flush()
    if status == _GONE or now - webhook.failing_since >= _GIVE_UP:
        await _give_up(tx, webhook, fault)


async def _give_up(tx: WriteTx, webhook: WebhookRow, fault: str) -> None:
    if await webhooks.disable(tx, webhook.id, fault):
        await outbox.add(tx, WebhookDisabled(webhook=webhook.id, site=webhook.site_id, change=ids.new_id()))


async def _set_moot(tx: WriteTx, delivery_id: int, why: str) -> None:
    if (found := await _rows(tx, delivery_id)) is not None:
        row, webhook = found
        noted(row, None, why, 0.0)
        row.state = "moot"
        if webhook.failures == 0:
            webhook.rests_until = None


def _said(status: int) -> str:
    if 300 <= status < 400:
        return "a redirect: set the address it leads to"
    return "gone: switched off by the receiver" if status == _GONE else "not taken"
