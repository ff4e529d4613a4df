"""Atom feeds (RFC 4287) in pages (RFC 5005), with who answers whom (RFC 4685).

Pure; every text is escaped, every id stays the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from service.pages.words import iso

# What XML 1.0 has no way to say.
_UNSAYABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One comment. `html` is safe HTML; `address` is where it stands in its article."""

    id: str
    thread: str
    parent: str | None
    author: str
    title: str
    html: str
    address: str
    published: datetime
    updated: datetime


@dataclass(frozen=True)
class Pages:
    """Addresses: a page's own; the feed's first page, where this is not it; the next one with what is older."""

    here: str
    first: str | None = None
    next: str | None = None


@dataclass(frozen=True)
class Feed:
    """Comments, newest first."""

    id: str
    title: str
    pages: Pages
    about: str | None
    """The page that it is about."""
    updated: datetime
    entries: Sequence[Entry]


def urn(*names: str) -> str:
    """An id that does not change with addresses or settings: a UUID of version 8 (RFC 9562) over names."""
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def write(feed: Feed) -> str:
    """The feed as XML."""
    about = f'<link rel="alternate" type="text/html" href={_attribute(feed.about)}/>' if feed.about else ""
    pages = (("self", feed.pages.here), ("first", feed.pages.first), ("next", feed.pages.next))
    links = "".join(
        f'<link rel="{rel}" type="application/atom+xml" href={_attribute(address)}/>'
        for rel, address in pages
        if address
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">\n'
        f"<id>{_text(feed.id)}</id>\n<title>{_text(feed.title)}</title>\n<updated>{iso(feed.updated)}</updated>\n"
        f"{links}{about}\n"
        "<generator>Parley</generator>\n" + "".join(map(_entry, feed.entries)) + "</feed>\n"
    )


def _entry(entry: Entry) -> str:
    answers = f"<thr:in-reply-to ref={_attribute(entry.parent)}/>" if entry.parent else ""
    return (
        f"<entry>\n<id>{_text(entry.id)}</id>\n<title>{_text(entry.title)}</title>\n"
        f"<published>{iso(entry.published)}</published><updated>{iso(entry.updated)}</updated>\n"
        f"<author><name>{_text(entry.author)}</name></author>\n"
        f'<link rel="alternate" type="text/html" href={_attribute(entry.address)}/>{answers}\n'
        f'<content type="html">{_text(entry.html)}</content>\n</entry>\n'
    )


def _text(text: str) -> str:
    return escape(_UNSAYABLE.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_UNSAYABLE.sub("", text))
