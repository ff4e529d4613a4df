"""Imposing and lifting, and the lists of what was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import col, select

from service import identity
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Invalid, NotFound
from service.kit.hosts import ascii_host
from service.sanctions.sanction import Kind, Sanction, SanctionOver, SanctionUnknown, Target, sanction_of
from service.sanctions.tables import SanctionRow

# An address is shared and changes hands, and as long as one is shut out its day's key has to be kept.
LONGEST_FOR_ADDRESS = timedelta(days=30)
_LONGEST = timedelta(days=3_650)
_SLOWEST = 86_400


class TargetUnknown(NotFound):
    """There is nobody here whom this could concern. A comment's address is forgotten after three days."""

    type = "target-unknown"


async def impose(
    tx: WriteTx,
    site_id: int,
    account_id: int,
    kind: Kind,
    target_type: Target,
    target: str,
    *,
    until: datetime | None,
    reason: str = "",
    title: str = "",
    note: str = "",
    slow_seconds: int | None = None,
    person_id: int | None = None,
    comment_id: int | None = None,
    decision_id: int | None = None,
) -> Sanction:
    """Impose a sanction; one of the same kind against the same target gives way to it.

    Raises Invalid, TargetUnknown.
    """
    _check_end(kind, target_type, until)
    if (kind == "slow") != (slow_seconds is not None) or not 1 <= (slow_seconds or 1) <= _SLOWEST:
        raise Invalid(f"slow mode, and nothing else, has `slow_seconds`, 1 to {_SLOWEST}", field="slow_seconds")
    target = await _checked(tx, site_id, target_type, target)
    await _end(tx, account_id, *_same(site_id, kind, target_type, target))
    row = SanctionRow(
        id=ids.new_id(),
        site_id=site_id,
        kind=kind,
        target_type=target_type,
        target=target,
        person_id=int(target) if target_type == "person" else person_id,
        comment_id=comment_id,
        decision_id=decision_id,
        account_id=account_id,
        reason=reason,
        title=title,
        note=note,
        slow_seconds=slow_seconds,
        created_at=clock.now(),
        until=until,
    )
    tx.add(row)
    await tx.flush()
    return sanction_of(row)


async def get(tx: ReadTx, sanction_id: int) -> Sanction:
    """One sanction, over or not. Raises SanctionUnknown."""
    row = await tx.get(SanctionRow, sanction_id, populate_existing=True)
    if row is None:
        raise SanctionUnknown
    return sanction_of(row)


async def lift(tx: WriteTx, sanction_id: int, account_id: int) -> Sanction:
    """End a sanction before its time. Raises SanctionUnknown, SanctionOver."""
    row = await tx.get(SanctionRow, sanction_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise SanctionUnknown
    if not sanction_of(row).is_active:
        raise SanctionOver
    row.lifted_at, row.lifted_by = clock.now(), account_id
    await tx.flush()
    return sanction_of(row)


async def lift_of_decision(tx: WriteTx, decision_id: int, account_id: int) -> list[Sanction]:
    """End what was imposed together with a decision."""
    active = [col(SanctionRow.decision_id) == decision_id, *_active(clock.now())]
    found = [row.id for row in await tx.exec(select(SanctionRow).where(*active))]
    return [await lift(tx, number, account_id) for number in found]


async def listing(
    tx: ReadTx, site_id: int, *, only_active: bool = False, before: int | None = None, limit: int = 50
) -> list[Sanction]:
    """Sanctions of a site, the newest first, from behind the id `before`."""
    query = select(SanctionRow).where(SanctionRow.site_id == site_id)
    if only_active:
        query = query.where(*_active(clock.now()))
    if before is not None:
        query = query.where(col(SanctionRow.id) < before)
    return [sanction_of(row) for row in await tx.exec(query.order_by(col(SanctionRow.id).desc()).limit(limit))]


async def of_person(tx: ReadTx, person_id: int, limit: int = 50) -> list[Sanction]:
    """Sanctions meant for a person, over or not, the newest first."""
    query = select(SanctionRow).where(SanctionRow.person_id == person_id)
    return [sanction_of(row) for row in await tx.exec(query.order_by(col(SanctionRow.id).desc()).limit(limit))]


async def keys_in_use(tx: ReadTx) -> set[int]:
    """The days whose keys are needed to know somebody again who is shut out by address."""
    query = select(SanctionRow.target).where(SanctionRow.target_type == "address", *_active(clock.now()))
    return {identity.key_of(target) for target in await tx.exec(query)}


def _check_end(kind: Kind, target_type: Target, until: datetime | None) -> None:
    now = clock.now()
    if until is None:
        if kind == "suspend":
            raise Invalid("a suspension has an end", field="until")
        if target_type == "address":
            raise Invalid("what is held against an address has an end", field="until")
        return
    if until <= now:
        raise Invalid("the end lies in the past", field="until")
    longest = LONGEST_FOR_ADDRESS if target_type == "address" else _LONGEST
    if until > now + longest:
        raise Invalid(f"at most {longest.days} days", field="until")


async def _checked(tx: ReadTx, site_id: int, target_type: Target, target: str) -> str:
    """The target in its one spelling. Raises Invalid, TargetUnknown."""
    if target_type == "email_domain":
        try:
            return ascii_host(target.strip().removeprefix("@"))
        except ValueError as error:
            raise Invalid("that is not the host of an e-mail address", field="target.value") from error
    if target_type == "person":
        found = await identity.person(tx, _number(target))
        if found is None or found.site_id != site_id:
            raise TargetUnknown(field="target")
        return str(found.id)
    try:
        key = identity.key_of(target)
    except ValueError as error:
        raise Invalid("that is not the pseudonym of an address", field="target.value") from error
    if not await identity.key_lives(tx, key):
        raise TargetUnknown(field="target")
    return target


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 1 << 63):
        raise TargetUnknown(field="target")
    return int(text)


def _active(now: datetime) -> list[Any]:
    return [
        col(SanctionRow.lifted_at).is_(None),
        or_(col(SanctionRow.until).is_(None), col(SanctionRow.until) > now),
    ]


def _same(site_id: int, kind: str, target_type: str, target: str) -> list[Any]:
    return [
        col(SanctionRow.site_id) == site_id,
        col(SanctionRow.kind) == kind,
        col(SanctionRow.target_type) == target_type,
        col(SanctionRow.target) == target,
        *_active(clock.now()),
    ]


async def _end(tx: WriteTx, account_id: int, *which: Any) -> None:
    await tx.exec(update(SanctionRow).where(*which).values(lifted_at=clock.now(), lifted_by=account_id))
