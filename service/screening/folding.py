"""Text brought to the form in which words are compared, with the way back to where each letter stood.

What makes no difference: case, accents, presentation forms (ﬁ, 𝐟, ⓕ, ｆ), letters of Greek and Cyrillic that look
like Latin ones, invisible characters, and what stands between two words. Look-alikes are folded on both sides, so a
Russian list finds Russian words; that a Russian and an English word can fold alike is the price of finding `ѕраm`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

# Small letters that cannot be told from Latin ones at a glance (after Unicode TS #39's confusables).
_LOOK_ALIKES = str.maketrans(
    "авекмнорстухіїјѕԁԛԝһӏгɡαβεικνορτυχωηјɩıłøđħ",
    "abekmhopctyxiijsdqwhlrgabeikvoptuxwnjiilodh",
)
_SPACELESS = (
    ("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"), ("\u3040", "\u30ff"), ("\u3400", "\u9fff"),
    ("\U00020000", "\U0003ffff"),
)  # fmt: skip
# Digits and signs read as letters, only in a second look (`LEET`), since they are mostly just that.
LEET: Mapping[str, str] = {
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b",
    "@": "a", "$": "s", "!": "i", "|": "l", "€": "e", "+": "t",
}  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """Folded text: words parted by single spaces, and for each of its characters the place in the original."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that folded to text[start:end] (not empty)."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str, letters: Mapping[str, str] | None = None) -> Folded:
    """Fold a text; `letters` says how to read some characters otherwise. Linear in its length."""
    folded: list[str] = []
    places: list[int] = []
    for place, c in enumerate(text):
        for part in letters[c] if letters and c in letters else _parts(c):
            # Blanks and signs part words, once; at the beginning there is nothing to part.
            if part != " " or (folded and folded[-1] != " "):
                folded.append(part)
                places.append(place)
    return Folded("".join(folded), tuple(places))


def is_spaceless(c: str) -> bool:
    """Whether a letter belongs to a script that puts no space between words (Han, kana, Thai, Lao, Khmer, Burmese)."""
    return (
        "\u0e00" <= c <= "\u0eff"
        or "\u1000" <= c <= "\u109f"
        or "\u1780" <= c <= "\u17ff"
        or ("\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff")
    )


@lru_cache(maxsize=4096)
def _parts(c: str) -> str:
    return "".join(_letters(c))


def _letters(c: str) -> Iterator[str]:
    for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", c).casefold()):
        category = unicodedata.category(part)
        if category[0] in "LN":
            yield part.translate(_LOOK_ALIKES)
        elif category not in {"Mn", "Me", "Cf"}:
            yield part if category == "Mc" else " "
