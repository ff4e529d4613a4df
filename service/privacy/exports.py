"""Asking for everything held about oneself: made by a worker, there for a day, fetched by a signed link.

The link is bound to the export, the person and the time it ends. It needs no session, so that it can be handed to a
program that fetches; whoever is erased takes their exports along.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, delete, or_
from sqlmodel import col, select

from service import identity
from service.kit import clock, ids
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.kit.leases import has_run_out
from service.kit.seal import Keeper
from service.privacy.document import document
from service.privacy.tables import OwnExportRow

EXPORT_LIFE = timedelta(hours=24)
_LEASE = timedelta(minutes=5)
_OPEN = ("waiting", "running")
_PURPOSE = "own-export"
log = structlog.get_logger()


class ExportLinkInvalid(Forbidden):
    """This link is not a true one, or it is too old. Ask for your data again on your page."""

    type = "export-link-invalid"


@dataclass(frozen=True)
class Export:
    """One export. It can be fetched when it is `ready`, until `expires_at`."""

    id: int
    person_id: int
    state: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime


async def ask(tx: WriteTx, person_id: int) -> Export:
    """Ask for an export; one that is being made already is that one. Earlier ones give way to it."""
    query = select(OwnExportRow).where(OwnExportRow.person_id == person_id, col(OwnExportRow.state).in_(_OPEN))
    row = (await tx.exec(query)).first()
    if row is None:
        await drop_all(tx, person_id)
        now = clock.now()
        row = OwnExportRow(id=ids.new_id(), person_id=person_id, asked_at=now, expires_at=now + EXPORT_LIFE)
        tx.add(row)
        await tx.flush()
    return _export(row)


async def latest(tx: ReadTx, person_id: int) -> Export | None:
    """The newest export of a person that is not over, made or not."""
    query = select(OwnExportRow).where(OwnExportRow.person_id == person_id, OwnExportRow.expires_at > clock.now())
    row = (await tx.exec(query.order_by(col(OwnExportRow.id).desc()).limit(1))).first()
    return _export(row) if row else None


def signature(keeper: Keeper, export: Export) -> str:
    """What stands in the link to an export."""
    return keeper.sign(_PURPOSE, f"{export.id}.{export.person_id}.{int(export.expires_at.timestamp())}")


async def content(tx: ReadTx, keeper: Keeper, export_id: int, signed: str) -> bytes:
    """The file behind a link, as gzip. Raises ExportLinkInvalid."""
    row = await tx.get(OwnExportRow, export_id)
    if row is None or row.content is None or row.expires_at <= clock.now():
        raise ExportLinkInvalid
    bound = f"{row.id}.{row.person_id}.{int(row.expires_at.timestamp())}"
    if not keeper.is_signed(_PURPOSE, bound, signed):
        raise ExportLinkInvalid
    return row.content


async def drop_all(tx: WriteTx, person_id: int) -> None:
    """Delete all exports of a person."""
    await tx.exec(delete(OwnExportRow).where(col(OwnExportRow.person_id) == person_id))


async def forget_exports(tx: WriteTx) -> None:
    """Delete exports that are over."""
    await tx.exec(delete(OwnExportRow).where(col(OwnExportRow.expires_at) <= clock.now()))


async def work(db: Database, keeper: Keeper) -> int:
    """Make the exports that wait; how many that were. Several workers may do so at once."""
    me, count = secrets.token_hex(8), 0
    while (export := await db.transact(_take, me)) is not None:
        person = await db.read(identity.person, export.person_id)
        if person is not None and person.kind != identity.ERASED:
            made = await document(db, keeper, person)
            packed = await asyncio.to_thread(_packed, made)
            await db.transact(_ready, me, export.id, packed)
            log.info("export.made", export=export.id, bytes=len(packed))
        else:
            await db.transact(drop_all, export.person_id)
        count += 1
    return count


def _packed(made: object) -> bytes:
    return gzip.compress(json.dumps(made, ensure_ascii=False, indent=1).encode(), 6, mtime=0)


async def _take(tx: WriteTx, me: str) -> Export | None:
    now = clock.now()
    is_free = or_(
        col(OwnExportRow.state) == "waiting",
        and_(col(OwnExportRow.state) == "running", has_run_out(col(OwnExportRow.lease_until), now)),
    )
    query = select(OwnExportRow).where(is_free).order_by(col(OwnExportRow.id)).limit(1)
    row = (await tx.exec(query.with_for_update(skip_locked=True))).first()
    if row is None:
        return None
    row.state, row.worker, row.lease_until = "running", me, now + _LEASE
    await tx.flush()
    return _export(row)


async def _ready(tx: WriteTx, me: str, export_id: int, packed: bytes) -> None:
    row = await tx.get(OwnExportRow, export_id, with_for_update=True, populate_existing=True)
    if row is None or row.worker != me or row.state != "running":
        return  # erased meanwhile, or made by another worker that thought this one dead
    now = clock.now()
    row.state, row.content, row.ready_at, row.expires_at = "ready", packed, now, now + EXPORT_LIFE
    row.worker, row.lease_until = "", None
    await tx.flush()


def _export(row: OwnExportRow) -> Export:
    return Export(row.id, row.person_id, row.state, row.asked_at, row.ready_at, row.expires_at)
