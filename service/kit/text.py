"""The one function by which words become HTML, and the words' way in.

Markdown is CommonMark with strikethrough (`~~x~~`), addresses as links, every line break kept, and `||spoilers||`.
Raw HTML is shown as it was typed, images become links to them, headings bold paragraphs, rules a line of dashes;
there are no tables and no underlined headings (a line of dashes under a sentence is no heading to those who type it).
Foreign HTML, as Disqus exports it, goes through the same allow-list.

The tags that can come out: p br a em strong del s u code pre blockquote ul ol li, and for a spoiler
`<details class="spoiler"><summary>`, which stays shut in feeds, in mail and without scripts or styles.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import comrak

from service.kit.builder import BodyTooDeep, Builder, Form
from service.kit.characters import CONTROLS, is_visible
from service.kit.errors import Invalid
from service.kit.intake import (
    BodyEmpty,
    BodyTooLong,
    ForbiddenCharacters,
    LineTooLong,
    NameEmpty,
    clean_line,
    clean_name,
    clean_source,
)
from service.kit.prose import html_of, is_prose, plain_of
from service.kit.tokens import decoded, tokens, written
from service.kit.wall import wall

__all__ = [
    "BodyEmpty",
    "BodyTooDeep",
    "BodyTooLong",
    "ForbiddenCharacters",
    "LineTooLong",
    "NameEmpty",
    "Rendered",
    "TooManyMarks",
    "clean_line",
    "clean_name",
    "clean_source",
    "excerpt",
    "plain",
    "read_back",
    "render",
    "teaser",
]

# What a comment costs goes by its tags: real ones have some twenty, this many take as long as a post may.
MOST_TAGS = 5_000

_HREF = re.compile(r'<a href="(https?:[^"]*)"')
_SUMMARY = "<summary>Spoiler</summary>"
_LINE_END = re.compile(r"<br>|</?(?:p|ul|ol|li|pre|blockquote|details)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


class TooManyMarks(Invalid):
    """There are thousands of marks in this comment: lines, emphases, lists, links. Send it in several parts."""

    type = "too-many-marks"


@dataclass(frozen=True)
class Rendered:
    """A text as it is shown: safe `html`, the http(s) targets of its `links` in order, and `plain`, without markup.

    `plain` holds one line per paragraph or line break, and the text of spoilers too: screening must see it.
    """

    html: str
    links: tuple[str, ...]
    plain: str


def render(source: str, form: Form = "markdown") -> Rendered:
    """Turn words into HTML. Deterministic; linear in the length of the source.

    Markdown raises BodyTooDeep for nesting beyond 20 levels, TooManyMarks where they come to more than MOST_TAGS tags
    and BodyEmpty where nothing is left to see, all with field="body". Foreign HTML never raises; it may come out empty.
    """
    if form == "markdown" and is_prose(source):
        return _seen(Rendered(_bounded(html_of(source)), (), plain_of(source)))
    return _parsed(CONTROLS.sub("", source), form)


def _parsed(source: str, form: Form) -> Rendered:
    builder = Builder(form)
    for token in written(_bounded(_markdown(source))) if form == "markdown" else tokens(source):
        builder.add(token)
    built = builder.finish()
    # A spoiler is six tags where comrak wrote two. Links and words are taken from what the wall let through, so they
    # are what readers get.
    rendered = read_back(wall(_bounded(built) if form == "markdown" else built))
    return _seen(rendered) if form == "markdown" else rendered


def _bounded(written: str) -> str:
    """HTML as it is, if there are not more tags in it than are worth the work."""
    if (count := written.count("<")) > MOST_TAGS:
        raise TooManyMarks(field="body", limit=MOST_TAGS, length=count, unit="tags")
    return written


def _seen(rendered: Rendered) -> Rendered:
    if not is_visible(rendered.plain):
        raise BodyEmpty(field="body")
    return rendered


def read_back(safe: str) -> Rendered:
    """What `render` made, from its HTML alone: for texts that were rendered before, such as those of history."""
    return Rendered(safe, tuple(html.unescape(href) for href in _HREF.findall(safe)), _plain(safe))


def excerpt(safe: str, most: int) -> str:
    """The beginning of a rendered text as one plain line of at most `most` characters, cut between words."""
    line = " ".join(_plain(safe).split())
    if len(line) <= most:
        return line
    return line[:most].rsplit(" ", 1)[0].rstrip() + " …"


def teaser(safe: str, most: int) -> str:
    """The same as `excerpt`, without what spoilers veil: for places where nothing can be opened."""
    shown, depth = [], 0
    for piece in re.split(r"(<details\b[^>]*>|</details>)", safe):
        if piece.startswith(("<details", "</details")):
            depth += 1 if piece[1] == "d" else -1
            shown.append(" … " if depth == 1 and piece[1] == "d" else "")
        elif depth == 0:
            shown.append(piece)
    # A sentence that goes on behind a veil begins with its comma.
    return re.sub(r" … ([,.;:!?])", r" …\1", excerpt("".join(shown), most))


def plain(safe: str) -> str:
    """A rendered text without its markup, one line per paragraph or line break."""
    return _plain(safe)


def _options() -> tuple[comrak.ExtensionOptions, comrak.ParseOptions, comrak.RenderOptions]:
    extensions, parsing, rendering = comrak.ExtensionOptions(), comrak.ParseOptions(), comrak.RenderOptions()
    extensions.strikethrough = extensions.autolink = extensions.spoiler = True
    parsing.ignore_setext = True
    rendering.escape = rendering.hardbreaks = rendering.compact_html = True
    return extensions, parsing, rendering


_OPTIONS = _options()


def _markdown(source: str) -> str:
    return comrak.render_markdown(source, *_OPTIONS)


def _plain(safe: str) -> str:
    text = decoded(_TAG.sub("", _LINE_END.sub("\n", safe.replace(_SUMMARY, ""))))
    return "\n".join(shown for line in text.split("\n") if (shown := line.rstrip()))
