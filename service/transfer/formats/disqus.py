"""Reads a Disqus XML export, one record after the other, in constant memory. Pure: it decides and stores nothing.

The form, as seen in real exports: root `disqus`, and below it, flat, `category`, `thread` and `post`. Every value may
be padded with blanks; names, titles, identifiers and messages may be empty; elements nobody knows may stand anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from lxml import etree

from service.transfer.errors import BadRecord, CutShort, Declares, NotXML, WrongFile
from service.transfer.records import Category, ExportPost, ExportThread, Record
from service.transfer.unpack import chunks

# No record of an export comes near; what goes on longer without one is no export, and would be kept in memory.
_LARGEST_RECORD = 32 * 2**20
_LONGEST_ID = 64

# UTF-16 has a zero between the letters.
_ROOT = re.compile(rb"<\0?d\0?i\0?s\0?q\0?u\0?s\0?[\s>/]")

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is a Disqus export; what comes before the root is looked over."""
    return _ROOT.search(beginning) is not None


def read(file: BinaryIO | Path) -> Iterator[Record]:
    """The records of an export, plain or gzip, in the file's order.

    Raises a BadExport with line and column when the file is no export, is not whole or has a record that cannot be
    understood. That may come after any number of records: nothing is to be done with them before the end.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            yield from _records(opened)
    else:
        yield from _records(file)


def _records(file: BinaryIO) -> Iterator[Record]:
    root = etree.XMLPullParser(events=("start",), **_OPTIONS)
    parser = etree.XMLPullParser(events=("end",), tag=["{*}category", "{*}thread", "{*}post"], **_OPTIONS)
    is_known, since = False, 0
    for piece in chunks(file):
        if not is_known:
            is_known = _check_root(root, piece)
        since += len(piece)
        for element in _fed(parser, piece):
            since = 0
            if (record := _record(element)) is not None:
                yield record
        if since > _LARGEST_RECORD:
            raise WrongFile("There is no thread and no comment in 32 MB of this file.")
    _close(parser)


def _check_root(parser: etree.XMLPullParser, piece: bytes) -> bool:
    """Look at the root element as soon as it is there; True when it was seen."""
    _feed(parser, piece)
    for element in _elements(parser):
        if element.getroottree().docinfo.internalDTD is not None:
            raise Declares
        if _local(element) != "disqus":
            raise WrongFile(f"This is no Disqus export but {_named(element)}.")
        return True
    return False


def _named(root: etree._Element) -> str:
    name = _local(root)
    if name == "rss" and any("wordpress.org/export" in uri for uri in root.nsmap.values()):
        return "a WordPress export (WXR)"
    known = {"html": "an HTML page", "rss": "an RSS feed", "feed": "an Atom feed"}
    return known.get(name, f"XML with the root element <{name[:60]}>, which should be <disqus>")


def _fed(parser: etree.XMLPullParser, piece: bytes) -> Iterator[etree._Element]:
    """The records that end in this piece; each is thrown away when the next is asked for."""
    _feed(parser, piece)
    for element in _elements(parser):
        above = element.getparent()
        # Inside a post, `thread` and `category` only refer to one.
        if above is None or above.getparent() is not None:
            continue
        yield element
        element.clear()
        while element.getprevious() is not None:
            del above[0]


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


def _record(element: etree._Element) -> Record | None:
    kind = _local(element)
    if kind == "category":
        return Category(_line(element))
    return _thread(element) if kind == "thread" else _post(element)


def _thread(element: etree._Element) -> ExportThread:
    children = _children(element)
    return ExportThread(
        id=_id(element, "thread"),
        identifier=_text(children.get("id")),
        link=_text(children.get("link")),
        title=_text(children.get("title")),
        created_at=_time(element, children),
        is_closed=_flag(element, children, "isClosed"),
        is_deleted=_flag(element, children, "isDeleted"),
        line=_line(element),
    )


def _post(element: etree._Element) -> ExportPost:
    children = _children(element)
    author = children.get("author")
    about = _children(author) if author is not None else {}
    return ExportPost(
        id=_id(element, "post"),
        thread=_reference(children.get("thread")),
        parent=_reference(children.get("parent")),
        message=_text(children.get("message")),
        created_at=_time(element, children),
        name=_text(about.get("name")),
        username=_text(about.get("username")),
        is_anonymous=_flag(element, about, "isAnonymous"),
        is_deleted=_flag(element, children, "isDeleted"),
        is_spam=_flag(element, children, "isSpam"),
        is_approved=_flag(element, children, "isApproved", missing=True),
        line=_line(element),
    )


def _children(element: etree._Element) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for child in element.iterchildren(etree.Element):
        found.setdefault(_local(child), child)
    return found


def _text(element: etree._Element | None) -> str:
    if element is None:
        return ""
    # Nearly always the text is all there is; going through iterators costs four times as much.
    return "".join(map(str, element.itertext())).strip() if len(element) else (element.text or "").strip()


def _reference(element: etree._Element | None) -> str:
    """The `dsq:id` of an element, whatever namespace an old export had for it."""
    if element is None:
        return ""
    return next((str(value).strip() for name, value in element.attrib.items() if str(name).endswith("}id")), "")


def _id(element: etree._Element, kind: str) -> str:
    found = _reference(element)
    if not found:
        raise BadRecord(f"A {kind} has no dsq:id.", line=_line(element))
    if len(found) > _LONGEST_ID or not found.isprintable() or " " in found:
        raise BadRecord(f"A {kind} has a dsq:id that is none: {found[:40]!r}.", line=_line(element))
    return found


def _time(element: etree._Element, children: dict[str, etree._Element]) -> datetime:
    written = _text(children.get("createdAt"))
    try:
        found = datetime.fromisoformat(written)
        # Disqus writes UTC, in its API without saying so.
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        said = f"has the createdAt {written[:40]!r}" if written else "has no createdAt"
        raise BadRecord(
            f"{_name(element)} {said}, where something like 2026-11-24T18:00:00Z should be.",
            line=_line(children.get("createdAt", element)),
        ) from error


def _flag(element: etree._Element, children: dict[str, etree._Element], name: str, *, missing: bool = False) -> bool:
    written = _text(children.get(name)).lower()
    if not written:
        return missing
    if written not in {"true", "false", "1", "0"}:
        # Guessing here could publish what was deleted.
        raise BadRecord(
            f"{_name(element)} has {name} {written[:40]!r}, neither true nor false.", line=_line(children[name])
        )
    return written in {"true", "1"}


def _name(element: etree._Element) -> str:
    return f"{_local(element).title()} {_reference(element)}"


def _local(element: etree._Element) -> str:
    # Old exports may have another namespace; names are what tells elements apart.
    return _without_namespace(element.tag)


@lru_cache(maxsize=256)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def _line(element: etree._Element) -> int:
    return cast("int | None", element.sourceline) or 0
