"""Text without any mark takes a short way, and nobody can tell by what comes out."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import corpus
from service.kit.characters import cap_marks
from service.kit.intake import clean_source
from service.kit.prose import html_of, is_prose, plain_of
from service.kit.text import BodyEmpty, _parsed, render

# What the short way looks at, what ends it, and what begins something at the head of a line.
_WORDS = ("word", "Wort", "Київ", "東京", "é", "1", "12", "²", "Ⅳ", "\u3164", "x" * 30, "\U0001f600", "\u0301")
_BLANKS = (" ", "  ", "\n", "\n\n", "\n\n\n", "\t", "\u00a0", "\u2028")
_HEADS = ("- ", "+ ", "= ", "--", "---", "===", "1. ", "1) ", "#", ">")
_LINKS = ("://", ":", "www.", "WWW.a", "http", "ftp", "mailto:", "a.b", "@", "[", "]", "<")
_SIGNS = (". ", ") ", "'", '"', "(", ")", "%", "/", "!", "?", "…", "“", "„", "—", "$", "$$", "€", "«")
_MARKS = ("_", "*", "`", "&", "~~", "||", "|", "\\")
_PIECES = st.sampled_from([*_WORDS, *_BLANKS, *_HEADS, *_LINKS, *_SIGNS, *_MARKS])
_SOURCES = st.lists(_PIECES, max_size=12).map("".join)


def whole_way(source: str) -> tuple[str, tuple[str, ...], str] | None:
    """What the parser, the builder and the wall make of it; None for nothing to see."""
    try:
        made = _parsed(source, "markdown")
    except BodyEmpty:
        return None
    return made.html, made.links, made.plain


@given(_SOURCES)
@example("one\ntwo\n\n\nthree")
@example("a\n1. b")
@example("a\n- b")
@example("a\n    b")
@example("\u3164")
def test_the_short_way_comes_to_the_same_as_the_whole(source: str) -> None:
    if is_prose(source) and (made := whole_way(source)) is not None:
        assert (html_of(source), (), plain_of(source)) == made
    try:
        rendered = render(source)
    except BodyEmpty:
        assert whole_way(source) is None
    else:
        assert (rendered.html, rendered.links, rendered.plain) == whole_way(source)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"], include_characters="\n "), max_size=40))
def test_so_it_does_in_every_script(source: str) -> None:
    if is_prose(source) and (made := whole_way(source)) is not None:
        assert (html_of(source), (), plain_of(source)) == made


def test_most_of_what_people_write_takes_it() -> None:
    texts = corpus.texts()
    assert sum(is_prose(clean_source(text, max_chars=10_000)) for text in texts) > len(texts) // 3


@given(st.text(alphabet="a\u0301\u20dd\u0e34\u0483\U0001d167\U000e0100\u200d\u00adж\U0001f600 ", max_size=25))
@example("a" + "\u0301" * 5)
@example("a\u0301\u0301\u200d\u00ad\u0301\u0301\u0301")
def test_marks_are_counted_only_where_there_are_many_in_a_row(text: str) -> None:
    # Behind five letters that could be marks every character is looked at.
    assert cap_marks(text) == cap_marks(f"אבגדה {text}")[6:]
