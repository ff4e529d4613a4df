from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.comments.spans import cover, holding

moves = st.integers(0, 3_000) | st.integers(0, 1 << 40)


@given(moves, moves, moves, moves)
def test_what_was_true_at_a_move_stands_under_one_of_its_spans_and_nothing_else_does(
    start: int, end: int, move: int, later: int
) -> None:
    start, end = sorted((start, end))
    now = end + later
    move %= now + 1
    under = set(cover(start, end)) & set(holding(move, now))
    assert len(under) == (start <= move < end)


@given(moves, moves)
def test_every_move_between_is_covered_once(start: int, length: int) -> None:
    length %= 500
    held = [[number for number in cover(start, start + length) if number in holding(move, start + length)]
            for move in range(start, start + length)]  # fmt: skip
    assert all(len(found) == 1 for found in held)


@given(moves, moves, moves)
def test_a_past_rank_takes_few_rows_and_a_page_few_ranges(start: int, end: int, now: int) -> None:
    start, end = sorted((start, end))
    assert len(cover(start, end)) <= 2 * (end - start).bit_length()
    assert len(set(cover(start, end))) == len(cover(start, end))
    move, now = sorted((start, now))
    assert len(holding(move, now)) <= 1 + now.bit_length()
    assert 0 not in cover(start, end) + holding(move, now)


def test_a_comment_that_moves_with_every_vote_takes_one_row_each_time() -> None:
    assert all(len(cover(move, move + 1)) == 1 for move in range(1_000))
