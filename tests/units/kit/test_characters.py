"""Marks on letters: capped as one character after the other would tell, and found by one search."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from service.kit.characters import _TOWER, cap_marks

_MARKED = st.text(
    st.sampled_from("aä \n\u0301\u0308\u20dd\u0489\u0e34\u0f71\u200d\ufe0f\U0001f468\U000e0101\U0001e8d0")
)


def _capped(text: str) -> str:
    """As docs have it, read character by character."""
    kept, marks = "", 0
    for c in text:
        category = unicodedata.category(c)
        marks = marks + 1 if category in {"Mn", "Me"} else marks if category == "Cf" else 0
        most = 4 if category == "Me" or unicodedata.combining(c) else 8
        if not (category in {"Mn", "Me"} and marks > most):
            kept += c
    return kept


@given(_MARKED | st.text())
@example("a" + "\u0301" * 9)
@example("a" + "\u0301\u200d" * 9)
@example("ก" + "\u0e34" * 12)
def test_the_search_misses_no_tower(text: str) -> None:
    assert cap_marks(text) == _capped(text)


def test_every_mark_there_is_can_be_part_of_one() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    assert all(_TOWER.search(c * 5) for c in every if unicodedata.category(c) in {"Mn", "Me", "Cf"})
