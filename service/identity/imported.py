"""People an import brings, many at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, update
from sqlmodel import col, select

from service.identity.erased import among
from service.identity.erasing import ERASED
from service.identity.tables import ErasedRow, PersonRow
from service.kit import clock, ids
from service.kit.bulk import insert_rows, one_of
from service.kit.db import ReadTx, WriteTx, keeper_of

OWN = "parley:person:"
_OWN = re.compile(rf"{OWN}([1-9][0-9]{{0,18}})")
_LARGEST = 2**63 - 1
_TABLE = PersonRow.metadata.tables[str(PersonRow.__tablename__)]


@dataclass(frozen=True)
class Imported:
    """Somebody as an import knows them. `origin` (such as `disqus:user:ada`) is how a second run knows them again."""

    origin: str
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Made:
    """Ids by origin of everybody asked for, and which of them are new."""

    ids: Mapping[str, int]
    new: frozenset[int]


async def make_imported_many(
    tx: WriteTx, site_id: int, people: Sequence[Imported], published: Mapping[str, int] | None = None
) -> Made:
    """People by origin, known ones as they are and new ones made.

    `published`, by origin, is what a new one's number of published comments begins with.
    """
    if not people:
        return Made({}, frozenset())
    by_origin = {each.origin: each for each in people}
    known = await _known(tx, site_id, sorted(by_origin))
    known |= await _nobody(tx, site_id, [origin for origin in by_origin if origin not in known])
    begins = published or {}
    made = {origin: ids.new_id() for origin in by_origin if origin not in known}
    rows = [
        {
            "id": number,
            "site_id": site_id,
            "kind": "imported",
            "name": by_origin[origin].name[:80],
            "origin": origin,
            "published_count": begins.get(origin, 0),
            "created_at": by_origin[origin].created_at,
        }
        for origin, number in made.items()
    ]
    await insert_rows(tx, _TABLE, rows)
    return Made(known | made, frozenset(made.values()))


async def _known(tx: ReadTx, site_id: int, origins: Sequence[str]) -> dict[str, int]:
    here = PersonRow.site_id == site_id
    query = select(PersonRow.origin, PersonRow.id).where(here, await one_of(tx, col(PersonRow.origin), origins))
    found = {origin: number for origin, number in (await tx.exec(query)).all() if origin is not None}
    own = {number: origin for origin in origins if origin not in found and (number := _own(origin))}
    if own:
        themselves = select(PersonRow.id).where(here, await one_of(tx, col(PersonRow.id), sorted(own)))
        found |= {own[number]: number for number in (await tx.exec(themselves)).all()}
    return found


async def _nobody(tx: WriteTx, site_id: int, origins: Sequence[str]) -> dict[str, int]:
    """Whoever of these was erased here is the site's nobody, of whom nothing is kept."""
    there = select(ErasedRow.pseudonym).where(ErasedRow.site_id == site_id).limit(1)
    if not origins or (await tx.exec(there)).first() is None:
        return {}
    erased = await among(tx, keeper_of(tx), site_id, {origin: _own(origin) or origin for origin in origins})
    if not erased:
        return {}
    query = select(PersonRow.id).where(PersonRow.site_id == site_id, PersonRow.origin == ERASED)
    number = (await tx.exec(query)).first()
    if number is None:
        number = ids.new_id()
        tx.add(PersonRow(id=number, site_id=site_id, kind=ERASED, name="", origin=ERASED, created_at=clock.now()))
        await tx.flush()
    return dict.fromkeys(erased, number)


def _own(origin: str) -> int:
    """The number of a person of ours, as our own export tells it; 0 for everybody else."""
    match = _OWN.fullmatch(origin)
    return int(match[1]) if match and int(match[1]) <= _LARGEST else 0


async def count_published_many(tx: WriteTx, changes: Mapping[int, int]) -> None:
    """Add to the numbers of published comments: person id to change."""
    if not changes:
        return
    connection = await tx.connection()
    await connection.execute(
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("person"))
        .values(published_count=_TABLE.c.published_count + bindparam("change")),
        # In one order everywhere, so that two imports cannot wait for each other in a circle.
        [{"person": person, "change": change} for person, change in sorted(changes.items())],
    )


async def forget_imported(tx: WriteTx, numbers: Sequence[int]) -> None:
    """Forget people an import brought, of whom nothing is left."""
    if numbers:
        is_one = await one_of(tx, col(PersonRow.id), numbers)
        await tx.exec(delete(PersonRow).where(col(PersonRow.kind) == "imported", is_one))


@dataclass(frozen=True)
class Carried:
    """Somebody as the publisher's own export carries them out: no address of mail, and nothing to sign in with."""

    origin: str
    name: str
    created_at: datetime


async def carried(tx: ReadTx, numbers: Sequence[int]) -> dict[int, Carried]:
    """People by id. Whoever no import brought is known by `parley:person:` and their number."""
    if not numbers:
        return {}
    query = select(PersonRow).where(await one_of(tx, col(PersonRow.id), sorted(set(numbers))))
    return {
        row.id: Carried(row.origin or f"{OWN}{row.id}", row.name, row.created_at)
        for row in (await tx.exec(query)).all()
    }
