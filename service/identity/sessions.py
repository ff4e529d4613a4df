"""Signing in by a one-time link, and the session that follows. Of both only hashes are stored."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from service import record
from service.identity.staff import Staff, staff_of
from service.identity.tables import SessionRow, SignInLinkRow
from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.kit.seal import new_token, token_hash

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
# What is over opens nothing. Deleted at once it would sign everybody out for good while a clock is a day ahead.
_KEPT = timedelta(days=2)


class LinkUsed(Forbidden):
    """This sign-in link was used already or is too old. Ask for a new one."""

    type = "link-used"


async def make_link(tx: WriteTx, account_id: int, *, life: timedelta = LINK_LIFE) -> str:
    """A token that signs the account in once, within `life`."""
    token = new_token()
    tx.add(SignInLinkRow(token_hash=token_hash(token), account_id=account_id, expires_at=clock.now() + life))
    await tx.flush()
    return token


async def redeem_link(tx: WriteTx, token: str) -> str:
    """Trade a link's token for a session's. Raises LinkUsed."""
    used = await tx.exec(
        update(SignInLinkRow)
        .where(
            col(SignInLinkRow.token_hash) == token_hash(token),
            col(SignInLinkRow.used_at).is_(None),
            col(SignInLinkRow.expires_at) > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(col(SignInLinkRow.account_id))
    )
    account_id = used.scalar_one_or_none()
    if account_id is None:
        raise LinkUsed
    session = new_token()
    now = clock.now()
    tx.add(
        SessionRow(token_hash=token_hash(session), account_id=account_id, created_at=now, expires_at=now + SESSION_LIFE)
    )
    await tx.flush()
    await _note(tx, account_id)
    return session


async def staff_of_session(tx: ReadTx, token: str) -> Staff | None:
    """Who a session's cookie belongs to, with the roles of this moment; None when it ended."""
    row = (await tx.exec(select(SessionRow).where(SessionRow.token_hash == token_hash(token)))).first()
    if row is None or row.expires_at <= clock.now():
        return None
    return await staff_of(tx, row.account_id)


async def _note(tx: WriteTx, account_id: int) -> None:
    """Put a sign-in on the record of each site it gives a right at; of nowhere else, on the platform's."""
    staff = await staff_of(tx, account_id)
    own = [site for site in staff.roles if staff.is_moderator_at(site)] if staff else []
    for chain in own or [record.PLATFORM]:
        await record.append(tx, chain, record.Actor.account(account_id), "sign-in", f"account:{account_id}")


async def end_session(tx: WriteTx, token: str) -> None:
    """Sign out."""
    await tx.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash(token)))


async def forget_expired(tx: WriteTx) -> None:
    """Delete sessions and links that have been over for so long that no clock can have been wrong about it."""
    before = clock.now() - _KEPT
    await tx.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= before))
    await tx.exec(delete(SignInLinkRow).where(col(SignInLinkRow.expires_at) <= before))
