r"""Patterns over addresses, matched in linear time: what somebody types here may come from anybody's blog post.

Python's own expressions go back and try again, and a wrong one takes longer than the sun burns. Here all ways are
followed at once (Thompson's construction, with groups as in Pike's machine): the work is at most the length of the
address times the size of the pattern, and both are bounded.

The language is a part of Python's, with the same meaning: letters, `.`, `[a-z]`, `\d \w \s` and their opposites, `( )`,
`(?: )`, `|`, `* + ?` and their lazy forms, `{m,n}`. The whole address has to match. In the replacement `$1` … `$9` are
the groups, `$$` is a dollar sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST = 300
_MOST_STEPS = 400
_MOST_TIMES = 50
_MOST_GROUPS = 9
_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "s": ((" ", " "), ("\t", "\r")),
}
_REFERENCE = re.compile(r"\$(\$|[1-9])")

Ranges = tuple[tuple[str, str], ...]
# An operation and its arguments: `char` (letters), `split` (first, second), `jump` (to), `save` (slot), `match`.
Step = tuple[object, ...]
Saved = tuple[int, ...]


@dataclass(frozen=True)
class Letters:
    """Some letters, or all but these."""

    ranges: Ranges
    is_meant: bool = True

    def takes(self, char: str) -> bool:
        """Whether a letter is one of them."""
        return any(low <= char <= high for low, high in self.ranges) == self.is_meant


class BadPattern(ValueError):
    """What is wrong with a pattern, for whoever wrote it."""


@dataclass
class _Parser:
    """Reads a pattern and writes a program. One method for each rule of the grammar."""

    text: str
    at: int = 0
    groups: int = 0
    program: list[Step] = field(default_factory=list)

    def whole(self) -> list[Step]:
        self.either()
        if self.at < len(self.text):
            raise BadPattern(f"there is a ) without its ( at {self.at + 1}")
        self.add("match")
        return self.program

    def add(self, *step: object) -> int:
        if len(self.program) >= _MOST_STEPS:
            raise BadPattern("this pattern is too large")
        self.program.append(step)
        return len(self.program) - 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> bool:
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def either(self) -> None:
        begin = len(self.program)
        self.row()
        if not self.take("|"):
            return
        first = self.program[begin:]
        del self.program[begin:]
        split = self.add("split", begin + 1, 0)
        self.put(first, 1)
        jump = self.add("jump", 0)
        self.program[split] = ("split", split + 1, len(self.program))
        self.either()
        self.program[jump] = ("jump", len(self.program))

    def row(self) -> None:
        while self.peek() and self.peek() not in "|)":
            begin = len(self.program)
            self.one()
            self.repeated(begin)

    def put(self, steps: list[Step], by: int) -> None:
        """Write steps once more, `by` further on."""
        for step in steps:
            moved = tuple(
                part + by if step[0] in {"split", "jump"} and isinstance(part, int) else part for part in step
            )
            self.add(*moved)

    def repeated(self, begin: int) -> None:
        least, most = self.times()
        if (least, most) == (1, 1):
            return
        is_greedy = not self.take("?")
        if self.peek() and self.peek() in "*+?{":
            raise BadPattern(f"there is nothing to repeat at {self.at + 1}")
        body = self.program[begin:]
        del self.program[begin:]
        for _ in range(least):
            self.put(body, len(self.program) - begin)
        if most is None:
            here = self.add("split", 0, 0)
            self.put(body, len(self.program) - begin)
            self.add("jump", here)
            self.program[here] = self.fork(here + 1, len(self.program), is_greedy=is_greedy)
            return
        ahead: list[int] = []
        for _ in range(most - least):
            ahead.append(self.add("split", 0, 0))
            self.put(body, len(self.program) - begin)
        for here in ahead:
            self.program[here] = self.fork(here + 1, len(self.program), is_greedy=is_greedy)

    @staticmethod
    def fork(inside: int, outside: int, *, is_greedy: bool) -> Step:
        return ("split", inside, outside) if is_greedy else ("split", outside, inside)

    def times(self) -> tuple[int, int | None]:
        if self.take("*"):
            return 0, None
        if self.take("+"):
            return 1, None
        if self.take("?"):
            return 0, 1
        found = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}", re.ASCII).match(self.text, self.at)
        if found is None:
            return 1, 1
        self.at = found.end()
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if least > _MOST_TIMES or (most is not None and not least <= most <= _MOST_TIMES):
            raise BadPattern(f"{found[0]} repeats more than {_MOST_TIMES} times, or less than it says")
        return least, most

    def one(self) -> None:
        char = self.peek()
        self.at += 1
        if char == "(":
            self.group()
        elif char == ".":
            self.add("char", Letters((("\n", "\n"),), is_meant=False))
        elif char == "[":
            self.add("char", self.several())
        elif char == "\\":
            self.add("char", self.escaped())
        elif char in "*+?{":
            raise BadPattern(f"there is nothing to repeat at {self.at}")
        elif char in "^$":
            raise BadPattern("the whole address has to match: leave ^ and $ out, or write \\^ and \\$")
        else:
            self.add("char", Letters(((char, char),)))

    def group(self) -> None:
        number = None
        if not self.take("?:"):
            if self.peek() == "?":
                raise BadPattern("of groups with a ? there is (?: ) only")
            self.groups += 1
            number = self.groups
            if number > _MOST_GROUPS:
                raise BadPattern(f"there are more than {_MOST_GROUPS} groups")
            self.add("save", 2 * number)
        self.either()
        if not self.take(")"):
            raise BadPattern("a ( has no )")
        if number is not None:
            self.add("save", 2 * number + 1)

    def escaped(self) -> Letters:
        char = self.peek()
        self.at += 1
        if not char:
            raise BadPattern("a pattern does not end with \\")
        if char.lower() in _CLASSES:
            return Letters(_CLASSES[char.lower()], is_meant=char.islower())
        if char.isalnum():
            raise BadPattern(f"\\{char} has no meaning here")
        return Letters(((char, char),))

    def several(self) -> Letters:
        is_meant = not self.take("^")
        found: list[tuple[str, str]] = []
        while not self.take("]") or not found:
            if not self.peek():
                raise BadPattern("a [ has no ]")
            if not found and self.text[self.at - 1] == "]":
                found.append(("]", "]"))
                continue
            low, ranges = self.member()
            if ranges is not None:
                found += ranges
            elif self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in {"", "]"}:
                self.at += 1
                high, _ = self.member()
                if not low <= high or not high:
                    raise BadPattern(f"{low}-{high} is no range")
                found.append((low, high))
            else:
                found.append((low, low))
        return Letters(tuple(found), is_meant=is_meant)

    def member(self) -> tuple[str, Ranges | None]:
        char = self.peek()
        self.at += 1
        if char != "\\":
            return char, None
        found = self.escaped()
        if not found.is_meant:
            raise BadPattern("an opposite such as \\D does not go into [ ]")
        first = found.ranges[0]
        return (first[0], None) if len(found.ranges) == 1 and first[0] == first[1] else ("", found.ranges)


class Pattern:
    """A pattern made ready. Raises BadPattern."""

    def __init__(self, text: str) -> None:
        if not text or len(text) > LONGEST:
            raise BadPattern(f"a pattern has 1 to {LONGEST} characters")
        parser = _Parser(text)
        self._program = parser.whole()
        self._groups = parser.groups

    def missing_in(self, replacement: str) -> int | None:
        """The first group a replacement names that the pattern does not have."""
        named = [int(found[1]) for found in _REFERENCE.finditer(replacement) if found[1] != "$"]
        return next((number for number in named if number > self._groups), None)

    def replace(self, text: str, replacement: str) -> str | None:
        """The replacement with what the groups matched; None when the whole text does not match."""
        groups = self.match(text)
        if groups is None:
            return None

        def told(found: re.Match[str]) -> str:
            return "$" if found[1] == "$" else groups[int(found[1]) - 1] or ""

        return _REFERENCE.sub(told, replacement)

    def match(self, text: str) -> tuple[str | None, ...] | None:
        """What each group matched, or None for no match of the whole text."""
        here = self._closure([(0, (-1,) * (2 * self._groups + 2))], 0)
        for at, char in enumerate(text):
            ahead = [(step + 1, saved) for step, saved in here if _takes(self._program[step], char)]
            if not ahead:
                return None
            here = self._closure(ahead, at + 1)
        for step, saved in here:
            if self._program[step][0] == "match":
                spans = [(saved[2 * number], saved[2 * number + 1]) for number in range(1, self._groups + 1)]
                return tuple(text[begin:end] if begin >= 0 <= end else None for begin, end in spans)
        return None

    def _closure(self, begin: list[tuple[int, Saved]], at: int) -> list[tuple[int, Saved]]:
        """Where one can be without taking a letter, the way that is to be preferred first."""
        found: list[tuple[int, Saved]] = []
        seen: set[int] = set()
        waiting = list(reversed(begin))
        while waiting:
            step, saved = waiting.pop()
            if step in seen:
                continue
            seen.add(step)
            kind, *rest = self._program[step]
            if kind == "jump":
                waiting.append((rest[0], saved))  # type: ignore[arg-type]  # a place in the program
            elif kind == "split":
                waiting += [(rest[1], saved), (rest[0], saved)]  # type: ignore[list-item]  # likewise
            elif kind == "save":
                slot: int = rest[0]  # type: ignore[assignment]  # likewise
                waiting.append((step + 1, (*saved[:slot], at, *saved[slot + 1 :])))
            else:
                found.append((step, saved))
        return found


def _takes(step: Step, char: str) -> bool:
    return isinstance(letters := step[-1], Letters) and letters.takes(char)
