"""Patterns mean what Python's mean, and take linear time whatever is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.publishing.pattern import BadPattern, Pattern

_ATOMS = st.sampled_from(["a", "b", "/", ".", "[ab]", "[^a]", r"\d", r"\w", "[a-c1]", r"\."])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # Something that matches, so that no loop goes around without a letter: there Python's groups are a matter of taste.
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"({one})"),
        st.tuples(_ATOMS, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{1,3}?"])).map(
            "".join
        ),
        st.tuples(inner, st.sampled_from(["?", "{2}"])).map(lambda two: f"(?:{two[0]}){two[1]}"),
    )


_PATTERNS = st.recursive(_ATOMS, _grown, max_leaves=8)


@given(_PATTERNS, st.text("ab/1.c", max_size=12))
def test_means_what_python_s_means(written: str, text: str) -> None:
    try:
        pattern = Pattern(written)
    except BadPattern:
        return  # too large, or more groups than can be named
    found = re.compile(written, re.ASCII).fullmatch(text)
    ours = pattern.match(text)
    assert (ours is None) == (found is None), (written, text)
    if found is not None and "{2}" not in written:
        assert ours == found.groups(), (written, text)


@pytest.mark.parametrize(
    "wrong", ["", "(", ")", "a)", "[a", "*a", "a**", "a{3,2}", "a{99}", "(?=a)", r"\q", "^a", "a$", r"\1"]
)
def test_what_is_no_pattern_is_said(wrong: str) -> None:
    with pytest.raises(BadPattern):
        Pattern(wrong)


def test_groups_go_into_the_replacement() -> None:
    pattern = Pattern(r"https://old\.test/(\d+)/(?:amp/)?([a-z-]+)(\.html)?")
    assert pattern.replace("https://old.test/12/amp/tram", "https://new.test/$2-$1$3?p=$$") == (
        "https://new.test/tram-12?p=$"
    )
    assert pattern.replace("https://old.test/x/tram", "https://new.test/$1") is None
    assert (pattern.missing_in("$4"), pattern.missing_in("$3 $$9")) == (4, None)


def test_what_makes_others_go_back_for_ever_is_over_at_once() -> None:
    # A count of steps, not of seconds: 2,000 letters through a few dozen places each.
    evil = Pattern("(?:a|a)*(?:a*)*b?c")
    assert evil.match("a" * 2_000) is None
    assert evil.match("a" * 1_999 + "c") == ()
