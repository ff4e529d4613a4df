"""Reads a Disqus XML export, one record after the other, in constant memory. Pure: it decides and stores nothing.

The form, as seen in real exports: root `disqus`, and below it, flat, `category`, `thread` and `post`. Every value may
be padded with blanks; names, titles, identifiers and messages may be empty; elements nobody knows may stand anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from service.transfer.errors import BadRecord, WrongFile
from service.transfer.formats.xml_text import children, elements, line_of, local, text_of, throw_away
from service.transfer.records import Category, ExportPost, ExportThread, Record

_LONGEST_ID = 64

# UTF-16 has a zero between the letters. Programs that write a file anew may put a prefix before each name.
_ROOT = re.compile(rb"<\0?(?:(?:[A-Za-z0-9]\0?){1,20}:\0?)?d\0?i\0?s\0?q\0?u\0?s\0?[\s>/]")


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
    for element in elements(file, ("category", "thread", "post"), _check_root):
        above = element.getparent()
        # Inside a post, `thread` and `category` only refer to one.
        if above is None or above.getparent() is not None:
            continue
        if (record := _record(element)) is not None:
            yield record
        throw_away(element)


def _check_root(root: etree._Element) -> None:
    if local(root) != "disqus":
        raise WrongFile(f"This is no Disqus export but {_named(root)}.")


def _named(root: etree._Element) -> str:
    name = local(root)
    if name == "rss" and any("wordpress.org/export" in uri for uri in root.nsmap.values()):
        return "a WordPress export (WXR)"
    known = {"html": "an HTML page", "rss": "an RSS feed", "feed": "an Atom feed"}
    return known.get(name, f"XML with the root element <{name[:60]}>, which should be <disqus>")


def _record(element: etree._Element) -> Record | None:
    kind = local(element)
    if kind == "category":
        return Category(line_of(element))
    return _thread(element) if kind == "thread" else _post(element)


def _thread(element: etree._Element) -> ExportThread:
    inside = children(element)
    return ExportThread(
        id=_id(element, "thread"),
        identifier=text_of(inside.get("id")),
        link=text_of(inside.get("link")),
        title=text_of(inside.get("title")),
        created_at=_time(element, inside),
        is_closed=_flag(element, inside, "isClosed"),
        is_deleted=_flag(element, inside, "isDeleted"),
        line=line_of(element),
    )


def _post(element: etree._Element) -> ExportPost:
    inside = children(element)
    author = inside.get("author")
    about = children(author) if author is not None else {}
    return ExportPost(
        id=_id(element, "post"),
        thread=_reference(inside.get("thread")),
        parent=_reference(inside.get("parent")),
        message=text_of(inside.get("message")),
        created_at=_time(element, inside),
        name=text_of(about.get("name")),
        username=text_of(about.get("username")),
        is_anonymous=_flag(element, about, "isAnonymous"),
        is_deleted=_flag(element, inside, "isDeleted"),
        is_spam=_flag(element, inside, "isSpam"),
        is_approved=_flag(element, inside, "isApproved", missing=True),
        line=line_of(element),
    )


def _reference(element: etree._Element | None) -> str:
    """The `dsq:id` of an element, whatever namespace an old export had for it, or none."""
    if element is None:
        return ""
    found = (str(value).strip() for name, value in element.attrib.items() if str(name).rpartition("}")[2] == "id")
    return next(found, "")


def _id(element: etree._Element, kind: str) -> str:
    # A post that was written by hand, or by another program for Disqus's importer, has its own `id` at most.
    found = _reference(element) or (text_of(children(element).get("id")) if kind == "post" else "")
    if not found:
        raise BadRecord(f"A {kind} has no dsq:id.", line=line_of(element))
    if len(found) > _LONGEST_ID or not found.isprintable() or " " in found:
        raise BadRecord(f"A {kind} has a dsq:id that is none: {found[:40]!r}.", line=line_of(element))
    return found


def _time(element: etree._Element, inside: dict[str, etree._Element]) -> datetime:
    written = text_of(inside.get("createdAt"))
    try:
        found = datetime.fromisoformat(written)
        # Disqus writes UTC, in its API without saying so.
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        said = f"has the createdAt {written[:40]!r}" if written else "has no createdAt"
        raise BadRecord(
            f"{_name(element)} {said}, where something like 2026-11-24T18:00:00Z should be.",
            line=line_of(inside.get("createdAt", element)),
        ) from error


def _flag(element: etree._Element, inside: dict[str, etree._Element], name: str, *, missing: bool = False) -> bool:
    written = text_of(inside.get(name)).lower()
    if not written:
        return missing
    if written not in {"true", "false", "1", "0"}:
        # Guessing here could publish what was deleted.
        raise BadRecord(
            f"{_name(element)} has {name} {written[:40]!r}, neither true nor false.", line=line_of(inside[name])
        )
    return written in {"true", "1"}


def _name(element: etree._Element) -> str:
    return f"{local(element).title()} {_reference(element)}"
