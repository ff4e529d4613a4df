"""Keys in use: found by what somebody sent, and only while they are valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, or_, update
from sqlmodel import col, select

from service.keys.key import NOTED, PURPOSE, Key, Scope, key_of
from service.keys.tables import AccessTokenRow, SiteKeyRow
from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper, is_same

# Long enough to look back after a leak at what was there.
_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Usable:
    """A valid key with its secret, where it has one."""

    key: Key
    secret: str | None = field(repr=False)


async def usable(tx: ReadTx, keeper: Keeper, site_id: int, scope: Scope) -> list[Usable]:
    """The valid keys of a site for something, the newest first; what was sealed with another secret is left out."""
    rows = await tx.exec(select(SiteKeyRow).where(SiteKeyRow.site_id == site_id).order_by(col(SiteKeyRow.id).desc()))
    found = [_usable(keeper, row) for row in rows if scope in row.scopes]
    return [each for each in found if each is not None]


async def by_secret(tx: ReadTx, keeper: Keeper, secret: str) -> Key | None:
    """The valid key this is the secret of, at whichever site; None when it is none."""
    number, _, _ = secret.removeprefix("sk_").partition("_")
    if not secret.startswith("sk_") or not (number.isascii() and number.isalnum() and len(number) <= 32):
        return None
    row = (await tx.exec(select(SiteKeyRow).where(SiteKeyRow.public == f"pk_{number}"))).first()
    found = _usable(keeper, row) if row is not None else None
    if found is None or found.secret is None:
        return None
    return found.key if is_same(found.secret, secret) else None


async def by_public(tx: ReadTx, public: str) -> Key | None:
    """The valid key of a public id, at whichever site. It proves nothing: it says which site is meant."""
    if not (public.isascii() and public.isprintable() and len(public) <= 40):
        return None
    row = (await tx.exec(select(SiteKeyRow).where(SiteKeyRow.public == public))).first()
    key = key_of(row) if row is not None else None
    return key if key is not None and key.is_valid else None


async def note_use(tx: WriteTx, key_id: int) -> None:
    """Note that a key is in use, to the hour."""
    now = clock.now()
    stale = or_(col(SiteKeyRow.used_at).is_(None), col(SiteKeyRow.used_at) < now - NOTED)
    await tx.exec(update(SiteKeyRow).where(col(SiteKeyRow.id) == key_id, stale).values(used_at=now))


async def forget_ended(tx: WriteTx) -> None:
    """Delete keys that ended long ago, with the access tokens that ended with them."""
    long_ago = clock.now() - _KEPT
    ended = select(SiteKeyRow.id).where(col(SiteKeyRow.ends_at) < long_ago)
    await tx.exec(delete(AccessTokenRow).where(col(AccessTokenRow.key_id).in_(ended)))
    await tx.exec(delete(SiteKeyRow).where(col(SiteKeyRow.ends_at) < long_ago))


def _usable(keeper: Keeper, row: SiteKeyRow) -> Usable | None:
    key = key_of(row)
    if not key.is_valid:
        return None
    secret = keeper.unseal(PURPOSE, row.sealed) if row.sealed else None
    return Usable(key, secret) if secret or not key.is_secret else None
