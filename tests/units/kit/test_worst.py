"""The most work a text can make, looked for: counted in calls, which no other process of the machine changes."""

from __future__ import annotations

import contextlib
import html
import random
import sys
from types import FrameType
from typing import Any

from hypothesis import given, settings, target
from hypothesis import strategies as st

from service.kit.builder import Form
from service.kit.errors import Invalid
from service.kit.intake import clean_source
from service.kit.text import _markdown, render
from service.kit.tokens import decoded, tokens, written
from tests.units.kit.shapes import PIECES, grown, shapes, towers

LONG, LONGEST = 3_000, 20_000
MOST = 30  # calls for a character, after MOST_AT_ALL; quadratic work would be hundreds
MOST_AT_ALL = 4_000
MOST_OF_THE_LONGEST = 200_000  # calls; without a bound of tags it would be twice that


def work(source: str, form: Form) -> int:
    """Calls of Python's functions and of those it is built on while a text is cleaned and rendered."""
    calls = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with contextlib.suppress(Invalid):
            render(clean_source(source, max_chars=LONGEST) if form == "markdown" else source, form)
    finally:
        sys.setprofile(before)
    return calls


mixtures = st.builds(
    lambda pieces, tail: ("".join(pieces) * LONG)[:LONG] + tail,
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    st.sampled_from(["", "\n", ">", ")", "]", "`", "*", "</b>", "-->"]),
)


@given(mixtures, st.sampled_from(["markdown", "html"]))
@settings(max_examples=60)
def test_nobody_finds_a_text_that_makes_more_work_than_its_length(source: str, form: Form) -> None:
    done = work(source, form)
    target(done / len(source))
    assert done <= MOST_AT_ALL + MOST * len(source)


def test_no_known_shape_makes_more_work_than_its_length() -> None:
    some = random.Random(8).sample(list(shapes(LONG)), 120)
    for source in some:
        for form in ("markdown", "html"):
            assert work(source, form) <= MOST_AT_ALL + MOST * len(source), (form, source[:40])


def test_what_gets_deeper_longer_or_higher_makes_no_more_work_either() -> None:
    for source in [*grown(LONG), *random.Random(8).sample(list(towers(LONG)), 20)]:
        for form in ("markdown", "html"):
            assert work(source, form) <= MOST_AT_ALL + MOST * len(source), (form, source[:40])


def test_of_the_longest_comment_there_is_less_work_than_its_length_lets() -> None:
    """What comes to too many tags is refused before it is built: all that lies behind the parser is bounded."""
    over = ("\u00e9`", "||a||", "- a\n", "\\\n\n", "_\n\n", "a`\n")
    under = ("`aaaaaa` ", "*aaaaaa* ", "||" + "a" * 22, "- aaaaaa\n", "a`aaaa\n", "[a](/bcd)", "&", "<b>", "www.a.bc ")
    for piece in (*over, *under):
        assert work((piece * LONGEST)[:LONGEST], "markdown") <= MOST_OF_THE_LONGEST, piece


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_the_short_way_through_what_comrak_wrote_comes_to_the_same(source: str) -> None:
    made = _markdown(source)
    assert list(written(made)) == list(tokens(made))


@given(
    st.lists(st.sampled_from(["&", "amp;", "lt;", "&lt;", "&amp;", "&quot;", "&gt;", "&#39;", "&nbsp;", "a", ";"])).map(
        "".join
    )
)
def test_references_are_decoded_once(text: str) -> None:
    assert decoded(text) == html.unescape(text)


def test_work_that_grows_with_the_square_is_seen() -> None:
    """What the counting is for: looking for each character's end from its own place."""

    def quadratic(text: str) -> None:
        for at in range(len(text)):
            for _ in range(at // 30):
                ord(text[at])

    calls = 0

    def count(_: FrameType, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        quadratic("[" * LONG)
    finally:
        sys.setprofile(None)
    assert calls > MOST_AT_ALL + MOST * LONG
