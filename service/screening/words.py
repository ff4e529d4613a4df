"""Checks of the words of a comment against the site's lists."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from service.screening.folding import LEET, fold
from service.screening.policy import Policy
from service.screening.signals import Draft, Facts, Signal
from service.screening.wordlist import WordList

# As many say enough to a moderator.
_MOST_SIGNALS = 10
_LONGEST_QUOTE = 60


def banned_words(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`word-banned`: an entry of the list is in the text (with its span) or in the author's name (without)."""
    return _signals("word-banned", 1.0, policy.banned_words, draft)


def suspect_words(draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:
    """`word-suspect`: like `word-banned`, for the list of words that deserve a look."""
    return _signals("word-suspect", 0.5, policy.suspect_words, draft)


# A full list takes some 7 MB.
@lru_cache(maxsize=16)
def _list(words: tuple[str, ...]) -> WordList:
    return WordList(words)


def _signals(name: str, score: float, words: tuple[str, ...], draft: Draft) -> Iterator[Signal]:
    if not words:
        return
    found = chain(
        ((word, span) for word, span in places(words, draft.plain)),
        ((word, None) for word, _ in places(words, draft.name)),
    )
    seen: set[str] = set()
    for word, span in found:
        if word not in seen and len(seen) < _MOST_SIGNALS:
            seen.add(word)
            where = f"“{draft.plain[slice(*span)][:_LONGEST_QUOTE]}”" if span else f"the name “{draft.name}”"
            yield Signal(name, score, f"The site's list has “{word}”; found in {where}", span)


def places(words: tuple[str, ...], text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The words of a list that are in a text, read as letters and read with digits for letters, each with a place."""
    plain = fold(text)
    for entry, start, end in _list(words).find(plain.text):
        yield entry.word, plain.span(start, end)
    if any(c in LEET for c in text):
        read = fold(text, LEET)
        for entry, start, end in _list(words).find(read.text):
            span = read.span(start, end)
            # 455 is a number, 4ss is not.
            if any(c.isalpha() for c in text[slice(*span)]):
                yield entry.word, span
