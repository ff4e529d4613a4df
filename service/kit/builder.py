"""HTML built anew from few tags.

`Builder` takes the tokens of any HTML (what comrak made of Markdown, or what Disqus exported) and writes a small,
balanced, shallow document: it is what makes links, headings, images and spoilers into what Parley shows. It is not
what makes them safe: `kit.wall` is, and nothing passes by it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from service.kit import hrefs
from service.kit.characters import tame
from service.kit.errors import Invalid
from service.kit.tokens import End, Start, Text, Token
from service.kit.wall import admits

Form = Literal["markdown", "html"]

# Quotes in quotes and lists in lists; also what keeps the parser behind `wall`, whose time grows with depth, quick.
DEEPEST = 20
# Beyond these an address is shown as text.
MOST_LINKS = 100

_INLINE = {
    "em": "em", "i": "em", "strong": "strong", "b": "strong", "del": "del", "s": "s", "strike": "s", "u": "u",
    "code": "code", "tt": "code", "kbd": "code", "samp": "code",
}  # fmt: skip
_BLOCKS = {"blockquote": "blockquote", "ul": "ul", "ol": "ol", "li": "li", "pre": "pre", "spoiler": "details"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BOUNDARIES = frozenset({
    "address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form",
    "header", "html", "main", "nav", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
})  # fmt: skip
_OPENED = {"details": '<details class="spoiler"><summary>Spoiler</summary>'}
# As long as CommonMark has it.
_NUMBER = re.compile("[0-9]{1,9}")
_LISTS = frozenset({"ul", "ol"})


class BodyTooDeep(Invalid):
    """There are too many quotes, lists or emphases inside each other. Take some levels out and send it again."""

    type = "body-too-deep"


@dataclass
class _Block:
    name: str
    formats: int  # how many inline formats were open outside


@dataclass
class _Link:
    at: int  # where its content begins in what is written
    depth: int  # how many formats were written outside
    source: str
    target: str


class Builder:
    """Writes one document; a fresh one for each.

    Text lies in paragraphs, list items and code blocks only, and paragraphs are begun by the text they hold, so none
    is empty. In Markdown too deep a nesting raises BodyTooDeep; in foreign HTML it is flattened, for an import may
    not lose a comment.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self._out: list[str] = []
        self._blocks: list[_Block] = []
        self._inside = ""  # the name of the innermost block
        self._formats: list[str] = []  # meant
        self._written: list[str] = []  # of these, begun in the running paragraph
        self._link: _Link | None = None
        self._links = 0
        self._in_p = self._wants_p = False

    def add(self, token: Token) -> None:
        """The next token."""
        if isinstance(token, Text):
            self._text(tame(token.text))
        elif isinstance(token, Start):
            self._start(token)
        else:
            self._end(token)

    def finish(self) -> str:
        """All that was written, every tag closed."""
        self._end_text()
        while self._blocks:
            self._close_block()
        return "".join(self._out)

    # Text and where it lies

    def _text(self, text: str) -> None:
        if self._inside == "pre":
            self._begin_text()
            self._out.append(_escaped(text))
            return
        if not self._in_text():
            text = text.lstrip()
        if self._form == "markdown":
            # Newlines that mean a break arrive as <br>, except in raw HTML, which is shown as it was typed.
            text = text.strip("\n")
        if not text:
            return
        self._begin_text()
        if self._form == "markdown" and "\n" in text:
            self._out.append("<br>".join(_escaped(line) for line in text.split("\n")))
        else:
            self._out.append(_escaped(text))

    def _in_text(self) -> bool:
        return self._in_p or (self._inside in {"li", "pre"} and not self._wants_p)

    def _begin_text(self) -> None:
        if self._inside in _LISTS:
            self._open_block("li")
        if not self._in_text():
            self._out.append("<p>")
            self._in_p, self._wants_p = True, False
        for name in self._formats:
            if name not in self._written:
                self._out.append(f"<{name}>")
                self._written.append(name)

    def _end_text(self) -> None:
        self._end_link()
        self._unwrite(0)
        if self._in_p:
            self._out.append("</p>")
        self._in_p = self._wants_p = False

    def _break(self) -> None:
        if self._inside == "pre":
            self._out.append("\n")
        elif self._in_text():
            self._out.append("<br>")

    # Tags

    def _start(self, tag: Start) -> None:
        name = tag.name
        if name in _INLINE:
            self._format(_INLINE[name])
        elif name == "br":
            self._break()
        elif name == "a":
            self._begin_link(tag.attributes().get("href", ""))
        elif name == "img":
            self._image(tag.attributes())
        elif name == "span" and self._form == "markdown":
            # comrak writes ||text|| as <span class="spoiler">, and no other span.
            self._open("details", tag)
        elif name in _BLOCKS:
            self._open(_BLOCKS[name], tag)
        else:
            self._boundary(name)

    def _end(self, tag: End) -> None:
        name = tag.name
        if name in _INLINE:
            self._unformat(_INLINE[name])
        elif name == "a":
            self._end_link()
        elif name == "span" and self._form == "markdown":
            self._close("details")
        elif name in _BLOCKS:
            self._close(_BLOCKS[name])
        elif name in _HEADINGS:
            self._unformat("strong")
            self._end_text()
        elif name == "p" or name in _BOUNDARIES:
            self._end_text()

    def _boundary(self, name: str) -> None:
        if self._inside == "pre":
            return
        if name == "p" or name in _HEADINGS or name in _BOUNDARIES or name == "hr":
            self._end_text()
            self._wants_p = name == "p" or name in _HEADINGS
        if name in _HEADINGS:
            # A heading in a comment would break into the outline of the page around it.
            self._format("strong")
        elif name == "hr":
            self._text("— — —")
            self._end_text()

    # Inline formats

    def _format(self, name: str) -> None:
        if len(self._formats) < DEEPEST:
            self._formats.append(name)
        elif self._form == "markdown":
            raise BodyTooDeep(field="body")

    def _unformat(self, name: str) -> None:
        if name not in self._formats:
            return
        del self._formats[len(self._formats) - 1 - self._formats[::-1].index(name)]
        if name not in self._formats and name in self._written:
            self._unwrite(self._written.index(name))

    def _unwrite(self, keep: int) -> None:
        if self._link is not None and keep < self._link.depth:
            self._end_link()
        while len(self._written) > keep:
            self._out.append(f"</{self._written.pop()}>")

    # Links and images

    def _begin_link(self, source: str) -> None:
        self._end_link()
        address = hrefs.unwrapped(source) if self._form == "html" else source
        target = hrefs.target(address) if self._links < MOST_LINKS else None
        if target is None or not admits(target):
            return
        self._begin_text()
        self._out.append(f'<a href="{html.escape(target)}">')
        self._links += 1
        self._link = _Link(len(self._out), len(self._written), source, target)

    def _end_link(self) -> None:
        if self._link is None:
            return
        link, self._link = self._link, None
        self._unwrite(link.depth)
        content = self._out[link.at :]
        if not content:
            # A link nobody can see is a trap, and in an export it is one whose text was lost.
            self._out.append(_escaped(tame(hrefs.unwrapped(link.source))))
        elif self._form == "html" and not any(part.startswith("<") for part in content):
            shown = html.unescape("".join(content))
            whole = hrefs.restored(shown, hrefs.unwrapped(link.source), link.source)
            self._out[link.at :] = [_escaped(tame(whole))]
        self._out.append("</a>")

    def _image(self, attributes: dict[str, str]) -> None:
        source, alt = attributes.get("src", ""), attributes.get("alt", "")
        if self._link is not None:
            self._text(tame(alt or source))
            return
        self._begin_link(source)
        self._text(tame(alt or source))
        self._end_link()

    # Blocks

    def _open(self, name: str, tag: Start) -> None:
        if self._inside == "pre":
            return
        self._end_text()
        if name == "li":
            if self._inside == "li":
                self._close_block()
            if self._inside not in _LISTS:
                self._wants_p = True
                return
        elif self._inside in _LISTS:
            self._open_block("li")
        start = tag.attributes().get("start", "") if name == "ol" else ""
        self._open_block(name, f'<ol start="{start}">' if _NUMBER.fullmatch(start) else None)

    def _open_block(self, name: str, written: str | None = None) -> None:
        if len(self._blocks) >= DEEPEST:
            if self._form == "markdown":
                raise BodyTooDeep(field="body")
            return
        self._out.append(written or _OPENED.get(name, f"<{name}>"))
        self._blocks.append(_Block(name, len(self._formats)))
        self._inside = name

    def _close(self, name: str) -> None:
        if name not in {block.name for block in self._blocks}:
            return
        self._end_text()
        while self._blocks[-1].name != name:
            self._close_block()
        self._close_block()

    def _close_block(self) -> None:
        block = self._blocks.pop()
        del self._formats[block.formats :]
        self._out.append(f"</{block.name}>")
        self._inside = self._blocks[-1].name if self._blocks else ""


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
