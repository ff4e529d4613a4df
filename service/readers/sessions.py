"""Sessions of readers: begun, listed, ended. Each is good at one site, and a row, so that its reader can end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from service import identity
from service.identity import Person
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import new_token, token_hash
from service.readers.accounts import Door
from service.readers.tables import ReaderSessionRow

PREFIX = "r."


@dataclass(frozen=True)
class Session:
    """A session; its token is known to its browser alone."""

    id: int
    reader_id: int
    site_id: int
    person_id: int
    created_at: datetime
    ends_at: datetime
    way: str | None
    kept: str | None
    """Browser and network, sealed: `devices.opened`."""


async def begin(
    tx: WriteTx, door: Door, member: Person, life: timedelta, seen: str | None = None
) -> tuple[str, datetime]:  # fmt: skip
    """A new session of who came in by this door, at the site of this person; its bearer token, and when it ends.

    `seen` is what it can be recognised by (`devices.sealed`).
    """
    token, now = PREFIX + new_token(), clock.now()
    tx.add(
        ReaderSessionRow(
            id=ids.new_id(),
            token_hash=token_hash(token),
            reader_id=door.reader_id,
            site_id=member.site_id,
            person_id=member.id,
            way=door.kind,
            way_id=door.way_id,
            sealed=seen,
            created_at=now,
            ends_at=now + life,
        )
    )
    await tx.flush()
    return token, now + life


async def session_of(tx: ReadTx, site_id: int, token: str) -> Session | None:
    """The session of a token at this site, if it is not over."""
    if not token.startswith(PREFIX):
        return None
    row = (await tx.exec(select(ReaderSessionRow).where(ReaderSessionRow.token_hash == token_hash(token)))).first()
    return _session(row) if row and row.site_id == site_id and row.ends_at > clock.now() else None


async def person_of_session(tx: ReadTx, site_id: int, token: str) -> Person | None:
    """Whose session a token is at this site; None when it is over, foreign, or none."""
    found = await session_of(tx, site_id, token)
    member = await identity.person(tx, found.person_id) if found is not None else None
    return member if member is not None and member.kind == "member" else None


async def of_reader(tx: ReadTx, reader_id: int) -> list[Session]:
    """All sessions of a reader that are not over, at whichever site, the newest first."""
    rows = await tx.exec(
        select(ReaderSessionRow)
        .where(ReaderSessionRow.reader_id == reader_id, col(ReaderSessionRow.ends_at) > clock.now())
        .order_by(col(ReaderSessionRow.id).desc())
        .limit(100)
    )
    return [_session(row) for row in rows]


async def end(tx: WriteTx, reader_id: int, session_id: int) -> bool:
    """End one session of a reader; False when it is none of theirs."""
    own = delete(ReaderSessionRow).where(
        col(ReaderSessionRow.id) == session_id, col(ReaderSessionRow.reader_id) == reader_id
    )
    return bool((await tx.exec(own)).rowcount)


async def end_all(tx: WriteTx, reader_id: int, *, but: int | None = None) -> None:
    """End all sessions of a reader, at every site; all `but` one, where that is said."""
    mine = delete(ReaderSessionRow).where(col(ReaderSessionRow.reader_id) == reader_id)
    await tx.exec(mine if but is None else mine.where(col(ReaderSessionRow.id) != but))


async def end_of_way(tx: WriteTx, reader_id: int, way_id: int) -> None:
    """End the sessions that began by a way which is none any more."""
    begun = (col(ReaderSessionRow.reader_id) == reader_id, col(ReaderSessionRow.way_id) == way_id)
    await tx.exec(delete(ReaderSessionRow).where(*begun))


async def hand_on(tx: WriteTx, reader_id: int, becomes: int) -> None:
    """The sessions of one account are another's: both have become one."""
    mine = update(ReaderSessionRow).where(col(ReaderSessionRow.reader_id) == reader_id)
    await tx.exec(mine.values(reader_id=becomes))


async def forget_sessions(tx: WriteTx) -> None:
    """Delete sessions that are over."""
    await tx.exec(delete(ReaderSessionRow).where(col(ReaderSessionRow.ends_at) <= clock.now()))


def _session(row: ReaderSessionRow) -> Session:
    return Session(row.id, row.reader_id, row.site_id, row.person_id, row.created_at, row.ends_at, row.way, row.sealed)
