"""People an import brings, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, update
from sqlmodel import col, select

from service.identity.erased import among
from service.identity.erasing import ERASED
from service.identity.tables import ErasedRow, PersonRow
from service.kit import clock, ids
from service.kit.db import WriteTx, keeper_of

_TABLE = PersonRow.metadata.tables[str(PersonRow.__tablename__)]


@dataclass(frozen=True)
class Imported:
    """Somebody as an import knows them. `origin` (such as `disqus:user:ada`) is how a second run knows them again."""

    origin: str
    name: str
    created_at: datetime


async def make_imported_many(tx: WriteTx, site_id: int, people: Sequence[Imported]) -> tuple[dict[str, int], int]:
    """Ids by origin of people, known ones as they are and new ones made; and how many are new."""
    if not people:
        return {}, 0
    by_origin = {each.origin: each for each in people}
    found = await tx.exec(
        select(PersonRow.origin, PersonRow.id).where(
            PersonRow.site_id == site_id, col(PersonRow.origin).in_(sorted(by_origin))
        )
    )
    known = {origin: number for origin, number in found.all() if origin is not None}
    known |= await _nobody(tx, site_id, [origin for origin in by_origin if origin not in known])
    made = {origin: ids.new_id() for origin in by_origin if origin not in known}
    rows = [
        {
            "id": number,
            "site_id": site_id,
            "kind": "imported",
            "name": by_origin[origin].name[:80],
            "origin": origin,
            "published_count": 0,
            "created_at": by_origin[origin].created_at,
        }
        for origin, number in made.items()
    ]
    if rows:
        connection = await tx.connection()
        await connection.execute(insert(_TABLE), rows)
    return known | made, len(made)


async def _nobody(tx: WriteTx, site_id: int, origins: Sequence[str]) -> dict[str, int]:
    """Whoever of these was erased here is the site's nobody, of whom nothing is kept."""
    there = select(ErasedRow.pseudonym).where(ErasedRow.site_id == site_id).limit(1)
    if not origins or (await tx.exec(there)).first() is None:
        return {}
    erased = await among(tx, keeper_of(tx), site_id, origins)
    if not erased:
        return {}
    query = select(PersonRow.id).where(PersonRow.site_id == site_id, PersonRow.origin == ERASED)
    number = (await tx.exec(query)).first()
    if number is None:
        number = ids.new_id()
        tx.add(PersonRow(id=number, site_id=site_id, kind=ERASED, name="", origin=ERASED, created_at=clock.now()))
        await tx.flush()
    return dict.fromkeys(erased, number)


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
