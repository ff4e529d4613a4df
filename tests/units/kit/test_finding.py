"""Words are found in whatever form they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.finding import MOST_WORDS, contains, words_of


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("tram", "The TRAM is late"),
        ("late tram", "The tram is late"),
        ("zurich", "In Zürich"),
        ("ZÜRICH", "in zurich"),
        ("strasse", "Straße"),
        ("fi", "ﬁne"),
        ("電車", "新しい電車が来た"),
        ("שלום", "שָׁלוֹם"),
        ("مرحبا", "مَرْحَبًا"),
        ("café", "cafe\u0301"),
        ("c++", "I write C++."),
        ("%", "100 % sure"),
        ("_", "snake_case"),
    ],
)
def test_found(query: str, text: str) -> None:
    assert contains(text, words_of(query))


@pytest.mark.parametrize(("query", "text"), [("tram bus", "The tram"), ("a%b", "acb"), ("trams", "tram")])
def test_not_found(query: str, text: str) -> None:
    assert not contains(text, words_of(query))


@given(st.text(max_size=300))
def test_any_text_can_be_looked_for_and_in(text: str) -> None:
    words = words_of(text)
    assert len(words) <= MOST_WORDS
    assert contains(text, words)
