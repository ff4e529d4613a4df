"""Pseudonyms of addresses that end: each day has a key of its own, and when the key is destroyed they say nothing.

What is stored with a comment is `<key>.<hash>`; the address itself is stored nowhere. Within a day the same address at
the same site gives the same pseudonym; two days, or two sites, cannot be linked. A key lives three days, and longer
only while somebody is shut out by a pseudonym made with it: then new requests are compared under that key too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from service.identity.tables import AddressKeyRow
from service.kit import clock
from service.kit.address import UNKNOWN
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper

ADDRESS_LIFE = timedelta(hours=72)
_PURPOSE = "address-key"
_EPOCH = date(2000, 1, 1)


@dataclass(frozen=True)
class AddressKey:
    """The key of one day."""

    id: int
    secret: bytes

    def pseudonym(self, site_id: int, address: str) -> str:
        """What stands for an address at a site, 132 bits of HMAC-SHA256 behind the key's number."""
        digest = hmac.new(self.secret, f"{site_id}.{address}".encode(), hashlib.sha256).digest()
        return f"{self.id}.{base64.urlsafe_b64encode(digest).decode()[:22]}"


async def address_pseudonym(tx: WriteTx, keeper: Keeper, site_id: int, address: str) -> str | None:
    """Today's pseudonym of an address, making the day's key when it is the first; None for an unknown address."""
    if address == UNKNOWN:
        return None
    return (await _todays(tx, keeper)).pseudonym(site_id, address)


async def address_pseudonyms(tx: ReadTx, keeper: Keeper, site_id: int, address: str) -> list[str]:
    """The pseudonyms of an address under every key there still is; to be compared with those on record."""
    if address == UNKNOWN:
        return []
    rows = await tx.exec(select(AddressKeyRow))
    keys = [key for row in rows if (key := _key(keeper, row)) is not None]
    return [key.pseudonym(site_id, address) for key in keys]


def key_of(pseudonym: str) -> int:
    """The number of the key a pseudonym was made with. Raises ValueError for what is none."""
    number, dot, digest = pseudonym.partition(".")
    if not (dot and number.isascii() and number.isdigit() and len(number) < 9 and len(digest) == 22):
        raise ValueError("not the pseudonym of an address")
    return int(number)


async def key_lives(tx: ReadTx, number: int) -> bool:
    """Whether a day's key is still there."""
    return await tx.get(AddressKeyRow, number) is not None


async def forget_address_keys(tx: WriteTx, in_use: Collection[int]) -> None:
    """Destroy the keys that are over, but for those `in_use`: what they made cannot be linked to anybody any more."""
    over = col(AddressKeyRow.expires_at) <= clock.now()
    await tx.exec(delete(AddressKeyRow).where(over, col(AddressKeyRow.id).not_in(sorted(in_use))))


async def _todays(tx: WriteTx, keeper: Keeper) -> AddressKey:
    now = clock.now()
    number = (now.date() - _EPOCH).days
    row = await tx.get(AddressKeyRow, number)
    sealed = keeper.seal(_PURPOSE, secrets.token_hex(32))
    if row is None:
        row = AddressKeyRow(id=number, sealed=sealed, created_at=now, expires_at=now + timedelta(days=1) + ADDRESS_LIFE)
        tx.add(row)
        # Two that begin the day at once collide here; the second is run again and finds the key.
        await tx.flush()
    if (key := _key(keeper, row)) is not None:
        return key
    # The installation has another secret since this morning: what the lost key made says nothing any more.
    row.sealed = sealed
    await tx.flush()
    return await _todays(tx, keeper)


def _key(keeper: Keeper, row: AddressKeyRow) -> AddressKey | None:
    secret = keeper.unseal(_PURPOSE, row.sealed)
    return AddressKey(row.id, bytes.fromhex(secret)) if secret else None
