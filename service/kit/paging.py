"""Cursors: where a page ended, as an opaque text.

A page continues behind (rank, id) of its last item, so nothing is repeated or skipped while others are added. Where
ranks move, a cursor says as of which move the list was begun, so that the walk goes on in that order. A cursor is not
secret and not signed: whoever forges one gets another place in the same public list, no more.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from dataclasses import dataclass

from service.kit.errors import Invalid

# Orders by time go by the id alone; every other order has a rank.
BY_TIME = frozenset({"newest", "oldest"})

# 1: id and rank, as orders by time still have it. 2: the move too.
_PLAIN, _AS_OF = 1, 2
_HEAD = struct.Struct(">BQQQ")
_RANK = struct.Struct(">d")
_MOVE = struct.Struct(">Q")
_LONGEST = 100
_MAX_ID = (1 << 63) - 1


class InvalidCursor(Invalid):
    """This cursor does not belong to this list. Begin again with the first page."""

    type = "invalid-cursor"


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The last item of a page: its `id` and, in orders other than newest and oldest, its `rank` (finite).

    `thread` and `under` (the parent's id, 0 for roots) name the list, `sort` its order. `move` is the move of the
    thread's ranks as of which the list is read; None in a cursor handed out before there were moves, and by time.
    Raises ValueError for what cannot be.
    """

    thread: int
    under: int
    sort: str
    rank: float | None
    id: int
    move: int | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.thread <= _MAX_ID and 0 <= self.under <= _MAX_ID and 1 <= self.id <= _MAX_ID):
            raise ValueError("ids of a cursor have 63 bits")
        if (self.rank is None) != (self.sort in BY_TIME) or not math.isfinite(self.rank or 0.0):
            raise ValueError(f"the order {self.sort!r} cannot have the rank {self.rank}")
        if self.move is not None and (self.rank is None or not 0 <= self.move <= _MAX_ID):
            raise ValueError(f"the order {self.sort!r} cannot be read as of the move {self.move}")

    def encode(self) -> str:
        """URL-safe text of 34 to 75 characters; ranks come back to the last bit."""
        version = _PLAIN if self.move is None else _AS_OF
        packed = _HEAD.pack(version, self.thread, self.under, self.id)
        if self.rank is not None:
            packed += _RANK.pack(self.rank)
        if self.move is not None:
            packed += _MOVE.pack(self.move)
        return base64.urlsafe_b64encode(packed + self.sort.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str, *, thread: int, under: int, sort: str) -> Cursor:
        """Read a cursor of this very list. Raises InvalidCursor for a broken one and for one of another list."""
        try:
            cursor = cls._unpack(_bytes(text), sort)
        except (ValueError, struct.error) as error:
            raise InvalidCursor(field="cursor") from error
        # One spelling per cursor, or a cache could be filled with synonyms.
        if (cursor.thread, cursor.under) != (thread, under) or cursor.encode() != text:
            raise InvalidCursor(field="cursor")
        return cursor

    @classmethod
    def _unpack(cls, packed: bytes, sort: str) -> Cursor:
        version, thread, under, last = _HEAD.unpack_from(packed)
        if version not in {_PLAIN, _AS_OF}:
            raise ValueError("a cursor of another version")
        rank = None if sort in BY_TIME else float(_RANK.unpack_from(packed, _HEAD.size)[0])
        move = int(_MOVE.unpack_from(packed, _HEAD.size + _RANK.size)[0]) if version == _AS_OF else None
        return cls(thread=thread, under=under, sort=sort, rank=rank, id=last, move=move)


def _bytes(text: str) -> bytes:
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError("not a cursor")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error
