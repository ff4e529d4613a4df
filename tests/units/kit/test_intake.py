from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit.errors import Invalid
from service.kit.intake import (
    BodyEmpty,
    BodyTooLong,
    ForbiddenCharacters,
    LineTooLong,
    NameEmpty,
    clean_line,
    clean_name,
    clean_source,
)

LRI, RLI, PDI, RLO, PDF = "\u2066", "\u2067", "\u2069", "\u202e", "\u202c"
ZWNJ, ZWJ, ZWSP = "\u200c", "\u200d", "\u200b"

tricky = st.text(
    st.one_of(st.characters(), st.sampled_from(f"a é\n\r\t\u0301\u0344\u0e47{LRI}{PDI}{RLO}{ZWJ}{ZWSP}\ufeff")),
    max_size=60,
)


def source(text: str) -> str:
    return clean_source(text, max_chars=1_000)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("one\r\ntwo\rthree\u2028four\u2029five", "one\ntwo\nthree\nfour\nfive"),
        ("trailing  \t\nblanks \u3000", "trailing\nblanks"),
        ("\n\n    indented code\n\n", "    indented code"),
        ("a\tb\n\n\nc", "a\tb\n\n\nc"),
        ("e\u0301", "é"),
        ("\ufeffmark", "mark"),
        ("👩‍👩‍👧 नमस्ते می\u200cخواهم", "👩‍👩‍👧 नमस्ते می\u200cخواهم"),
    ],
)
def test_a_source_is_brought_to_one_spelling(sent: str, stored: str) -> None:
    assert source(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (f"a{RLO}b{PDF}c", "abc"),
        (f"{RLI}عربي{PDI} text", f"{RLI}عربي{PDI} text"),
        (f"{RLI}{LRI}nested{PDI}{PDI}", f"{RLI}{LRI}nested{PDI}{PDI}"),
        (f"{RLI}left open", "left open"),
        (f"closed{PDI} only{PDI}", "closed only"),
        (f"{RLI}one\ntwo{PDI}", "one\ntwo"),
        (f"{PDI}{LRI}x", "x"),
    ],
)
def test_bidi_controls_stay_only_in_pairs_within_a_line(sent: str, stored: str) -> None:
    assert source(sent) == stored


def test_towers_of_marks_are_cut_down_and_spelling_is_not() -> None:
    assert source("Z" + "\u0335\u0321\u035d" * 30) == unicodedata.normalize("NFC", "Z\u0335\u0321\u035d\u0335")
    assert len(source("ก" + "\u0e47" * 100)) == 9
    for word in ("Việt Nam", "שָׁלוֹם", "ကျွန်ုပ်", "བསྒྲུབས", "ẛ̣"):
        assert source(word) == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize(
    "bad", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\x9b", chr(0xD800), chr(0xDFFF), "\ufffe", "\uffff"]
)
def test_control_characters_are_refused(bad: str) -> None:
    for clean in (source, clean_name):
        with pytest.raises(ForbiddenCharacters):
            clean(f"a{bad}b")


@pytest.mark.parametrize(
    "empty", ["", " \n\t", ZWSP, ZWJ * 3, "\u2800", "\u3164", RLO + PDF, "\u00ad", "\u0301", "\ufeff", "\U000e0041"]
)
def test_text_that_nobody_can_see_is_refused(empty: str) -> None:
    with pytest.raises(BodyEmpty) as refused:
        source(empty)
    assert refused.value.field == "body"
    with pytest.raises(NameEmpty) as refused_name:
        clean_name(empty)
    assert refused_name.value.field == "author.name"


def test_a_text_is_taken_whole_or_refused() -> None:
    assert source("x" * 1_000) == "x" * 1_000
    with pytest.raises(BodyTooLong) as refused:
        source("x" * 1_001)
    assert (refused.value.field, refused.value.more["limit"], refused.value.more["length"]) == ("body", 1_000, 1_001)
    assert len(source("e\u0301" * 1_000)) == 1_000


def test_bytes_are_counted_too() -> None:
    assert clean_source("é" * 50, max_chars=100, max_bytes=100)
    with pytest.raises(BodyTooLong) as refused:
        clean_source("é" * 51, max_chars=100, max_bytes=100)
    assert refused.value.more == {"limit": 100, "length": 102, "unit": "bytes"}


@given(tricky)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    try:
        once = source(text)
    except Invalid:
        return
    assert source(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@given(tricky)
def test_cleaning_a_name_twice_changes_nothing_more(text: str) -> None:
    try:
        once = clean_name(text)
    except Invalid:
        return
    assert clean_name(once) == once
    assert 1 <= len(once) <= 80
    assert once == " ".join(once.split())


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        (f"A{ZWSP}d{ZWJ}a{ZWNJ}", "Ada"),
        (f"{RLO}adA{PDF}", "adA"),
        (f"{RLI}Ada{PDI}\u200e", "Ada"),
        ("A\u00adda\u2060\ufeff\U000e0041", "Ada"),
        ("Ad\u3164a\u2800", "Ada"),
        ("ni\u0301ña", "níña"),
        (f"می{ZWNJ}نا", f"می{ZWNJ}نا"),
        (f"می{ZWNJ}{ZWNJ}نا{ZWNJ}", f"می{ZWNJ}نا"),
        (f"क्{ZWJ}ष", f"क्{ZWJ}ष"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_a_name_is_one_line_without_tricks(sent: str, stored: str) -> None:
    assert clean_name(sent) == stored


def test_a_name_has_at_most_eighty_characters() -> None:
    assert clean_name("é" * 80)
    with pytest.raises(LineTooLong) as refused:
        clean_name("é" * 81)
    assert (refused.value.field, refused.value.type) == ("author.name", "too-long")


def test_a_line_may_be_empty_and_names_its_field() -> None:
    assert clean_line(" \n ", field="title", max_chars=10) == ""
    with pytest.raises(LineTooLong) as refused:
        clean_line("x" * 11, field="title", max_chars=10)
    assert refused.value.field == "title"


@pytest.mark.parametrize(
    "piece", [" ", "\n", "a ", "\u0301\u0323", "\u2066", "\u2066\u2069", "\r", "\u200d", "é", "\u0344"]
)
def test_cleaning_takes_time_in_proportion(piece: str) -> None:
    def seconds(length: int) -> float:
        text = "a" + (piece * length)[:length] + "a"
        start = time.process_time()
        try:
            clean_source(text, max_chars=1 << 20)
            clean_line(text, field="x", max_chars=1 << 20)
        except Invalid:
            pass
        return time.process_time() - start

    assert min(seconds(40_000) for _ in range(3)) < 10 * max(min(seconds(10_000) for _ in range(3)), 0.0005)
