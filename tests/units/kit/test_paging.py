from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.paging import Cursor, InvalidCursor

numbers = st.integers(1, (1 << 63) - 1)
ranks = st.floats(allow_nan=False, allow_infinity=False)
cursors = st.one_of(
    st.builds(
        Cursor,
        thread=numbers,
        under=st.just(0) | numbers,
        sort=st.sampled_from(["best", "hot"]),
        rank=ranks,
        id=numbers,
        move=st.none() | st.just(0) | numbers,
    ),
    st.builds(
        Cursor, thread=numbers, under=numbers, sort=st.sampled_from(["newest", "oldest"]), rank=st.none(), id=numbers
    ),
)


def place(cursor: Cursor) -> dict[str, Any]:
    return {"thread": cursor.thread, "under": cursor.under, "sort": cursor.sort}


def refused(text: str, *, thread: int = 5, under: int = 0, sort: str = "best") -> bool:
    try:
        Cursor.decode(text, thread=thread, under=under, sort=sort)
    except InvalidCursor as invalid:
        return (invalid.type, invalid.field) == ("invalid-cursor", "cursor")
    return False


@given(cursors)
def test_a_cursor_comes_back_to_the_last_bit(cursor: Cursor) -> None:
    text = cursor.encode()
    back = Cursor.decode(text, **place(cursor))
    assert back == cursor
    if cursor.rank is not None and back.rank is not None:
        assert struct.pack(">d", back.rank) == struct.pack(">d", cursor.rank)


@given(cursors)
def test_a_cursor_is_short_and_needs_no_escaping(cursor: Cursor) -> None:
    text = cursor.encode()
    assert len(text) <= 60
    assert text.replace("-", "").replace("_", "").isalnum()
    assert text.isascii()


@given(cursors, numbers, st.sampled_from(["best", "hot", "newest", "oldest", "controversial", ""]))
def test_a_cursor_of_another_list_is_refused(cursor: Cursor, other: int, sort: str) -> None:
    here = place(cursor)
    for foreign in ({"thread": other}, {"under": other}, {"sort": sort}):
        if here | foreign != here:
            assert refused(cursor.encode(), **(here | foreign))


@given(cursors, st.data())
def test_a_damaged_cursor_is_refused_or_names_another_place_in_the_same_list(
    cursor: Cursor, data: st.DataObject
) -> None:
    text = cursor.encode()
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.sampled_from("AQgz09-_=+/ é")) + text[at + 1 :]
    if not refused(damaged, **place(cursor)):
        other = Cursor.decode(damaged, **place(cursor))
        assert other.encode() == damaged
        assert place(other) == place(cursor)
        assert other.rank is None or math.isfinite(other.rank)


@given(st.text(max_size=200))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    assert refused(text)


def test_one_cursor_has_one_spelling() -> None:
    text = Cursor(thread=5, under=0, sort="best", rank=0.25, id=9).encode()
    assert not refused(text)
    for synonym in (text + "=", text + "A", text[:-1] + chr(ord(text[-1]) ^ 1), " " + text, text + "\n"):
        assert refused(synonym)


def packed(*, version: int = 1, thread: int = 5, under: int = 0, last: int = 9, rank: float = 0.25) -> str:
    raw = struct.pack(">BQQQd", version, thread, under, last, rank) + b"best"
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_forged_values_are_refused() -> None:
    assert not refused(packed())
    assert refused(packed(version=2))  # which says as of which move
    assert refused(packed(version=3))
    assert refused(packed(last=0))
    assert refused(packed(last=1 << 63))
    assert all(refused(packed(rank=bad)) for bad in (math.nan, math.inf, -math.inf))


@pytest.mark.parametrize(("sort", "rank"), [("best", None), ("newest", 1.0), ("hot", math.nan), ("hot", math.inf)])
def test_a_cursor_that_cannot_be_is_not_made(sort: str, rank: float | None) -> None:
    with pytest.raises(ValueError, match="rank"):
        Cursor(thread=1, under=0, sort=sort, rank=rank, id=1)


@pytest.mark.parametrize(("sort", "rank", "move"), [("newest", None, 1), ("best", 0.5, -1), ("best", 0.5, 1 << 63)])
def test_an_order_by_time_has_no_moves_and_no_move_is_beyond_all_numbers(
    sort: str, rank: float | None, move: int
) -> None:
    with pytest.raises(ValueError, match="move"):
        Cursor(thread=1, under=0, sort=sort, rank=rank, id=1, move=move)
