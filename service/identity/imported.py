"""People an import brings, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, update
from sqlmodel import col, select

from service.identity.tables import PersonRow
from service.kit import ids
from service.kit.bulk import insert_rows, one_of
from service.kit.db import WriteTx

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


async def _known(tx: WriteTx, site_id: int, origins: Sequence[str]) -> dict[str, int]:
    query = select(PersonRow.origin, PersonRow.id).where(
        PersonRow.site_id == site_id, await one_of(tx, col(PersonRow.origin), origins)
    )
    return {origin: number for origin, number in (await tx.exec(query)).all() if origin is not None}


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
