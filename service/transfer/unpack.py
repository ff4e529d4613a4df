"""The bytes of an export: unpacked, without what stands before the XML and without characters XML forbids.

A control character that somebody once pasted into a comment makes a whole export unreadable. Such bytes become
blanks, one for one, so that lines and columns in messages stay true.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from service.transfer.errors import CutShort, Inflated, WrongFile
from service.transfer.sniff import what_it_is

CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
# Real exports pack to about a tenth. Up to the first figure any ratio is harmless.
HARMLESS_BYTES = 100 * 2**20
MOST_RATIO = 200

_FORBIDDEN = bytes(c for c in range(0x20) if c not in b"\t\n\r")
_BLANKED = bytes.maketrans(_FORBIDDEN, b" " * len(_FORBIDDEN))
# The same characters written as references: &#8; &#x0B; …
_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bceBCEfF]|1[0-9a-fA-F]));")
_LONGEST_REFERENCE = 16
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
_BOM = b"\xef\xbb\xbf"


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The XML of a seekable file, plain or gzip, in pieces. Raises CutShort, Inflated, WrongFile."""
    return _readable(bytes_of(file))


def bytes_of(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a seekable file, unpacked where it is gzip, in pieces. Raises CutShort, Inflated, WrongFile."""
    packed = file.read(2) == _GZIP
    file.seek(0)
    return _gunzipped(file) if packed else iter(lambda: file.read(CHUNK), b"")


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    size = 0
    with gzip.GzipFile(fileobj=file) as unpacked:
        while True:
            try:
                piece = unpacked.read(CHUNK)
            except EOFError as error:
                raise CutShort(f"The gzip file ends in the middle, after {size:,} unpacked bytes.") from error
            except (gzip.BadGzipFile, zlib.error) as error:
                raise WrongFile(f"The gzip file is damaged after {size:,} unpacked bytes.") from error
            if not piece:
                return
            size += len(piece)
            if size > HARMLESS_BYTES and size > MOST_RATIO * file.tell():
                raise Inflated
            yield piece


def _readable(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"").removeprefix(_BOM)
    if (found := what_it_is(first.lstrip())) is not None:
        raise WrongFile(f"This is no Disqus export but {found}.")
    if first.startswith(_WIDE):
        # UTF-16: bytes are no characters there, the parser gets them as they are.
        yield first
        yield from pieces
        return
    held = first.lstrip()
    for piece in pieces:
        whole, held = _cut(held)
        if whole:
            yield _blanked(whole)
        held += piece
    yield _blanked(held)


def _cut(text: bytes) -> tuple[bytes, bytes]:
    """Split before a reference that may go on in the next piece."""
    at = text.rfind(b"&", max(0, len(text) - _LONGEST_REFERENCE))
    return (text, b"") if at < 0 else (text[:at], text[at:])


def _blanked(text: bytes) -> bytes:
    text = text.translate(_BLANKED)
    return _REFERENCE.sub(lambda found: b" " * len(found[0]), text) if b"&#" in text else text
