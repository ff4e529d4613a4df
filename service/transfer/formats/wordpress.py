"""WordPress's export (WXR), and the form of it that Disqus's own importer takes: RSS with comments in its items.

A thread is told when its first comment is read, so an article with a hundred thousand of them takes no more memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from service.transfer.errors import BadRecord, WrongFile
from service.transfer.formats.xml_text import children, elements, line_of, local, text_of, throw_away
from service.transfer.records import ExportPost, ExportThread, Record

_RSS = re.compile(rb"<rss[\s>]")
_MARKS = (b"wordpress.org/export", b"://www.disqus.com/", b"://disqus.com/")
_BLOCK = re.compile(r"<(?:p|br|div|blockquote|ul|ol|pre|h[1-6])\b", re.IGNORECASE)
_NEVER = "0000-00-00 00:00:00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is a WXR."""
    return _RSS.search(beginning) is not None and any(mark in beginning for mark in _MARKS)


def read(path: Path) -> Iterator[Record]:
    """The records of a WXR. Raises BadExport."""
    told = False
    number = 0
    with path.open("rb") as file:
        for element in elements(file, ("comment", "item"), _check_root):
            if local(element) == "comment":
                item = element.getparent()
                if item is None or local(item) != "item":
                    continue
                if not told:
                    told, number = True, number + 1
                    thread = _thread(item, number)
                    yield thread
                yield _post(element, thread.id)
            else:
                told = False
            _throw_away(element)


def _throw_away(element: etree._Element) -> None:
    """A comment is emptied and stays, so that what the item says before it can still be read; an item goes."""
    if local(element) == "comment":
        element.clear()
        above = element.getparent()
        before = element.getprevious()
        if above is not None and before is not None and local(before) == "comment":
            above.remove(before)
    else:
        throw_away(element)


def _check_root(root: etree._Element) -> None:
    if local(root) != "rss":
        raise WrongFile(f"This is no WordPress export but XML with the root element <{local(root)[:60]}>.")


def _thread(item: etree._Element, number: int) -> ExportThread:
    inside = children(item)
    guid = text_of(inside.get("guid"))
    link = text_of(inside.get("link"))
    return ExportThread(
        id=text_of(inside.get("post_id")) or link or str(number),
        identifier=text_of(inside.get("thread_identifier")),
        link=link or guid,
        title=text_of(inside.get("title")),
        created_at=_time(inside, "post") or _EPOCH,
        is_closed=text_of(inside.get("comment_status")) == "closed",
        is_deleted=text_of(inside.get("status")) == "trash",
        line=line_of(item),
        # The address WordPress itself knows an article by: `…/?p=123`.
        links=(guid,) if guid.startswith("http") and guid != link else (),
    )


def _post(element: etree._Element, thread: str) -> ExportPost:
    inside = children(element)
    number, parent = text_of(inside.get("comment_id")), text_of(inside.get("comment_parent"))
    approved, user = text_of(inside.get("comment_approved")).lower(), text_of(inside.get("comment_user_id"))
    at = _time(inside, "comment")
    if not number.isdigit():
        raise BadRecord("A comment has no wp:comment_id.", line=line_of(element))
    if at is None:
        raise BadRecord(f"Comment {number} has no usable time.", line=line_of(element))
    return ExportPost(
        id=number,
        thread=thread,
        parent="" if parent in {"", "0"} else parent,
        message=_paragraphs(text_of(inside.get("comment_content"))),
        created_at=at,
        name=text_of(inside.get("comment_author")) or "Anonymous",
        username="",
        is_anonymous=user in {"", "0"},
        is_deleted=approved in {"trash", "post-trashed"},
        is_spam=approved == "spam",
        is_approved=approved in {"1", "approve", "approved"},
        line=line_of(element),
        author="" if user in {"", "0"} else user,
        is_ping=text_of(inside.get("comment_type")) in {"pingback", "trackback"},
    )


def _time(inside: dict[str, etree._Element], what: str) -> datetime | None:
    """Their time in UTC, or where it was never set the one of their clock."""
    for name in (f"{what}_date_gmt", f"{what}_date"):
        written = text_of(inside.get(name))
        if written and written != _NEVER:
            try:
                return datetime.fromisoformat(written).replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def _paragraphs(words: str) -> str:
    """Their text as WordPress shows it: a blank line is a paragraph, a line break a line break."""
    if _BLOCK.search(words):
        return words
    parts = [part.strip().replace("\n", "<br>") for part in re.split(r"\n\s*\n", words.replace("\r\n", "\n"))]
    return "".join(f"<p>{part}</p>" for part in parts if part)
