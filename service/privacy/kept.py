"""The kept list of the erased: so that who was forgotten stays forgotten when an old backup or an export comes back.

Of each there is a pseudonym, an HMAC with the installation's secret over what the backup will know them by: their id
at the site, and where an import brought them the origin it named. Without the secret it tells nothing and cannot be
tried out. The list is in the database, and beside it in a file, because it is needed when the database is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from service.kit import clock
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Refused
from service.kit.seal import Keeper
from service.privacy.tables import ErasedRow

_FORM = {"parley": "erased", "format": 1}
_SECRET = "secret"  # noqa: S105  # a field's name
_SLICE = 500


class ListDamaged(Refused):
    """This is not a whole list of the erased."""

    status = 422
    type = "erased-list-damaged"


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


async def among(tx: ReadTx, keeper: Keeper, site_id: int, origins: Collection[str]) -> set[str]:
    """Those of an import's origins whose people were erased here."""
    named = {pseudonym_of(keeper, site_id, origin): origin for origin in origins}
    pseudonyms, found = sorted(named), set[str]()
    for start in range(0, len(pseudonyms), _SLICE):
        query = select(ErasedRow.pseudonym).where(
            ErasedRow.site_id == site_id, col(ErasedRow.pseudonym).in_(pseudonyms[start : start + _SLICE])
        )
        found |= {named[pseudonym] for pseudonym in await tx.exec(query)}
    return found


async def keep(db: Database, keeper: Keeper, path: Path) -> None:
    """Bring the file beside the database up to the list in it; what only the file knows stays. Raises OSError."""
    erased = await db.read(listed)
    await asyncio.to_thread(_keep, path, keeper, erased)


def read(path: Path, keeper: Keeper) -> tuple[bool, list[Erased]]:
    """What a file lists, and whether it was written with this secret. Raises ListDamaged, OSError."""
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        head = json.loads(lines[0])
        if {name: head.get(name) for name in _FORM} != _FORM:
            raise ListDamaged(f"{path} is no list of the erased.")
        return head[_SECRET] == _mark(keeper), [_erased(line) for line in lines[1:]]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ListDamaged(f"{path} is no whole list of the erased.") from error


def _keep(path: Path, keeper: Keeper, erased: Sequence[Erased]) -> None:
    there: list[Erased] = []
    if path.exists():
        is_ours, there = read(path, keeper)
        if not is_ours:
            # What was written with another secret says nothing to this one; it may to whoever still has that.
            path.replace(path.with_suffix(f".{clock.now():%Y%m%d%H%M%S}"))
            there = []
    by_name = {(each.site_id, each.pseudonym): each for each in [*there, *erased]}
    if path.exists() and len(by_name) == len(there):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps({**_FORM, _SECRET: _mark(keeper)}) + "\n")
            file.writelines(f"{_line(each)}\n" for each in sorted(by_name.values()))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _mark(keeper: Keeper) -> str:
    """Tells secrets apart, and nothing of what they are."""
    return keeper.sign("erased", "which secret")


def _line(each: Erased) -> str:
    return json.dumps([str(each.site_id), each.pseudonym, each.erased_on.isoformat()])


def _erased(line: str) -> Erased:
    site, pseudonym, on = json.loads(line)
    return Erased(int(site), str(pseudonym), date.fromisoformat(on))
