"""A site that is to be erased: asked for by typing its name, after a time to think; until then nothing changes.

From the moment the work begins nobody finds the site any more. What is deleted, and how, is not this room's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from service import record
from service.kit import clock
from service.kit.db import ReadTx, WriteTx, changed
from service.kit.errors import Conflict, Invalid, NotFound
from service.record import Actor
from service.sites.site import Site, tag
from service.sites.tables import SiteErasureRow, SiteRow

COOLING = timedelta(days=7)


class ErasureAsked(Conflict):
    """This site is to be erased already."""

    type = "erasure-asked"


class NoErasure(NotFound):
    """Nobody has asked to erase this site, or it is too late to keep it."""

    type = "no-site-erasure"


@dataclass(frozen=True)
class Erasure:
    """When a site goes, and who said so (None: at the terminal)."""

    site_id: int
    account_id: int | None
    asked_at: datetime
    due_at: datetime


async def ask_erasure(tx: WriteTx, site: Site, confirm: str, *, by: Actor, cooling: timedelta = COOLING) -> Erasure:
    """Let a site be erased after the cooling time; `confirm` is its name, typed. Raises Invalid, ErasureAsked."""
    if confirm.strip() != site.name:
        raise Invalid("type the site's name to confirm", field="confirm")
    if await tx.get(SiteErasureRow, site.id, with_for_update=True) is not None:
        raise ErasureAsked
    now = clock.now()
    row = SiteErasureRow(
        site_id=site.id,
        name=site.name,
        account_id=by.id if by.kind == "account" else None,
        asked_at=now,
        due_at=now + cooling,
    )
    tx.add(row)
    await tx.flush()
    await _note(tx, site.id, by, "erasure-asked", {"days": cooling.days})
    return _erasure(row)


async def keep(tx: WriteTx, site: Site, *, by: Actor) -> None:
    """Take it back, while the work has not begun. Raises NoErasure."""
    mine = (col(SiteErasureRow.site_id) == site.id, col(SiteErasureRow.state) == "waiting")
    gone = await tx.exec(delete(SiteErasureRow).where(*mine).returning(col(SiteErasureRow.site_id)))
    if gone.first() is None:
        raise NoErasure
    await _note(tx, site.id, by, "erasure-taken-back", {})


async def erasure_of(tx: ReadTx, site_id: int) -> Erasure | None:
    """What is to become of a site, or None."""
    row = await tx.get(SiteErasureRow, site_id)
    return _erasure(row) if row is not None and row.state == "waiting" else None


async def next_to_erase(tx: WriteTx) -> int | None:
    """A site whose time has come, or whose work was begun and not ended; nobody finds it from now on."""
    waiting = (col(SiteErasureRow.state) == "waiting") & (col(SiteErasureRow.due_at) <= clock.now())
    query = select(SiteErasureRow).where((col(SiteErasureRow.state) == "working") | waiting).limit(1)
    row = (await tx.exec(query.with_for_update(skip_locked=True))).first()
    if row is None:
        return None
    row.state = "working"
    await tx.exec(update(SiteRow).where(col(SiteRow.id) == row.site_id).values(is_gone=True))
    await tx.flush()
    changed(tx, tag(row.site_id))
    return row.site_id


async def count_erased(tx: WriteTx, site_id: int, rows: int) -> None:
    """Count rows that are gone."""
    this = col(SiteErasureRow.site_id) == site_id
    await tx.exec(update(SiteErasureRow).where(this).values(rows=SiteErasureRow.rows + rows))


async def erased(tx: WriteTx, site_id: int) -> None:
    """Note that nothing is left; not even the name, only the number and the times."""
    row = await tx.get(SiteErasureRow, site_id, with_for_update=True, populate_existing=True)
    if row is None or row.state == "done":
        return
    row.state, row.name, row.finished_at = "done", "", clock.now()
    await tx.flush()
    await _note(tx, site_id, record.SYSTEM, "site-erased", {"rows": row.rows})
    changed(tx, tag(site_id))


async def _note(tx: WriteTx, site_id: int, by: Actor, act: str, detail: dict[str, int]) -> None:
    # On the platform's record: the site's own is read by nobody any more.
    await record.append(tx, record.PLATFORM, by, act, f"site:{site_id}", detail)


def _erasure(row: SiteErasureRow) -> Erasure:
    return Erasure(row.site_id, row.account_id, row.asked_at, row.due_at)
