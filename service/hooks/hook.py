"""The hooks of a site: made, listed, changed, given a new secret, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, func
from sqlmodel import col, select

from service import record
from service.hooks.tables import HookRow, QuestionRow
from service.kit import clock, ids, signing
from service.kit.db import ReadTx, WriteTx, changed
from service.kit.errors import Conflict, Invalid, NotFound
from service.kit.seal import Keeper
from service.record import Actor

Timing = Literal["wait", "after"]
WhenSilent = Literal["hold", "pass"]

# A reader looks at the button meanwhile.
LONGEST_WAIT_MS = 2_000
MOST_HOOKS = 5


class HookUnknown(NotFound):
    """There is no such screening hook at this site."""

    type = "hook-unknown"


class HookExists(Conflict):
    """There is already a screening hook of that name."""

    type = "hook-exists"


class TooManyHooks(Conflict):
    """This site has as many screening hooks as one may have. Delete one first."""

    type = "too-many-hooks"


@dataclass(frozen=True)
class Wanted:
    """What of a hook can be set.

    `timing`: `wait` asks before the comment is taken, `after` once it is there. `when_silent`: what follows when
    nothing usable comes back in time. `hold_at`: an answer without an action holds when a signal has this score.
    `shadow`: asked and recorded, and nothing follows.
    """

    name: str
    url: str
    timing: Timing
    timeout_ms: int = 800
    when_silent: WhenSilent = "pass"
    hold_at: float = 0.8
    shadow: bool = False
    enabled: bool = True


@dataclass(frozen=True)
class Hook(Wanted):
    """Whom a site asks, how long it waits, and what follows."""

    id: int = 0
    site_id: int = 0
    created_at: datetime = field(default_factory=clock.now)
    secrets: Sequence[Mapping[str, Any]] = field(default=(), repr=False)


async def create(tx: WriteTx, keeper: Keeper, site_id: int, wanted: Wanted, *, by: Actor) -> tuple[Hook, str]:
    """A new hook and its secret, shown once. Raises HookExists, TooManyHooks, Invalid."""
    _check(wanted)
    count = await tx.exec(select(func.count()).select_from(HookRow).where(col(HookRow.site_id) == site_id))
    if count.one() >= MOST_HOOKS:
        raise TooManyHooks
    await _free(tx, site_id, wanted.name, None)
    secret, kept = signing.rotated(keeper, [], keep=timedelta())
    row = HookRow(id=ids.new_id(), site_id=site_id, secrets=kept, created_at=clock.now(), **asdict(wanted))
    tx.add(row)
    await tx.flush()
    await _note(tx, by, "hook-added", row)
    return hook_of(row), secret


async def of_site(tx: ReadTx, site_id: int) -> list[Hook]:
    """A site's hooks, by name."""
    rows = await tx.exec(select(HookRow).where(HookRow.site_id == site_id).order_by(col(HookRow.name)))
    return [hook_of(row) for row in rows]


async def get(tx: ReadTx, site_id: int, hook_id: int) -> Hook:
    """One hook of a site. Raises HookUnknown, also for another site's."""
    return hook_of(await _row(tx, site_id, hook_id))


async def change(tx: WriteTx, site_id: int, hook_id: int, wanted: Wanted, *, by: Actor) -> Hook:
    """Replace what is set. Raises HookUnknown, HookExists, Invalid."""
    _check(wanted)
    row = await _row(tx, site_id, hook_id)
    await _free(tx, site_id, wanted.name, hook_id)
    for name, value in asdict(wanted).items():
        setattr(row, name, value)
    await tx.flush()
    await _note(tx, by, "hook-changed", row)
    return hook_of(row)


async def rotate(
    tx: WriteTx, keeper: Keeper, site_id: int, hook_id: int, *, keep: timedelta, by: Actor
) -> tuple[Hook, str]:
    """A new secret; those before it sign beside it for `keep`. Raises HookUnknown."""
    row = await _row(tx, site_id, hook_id)
    secret, row.secrets = signing.rotated(keeper, row.secrets, keep=keep)
    await tx.flush()
    await _note(tx, by, "hook-secret-made", row)
    return hook_of(row), secret


async def remove(tx: WriteTx, site_id: int, hook_id: int, *, by: Actor) -> None:
    """Delete a hook with what it answered; what came of that stays. Raises HookUnknown."""
    row = await _row(tx, site_id, hook_id)
    # Whoever records an answer at this moment waits, and then finds no hook.
    await tx.get(HookRow, row.id, with_for_update=True, populate_existing=True)
    await tx.exec(delete(QuestionRow).where(col(QuestionRow.hook_id) == row.id))
    await tx.exec(delete(HookRow).where(col(HookRow.id) == row.id))
    await _note(tx, by, "hook-removed", row)


def tag(site_id: int) -> str:
    """The tag under which a change of a site's hooks is told."""
    return f"hooks-{site_id}"


def hook_of(row: HookRow) -> Hook:
    """The hook a row holds."""
    return Hook(
        name=row.name,
        url=row.url,
        timing="wait" if row.timing == "wait" else "after",
        timeout_ms=row.timeout_ms,
        when_silent="hold" if row.when_silent == "hold" else "pass",
        hold_at=row.hold_at,
        shadow=row.shadow,
        enabled=row.enabled,
        id=row.id,
        site_id=row.site_id,
        created_at=row.created_at,
        secrets=row.secrets,
    )


async def _note(tx: WriteTx, by: Actor, act: str, row: HookRow) -> None:
    changed(tx, tag(row.site_id))
    kept = ("timing", "timeout_ms", "when_silent", "shadow", "enabled")
    # A fraction as text: it must be the same text in every database, or the chain would not hold.
    detail = {name: getattr(row, name) for name in kept} | {"hold_at": str(row.hold_at)}
    await record.append(tx, row.site_id, by, act, f"hook:{row.id}", detail, words={"name": row.name, "url": row.url})


def _check(wanted: Wanted) -> None:
    if wanted.timing == "wait" and wanted.timeout_ms > LONGEST_WAIT_MS:
        raise Invalid(
            f"a hook that readers wait for has at most {LONGEST_WAIT_MS} ms; ask it `after`", field="timeout_ms"
        )


async def _free(tx: ReadTx, site_id: int, name: str, own: int | None) -> None:
    found = (await tx.exec(select(HookRow.id).where(HookRow.site_id == site_id, HookRow.name == name))).first()
    if found is not None and found != own:
        raise HookExists(field="name")


async def _row(tx: ReadTx, site_id: int, hook_id: int) -> HookRow:
    row = await tx.get(HookRow, hook_id)
    if row is None or row.site_id != site_id:
        raise HookUnknown
    return row
