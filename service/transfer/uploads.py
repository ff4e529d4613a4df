"""A file on its way in, piece by piece: never more of it in memory than one piece, each in a transaction of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from sqlmodel import select

from service.kit.db import Database, ReadTx
from service.sites import Site
from service.transfer import runs
from service.transfer.errors import WrongFile
from service.transfer.formats import GLANCE, named, told_by
from service.transfer.moves import read_moves
from service.transfer.runs import Run
from service.transfer.tables import ImportPieceRow

_PIECE = 2**20


async def take_in(
    db: Database,
    site: Site,
    by: int,
    content: AsyncIterator[bytes],
    *,
    source: str | None,
    file_name: str,
    moves: Sequence[str] = (),
) -> Run:
    """Keep a file somebody sends, to be checked; nothing is left of one that breaks off.

    Without a `source` its beginning tells what it is. Raises ImportUnderWay, WrongFile, FormatUnknown, BadMove.
    """
    form = named(source).name if source is not None else None
    read_moves(moves)
    run = await db.transact(runs.receive, site, by, file_name, moves)
    try:
        number = 0
        async for piece in _pieces(content):
            if number == 0:
                form = look_at(piece[:GLANCE], form)
            await db.transact(runs.keep_piece, run.id, number, piece)
            number += 1
        if number == 0 or form is None:
            form = look_at(b"", form)
        return await db.transact(runs.received, run.id, form)
    except BaseException:
        # Shielded: whoever went away in the middle has this task cancelled.
        await asyncio.shield(db.transact(runs.drop, run.id))
        raise


async def put_down(db: Database, run: int, path: Path) -> None:
    """Write an uploaded file to a place on the disk."""
    number = 0
    while (piece := await db.read(_piece, run, number)) is not None:
        await asyncio.to_thread(_append, path, piece)
        number += 1


def look_at(beginning: bytes, source: str | None) -> str:
    """The name of the format that a file has which begins so: tell at once when it is none. Raises WrongFile."""
    found = told_by(beginning)
    if source is not None and found.name != source:
        raise WrongFile(f"This is an export of {found.title}, and not of {named(source).title}.")
    return found.name


async def _pieces(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for some in content:
        held += some
        while len(held) >= _PIECE:
            yield bytes(held[:_PIECE])
            del held[:_PIECE]
    if held:
        yield bytes(held)


async def _piece(tx: ReadTx, run: int, number: int) -> bytes | None:
    query = select(ImportPieceRow.content).where(ImportPieceRow.run_id == run, ImportPieceRow.number == number)
    return (await tx.exec(query)).first()


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)
