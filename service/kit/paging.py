"""Cursors: where a page ended, as an opaque text.

A page continues behind (rank, id) of its last item, so nothing is repeated or skipped while others are added. A
cursor is not secret and not signed: whoever forges one gets another place in the same public list, no more.
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

_VERSION = 1
_HEAD = struct.Struct(">BQQQ")
_RANK = struct.Struct(">d")
_LONGEST = 100
_MAX_ID = (1 << 63) - 1


class InvalidCursor(Invalid):
    """This cursor does not belong to this list. Begin again with the first page."""

    type = "invalid-cursor"


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The last item of a page: its `id` and, in orders other than newest and oldest, its `rank` (finite).

    `thread` and `under` (the parent's id, 0 for roots) name the list, `sort` its order. Raises ValueError for what
    cannot be.
    """

    thread: int
    under: int
    sort: str
    rank: float | None
    id: int

    def __post_init__(self) -> None:
        if not (0 <= self.thread <= _MAX_ID and 0 <= self.under <= _MAX_ID and 1 <= self.id <= _MAX_ID):
            raise ValueError("ids of a cursor have 63 bits")
        if (self.rank is None) != (self.sort in BY_TIME) or not math.isfinite(self.rank or 0.0):
            raise ValueError(f"the order {self.sort!r} cannot have the rank {self.rank}")

    def encode(self) -> str:
        """URL-safe text of 34 to 60 characters; ranks come back to the last bit."""
        packed = _HEAD.pack(_VERSION, self.thread, self.under, self.id)
        if self.rank is not None:
            packed += _RANK.pack(self.rank)
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
        if version != _VERSION:
            raise ValueError("a cursor of another version")
        rank = None if sort in BY_TIME else float(_RANK.unpack_from(packed, _HEAD.size)[0])
        return cls(thread=thread, under=under, sort=sort, rank=rank, id=last)


def _bytes(text: str) -> bytes:
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError("not a cursor")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error
