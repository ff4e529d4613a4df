"""The list of the erased: so that who was forgotten stays forgotten when an old backup or an export comes back.

Of each there is a pseudonym, an HMAC with the installation's secret over what they will be known by: their id at the
site, and where an import brought them the origin it named. Without the secret it tells nothing and cannot be tried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from service.identity.tables import ErasedRow
from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper

_SLICE = 500


@dataclass(frozen=True, order=True)
class Erased:
    """One of the list."""

    site_id: int
    pseudonym: str
    erased_on: date


def pseudonym_of(keeper: Keeper, site_id: int, known_as: int | str) -> str:
    """What stands on the list for a person's id, or for an import's origin."""
    kind = "id" if isinstance(known_as, int) else "origin"
    return keeper.pseudonym("erased", f"{site_id}.{kind}.{known_as}")


async def enter(tx: WriteTx, keeper: Keeper, site_id: int, known_as: Iterable[int | str]) -> None:
    """Put somebody on the list under all they are known as. Twice is the same as once."""
    today = clock.now().date()
    names = {pseudonym_of(keeper, site_id, each) for each in known_as}
    await enter_all(tx, [Erased(site_id, name, today) for name in names])


async def enter_all(tx: WriteTx, erased: Sequence[Erased]) -> None:
    """Put these on the list, but those that are on it."""
    for start in range(0, len(erased), _SLICE):
        some = erased[start : start + _SLICE]
        known = await tx.exec(
            select(ErasedRow.site_id, ErasedRow.pseudonym).where(
                col(ErasedRow.pseudonym).in_([each.pseudonym for each in some])
            )
        )
        there = set(known.all())
        tx.add_all(
            ErasedRow(site_id=each.site_id, pseudonym=each.pseudonym, erased_on=each.erased_on)
            for each in some
            if (each.site_id, each.pseudonym) not in there
        )
        await tx.flush()


async def listed(tx: ReadTx, site_id: int | None = None) -> list[Erased]:
    """The whole list, or one site's part of it."""
    query = select(ErasedRow).order_by(col(ErasedRow.site_id), col(ErasedRow.pseudonym))
    if site_id is not None:
        query = query.where(ErasedRow.site_id == site_id)
    return [Erased(row.site_id, row.pseudonym, row.erased_on) for row in await tx.exec(query)]


async def among(tx: ReadTx, keeper: Keeper, site_id: int, known_as: Mapping[str, int | str]) -> set[str]:
    """Those of an import's origins whose people were erased here; each with what it is on the list as."""
    named = {pseudonym_of(keeper, site_id, each): origin for origin, each in known_as.items()}
    pseudonyms, found = sorted(named), set[str]()
    for start in range(0, len(pseudonyms), _SLICE):
        query = select(ErasedRow.pseudonym).where(
            ErasedRow.site_id == site_id, col(ErasedRow.pseudonym).in_(pseudonyms[start : start + _SLICE])
        )
        found |= {named[pseudonym] for pseudonym in await tx.exec(query)}
    return found
