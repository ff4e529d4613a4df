"""What a person wants to be told by mail, and what not: everywhere at a site or in one discussion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from service.identity import Person
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.mailing.tables import SubscriptionRow

# Replies to one's own, where one is mentioned, all of a discussion; nothing of a discussion, nothing of an author.
Kind = Literal["replies", "mentions", "thread", "quiet", "muted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST = 500
# Ended ones are remembered for so long, to be taken back.
ENDED_KEPT = timedelta(days=30)


class SubscriptionUnknown(NotFound):
    """You are not subscribed to that."""

    type = "subscription-unknown"


class TooManySubscriptions(Conflict):
    """You are subscribed to as much as one can be. End some of it first."""

    type = "too-many-subscriptions"


@dataclass(frozen=True)
class Subscription:
    """One wish. `thread_id` is None for all discussions of the site; `author_id` says whom a muting is about."""

    id: int
    site_id: int
    person_id: int
    kind: Kind
    thread_id: int | None
    author_id: int | None
    created_at: datetime


async def add(
    tx: WriteTx, person: Person, kind: Kind, thread_id: int | None = None, author_id: int | None = None
) -> Subscription:
    """Note a wish; one that is noted already, or was ended, is that one. Raises TooManySubscriptions."""
    if kind in {"quiet", "thread"}:
        # Each takes the other back.
        await _end(tx, person.id, "thread" if kind == "quiet" else "quiet", thread_id)
    query = select(SubscriptionRow).where(
        SubscriptionRow.person_id == person.id,
        SubscriptionRow.kind == kind,
        _same(SubscriptionRow.thread_id, thread_id),
        _same(SubscriptionRow.author_id, author_id),
    )
    row = (await tx.exec(query.with_for_update().execution_options(populate_existing=True))).first()
    if row is None:
        if len(await of_person(tx, person.id)) >= MOST:
            raise TooManySubscriptions
        row = SubscriptionRow(
            id=ids.new_id(),
            site_id=person.site_id,
            person_id=person.id,
            kind=kind,
            thread_id=thread_id,
            author_id=author_id,
            created_at=clock.now(),
        )
        tx.add(row)
    row.ended_at = None
    await tx.flush()
    return _subscription(row)


async def of_person(tx: ReadTx, person_id: int, thread_id: int | None = None) -> list[Subscription]:
    """What a person wishes, the newest first; with `thread_id`, of that discussion only."""
    query = select(SubscriptionRow).where(
        SubscriptionRow.person_id == person_id, col(SubscriptionRow.ended_at).is_(None)
    )
    if thread_id is not None:
        query = query.where(SubscriptionRow.thread_id == thread_id)
    rows = await tx.exec(query.order_by(col(SubscriptionRow.id).desc()).limit(MOST))
    return [_subscription(row) for row in rows]


async def end(tx: WriteTx, person_id: int, subscription_id: int) -> None:
    """End one. Raises SubscriptionUnknown for one that is not this person's, or not any more."""
    mine = (
        col(SubscriptionRow.id) == subscription_id,
        col(SubscriptionRow.person_id) == person_id,
        col(SubscriptionRow.ended_at).is_(None),
    )
    if (await tx.exec(update(SubscriptionRow).where(*mine).values(ended_at=clock.now()))).rowcount == 0:
        raise SubscriptionUnknown


async def end_thread(tx: WriteTx, person: Person, thread_id: int) -> None:
    """No more mail about one discussion, for whatever reason it came."""
    for kind in ("replies", "mentions"):
        await _end(tx, person.id, kind, thread_id)
    await add(tx, person, "quiet", thread_id)


async def resume_thread(tx: WriteTx, person: Person, thread_id: int) -> None:
    """Take that back: what was wished of the discussion at that moment is wished again."""
    query = select(SubscriptionRow).where(
        SubscriptionRow.person_id == person.id, SubscriptionRow.thread_id == thread_id
    )
    rows = (await tx.exec(query.with_for_update().execution_options(populate_existing=True))).all()
    quiet = next((row for row in rows if row.kind == "quiet" and row.ended_at is None), None)
    if quiet is None:
        return
    for row in rows:
        if row.kind != "quiet" and row.ended_at is not None and row.ended_at > clock.now() - ENDED_KEPT:
            row.ended_at = None
    quiet.ended_at = clock.now()
    await tx.flush()


async def _end(tx: WriteTx, person_id: int, kind: str, thread_id: int | None) -> None:
    meant = (
        col(SubscriptionRow.person_id) == person_id,
        col(SubscriptionRow.kind) == kind,
        _same(SubscriptionRow.thread_id, thread_id),
        col(SubscriptionRow.ended_at).is_(None),
    )
    await tx.exec(update(SubscriptionRow).where(*meant).values(ended_at=clock.now()))


def _same(column: int | None, value: int | None) -> ColumnElement[bool]:
    return col(column).is_(None) if value is None else col(column) == value


def _subscription(row: SubscriptionRow) -> Subscription:
    kind = next(known for known in KINDS if known == row.kind)
    return Subscription(row.id, row.site_id, row.person_id, kind, row.thread_id, row.author_id, row.created_at)
