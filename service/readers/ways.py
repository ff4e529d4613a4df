"""The ways into one's account: listed, added, named, taken away. The last one stays.

Who adds or takes one away has proven who they are within ten minutes (`proofs`), and what is added has been proven in
itself. A way that leads into another account is added to nothing: then two accounts may become one (`joining`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, update
from sqlmodel import col, select

from service.kit import text
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.kit.seal import Keeper
from service.readers import notices, proofs, sessions
from service.readers.accounts import Door, Kind, add_way, door_of, note_use
from service.readers.passkeys import Passkey, PasskeyRefused, asserted, id_of
from service.readers.proofs import Proof
from service.readers.tables import ReaderRow, WayInRow

MOST_WAYS = 20
Added = Literal["added", "yours", "other"]


class WayUnknown(NotFound):
    """There is no such way into your account."""

    type = "way-unknown"


class LastWay(Conflict):
    """This is the only way into your account. Add another one first, then you can take this one away."""

    type = "last-way"


class TooManyWays(Conflict):
    """Your account has as many ways in as one may have. Take one away first."""

    type = "too-many-ways"


@dataclass(frozen=True)
class Way:
    """A way into an account. `called` is the address, the provider's issuer, or what its reader calls a passkey."""

    id: int
    reader_id: int
    kind: Kind
    called: str
    created_at: datetime
    used_at: datetime | None


async def of_account(tx: ReadTx, keeper: Keeper, reader: int) -> list[Way]:
    """The ways into an account, the oldest first; what was sealed with another secret is left out."""
    rows = await tx.exec(select(WayInRow).where(WayInRow.reader_id == reader).order_by(col(WayInRow.id)))
    found = [_way(keeper, row) for row in rows]
    return [each for each in found if each is not None]


async def addresses(tx: ReadTx, keeper: Keeper, reader: int) -> set[str]:
    """The addresses among them: their mail was read, so they are told what changes."""
    return {each.called for each in await of_account(tx, keeper, reader) if each.kind == "email"}


async def add(
    tx: WriteTx, keeper: Keeper, proof: Proof, kind: Kind, proven: str, kept: str, *, counter: int = 0
) -> Added:  # fmt: skip
    """Make what was just proven a way into the account of `proof`; `other` when it is one into another account.

    Then it is noted that both were proven, and nothing else. Raises TooManyWays.
    """
    await _locked(tx, proof.reader_id)
    door = await door_of(tx, keeper, kind, proven)
    if door is not None and door.reader_id == proof.reader_id:
        return "yours"
    if door is not None:
        await proofs.note_other(tx, proof, door.reader_id)
        return "other"
    if len(await _ids(tx, proof.reader_id)) >= MOST_WAYS:
        raise TooManyWays
    await add_way(tx, keeper, proof.reader_id, kind, proven, kept, counter=counter)
    return "added"


async def remove(tx: WriteTx, keeper: Keeper, reader: int, way_id: int) -> Way:
    """Take a way away, and end the sessions that began by it. Raises WayUnknown, LastWay."""
    await _locked(tx, reader)
    row = await tx.get(WayInRow, way_id)
    if row is None or row.reader_id != reader:
        raise WayUnknown
    if len(await _ids(tx, reader)) == 1:
        raise LastWay
    gone = _way(keeper, row) or Way(row.id, reader, "passkey", "", row.created_at, row.used_at)
    await sessions.end_of_way(tx, reader, way_id)
    await tx.exec(delete(WayInRow).where(col(WayInRow.id) == way_id))
    return gone


async def rename(tx: WriteTx, keeper: Keeper, reader: int, way_id: int, name: str) -> None:
    """Call a passkey something else. Raises WayUnknown, Invalid."""
    called = text.clean_line(name, field="name", max_chars=60)
    row = await tx.get(WayInRow, way_id)
    opened = keeper.unseal("reader-passkey", row.sealed) if row is not None and row.kind == "passkey" else None
    if row is None or row.reader_id != reader or opened is None:
        raise WayUnknown
    kept = json.dumps({**json.loads(opened), "name": called}, ensure_ascii=False)
    sealed = keeper.seal("reader-passkey", kept)
    await tx.exec(update(WayInRow).where(col(WayInRow.id) == way_id).values(sealed=sealed))


async def hand_on(tx: WriteTx, reader: int, becomes: int) -> None:
    """The ways into one account lead into another from now on. Raises TooManyWays."""
    if len(await _ids(tx, reader)) + len(await _ids(tx, becomes)) > MOST_WAYS:
        raise TooManyWays
    await tx.exec(update(WayInRow).where(col(WayInRow.reader_id) == reader).values(reader_id=becomes))


async def passkey_ids(tx: ReadTx, keeper: Keeper, reader: int) -> list[bytes]:
    """Which passkeys lead into an account: the same authenticator is not asked for two."""
    rows = await tx.exec(select(WayInRow).where(WayInRow.reader_id == reader, WayInRow.kind == "passkey"))
    return [found.id for found in (_passkey(keeper, row) for row in rows) if found is not None]


async def add_passkey(tx: WriteTx, keeper: Keeper, proof: Proof, made: Passkey, name: str) -> Added:
    """Make a passkey a way into the account of `proof`. Raises TooManyWays, PasskeyRefused for one of another's."""
    held = {"id": _text(made.id), "data": _text(made.data), "user": made.user, "name": name}
    kept = json.dumps(held, ensure_ascii=False)
    added = await add(tx, keeper, proof, "passkey", made.id.hex(), kept, counter=made.counter)
    if added == "other":
        raise PasskeyRefused
    return added


async def by_passkey(tx: WriteTx, keeper: Keeper, origin: str, challenge: str, answer: Mapping[str, Any]) -> Door:
    """Whose account a passkey's answer opens, its count noted. Raises PasskeyRefused, alike for each reason."""
    number = id_of(answer)
    door = await door_of(tx, keeper, "passkey", number.hex()) if number else None
    row = await tx.get(WayInRow, door.way_id, with_for_update=True, populate_existing=True) if door else None
    counter = asserted(origin, challenge, answer, _passkey(keeper, row) if row is not None else None)
    if door is None:
        raise PasskeyRefused
    await note_use(tx, door.way_id, counter=counter)
    return door


async def passkey_door(tx: ReadTx, way_id: int) -> Door | None:
    """The account a passkey leads into at this moment; None when it does no more."""
    row = await tx.get(WayInRow, way_id)
    return Door(row.reader_id, "passkey", row.id) if row is not None and row.kind == "passkey" else None


def handle_of(keeper: Keeper, reader: int) -> str:
    """What authenticators keep an account under: nothing that says which it is."""
    return keeper.pseudonym("reader-handle", str(reader))


async def tell(
    tx: WriteTx,
    keeper: Keeper,
    reader: int,
    change: notices.Change,
    way: str,
    *,
    site: str,
    tag: str,
    also: str | None = None,
) -> None:
    """Have a change told to every address that is a way in, to the one that was (`also`), and to nobody else."""
    known = await addresses(tx, keeper, reader)
    await notices.tell(tx, keeper, known | ({also} if also else set()), change, way, site=site, tag=tag)


def _way(keeper: Keeper, row: WayInRow) -> Way | None:
    kept = keeper.unseal(f"reader-{row.kind}", row.sealed)
    if kept is None:
        return None
    called = kept if row.kind == "email" else json.loads(kept)[0 if row.kind == "oidc" else "name"]
    kind: Kind = "email" if row.kind == "email" else "oidc" if row.kind == "oidc" else "passkey"
    return Way(row.id, row.reader_id, kind, called, row.created_at, row.used_at)


def _passkey(keeper: Keeper, row: WayInRow) -> Passkey | None:
    opened = keeper.unseal("reader-passkey", row.sealed)
    if opened is None:
        return None
    kept = json.loads(opened)
    return Passkey(base64.b64decode(kept["id"]), base64.b64decode(kept["data"]), row.counter, kept["user"])


async def _locked(tx: WriteTx, reader: int) -> None:
    """Two changes of one account come one after the other, or both could take away the last way but one."""
    if await tx.get(ReaderRow, reader, with_for_update=True) is None:
        raise WayUnknown


async def _ids(tx: ReadTx, reader: int) -> list[int]:
    return list(await tx.exec(select(WayInRow.id).where(WayInRow.reader_id == reader)))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
