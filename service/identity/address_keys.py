"""Pseudonyms of addresses that end: each day has a key of its own, and when the key is destroyed they say nothing.

What is stored with a comment is `<key>.<hash>`; the address itself is stored nowhere. Within a day the same address at
the same site gives the same pseudonym; two days, or two sites, cannot be linked. A key lives three days, and longer
only while somebody is shut out by a pseudonym made with it: then new requests are compared under that key too.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Row, delete, select
from sqlmodel import col

from service.identity.tables import AddressKeyRow
from service.kit import clock
from service.kit.address import UNKNOWN
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper

ADDRESS_LIFE = timedelta(hours=72)
_PURPOSE = "address-key"
_EPOCH = date(2000, 1, 1)
_ALL = select(AddressKeyRow.metadata.tables[str(AddressKeyRow.__tablename__)])
_READ = "parley.address-keys"
_MADE = "parley.address-keys.made"
_NOTED = "parley.address-keys.pseudonyms"
# What the keys are is asked by each act and changes once a day. As long as this one that was destroyed by another
# process may be remembered, in this one's memory and nowhere else.
_REMEMBERED = 60.0  # seconds
_known: WeakKeyDictionary[Keeper, tuple[float, Sequence[AddressKey]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class AddressKey:
    """The key of one day."""

    id: int
    secret: bytes

    def pseudonym(self, site_id: int, address: str) -> str:
        """What stands for an address at a site, 132 bits of HMAC-SHA256 behind the key's number."""
        digest = hmac.digest(self.secret, f"{site_id}.{address}".encode(), "sha256")
        return f"{self.id}.{base64.urlsafe_b64encode(digest).decode()[:22]}"


async def address_pseudonym(tx: WriteTx, keeper: Keeper, site_id: int, address: str) -> str | None:
    """Today's pseudonym of an address, making the day's key when it is the first; None for an unknown address."""
    if address == UNKNOWN:
        return None
    return _pseudonym(tx, await _todays(tx, keeper), site_id, address)


async def address_pseudonyms(tx: ReadTx, keeper: Keeper, site_id: int, address: str) -> list[str]:
    """The pseudonyms of an address under every key there still is; to be compared with those on record."""
    if address == UNKNOWN:
        return []
    return [_pseudonym(tx, key, site_id, address) for key in await _keys(tx, keeper)]


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
    _known.clear()
    over = col(AddressKeyRow.expires_at) <= clock.now()
    await tx.exec(delete(AddressKeyRow).where(over, col(AddressKeyRow.id).not_in(sorted(in_use))))


def _pseudonym(tx: ReadTx, key: AddressKey, site_id: int, address: str) -> str:
    """What stands for an address: a post wants it three times, so it is noted for as long as the transaction lasts."""
    noted = tx.info.setdefault(_NOTED, {})
    wanted = key.id, site_id, address
    if wanted not in noted:
        noted[wanted] = key.pseudonym(site_id, address)
    found: str = noted[wanted]
    return found


async def _todays(tx: WriteTx, keeper: Keeper) -> AddressKey:
    number = _today()
    for key in await _keys(tx, keeper):
        if key.id == number:
            return key
    await _make(tx, keeper, number)
    return await _todays(tx, keeper)


async def _keys(tx: ReadTx, keeper: Keeper) -> Sequence[AddressKey]:
    """All keys there are, a handful: as remembered, or read once in a transaction."""
    at, keys = _known.get(keeper, (0.0, ()))
    # Without today's nothing is believed: another process may just have made it.
    today = _today()
    if time.monotonic() - at < _REMEMBERED and any(key.id == today for key in keys):
        return keys
    keys = [key for row in await _rows(tx) if (key := _key(keeper, row)) is not None]
    if _MADE not in tx.info:
        # What this transaction made may never be committed.
        _known[keeper] = time.monotonic(), keys
    return keys


def _today() -> int:
    return (clock.now().date() - _EPOCH).days


async def _make(tx: WriteTx, keeper: Keeper, number: int) -> None:
    """The key of a day: its first, or another one where the installation has another secret since this morning.

    What a lost key made says nothing any more.
    """
    now, sealed = clock.now(), keeper.seal(_PURPOSE, secrets.token_hex(32))
    row = await tx.get(AddressKeyRow, number)
    if row is None:
        tx.add(
            AddressKeyRow(id=number, sealed=sealed, created_at=now, expires_at=now + timedelta(days=1) + ADDRESS_LIFE)
        )
    else:
        row.sealed = sealed
    # Two that begin the day at once collide here; the second is run again and finds the key.
    await tx.flush()
    tx.info[_MADE] = True
    tx.info.pop(_READ, None)


async def _rows(tx: ReadTx) -> Sequence[Row[Any]]:
    """All keys there are, a handful; read once in a transaction."""
    found: Sequence[Row[Any]] | None = tx.info.get(_READ)
    if found is None:
        found = tx.info[_READ] = (await tx.run(_ALL, {})).all()
    return found


def _key(keeper: Keeper, row: Row[Any]) -> AddressKey | None:
    secret = keeper.unseal(_PURPOSE, row.sealed)
    return AddressKey(row.id, bytes.fromhex(secret)) if secret else None
