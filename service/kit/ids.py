"""Ids: 63-bit integers that sort by time of creation, in SQL an integer, in public a decimal string.

    42 bits  milliseconds since 2000-01-01 UTC (until 2139; imports bring comments from 2005 on)
    10 bits  shard: random for a thread, taken from the thread's id for all that hangs on it
    11 bits  tail: starts at random in each millisecond of a shard, then counts up

Unique in a process; between processes two ids meet only in the same millisecond and shard, at about 1 in 1,000, and
then the unique key refuses one of them and `db.transact` makes another.
"""

from __future__ import annotations

import os
import random
import re
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any

from service.kit import clock
from service.kit.errors import Invalid

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_SHARD_BITS, _TAIL_BITS = 10, 11
SHARDS = 1 << _SHARD_BITS
_TAILS = 1 << _TAIL_BITS
_MILLISECOND = timedelta(milliseconds=1)
# Room above the last time for tails that run over into the milliseconds that follow.
_LAST_MS = (1 << 42) - (1 << 20)
# How many (millisecond, shard) pairs are remembered; older ones start a new random tail.
_REMEMBERED = 1 << 14

_DECIMAL = re.compile(r"[1-9][0-9]{0,18}")
# Ids are no secrets, they must only not meet; and asking the system for each bit costs more than the rest of an id.
_dice = random.Random()
os.register_at_fork(after_in_child=_dice.seed)
_lock = threading.Lock()
_tails: OrderedDict[tuple[int, int], int] = OrderedDict()


class InvalidId(Invalid):
    """This is not an id: ids are decimal numbers of at most 19 digits."""

    type = "invalid-id"


def new_id(shard: int | None = None, at: datetime | None = None) -> int:
    """A new id, between 1 and 2**63 - 1.

    `shard` (0 to 1023) keeps rows together, usually `shard_of(thread_id)`; None picks one at random. Ids of one
    millisecond sort by creation within a shard only. `at` is the time of creation of something imported; times
    outside 2000 to 2139 sort first or last. Raises ValueError for a naive time or a shard out of range.
    """
    if shard is None:
        shard = _dice.getrandbits(_SHARD_BITS)
    if not 0 <= shard < SHARDS:
        raise ValueError(f"shard {shard} is not between 0 and {SHARDS - 1}")
    ms = _milliseconds(clock.now() if at is None else at)
    with _lock:
        while (tail := _next_tail(ms, shard)) >= _TAILS:
            ms += 1
        _remember(ms, shard, tail)
    return ms << 21 | shard << 11 | tail


def shard_of(some_id: int) -> int:
    """The shard an id carries."""
    return some_id >> 11 & (SHARDS - 1)


def created_at(some_id: int) -> datetime:
    """When the id was made, to the millisecond, in UTC."""
    return EPOCH + (some_id >> 21) * _MILLISECOND


def first_of(at: datetime) -> int:
    """The smallest number an id made at this time can have: ids of later times are above it. Raises ValueError."""
    return _milliseconds(at) << 21


def day_of(some_id: Any) -> Any:
    """The day an id was made, as days since 2000-01-01 UTC; of a column as well as of a number."""
    return some_id // (86_400_000 << 21)


def parse_id(text: str, *, field: str) -> int:
    """An id from outside. Raises InvalidId naming `field` for anything but 1 to 2**63 - 1 without leading zeros."""
    if _DECIMAL.fullmatch(text) is None or (number := int(text)) >= 1 << 63:
        raise InvalidId(field=field)
    return number


def _milliseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("naive datetime: say which time zone")
    # Never 0: with shard and tail at 0 the id would be 0, which means "no parent" in `under`.
    return min(max((at - EPOCH) // _MILLISECOND, 1), _LAST_MS)


def _next_tail(ms: int, shard: int) -> int:
    last = _tails.get((ms, shard))
    # The lower half: a thread can then make a thousand ids a millisecond before it borrows from the next one.
    return _dice.getrandbits(_TAIL_BITS - 1) if last is None else last + 1


def _remember(ms: int, shard: int, tail: int) -> None:
    _tails[ms, shard] = tail
    _tails.move_to_end((ms, shard))
    if len(_tails) > _REMEMBERED:
        _tails.popitem(last=False)
