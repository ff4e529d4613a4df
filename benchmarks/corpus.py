"""Comments nobody wrote: the same for everybody who runs this, in the shapes and lengths of real threads.

Lengths are log-normal, most below 200 characters and a few of 2,000. Nearly half of the comments are roots, a reply
answers one of the latest comments as a rule, and a third of the texts carry some Markdown.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

_SEED = 20_261_125
_DEEPEST = 8

_WORDS = [
    "tram",
    "harbour",
    "council",
    "budget",
    "bridge",
    "vote",
    "mayor",
    "school",
    "garden",
    "ferry",
    "ticket",
    "winter",
    "morning",
    "paper",
    "question",
    "reader",
    "answer",
    "street",
    "market",
    "quiet",
    "plan",
    "line",
    "stop",
    "driver",
    "cost",
    "year",
    "city",
    "people",
    "number",
    "week",
    "house",
    "window",
    "river",
    "tower",
    "would",
    "could",
    "should",
    "has",
    "was",
    "were",
    "will",
    "not",
    "never",
    "always",
    "often",
    "still",
    "only",
    "also",
    "perhaps",
    "really",
    "quite",
    "nearly",
    "very",
    "long",
    "short",
    "new",
    "old",
    "early",
    "late",
    "good",
    "better",
    "cheap",
    "dear",
    "full",
    "empty",
    "loud",
    "slow",
    "quick",
    "open",
    "closed",
    "the",
    "a",
    "this",
    "that",
    "their",
    "our",
    "my",
    "of",
    "for",
    "with",
    "without",
    "under",
    "over",
    "near",
    "after",
    "before",
    "because",
    "although",
    "when",
    "where",
    "which",
    "who",
    "and",
    "or",
    "but",
    "Zürich",
    "café",
    "naïve",
    "Århus",
    "Łódź",
    "東京",
    "Київ",
    "señor",
    "déjà",
]
_NAMES = [
    "Ada",
    "Ben",
    "Cleo",
    "Dario",
    "Edda",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaya",
    "Levi",
    "Mina",
    "Nils",
    "Olga",
    "Pavel",
    "Rosa",
    "Sven",
    "Tove",
    "Uma",
]
_FAMILIES = [
    "Abel",
    "Brandt",
    "Costa",
    "Dietz",
    "Eriksen",
    "Falk",
    "Gomez",
    "Hahn",
    "Ivanova",
    "Jensen",
    "Keller",
    "Lund",
    "Moreau",
    "Nagy",
    "Okoye",
    "Petrov",
]


@dataclass(frozen=True)
class Planned:
    """One comment of a planned thread; numbers count from 0, a parent comes before its replies."""

    number: int
    parent: int | None
    depth: int
    text: int  # which of the texts
    author: int  # which of the authors
    up: int
    down: int


def texts(count: int = 2_000) -> list[str]:
    """Markdown sources, each different."""
    rng = random.Random(_SEED)
    return [_text(rng) for _ in range(count)]


def authors(count: int = 500) -> list[str]:
    """Names people sign with."""
    rng = random.Random(_SEED + 1)
    return [f"{rng.choice(_NAMES)} {rng.choice(_FAMILIES)} {number}" for number in range(count)]


def thread(size: int, *, texts: int, authors: int) -> Iterator[Planned]:
    """A thread of `size` comments, oldest first, by `authors` people who say one of so many `texts` each."""
    rng = random.Random(_SEED + size)
    latest: list[tuple[int, int]] = []  # number and depth of the last comments: whom replies answer
    for number in range(size):
        parent, depth = None, 0
        if latest and rng.random() < 0.55:
            parent, above = latest[-1 - min(int(rng.expovariate(1 / 8)), len(latest) - 1)]
            depth = above + 1
        if depth < _DEEPEST:
            latest = [*latest[-99:], (number, depth)]
        up, down = int(rng.expovariate(1 / 4)), int(rng.expovariate(1))
        yield Planned(number, parent, depth, rng.randrange(texts), rng.randrange(authors), up, down)


def _text(rng: random.Random) -> str:
    wanted = min(2_000, max(15, int(rng.lognormvariate(math.log(165), 0.95))))
    parts: list[str] = []
    while sum(map(len, parts)) < wanted:
        parts.append(_sentence(rng) + ("\n\n" if rng.random() < 0.15 else " "))
    return "".join(parts).strip()


def _sentence(rng: random.Random) -> str:
    words = [rng.choice(_WORDS) for _ in range(rng.randint(4, 16))]
    kind = rng.random()
    if kind < 0.06:
        words[-1] = f"**{words[-1]}**"
    elif kind < 0.10:
        words[0] = f"_{words[0]}_"
    elif kind < 0.13:
        words.append(f"[{words[0]}](https://paper.test/{rng.randrange(10_000)})")
    sentence = " ".join(words)
    return sentence[0].upper() + sentence[1:] + rng.choice("....?!")
