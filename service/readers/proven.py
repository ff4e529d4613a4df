"""Whether an address is one that a reader has proven theirs, by reading a mail sent there."""

from __future__ import annotations

from sqlmodel import select

from service.identity import Person
from service.kit.db import ReadTx
from service.kit.seal import Keeper
from service.readers.tables import WayInRow

_ORIGIN = "reader:"


async def has_proven(tx: ReadTx, keeper: Keeper, person: Person, email: str) -> bool:
    """True for who signs in with a code that goes to this very address."""
    if person.kind != "member" or not (person.origin or "").startswith(_ORIGIN):
        return False
    reader = int((person.origin or "").removeprefix(_ORIGIN))
    subject = keeper.pseudonym("reader-email", email.strip().lower())
    known = select(WayInRow.id).where(
        WayInRow.reader_id == reader, WayInRow.kind == "email", WayInRow.subject == subject
    )
    return (await tx.exec(known)).first() is not None
