"""Asking to be forgotten: it waits for a while, in which it may be called off, and is then carried out (erasing.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlmodel import col, select

from service import identity, record
from service.desk import PersonUnknown
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.privacy.rules import PrivacyRules
from service.privacy.tables import ErasureRow
from service.record import Actor
from service.sites import Site

State = Literal["waiting", "running", "done", "called-off"]
# Why an owner, or somebody at the terminal, has somebody forgotten.
ErasureReason = Literal["asked", "law", "child", "mistake"]
ERASURE_REASONS: tuple[ErasureReason, ...] = get_args(ErasureReason)
_OPEN = ("waiting", "running")


class ErasedAlready(Conflict):
    """Nothing of this person is here any more."""

    type = "erased-already"


class ErasureBegun(Conflict):
    """This erasure has begun, and what is gone cannot be brought back."""

    type = "erasure-begun"


class NoErasure(NotFound):
    """No erasure waits here."""

    type = "no-erasure-waits"


@dataclass(frozen=True)
class Erasure:
    """One erasure. Until `due_at` it may be called off; `comments` and `votes` count what it has done."""

    id: int
    site_id: int
    person_id: int
    asked_by: str
    reason: str
    state: str
    comments: int
    votes: int
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None


async def ask(
    tx: WriteTx,
    site: Site,
    person_id: int,
    *,
    by: Actor | None = None,
    reason: ErasureReason | None = None,
    note: str = "",
    wait: timedelta | None = None,
) -> Erasure:
    """Have somebody forgotten: themselves, or `by` somebody with authority and a `reason`. Asked twice is once.

    It waits as long as the site's rules say, or for `wait`; a second asking may shorten that and never lengthens it.
    Raises PersonUnknown, ErasedAlready.
    """
    person = await identity.person(tx, person_id)
    if person is None or person.site_id != site.id:
        raise PersonUnknown
    if person.kind == identity.ERASED:
        raise ErasedAlready
    due = clock.now() + (site.section("privacy", PrivacyRules).cooling if wait is None else wait)
    row = await _open(tx, person_id)
    if row is not None:
        row.due_at = min(row.due_at, due)
        await tx.flush()
        return erasure_of(row)
    row = ErasureRow(
        id=ids.new_id(),
        site_id=site.id,
        person_id=person_id,
        asked_by="person" if by is None else by.kind,
        account_id=by.id if by is not None and by.kind == "account" else None,
        reason=reason or "",
        asked_at=clock.now(),
        due_at=due,
    )
    tx.add(row)
    # Two that ask at once collide here; the second is run again and finds the first.
    await tx.flush()
    detail = {"erasure": str(row.id), "asked_by": row.asked_by, "reason": row.reason}
    words = {"note": note} if note else None
    actor = by or record.SYSTEM
    await record.append(tx, site.id, actor, "erasure-asked", _subject(row), detail, words=words, about=person_id)
    return erasure_of(row)


async def call_off(tx: WriteTx, site: Site, person_id: int, *, by: Actor | None = None) -> Erasure:
    """Let it be. Raises NoErasure, ErasureBegun."""
    row = await _open(tx, person_id)
    if row is None or row.site_id != site.id:
        raise NoErasure
    if row.state == "running":
        raise ErasureBegun
    row.state, row.done_at = "called-off", clock.now()
    await tx.flush()
    detail = {"erasure": str(row.id)}
    await record.append(tx, site.id, by or record.SYSTEM, "erasure-called-off", _subject(row), detail)
    return erasure_of(row)


async def begin_again(tx: WriteTx, site_id: int, person_id: int) -> None:
    """Have somebody forgotten at once who was forgotten before, and whom a backup has brought back."""
    row = await _open(tx, person_id)
    now = clock.now()
    if row is None:
        row = ErasureRow(
            id=ids.new_id(), site_id=site_id, person_id=person_id, asked_by="system", asked_at=now, due_at=now
        )
        tx.add(row)
    row.due_at = min(row.due_at, now)
    # A worker that was at it when the backup was made is not any more.
    row.state, row.position, row.worker, row.lease_until = "waiting", 0, "", None
    await tx.flush()


async def open_of(tx: ReadTx, person_id: int) -> Erasure | None:
    """The erasure of a person that waits or is being carried out."""
    query = select(ErasureRow).where(ErasureRow.person_id == person_id, col(ErasureRow.state).in_(_OPEN))
    row = (await tx.exec(query)).first()
    return erasure_of(row) if row else None


async def get(tx: ReadTx, erasure_id: int) -> Erasure:
    """One erasure. Raises NoErasure."""
    row = await tx.get(ErasureRow, erasure_id, populate_existing=True)
    if row is None:
        raise NoErasure
    return erasure_of(row)


async def of_site(tx: ReadTx, site_id: int, *, before: int | None = None, limit: int = 50) -> list[Erasure]:
    """The erasures of a site, the newest first."""
    query = select(ErasureRow).where(ErasureRow.site_id == site_id)
    if before is not None:
        query = query.where(col(ErasureRow.id) < before)
    return [erasure_of(row) for row in await tx.exec(query.order_by(col(ErasureRow.id).desc()).limit(limit))]


def erasure_of(row: ErasureRow) -> Erasure:
    """The erasure a row holds."""
    return Erasure(
        row.id,
        row.site_id,
        row.person_id,
        row.asked_by,
        row.reason,
        row.state,
        row.comments,
        row.votes,
        row.asked_at,
        row.due_at,
        row.done_at,
    )


def _subject(row: ErasureRow) -> str:
    return f"person:{row.person_id}"


async def _open(tx: WriteTx, person_id: int) -> ErasureRow | None:
    query = select(ErasureRow).where(ErasureRow.person_id == person_id, col(ErasureRow.state).in_(_OPEN))
    return (await tx.exec(query.with_for_update().execution_options(populate_existing=True))).first()
