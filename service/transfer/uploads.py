"""A file on its way in, piece by piece: never more of it in memory than one piece, each in a transaction of its own."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

from sqlmodel import select

from service.kit.db import Database, ReadTx
from service.sites import Site
from service.transfer import runs
from service.transfer.errors import WrongFile
from service.transfer.runs import Run
from service.transfer.sniff import what_it_is
from service.transfer.tables import ImportPieceRow

_PIECE = 2**20
_GLANCE = 4_096
_GZIP, _BOM = b"\x1f\x8b", b"\xef\xbb\xbf"


async def take_in(
    db: Database, site: Site, by: int, content: AsyncIterator[bytes], *, source: str, file_name: str
) -> Run:
    """Keep a file somebody sends, to be checked; nothing is left of one that breaks off.

    Raises ImportUnderWay, WrongFile.
    """
    run = await db.transact(runs.receive, site, by, source, file_name)
    try:
        number = 0
        async for piece in _pieces(content):
            if number == 0:
                refuse_others(piece)
            await db.transact(runs.keep_piece, run.id, number, piece)
            number += 1
        if number == 0:
            refuse_others(b"")
        return await db.transact(runs.received, run.id)
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


def refuse_others(beginning: bytes) -> None:
    """Tell at once when this is no export. Raises WrongFile."""
    if beginning.startswith(_GZIP):
        try:
            beginning = zlib.decompressobj(31).decompress(beginning, _GLANCE)
        except zlib.error:
            raise WrongFile("The gzip file is damaged at its beginning.") from None
    if (found := what_it_is(beginning.removeprefix(_BOM).lstrip())) is not None:
        raise WrongFile(f"This is no Disqus export but {found}.")


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
