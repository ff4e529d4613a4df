"""XML files of any size, one element after the other, by a parser that loads and expands nothing.

Whoever goes through `elements` gets each of the wanted ones at its end, whole, and it is thrown away when the next is
asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, BinaryIO, cast

from lxml import etree

from service.transfer.errors import CutShort, Declares, NotXML, WrongFile
from service.transfer.unpack import chunks

# No record of an export comes near; what goes on longer without one is no export, and would be kept in memory.
_LARGEST_RECORD = 32 * 2**20

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def elements(
    file: BinaryIO, names: Sequence[str], check_root: Callable[[etree._Element], None]
) -> Iterator[etree._Element]:
    """The elements of these names, in whatever namespace, at their ends. `check_root` raises for what is no export.

    Raises a BadExport with line and column when the file is not whole or no XML, or has a DOCTYPE.
    """
    root = etree.XMLPullParser(events=("start",), **_OPTIONS)
    parser = etree.XMLPullParser(events=("end",), tag=[f"{{*}}{name}" for name in names], **_OPTIONS)
    is_known, since = False, 0
    for piece in chunks(file):
        if not is_known:
            is_known = _look_at_root(root, piece, check_root)
        since += len(piece)
        for element in _fed(parser, piece):
            since = 0
            yield element
        if since > _LARGEST_RECORD:
            raise WrongFile("There is no thread and no comment in 32 MB of this file.")
    _close(parser)


def throw_away(element: etree._Element) -> None:
    """Empty an element that was looked at, and forget what stands before it."""
    above = element.getparent()
    element.clear()
    while above is not None and element.getprevious() is not None:
        del above[0]


def children(element: etree._Element) -> dict[str, etree._Element]:
    """The first child of each name, without namespaces."""
    found: dict[str, etree._Element] = {}
    for child in element.iterchildren(etree.Element):
        found.setdefault(local(child), child)
    return found


def text_of(element: etree._Element | None) -> str:
    """All the text of an element, without blanks around it."""
    if element is None:
        return ""
    # Nearly always the text is all there is; going through iterators costs four times as much.
    return "".join(map(str, element.itertext())).strip() if len(element) else (element.text or "").strip()


def local(element: etree._Element) -> str:
    """The name of an element. Old exports may have another namespace; names are what tells elements apart."""
    return _without_namespace(element.tag)


def line_of(element: etree._Element) -> int:
    """Where an element begins."""
    return cast("int | None", element.sourceline) or 0


def _look_at_root(parser: etree.XMLPullParser, piece: bytes, check: Callable[[etree._Element], None]) -> bool:
    """Look at the root element as soon as it is there; True when it was seen."""
    _feed(parser, piece)
    for element in _elements(parser):
        if element.getroottree().docinfo.internalDTD is not None:
            raise Declares
        check(element)
        return True
    return False


def _fed(parser: etree.XMLPullParser, piece: bytes) -> Iterator[etree._Element]:
    _feed(parser, piece)
    yield from _elements(parser)


def _elements(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, found in parser.read_events():
        yield cast("Any", found)


def _feed(parser: etree.XMLPullParser, piece: bytes) -> None:
    try:
        parser.feed(piece)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise _not_xml(error.msg, line, column) from error
    # Of some errors (an entity nobody declared) the parser says nothing yet; it would take the next piece for the
    # beginning of another document.
    for entry in parser.feed_error_log.filter_from_errors():
        raise _not_xml(entry.message, entry.line, entry.column)


def _close(parser: etree.XMLPullParser) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        # What came so far was well-formed, so it is the rest that is missing.
        line, column = error.position
        raise CutShort(line=line, column=column) from error


def _not_xml(message: str | None, line: int, column: int) -> NotXML:
    return NotXML(f"This is not well-formed XML: {_said(message)}.", line=line, column=column)


def _said(message: str | None) -> str:
    # The parser repeats the place, and sometimes the text around it, which may be somebody's.
    return (message or "it cannot be read").split("\n")[0].partition(", line ")[0].partition(", try ")[0][:120]


@lru_cache(maxsize=256)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]
