from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.screening import Draft, Facts, Policy, Signal, judge
from service.screening.folding import fold
from service.screening.wordlist import WordList


def signals(words: Iterable[str], text: str, name: str = "Ada") -> list[Signal]:
    draft = Draft(plain=text, source=text, name=name)
    return list(judge(draft, Facts(), Policy(banned_words=tuple(words))).signals)


def found(word: str, text: str) -> str | None:
    """The part of the text in which an entry was found."""
    hits = signals([word], text)
    assert all(hit.name == "word-banned" for hit in hits)
    return text[slice(*hits[0].span)] if hits and hits[0].span else None


@pytest.mark.parametrize(
    ("word", "text", "part"),
    [
        ("spam", "buy SPAM now", "SPAM"),
        ("spam", "spam", "spam"),
        ("spam", "(spam!)", "spam"),
        ("spam", "spam-free", "spam"),
        ("spam", "spammer", None),
        ("spam", "antispam", None),
        ("spam*", "a spammer!", "spammer"),
        ("*spam", "an antispam list", "antispam"),
        ("*spam*", "antispammers", "antispammers"),
        ("f*k", "what the frak?", "frak"),
        ("f*k", "fk", "fk"),
        ("f*k", "folklore", None),
        ("f*k", "of ak", None),
        ("a*b*c", "xx aXbXbXc xx", "aXbXbXc"),
        ("a*b*c", "acb abb", None),
        ("buy now", "Buy,   now!", "Buy,   now"),
        ("buy now", "buy it now", None),
        ("buy * now", "buy it now", "buy it now"),
        ("buy * now", "buy it right now", None),
        ("don't", "DON’T", "DON’T"),
        ("straße", "STRASSE", "STRASSE"),
        ("ноль", "НОЛЬ!", "НОЛЬ"),
        ("傻瓜", "你是傻瓜吗", "傻瓜"),
        ("*", "anything", None),
    ],
)
def test_words_phrases_and_stars(word: str, text: str, part: str | None) -> None:
    words = [word] if word != "*" else []
    assert (found(word, text) if words else None) == part


@pytest.mark.parametrize(
    "evasion",
    [
        "viagra", "VIAGRA", "vìágrà", "v\u0336i\u0336agra", "viаgrа", "νіаgrа", "ｖｉａｇｒａ", "𝓿𝓲𝓪𝓰𝓻𝓪", "ⓥⓘⓐⓖⓡⓐ",
        "v\u200bi\u200da\u2060gra", "vi\u00adagra",
        "v1agra", "vi@gra", "v!agr@", "\u202eviagra",
    ],
)  # fmt: skip
def test_spellings_that_only_look_different_are_found(evasion: str) -> None:
    assert signals(["viagra"], f"cheap {evasion} here")


def test_the_evasions_are_marked_whole() -> None:
    assert found("viagra", "cheap v\u200bі@g\u0301ra, here") == "v\u200bі@g\u0301ra"


@pytest.mark.parametrize("text", ["455", "4.5.5", "$$$", "100 %", "7+7"])
def test_numbers_and_signs_alone_are_no_words(text: str) -> None:
    assert not signals(["ass", "a s s", "sss", "ioo", "t t", "ttt"], text)


def test_the_authors_name_is_looked_at_too_without_a_span() -> None:
    hit, *more = signals(["spam*"], "hello", name="SpamKing")
    assert (hit.span, more) == (None, [])
    assert "SpamKing" in hit.reason


def test_each_entry_is_one_signal_and_ten_are_enough() -> None:
    words = [f"w{n}x" for n in range(30)]
    hits = signals(words, " ".join(words * 3), name="w29x")
    assert len(hits) == len({hit.reason for hit in hits}) == 10


def test_an_entry_without_letters_cannot_be_in_a_policy() -> None:
    for empty in ("", "*", " ", "***", "…"):
        with pytest.raises(ValueError, match="word"):
            Policy(banned_words=(empty,))


def test_signs_fold_to_spaces_and_every_letter_knows_its_place() -> None:
    folded = fold("  Éѕ — ﬁ!")
    assert folded.text == "es fi "
    assert [folded.places[at] for at in (0, 1, 3, 4)] == [2, 3, 7, 7]


@given(st.text())
def test_folding_never_fails_and_its_result_folds_to_itself(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(folded.places)
    assert fold(folded.text).text == folded.text


texts = st.lists(st.text("ab", min_size=1, max_size=6), max_size=8).map(" ".join)
entries = st.lists(
    st.text("ab* ", min_size=1, max_size=6).filter(lambda word: word.strip("* ")), min_size=1, max_size=6
)


def pattern(word: str) -> re.Pattern[str]:
    """The same entry as a regular expression: slow, and plain to see."""
    middle = re.sub(r"\*+", "[^ ]*", " ".join(word.split()))
    return re.compile(rf"(?<![^ ]){middle}(?![^ ])")


@given(entries, texts)
def test_the_automaton_finds_what_a_search_word_by_word_finds(words: list[str], text: str) -> None:
    expected = {word for word in words if pattern(word).search(text)}
    assert {entry.word for entry, _, _ in WordList(words).find(text)} == expected


@given(entries, texts)
def test_what_is_found_is_all_of_a_match(words: list[str], text: str) -> None:
    for entry, start, end in WordList(words).find(text):
        assert pattern(entry.word).fullmatch(text[start:end])
        assert start == 0 or text[start - 1] == " "
        assert end == len(text) or text[end] == " "


def steps(run: Any) -> int:
    """How many lines of Python a call executes."""
    count = 0

    def tick(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return tick

    before = sys.gettrace()
    sys.settrace(tick)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def test_a_long_list_costs_no_more_steps_than_a_short_one() -> None:
    text = fold("some ordinary words that are in no list at all, and then some more of them " * 10).text
    short = WordList(["zebra", "zoo*", "*zap*"])
    long = WordList(
        [f"z{n}bra" for n in range(500)] + [f"z{n}*" for n in range(500)] + [f"*z{n}*p" for n in range(500)]
    )
    assert steps(lambda: list(long.find(text))) <= 1.1 * steps(lambda: list(short.find(text)))


@pytest.mark.parametrize("piece", ["a", "ab", "a ", "b", "aab", "é", "1", "@", "a\u0301"])
def test_the_time_grows_with_the_text_only(piece: str) -> None:
    policy = Policy(banned_words=("a*b*c*d", "*a*b*c", "aaaaaaaab", "*aab*x", "é*e", "*b*", "iiiiz"))

    def seconds(length: int) -> float:
        draft = Draft((piece * length)[:length], "", "Ada")
        start = time.process_time()
        judge(draft, Facts(), policy)
        return time.process_time() - start

    assert min(seconds(20_000) for _ in range(3)) < 10 * max(min(seconds(5_000) for _ in range(3)), 0.0005)
