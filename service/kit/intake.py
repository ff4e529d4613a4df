"""Words as they come in: refused where they cannot be stored as sent, otherwise brought to one spelling.

Nothing is ever cut. What changes is what nobody sees: Unicode's normal form, line ends, blanks at the end of a line,
and the characters that `kit.characters` takes out.
"""

from __future__ import annotations

import re
import unicodedata

from service.kit.characters import BLANKS, CONTROLS, is_visible, normal, without_overrides
from service.kit.errors import Invalid

NAME_CHARS = 80

# Joiners are spelling in Persian, in the scripts of India and in emoji, and a trick between Latin, Greek or Cyrillic.
_STRAY_JOINER = re.compile(
    "(?<=[\u200c\u200d])[\u200c\u200d]|(?<![\u0590-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\U0010ffff])"
)
_JOINERS = "\u200c\u200d"
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029")


class BodyEmpty(Invalid):
    """There is nothing to read in this comment. Write something first."""

    type = "body-empty"


class BodyTooLong(Invalid):
    """This comment is too long. Nothing is cut: please shorten it and send it again."""

    type = "body-too-long"


class ForbiddenCharacters(Invalid):
    """There are control characters in this text. Remove them (pasting it as plain text helps) and send it again."""

    type = "forbidden-characters"


class LineTooLong(Invalid):
    """This is too long. Nothing is cut: please shorten it."""

    type = "too-long"


class NameEmpty(Invalid):
    """A name needs at least one letter, digit or sign that can be seen."""

    type = "name-empty"


def clean_source(text: str, *, max_chars: int, max_bytes: int | None = None) -> str:
    """The source of a comment as it will be stored: at most `max_chars` code points and `max_bytes` of UTF-8.

    Raises BodyEmpty, BodyTooLong (with `limit` and `length`), ForbiddenCharacters, all with field="body".
    """
    # Before any work on it; normal form shortens a text at most to a quarter.
    _bound(text, 4 * max_chars)
    # None of what is looked for here can be printed, and of most texts all can.
    if not text.replace("\n", "").isprintable():
        text = _LINE_ENDS.sub("\n", text)
        if CONTROLS.search(text) is not None:
            raise ForbiddenCharacters(field="body")
        text = without_overrides(text)
    lines = normal(text).split("\n")
    # rstrip by line: the regular expression for it takes the square of a long run of blanks.
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    _bound(text, max_chars)
    if max_bytes is not None and (length := len(text.encode())) > max_bytes:
        raise BodyTooLong(field="body", limit=max_bytes, length=length, unit="bytes")
    if not is_visible(text):
        raise BodyEmpty(field="body")
    return text


def clean_line(text: str, *, field: str, max_chars: int) -> str:
    """One line of text (a title, a name): blanks folded, invisible characters gone; may come out empty.

    Raises ForbiddenCharacters and LineTooLong naming `field`.
    """
    if len(text) > 4 * max_chars:
        raise LineTooLong(field=field, limit=max_chars, length=len(text))
    if not (text.isascii() and text.isprintable()):
        text = " ".join(re.sub("[\t\n\r\u2028\u2029]", " ", text).split(" "))
        if CONTROLS.search(text) is not None:
            raise ForbiddenCharacters(field=field)
        text = _STRAY_JOINER.sub("", "".join(c for c in normal(text) if not _is_invisible(c)))
    text = " ".join(text.split())
    if len(text) > max_chars:
        raise LineTooLong(field=field, limit=max_chars, length=len(text))
    return text


def clean_name(name: str) -> str:
    """The name somebody signs with: one line of 1 to 80 characters, some of it visible.

    Raises NameEmpty, LineTooLong, ForbiddenCharacters, all with field="author.name".
    """
    name = clean_line(name, field="author.name", max_chars=NAME_CHARS)
    if not is_visible(name):
        raise NameEmpty(field="author.name")
    return name


def _bound(text: str, max_chars: int) -> None:
    if len(text) > max_chars:
        raise BodyTooLong(field="body", limit=max_chars, length=len(text), unit="characters")


def _is_invisible(c: str) -> bool:
    return c in BLANKS or (unicodedata.category(c) == "Cf" and c not in _JOINERS)
