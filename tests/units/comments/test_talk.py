"""How much is written where, told from a bounded look."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from service.comments.talk import EACH, SLICES, Seen, cuts, weighed

_SINCE, _UNTIL = 1_000_000, 1_000_000 + SLICES * 100_000


def _looked(written: list[Seen]) -> list[list[Seen]]:
    """What `seen` finds of them: the newest of each slice."""
    edges = cuts(_SINCE, _UNTIL)
    slices = []
    for begin, end in itertools.pairwise(edges):
        here = [each for each in written if begin <= each.id < end]
        slices.append(sorted(here, key=lambda each: -each.id)[:EACH])
    return slices


_comment = st.builds(Seen, st.integers(_SINCE, _UNTIL - 1), st.integers(1, 5), st.integers(1, 5))


@given(st.lists(_comment, max_size=60, unique_by=lambda each: each.id))
def test_what_was_looked_at_whole_is_counted_truly(written: list[Seen]) -> None:
    talk = weighed(_looked(written), _SINCE, _UNTIL, by="thread")
    assert talk.is_whole
    assert talk.most == Counter(each.thread for each in written)
    assert list(talk.most.values()) == sorted(talk.most.values(), reverse=True)


def test_a_storm_in_one_slice_is_not_hidden_by_quiet_ones() -> None:
    storm = [Seen(_SINCE + 7 * 100_000 + number * 10, 1 if number % 4 == 0 else 2, 1) for number in range(10_000)]
    quiet = [
        Seen(_SINCE + slice_ * 100_000 + number, 100 + slice_, 2)
        for slice_ in range(SLICES)
        if slice_ != 7
        for number in range(60)
    ]
    talk = weighed(_looked([*storm, *quiet]), _SINCE, _UNTIL, by="thread")
    assert not talk.is_whole
    assert list(talk.most)[:2] == [2, 1]
    assert 5_000 < talk.most[2] < 9_000
    assert 1_500 < talk.most[1] < 4_000
    assert talk.most[100] == 60


@given(st.integers(0, 2**62), st.integers(1, 2**62))
def test_slices_lie_one_beside_the_other(since: int, length: int) -> None:
    edges = cuts(since, since + length)
    assert (edges[0], edges[-1], len(edges)) == (since, since + length, SLICES + 1)
    assert edges == sorted(edges)
