"""Finding a list's words in a text, in time that does not depend on the length of the list.

An Aho-Corasick automaton (A. V. Aho, M. J. Corasick, "Efficient string matching", CACM 18, 1975) over one literal
piece of each entry runs along the folded text once; around a hit the rest of the entry is compared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from service.screening.folding import fold, is_spaceless


@dataclass(frozen=True)
class Entry:
    """An entry of a list: its folded literal pieces, between which `*` stood.

    `open_start` and `open_end` tell that a word may go on before the first and after the last.
    """

    word: str
    pieces: tuple[str, ...]
    open_start: bool
    open_end: bool

    @classmethod
    def of(cls, word: str) -> Entry:
        """Read an entry; it has no pieces when there is nothing but stars in it."""
        parts = fold(word, {"*": "*"}).text.strip().split("*")
        return cls(word, tuple(part for part in parts if part), not parts[0], not parts[-1])


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    fail: _Node | None = None
    entries: list[Entry] = field(default_factory=list)  # whose first piece ends here


class WordList:
    """A list of words made ready to be looked for."""

    def __init__(self, words: Sequence[str]) -> None:
        self._root = _Node()
        for word in dict.fromkeys(words):
            if (entry := Entry.of(word)).pieces:
                self._grow(entry.pieces[0]).entries.append(entry)
        self._link()

    def find(self, text: str) -> Iterator[tuple[Entry, int, int]]:
        """Each entry that is in a folded text, with its first place there as (start, end).

        A place takes in the whole word where the entry leaves its beginning or end open.
        """
        # Until where an entry need not be tried: for good once found, to the end of the word once a star failed.
        skip: dict[str, int] = {}
        node = self._root
        for at, c in enumerate(text):
            while c not in node.next and node.fail is not None:
                node = node.fail
            node = node.next.get(c, self._root)
            for entry in node.entries:
                start = at + 1 - len(entry.pieces[0])
                if start < skip.get(entry.word, 0) or not (entry.open_start or _is_edge(text, start)):
                    continue
                if (end := _end(entry, text, at + 1)) is not None:
                    skip[entry.word] = len(text)
                    yield entry, *_whole(entry, text, start, end)
                elif len(entry.pieces) > 1:
                    skip[entry.word] = _word_end(text, start)

    def _grow(self, piece: str) -> _Node:
        node = self._root
        for c in piece:
            node = node.next.setdefault(c, _Node())
        return node

    def _link(self) -> None:
        waiting = deque(self._root.next.values())
        for node in waiting:
            node.fail = self._root
        while waiting:
            node = waiting.popleft()
            for c, child in node.next.items():
                fail = node.fail
                while fail is not None and c not in fail.next:
                    fail = fail.fail
                child.fail = self._root if fail is None else fail.next[c]
                child.entries += child.fail.entries
                waiting.append(child)


def _end(entry: Entry, text: str, end: int) -> int | None:
    """Where an entry ends whose first piece ends at `end`, or None when it is not there after all."""
    for piece in entry.pieces[1:-1]:
        if (at := _find(text, piece, end)) is None:
            return None
        end = at + len(piece)
    if len(entry.pieces) > 1:
        last = entry.pieces[-1]
        # Where the word must end with it the last place counts, otherwise any does.
        if (at := _find(text, last, end, from_end=not entry.open_end)) is None:
            return None
        end = at + len(last)
    return end if entry.open_end or _is_edge(text, end) else None


def _whole(entry: Entry, text: str, start: int, end: int) -> tuple[int, int]:
    # Where no spaces part words, there is no telling how far one goes.
    if entry.open_start and start > 0 and not is_spaceless(text[start - 1]):
        start = text.rfind(" ", 0, start) + 1
    if entry.open_end and end < len(text) and not is_spaceless(text[end]):
        end = _word_end(text, end)
    return start, end


def _find(text: str, piece: str, start: int, *, from_end: bool = False) -> int | None:
    """Where a piece stands from `start` on with nothing but letters between: what a star stands for."""
    find = text.rfind if from_end else text.find
    at = find(piece, start, _word_end(text, start) + len(piece))
    return at if at >= 0 and " " not in text[start:at] else None


def _word_end(text: str, at: int) -> int:
    end = text.find(" ", at)
    return len(text) if end < 0 else end


def _is_edge(text: str, at: int) -> bool:
    around = text[max(at - 1, 0) : at + 1]
    return at in {0, len(text)} or any(c == " " or is_spaceless(c) for c in around)
