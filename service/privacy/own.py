"""What opens a person's own page: a link that works once, and the session of the browser that used it.

A reader's capability is kept by the frame and says nothing to a page of its own, so the frame trades it for a link.
Of link and session only hashes are stored, and neither opens anything but this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from service import identity
from service.identity import Person
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, NotFound
from service.kit.seal import new_token, token_hash
from service.privacy.tables import OwnLinkRow, OwnSessionRow

OWN_LINK_LIFE = timedelta(minutes=5)
OWN_SESSION_LIFE = timedelta(hours=1)


class OwnLinkUsed(Forbidden):
    """This link was used already or is too old. Open your page from the discussion again."""

    type = "own-link-used"


class OwnSessionUnknown(NotFound):
    """There is no such session of yours."""

    type = "own-session-unknown"


@dataclass(frozen=True)
class OwnSession:
    """A browser that has the page open."""

    id: int
    person_id: int
    created_at: datetime
    expires_at: datetime


async def make_link(tx: WriteTx, person_id: int) -> tuple[str, datetime]:
    """A token that opens a person's page once, and until when."""
    token, until = new_token(), clock.now() + OWN_LINK_LIFE
    tx.add(OwnLinkRow(token_hash=token_hash(token), person_id=person_id, expires_at=until))
    await tx.flush()
    return token, until


async def redeem(tx: WriteTx, token: str) -> str:
    """Trade a link's token for a session's. Raises OwnLinkUsed."""
    used = await tx.exec(
        delete(OwnLinkRow)
        .where(col(OwnLinkRow.token_hash) == token_hash(token), col(OwnLinkRow.expires_at) > clock.now())
        .returning(col(OwnLinkRow.person_id))
    )
    person_id = used.scalar_one_or_none()
    if person_id is None:
        raise OwnLinkUsed
    session, now = new_token(), clock.now()
    tx.add(
        OwnSessionRow(
            id=ids.new_id(),
            token_hash=token_hash(session),
            person_id=person_id,
            created_at=now,
            expires_at=now + OWN_SESSION_LIFE,
        )
    )
    await tx.flush()
    return session


async def person_of_session(tx: ReadTx, token: str) -> tuple[Person, int] | None:
    """Whose page a cookie opens, and the session's id; None when it ended or nobody is there any more."""
    row = (await tx.exec(select(OwnSessionRow).where(OwnSessionRow.token_hash == token_hash(token)))).first()
    if row is None or row.expires_at <= clock.now():
        return None
    person = await identity.person(tx, row.person_id)
    return (person, row.id) if person is not None and person.kind != identity.ERASED else None


async def sessions_of(tx: ReadTx, person_id: int) -> list[OwnSession]:
    """The sessions of a person that are open, the newest first."""
    query = select(OwnSessionRow).where(OwnSessionRow.person_id == person_id, OwnSessionRow.expires_at > clock.now())
    rows = await tx.exec(query.order_by(col(OwnSessionRow.id).desc()).limit(100))
    return [OwnSession(row.id, row.person_id, row.created_at, row.expires_at) for row in rows]


async def end(tx: WriteTx, person_id: int, session_id: int) -> None:
    """End one session. Raises OwnSessionUnknown for one that is not this person's."""
    mine = (col(OwnSessionRow.id) == session_id, col(OwnSessionRow.person_id) == person_id)
    if (await tx.exec(delete(OwnSessionRow).where(*mine))).rowcount == 0:
        raise OwnSessionUnknown


async def end_all(tx: WriteTx, person_id: int) -> None:
    """End all sessions of a person, and the links to further ones."""
    await tx.exec(delete(OwnSessionRow).where(col(OwnSessionRow.person_id) == person_id))
    await tx.exec(delete(OwnLinkRow).where(col(OwnLinkRow.person_id) == person_id))


async def forget_sessions(tx: WriteTx) -> None:
    """Delete sessions and links that are over."""
    now = clock.now()
    await tx.exec(delete(OwnSessionRow).where(col(OwnSessionRow.expires_at) <= now))
    await tx.exec(delete(OwnLinkRow).where(col(OwnLinkRow.expires_at) <= now))
