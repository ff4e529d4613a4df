"""The list of the erased as a file beside the database: it is needed when the database is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from service.identity import Erased, listed
from service.kit import clock
from service.kit.db import Database
from service.kit.errors import Refused
from service.kit.seal import Keeper

_FORM = {"parley": "erased", "format": 1}
_SECRET = "secret"  # noqa: S105  # a field's name


class ListDamaged(Refused):
    """This is not a whole list of the erased."""

    status = 422
    type = "erased-list-damaged"


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
