"""Finding words in texts: case, accents and forms of letters make no difference, in any language."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+")
MOST_WORDS = 8


def folded(text: str) -> str:
    """The text in the form that is compared. Linear; texts in ASCII, which are most, cost least."""
    if text.isascii():
        return text.lower()
    # Decomposed, so that the accents can be taken away; vowel signs of Hebrew and Arabic likewise.
    return _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())


def words_of(query: str) -> tuple[str, ...]:
    """What a text has to contain, each of at most eight words; empty for a query without words."""
    return tuple(dict.fromkeys(folded(query).split()))[:MOST_WORDS]


def contains(text: str, words: tuple[str, ...]) -> bool:
    """Whether all `words`, as `words_of` made them, stand in the text."""
    told = folded(text)
    return all(word in told for word in words)
