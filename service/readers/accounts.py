"""An account by a way in that was proven, and the member it is at a site.

A way is known by what was proven, kept as a keyed pseudonym and sealed. Two ways lead into one account only where both
were proven by whom it is; an equal address proves nothing.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import delete
from sqlmodel import col, select

from service import identity, sites
from service.identity import Person, Profile
from service.kit import clock, ids
from service.kit.db import WriteTx
from service.kit.errors import Invalid
from service.kit.seal import Keeper
from service.readers.tables import ReaderRow, ReaderSessionRow, WayInRow
from service.sites import Site

Kind = Literal["email", "oidc"]
_ORIGIN = "reader:"


class ReaderNameNeeded(Invalid):
    """Say what you want to be called here. Your code is still good."""

    type = "reader-name-needed"


async def reader_by(tx: WriteTx, keeper: Keeper, kind: Kind, proven: str, kept: str) -> int:
    """The account that `proven` is a way into, made if there is none; `kept` is sealed beside it."""
    subject = keeper.pseudonym(f"reader-{kind}", proven)
    found = await tx.exec(select(WayInRow.reader_id).where(WayInRow.kind == kind, WayInRow.subject == subject))
    reader = found.first()
    if reader is not None:
        return reader
    made, now = ids.new_id(), clock.now()
    tx.add(ReaderRow(id=made, created_at=now))
    await tx.flush()
    sealed = keeper.seal(f"reader-{kind}", kept)
    tx.add(WayInRow(id=ids.new_id(), reader_id=made, kind=kind, subject=subject, sealed=sealed, created_at=now))
    await tx.flush()
    return made


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
    origin = f"{_ORIGIN}{reader}"
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
    if person is None or person.origin is None or not person.origin.startswith(_ORIGIN):
        return
    for site in await sites.all_sites(tx):
        if site.id != person.site_id and await identity.member_of(tx, site.id, person.origin) is not None:
            return
    reader = int(person.origin.removeprefix(_ORIGIN))
    await tx.exec(delete(ReaderSessionRow).where(col(ReaderSessionRow.reader_id) == reader))
    await tx.exec(delete(WayInRow).where(col(WayInRow.reader_id) == reader))
    await tx.exec(delete(ReaderRow).where(col(ReaderRow.id) == reader))
