"""Characters that trick the eye or break a store: found, counted, taken out.

Bidirectional controls: embeddings and overrides (U+202A-202E) always go, they are what spoofed text is made of and
UAX #9 itself has replaced them. Isolates (U+2066-2069) stay where each has its end in the same line, because honest
Arabic and Hebrew text carries them; unpaired ones would reach beyond the text and go.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# C0 and C1 except tab and newline, lone surrogates (UTF-8 has none), and two that XML, so every feed, forbids.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# A byte order mark inside a text is a leftover of some file.
_OVERRIDES = re.compile("[\u202a-\u202e\ufeff]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_POP_ISOLATE = "\u2069"
# Letters and marks that show nothing although Unicode counts them as visible.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")

_MARKS, _VOWEL_SIGNS = 4, 8


def tame(text: str) -> str:
    """Without what disturbs the text around it: controls, bidi tricks, towers of marks. For text of any origin."""
    # Nothing that is taken out can be printed.
    if not text.isprintable():
        text = without_overrides(CONTROLS.sub("", text))
    return text if text.isascii() else cap_marks(text)


def _in_a_row() -> re.Pattern[str]:
    """One more of the characters that stand on a letter than are ever let, with nothing between them.

    Beyond the first 65,536 characters any may be one: of that many the regular expression has a table.
    """
    found = [c for c in map(chr, range(0x80, 0x10000)) if _stands_on(c)]
    return re.compile(f"[{''.join(found)}\U00010000-\U0010ffff]{{{_MARKS + 1}}}")


def _stands_on(c: str) -> bool:
    return unicodedata.category(c) in {"Mn", "Me", "Cf"}


def without_overrides(text: str) -> str:
    """Without bidi embeddings and overrides, and without isolates that are not paired within their line."""
    text = _OVERRIDES.sub("", text)
    if _ISOLATES.search(text) is None:
        return text
    return "\n".join(_paired(line) for line in text.split("\n"))


def _paired(line: str) -> str:
    stray: set[int] = set()
    open_at: list[int] = []
    for found in _ISOLATES.finditer(line):
        if found[0] != _POP_ISOLATE:
            open_at.append(found.start())
        elif open_at:
            open_at.pop()
        else:
            stray.add(found.start())
    stray.update(open_at)
    return "".join(c for i, c in enumerate(line) if i not in stray) if stray else line


def cap_marks(text: str) -> str:
    """At most 4 combining marks on a letter, 8 where they are vowel signs that a script writes in a row.

    Marks beyond that are no language's spelling; stacked by the hundred they run over the comments around them.
    """
    # One search instead of a look at each character: hardly any text has so many in a row.
    if _TOWER.search(text) is None:
        return text
    kept: list[str] = []
    marks = 0
    for c in text:
        most = _most_in_a_row(c)
        if most:
            marks += 1
            if marks > most:
                continue
        elif most is not None:
            marks = 0
        kept.append(c)
    return "".join(kept)


@lru_cache(4_096)
def _most_in_a_row(c: str) -> int | None:
    """As the how manieth mark of a letter this one is let; 0 for what is none, None for what is not even seen."""
    category = unicodedata.category(c)
    if category in {"Mn", "Me"}:
        return _MARKS if category == "Me" or unicodedata.combining(c) else _VOWEL_SIGNS
    return None if category == "Cf" else 0


_TOWER = _in_a_row()


def normal(text: str) -> str:
    """NFC, with `cap_marks` before (sorting marks takes the square of their number) and after (NFC splits some)."""
    if text.isascii():
        return text
    capped = cap_marks(text)
    composed = unicodedata.normalize("NFC", capped)
    # Most often nothing changed, and there is nothing to look at a second time.
    return composed if composed == capped else unicodedata.normalize("NFC", cap_marks(composed))


def is_visible(text: str) -> bool:
    """Whether anything of it would be seen."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANKS for c in text)
