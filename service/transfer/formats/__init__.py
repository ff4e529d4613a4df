"""The formats that can be read, each in a file of its own; told by what a file begins with, never by its name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.transfer.errors import FormatUnknown, WrongFile
from service.transfer.formats import (
    artalk,
    comentario,
    commento,
    disqus,
    disqus_api,
    isso,
    parley,
    remark42,
    waline,
    wordpress,
)
from service.transfer.records import Record
from service.transfer.sniff import what_it_is

GLANCE = 8_192
_GZIP, _BOM = b"\x1f\x8b", b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Format:
    """One kind of export. Comments are known again by `prefix:id`; without a prefix by the id itself.

    `read` gives the records of a file, in constant memory; it raises a BadExport. `is_this` looks at a beginning.
    `keeps_empty`: pages come along that nobody has written on.
    """

    name: str
    title: str
    prefix: str
    read: Callable[[Path], Iterator[Record]]
    is_this: Callable[[bytes], bool]
    keeps_empty: bool = False

    def origin(self, post: str) -> str:
        """What a comment of the export is known again by."""
        return f"{self.prefix}:{post}" if self.prefix else post


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("parley", "Parley", "", parley.read, parley.is_this, keeps_empty=True),
        Format("disqus", "Disqus", "disqus", disqus.read, disqus.is_this),
        Format("disqus-api", "Disqus's API", "disqus", disqus_api.read, disqus_api.is_this),
        Format("wordpress", "WordPress", "wordpress", wordpress.read, wordpress.is_this),
        Format("isso", "Isso", "isso", isso.read, isso.is_this),
        Format("remark42", "Remark42", "remark42", remark42.read, remark42.is_this),
        Format("comentario", "Comentario", "comentario", comentario.read, comentario.is_this),
        Format("commento", "Commento", "commento", commento.read, commento.is_this),
        Format("artalk", "Artalk", "artalk", artalk.read, artalk.is_this),
        Format("waline", "Waline", "waline", waline.read, waline.is_this),
    )
}


def format_of(path: Path, name: str | None = None) -> Format:
    """The format of a file: the one it is said to have, or the one its beginning tells. Raises WrongFile."""
    if name is not None:
        return named(name)
    with path.open("rb") as file:
        return told_by(file.read(GLANCE))


def named(name: str) -> Format:
    """A format by its name. Raises FormatUnknown."""
    if (found := FORMATS.get(name)) is None:
        raise FormatUnknown
    return found


def told_by(beginning: bytes) -> Format:
    """The format of a file that begins so, packed or not. Raises WrongFile."""
    begins = unpacked(beginning)
    for each in FORMATS.values():
        if each.is_this(begins):
            return each
    if (what := what_it_is(begins.lstrip())) is not None:
        raise WrongFile(f"This is no export Parley can read but {what}.")
    return FORMATS["disqus"]  # other XML: its reader names it


def unpacked(beginning: bytes) -> bytes:
    """What a file begins with, without gzip and BOM. Raises WrongFile."""
    if beginning.startswith(_GZIP):
        try:
            beginning = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(beginning, GLANCE)
        except (zlib.error, gzip.BadGzipFile):
            raise WrongFile("The gzip file is damaged at its beginning.") from None
    return beginning.removeprefix(_BOM)
