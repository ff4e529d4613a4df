"""JSON files of any size, one value after the other: the members of one long array, or one document a line.

Memory holds one record. A file that is no JSON is refused with the line where it stops being it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from service.transfer.errors import BadRecord, CutShort, NotJSON
from service.transfer.unpack import bytes_of

Object = dict[str, Any]
_LARGEST_RECORD = 32 * 2**20
_BLANK: Final = " \t\r\n"


def lines(path: Path) -> Iterator[tuple[int, Object]]:
    """The objects of a file that has one a line, with the number of the line. Blank lines say nothing."""
    for number, line in enumerate(_split(path), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise NotJSON(f"This is not JSON: {_said(error)}.", line=number) from error
        if not isinstance(found, dict):
            raise BadRecord("This should be an object, in braces.", line=number)
        yield number, found


def members(path: Path, *within: str) -> Iterator[tuple[int, Object]]:
    """The objects of the array at the end of these keys; without keys the array is the whole file."""
    reader = _Reader(path)
    for key in within:
        if not reader.enter(key):
            return
    yield from reader.array()
    reader.leave(len(within))


def number_of(value: object) -> int:
    """A count; 0 where it is none."""
    try:
        return max(0, min(int(str(value)), 2**31 - 1))
    except ValueError:
        return 0


def text_of(value: object) -> str:
    """A text as it may be kept; numbers become texts, everything else is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def time_of(value: object, line: int, what: str) -> datetime:
    """A time, in the spellings of several systems; without a zone it is UTC. Raises BadRecord."""
    if isinstance(value, dict):
        value = value.get("iso")  # LeanCloud's way
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1_000 if value > 10**11 else value, UTC)
        found = datetime.fromisoformat(_tidy(str(value)))
    except (ValueError, OverflowError, OSError) as error:
        raise BadRecord(f"{what} has the time {str(value)[:40]!r}, which is none.", line=line) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _tidy(written: str) -> str:
    """`2021-10-28 20:50:15 +0800` and nine digits of a second, as Go writes them."""
    day, _, rest = written.strip().replace("T", " ", 1).partition(" ")
    clock, zone = rest.replace(" ", ""), ""
    for mark in "Z+-":
        if mark in clock:
            clock, _, zone = clock.partition(mark)
            zone = "+00:00" if mark == "Z" else mark + zone
            break
    whole, _, part = clock.partition(".")
    return f"{day}T{whole or '00:00:00'}" + (f".{part[:6]:0<6}" if part else "") + zone


def flag_of(value: object) -> bool:
    """Whether something is said to be so: `true`, 1, "true"."""
    return value is True or str(value).strip().lower() in {"true", "1"}


def id_of(value: object, line: int, what: str) -> str:
    """An id of a record. Raises BadRecord for none."""
    found = text_of(value)
    if not found or len(found) > 160 or not found.isprintable():  # with a prefix it must fit
        raise BadRecord(f"{what} has no usable id.", line=line)
    return found


class _Reader:
    """Reads values from a file piece by piece."""

    def __init__(self, path: Path) -> None:
        self._pieces = _decoded(path)
        self._text, self._at, self._line = "", 0, 1
        self._decoder = json.JSONDecoder()

    def enter(self, key: str) -> bool:
        """Go to the value of a key of the object that begins here; False when it has no such key."""
        self._expect("{")
        while True:
            if self._peek() == "}":
                return False
            found = self._value()
            self._expect(":")
            if found == key:
                return True
            self._skip()
            if self._peek() == ",":
                self._at += 1

    def array(self) -> Iterator[tuple[int, Object]]:
        """The objects of the array that begins here; null is an empty one."""
        if self._peek() == "n":
            self._value()
            return
        self._expect("[")
        while self._peek() != "]":
            line = self._line
            found = self._value()
            if not isinstance(found, dict):
                raise BadRecord("This should be an object, in braces.", line=line)
            yield line, found
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise NotJSON("A comma is missing.", line=self._line)
        self._at += 1

    def leave(self, depth: int) -> None:
        """Go on to the end of so many objects that were entered: that the file is whole."""
        for _ in range(depth):
            while self._peek() == ",":
                self._at += 1
                self._value()
                self._expect(":")
                self._skip()
            self._expect("}")

    def _skip(self) -> None:
        """Pass a value by; of a long array without holding more than one member."""
        if self._peek() != "[":
            self._value()
            return
        self._at += 1
        while self._peek() != "]":
            self._value()
            if self._peek() == ",":
                self._at += 1
        self._at += 1

    def _peek(self) -> str:
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise CutShort(line=self._line)

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise NotJSON(f"There should be a {mark} here.", line=self._line)
        self._at += 1

    def _value(self) -> Any:
        self._peek()
        wanted = 0
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise NotJSON("This is nested too deeply.", line=self._line) from error
            except ValueError as error:
                # Perhaps it only goes on in the next piece; asked again when there is twice as much.
                wanted = max(wanted, 2 * (len(self._text) - self._at))
                if len(self._text) - self._at > _LARGEST_RECORD or not self._more(wanted):
                    raise self._broken(error) from error
                continue
            if end == len(self._text) and not isinstance(found, dict | list | str) and self._more():
                continue  # a number may go on
            self._line += self._text.count("\n", self._at, end)
            self._at = end
            return found

    def _broken(self, error: ValueError) -> CutShort | NotJSON:
        at = getattr(error, "pos", len(self._text))
        line = self._line + self._text.count("\n", self._at, at)
        if at >= len(self._text.rstrip()) or "Unterminated" in str(error):
            return CutShort(line=line)
        return NotJSON(f"This is not JSON: {_said(error)}.", line=line)

    def _more(self, wanted: int = 0) -> bool:
        self._text, self._at = self._text[self._at :], 0
        pieces = [self._text]
        size = len(self._text)
        for piece in self._pieces:
            pieces.append(piece)
            size += len(piece)
            if size > wanted:
                break
        is_longer = len(pieces) > 1
        self._text = "".join(pieces)
        return is_longer


def _decoded(path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    with path.open("rb") as file:
        for piece in bytes_of(file):
            if found := decoder.decode(piece):
                yield found
    if rest := decoder.decode(b"", final=True):
        yield rest


def _split(path: Path) -> Iterator[str]:
    held = ""
    for piece in _decoded(path):
        *whole, held = (held + piece).split("\n")
        yield from whole
        if len(held) > _LARGEST_RECORD:
            raise NotJSON("A line is longer than 32 MB.")
    if held:
        yield held


def _said(error: Exception) -> str:
    return str(error).partition(":")[0][:120]
