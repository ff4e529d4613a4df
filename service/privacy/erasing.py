"""The work of erasures: piece by piece, each a transaction that also notes how far it came.

First the person: from that commit on nobody can act as them, and they are on the kept list. Then their comments, each
with all that was said about it, and their votes; last what is left, and what the database's files still hold of rows
that were changed. A worker that dies leaves an erasure that another one goes on with: every step may be done twice.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select

from service import (
    comments,
    desk,
    hooks,
    identity,
    mailing,
    moderation,
    posting,
    readers,
    record,
    redress,
    sanctions,
    votes,
)
from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.leases import has_run_out
from service.kit.seal import Keeper
from service.privacy import exports, kept, own
from service.privacy.erasures import Erasure, erasure_of
from service.privacy.tables import ErasureRow

_PIECE = 20  # comments, each with its reports, decisions and cases
_VOTES = 200
_LEASE = timedelta(seconds=60)
_BREATH = 0.01  # seconds between pieces, for those who wait for the same rows
# Somebody may have begun an act before they were forgotten, and end it after: it is looked for again for so long.
_LATE = timedelta(hours=1)
log = structlog.get_logger()


class _Lost(Exception):  # another worker thought this one dead, and has it
    """This erasure is not this worker's any more."""


@dataclass(frozen=True)
class Eraser:
    """What the work needs: the database, the secret, and where the list is kept beside the database."""

    db: Database
    keeper: Keeper
    list_file: Path

    async def work(self) -> int:
        """Carry out the erasures that are due; how many that were. Several workers may do so at once."""
        await self.db.transact(_again)
        me, count = secrets.token_hex(8), 0
        while (found := await self.db.transact(_take, me)) is not None:
            log.info("erasure.taken", erasure=found.id, site=found.site_id)
            try:
                await self._carry_out(me, found)
            except _Lost:
                log.info("erasure.lost", erasure=found.id)
            count += 1
        if count:
            await self.db.scrub()
        return count

    async def keep_list(self) -> None:
        """Write the list of the erased beside the database; that it could not be is told, and tried again."""
        try:
            await kept.keep(self.db, self.keeper, self.list_file)
        except (OSError, kept.ListDamaged) as error:
            log.warning("erasure.unlisted", file=str(self.list_file), error=type(error).__name__)

    async def _carry_out(self, me: str, found: Erasure) -> None:
        await self.db.transact(_blank, self.keeper, me, found.id)
        await self.keep_list()
        for some in (_some_comments, _some_votes):
            is_more = True
            while is_more:
                is_more = await self.db.transact(some, me, found.id)
                await asyncio.sleep(_BREATH)
        await votes.fold_waiting(self.db)
        await self.db.transact(_the_rest, self.keeper, me, found.id)
        # Before it is called done: whoever dies here has it to do again.
        await self.db.scrub()
        done = await self.db.transact(_done, me, found.id)
        log.info("erasure.done", erasure=done.id, comments=done.comments, votes=done.votes)


async def _again(tx: WriteTx) -> None:
    """Take up erasures whose person wrote or voted after all: an act that was under way when they were blanked."""
    query = select(ErasureRow).where(ErasureRow.state == "done", col(ErasureRow.done_at) > clock.now() - _LATE)
    for row in (await tx.exec(query.with_for_update(skip_locked=True))).all():
        if await _is_something_left(tx, row.person_id):
            row.state, row.position, row.done_at = "waiting", 0, None
    await tx.flush()


async def _is_something_left(tx: ReadTx, person_id: int) -> bool:
    person = await identity.person(tx, person_id)
    if person is None or person.kind != identity.ERASED:
        return False
    return await comments.is_left(tx, person_id) or await votes.has_voted(tx, person_id)


async def _take(tx: WriteTx, me: str) -> Erasure | None:
    now = clock.now()
    is_free = or_(
        and_(col(ErasureRow.state) == "waiting", col(ErasureRow.due_at) <= now),
        # Whoever had it has not been heard of for a minute.
        and_(col(ErasureRow.state) == "running", has_run_out(col(ErasureRow.lease_until), now)),
    )
    query = select(ErasureRow).where(is_free).order_by(col(ErasureRow.due_at)).limit(1)
    row = (await tx.exec(query.with_for_update(skip_locked=True))).first()
    if row is None:
        return None
    row.state, row.worker, row.lease_until = "running", me, now + _LEASE
    await tx.flush()
    return erasure_of(row)


async def _mine(tx: WriteTx, me: str, erasure_id: int) -> ErasureRow:
    row = await tx.get(ErasureRow, erasure_id, with_for_update=True, populate_existing=True)
    if row is None or row.worker != me or row.state != "running":
        raise _Lost
    row.lease_until = clock.now() + _LEASE
    return row


async def _blank(tx: WriteTx, keeper: Keeper, me: str, erasure_id: int) -> None:
    row = await _mine(tx, me, erasure_id)
    await readers.forget_person(tx, row.person_id)
    origin = await identity.blank(tx, row.person_id)
    await identity.enter(tx, keeper, row.site_id, [row.person_id, *([origin] if origin else [])])
    # With the person, so that no mail is on its way to them that was not when they asked.
    await mailing.forget_person(tx, row.person_id)
    await own.end_all(tx, row.person_id)
    await exports.drop_all(tx, row.person_id)


async def _some_comments(tx: WriteTx, me: str, erasure_id: int) -> bool:
    """Erase the next comments; False when there are no more."""
    row = await _mine(tx, me, erasure_id)
    some = await comments.ids_of_person(tx, row.person_id, after=row.position, limit=_PIECE)
    for comment_id in some:
        await comments.erase(tx, comment_id)
    if some:
        await moderation.forget_comments(tx, some)
        await redress.forget_comments(tx, some)
        await hooks.forget_comments(tx, some)
        row.position, row.comments = some[-1], row.comments + len(some)
    await tx.flush()
    return bool(some)


async def _some_votes(tx: WriteTx, me: str, erasure_id: int) -> bool:
    row = await _mine(tx, me, erasure_id)
    some = await votes.withdraw(tx, row.person_id, _VOTES)
    row.votes += some
    await tx.flush()
    return some > 0


async def _the_rest(tx: WriteTx, keeper: Keeper, me: str, erasure_id: int) -> None:
    row = await _mine(tx, me, erasure_id)
    person, site = row.person_id, row.site_id
    await moderation.forget_reporter(tx, site, person, keeper.pseudonym("reporter", f"{site}.{person}"))
    await redress.forget_person(tx, person)
    await sanctions.forget_person(tx, site, person)
    await desk.forget_person(tx, person)
    await posting.forget_person(tx, person)
    await mailing.forget_person(tx, person)
    await record.forget_person(tx, person)


async def _done(tx: WriteTx, me: str, erasure_id: int) -> Erasure:
    row = await _mine(tx, me, erasure_id)
    row.state, row.worker, row.lease_until, row.done_at = "done", "", None, clock.now()
    await tx.flush()
    detail = {"erasure": str(row.id), "comments": row.comments, "votes": row.votes}
    await record.append(tx, row.site_id, record.SYSTEM, "person-erased", f"person:{row.person_id}", detail)
    return erasure_of(row)
