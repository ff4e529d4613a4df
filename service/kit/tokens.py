"""HTML as a flat run of tags and texts, in one pass over any input, however broken.

This is no parser and no wall: it prepares what `kit.builder` builds anew, and `kit.wall` has the last word on that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Possessive, and the attributes in two disjoint kinds: each character is looked at once.
_TOKEN = re.compile(
    r"""((?>(?:[^<]++|<(?!/?[a-zA-Z]|[!?]))+))|<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?>(?:[^>"']++|"[^"]*+"|'[^']*+')*))>"""
)
_MARKUP = re.compile(r"<[!?][^>]*+>")
# The lookbehind keeps a long word from being tried again from each of its letters.
_ATTRIBUTE = re.compile(r"""(?<![^\s"'/])([a-zA-Z][a-zA-Z-]*+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=`]++))""")
# What stands between these is not text for readers.
_HIDDEN = frozenset({"script", "style", "template", "iframe", "object", "svg", "math", "noscript", "head", "title"})


class Text(NamedTuple):
    """Text, its character references decoded once."""

    text: str


class Start(NamedTuple):
    """A start tag, its name in small letters. Attributes are read only where somebody asks."""

    name: str
    raw: str

    def attributes(self) -> dict[str, str]:
        """Attributes by name in small letters, the first of each, references decoded once."""
        found: dict[str, str] = {}
        for name, double, single, bare in _ATTRIBUTE.findall(self.raw):
            found.setdefault(name.lower(), html.unescape(double or single or bare))
        return found


class End(NamedTuple):
    """An end tag, its name in small letters."""

    name: str


Token = Text | Start | End


def tokens(source: str) -> Iterator[Token]:
    """The tags and texts of some HTML, in order; comments and scripts left out.

    A tag that never ends, with all that follows it, is text: nothing is lost. Linear in the length of the source.
    """
    at, endless, comments_end = 0, set[str](), source.rfind("-->")
    while at < len(source):
        if (found := _TOKEN.match(source, at)) is not None:
            at = found.end()
            text, slash, name, attributes = found.groups()
            if text is not None:
                yield Text(decoded(text))
            elif (name := name.lower()) not in _HIDDEN:
                yield End(name) if slash else Start(name, attributes)
            elif not slash and name not in endless:
                at = _behind(source, name, at, endless)
        elif source.startswith("<!--", at) and at + 4 <= comments_end:
            at = source.index("-->", at + 4) + 3
        elif (markup := _MARKUP.match(source, at)) is not None:
            at = markup.end()
        else:
            yield Text(html.unescape(source[at:]))
            return


def written(source: str) -> Iterator[Token]:
    """The same of HTML that comrak wrote, at a third of the cost: there a tag goes from each `<` to the next `>`."""
    for number, piece in enumerate(_TAG.split(source)):
        if number % 2:
            yield _tag(piece)
        elif piece:
            yield Text(decoded(piece))


def decoded(text: str) -> str:
    """Text with its character references decoded, as `html.unescape` does: at once where there are but the four."""
    if "&" not in text:
        return text
    if text.count("&") != sum(text.count(reference) for reference in _FOUR):
        return html.unescape(text)
    for reference, character in _FOUR.items():
        text = text.replace(reference, character)
    return text


# Hardly more than twenty are ever asked for; those with addresses are each another, and as soon forgotten.
@lru_cache(256)
def _tag(piece: str) -> Token:
    found = _TOKEN.fullmatch(piece)
    if found is None or found[1] is not None:
        return Text(html.unescape(piece))
    return End(found[3].lower()) if found[2] else Start(found[3].lower(), found[4])


_TAG = re.compile("(<[^>]*>)")
# What is written by comrak and by the wall; the last one last, or what it begins would be decoded twice.
_FOUR = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}


def _behind(source: str, name: str, at: int, endless: set[str]) -> int:
    end = re.compile(rf"</{name}[^>]*+>", re.IGNORECASE).search(source, at)
    if end is not None:
        return end.end()
    # Looked for in vain once, it need not be looked for again.
    endless.add(name)
    return at
