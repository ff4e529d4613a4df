"""A page that is past its time, shown for want of a newer one: it says so, to programs and to its reader."""

from __future__ import annotations

import gzip

import brotli

from service.kit.encoding import compress
from service.reading.cache import Entry, Headers

# As `pages/templates/frame.html` has it: every page carries the sentence in its own language, and hides it.
_HIDDEN, _SHOWN = b" data-late hidden>", b" data-late>"


def marked(entry: Entry, seconds: float) -> Entry:
    """The page as it was, so many seconds past its time (RFC 9211 section 2.3: `ttl`). Nobody keeps it any longer."""
    body = _told(entry)
    dropped = {b"cache-control", b"cdn-cache-control", b"content-length", b"etag"}
    kept: Headers = [field for field in entry.headers if field[0] not in dropped]
    # Another body is another tag, or who has the page as it was would not be told.
    tag = entry.etag if body is entry.body or not entry.etag else entry.etag[:-1] + b'-late"'
    marks: Headers = [
        (b"cache-control", b"no-cache"),
        (b"cache-status", b"parley; hit; ttl=-%d" % seconds),
        (b"content-length", b"%d" % len(body)),
        *([(b"etag", tag)] if tag else []),
    ]
    return Entry([*kept, *marks], body, entry.tags, 0.0)


def _told(entry: Entry) -> bytes:
    """The body with its sentence shown; one that has none is as it was."""
    fields = dict(entry.headers)
    if not fields.get(b"content-type", b"").startswith(b"text/html"):
        return entry.body
    coding = fields.get(b"content-encoding", b"identity")
    plain = brotli.decompress(entry.body) if coding == b"br" else entry.body
    plain = gzip.decompress(plain) if coding == b"gzip" else plain
    if _HIDDEN not in plain:
        return entry.body
    told = plain.replace(_HIDDEN, _SHOWN, 1)
    return compress(told, "br" if coding == b"br" else "gzip" if coding == b"gzip" else "identity")
