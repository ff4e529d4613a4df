"""An account by a way in that was proven, and the member it is at a site.

A way is known by what was proven, kept as a keyed pseudonym and sealed. Two ways lead into one account only where both
were proven by whom it is; an equal address proves nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, update
from sqlmodel import col, select

from service import identity, sites
from service.identity import Person, Profile
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Invalid
from service.kit.seal import Keeper
from service.readers import proofs
from service.readers.tables import ReaderRow, ReaderSessionRow, WayInRow
from service.sites import Site

Kind = Literal["email", "oidc", "passkey"]
ORIGIN = "reader:"


class ReaderNameNeeded(Invalid):
    """Say what you want to be called here. Your code is still good."""

    type = "reader-name-needed"


@dataclass(frozen=True)
class Door:
    """The way somebody came in by just now, and whose account it leads into."""

    reader_id: int
    kind: Kind
    way_id: int


async def door_of(tx: ReadTx, keeper: Keeper, kind: Kind, proven: str) -> Door | None:
    """Whose account `proven` is a way into; None for nobody's."""
    subject = keeper.pseudonym(f"reader-{kind}", proven)
    found = await tx.exec(
        select(WayInRow.reader_id, WayInRow.id).where(WayInRow.kind == kind, WayInRow.subject == subject)
    )
    row = found.first()
    return Door(row[0], kind, row[1]) if row is not None else None


async def reader_by(tx: WriteTx, keeper: Keeper, kind: Kind, proven: str, kept: str) -> Door:
    """The account that `proven` is a way into, made if there is none; `kept` is sealed beside it."""
    door = await door_of(tx, keeper, kind, proven)
    if door is None:
        made = ids.new_id()
        tx.add(ReaderRow(id=made, created_at=clock.now()))
        await tx.flush()
        door = Door(made, kind, await add_way(tx, keeper, made, kind, proven, kept))
    await note_use(tx, door.way_id)
    return door


async def add_way(
    tx: WriteTx, keeper: Keeper, reader: int, kind: Kind, proven: str, kept: str, *, counter: int = 0
) -> int:  # fmt: skip
    """One more way into an account; its id. Nobody else's may it be."""
    row = WayInRow(
        id=ids.new_id(),
        reader_id=reader,
        kind=kind,
        subject=keeper.pseudonym(f"reader-{kind}", proven),
        sealed=keeper.seal(f"reader-{kind}", kept),
        counter=counter,
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    return row.id


async def note_use(tx: WriteTx, way_id: int, **more: int) -> None:
    """Note that a way was taken now."""
    await tx.exec(update(WayInRow).where(col(WayInRow.id) == way_id).values(used_at=clock.now(), **more))


def kept_of_provider(issuer: str, subject: str) -> str:
    """What is sealed of whom a provider vouches for."""
    return json.dumps([issuer, subject])


def reader_of(person: Person) -> int | None:
    """The account a person of a site is of; None for guests and members of the site's own."""
    if person.kind != "member" or person.origin is None or not person.origin.startswith(ORIGIN):
        return None
    return int(person.origin.removeprefix(ORIGIN))


def origin_of(reader: int) -> str:
    """What an account is known by at a site."""
    return f"{ORIGIN}{reader}"


async def member_at(
    tx: WriteTx,
    keeper: Keeper,
    site: Site,
    reader: int,
    *,
    called: str | None,
    otherwise: str | None,
    email: str | None,
) -> Person | None:
    """A reader as this site knows them: `called` is what they say they are, `otherwise` serves the first time.

    None where nobody can be signed in as that. Raises ReaderNameNeeded.
    """
    origin = origin_of(reader)
    known = await identity.member_of(tx, site.id, origin)
    name = called or (known.name if known is not None else otherwise)
    if not name:
        raise ReaderNameNeeded(field="name")
    return await identity.sign_in(tx, keeper, site.id, origin, Profile(name, email))


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """End the sessions of somebody who is to be forgotten at a site; where that was the last one, the account goes too.

    To be asked while it is still known who they are.
    """
    person = await identity.person(tx, person_id)
    await tx.exec(delete(ReaderSessionRow).where(col(ReaderSessionRow.person_id) == person_id))
    reader = reader_of(person) if person is not None else None
    if person is None or reader is None:
        return
    here = {site.id for site in await sites.all_sites(tx)} - {person.site_id}
    if here & (await identity.members_of(tx, origin_of(reader))).keys():
        return
    await drop(tx, reader)


async def drop(tx: WriteTx, reader: int) -> None:
    """Delete an account with all that leads into it. Its people are not this room's."""
    await proofs.forget_reader(tx, reader)
    await tx.exec(delete(ReaderSessionRow).where(col(ReaderSessionRow.reader_id) == reader))
    await tx.exec(delete(WayInRow).where(col(WayInRow.reader_id) == reader))
    await tx.exec(delete(ReaderRow).where(col(ReaderRow.id) == reader))


async def forget_of_site(tx: WriteTx, site_id: int, limit: int) -> int:
    """Blank some members of a site that is being erased who have an account; how many that were.

    An account that has nobody anywhere any more goes with them.
    """
    some = await identity.members_from(tx, site_id, ORIGIN, limit)
    for person_id in some:
        await forget_person(tx, person_id)
        await identity.blank(tx, person_id)
    return len(some)
