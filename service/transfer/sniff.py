"""What a file is that was taken for an export: told by its first bytes."""

from __future__ import annotations

import re

_MAGIC = (
    (b"PK\x03\x04", "a zip archive: unpack it and give the .xml that is in it"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "an SQLite database"),
    (b"BZh", "packed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "packed with xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_HTML = re.compile(rb"(?:\s|<!--.*?-->)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = (b"<", b"\xff\xfe", b"\xfe\xff", b"\x00<")


def what_it_is(beginning: bytes) -> str | None:
    """In words for a sentence; None when it may be XML. `beginning` has neither a BOM nor blanks before it."""
    if not beginning:
        return "an empty file"
    for magic, name in _MAGIC:
        if beginning.startswith(magic):
            return name
    if _HTML.match(beginning[:4096]):
        return "an HTML page (perhaps the sign-in page of the download)"
    if beginning.startswith((b"{", b"[")):
        return "JSON"
    return None if beginning.startswith(_XML) else "text or data of another kind; an export begins with <?xml"
