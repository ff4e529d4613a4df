"""Why a file cannot be imported. Each names the place and what was found there.

BadExport
├── WrongFile     something else than an export, or nothing at all
├── CutShort      the file ends in the middle
├── NotXML        a place no XML parser can read
├── NotJSON       a place no JSON parser can read
├── Declares      a DOCTYPE: no export has one, and entities are how small files become endless ones
├── Inflated      a compressed file that unpacks to absurd sizes
└── BadRecord     a thread or comment without what it must have

NoRoom            the disk for temporary files is full
FormatUnknown     a format nobody has heard of
ImportUnfinished  workers died of it, one after the other
"""

from __future__ import annotations

from service.kit.errors import Conflict, Invalid, Unavailable


class BadExport(Invalid):
    """This file cannot be imported."""

    type = "bad-export"

    def __init__(self, detail: str | None = None, *, line: int | None = None, column: int | None = None) -> None:
        """`line` and `column` count from 1 and say where in the (unpacked) file."""
        said = detail or self.message()
        if line is not None:
            said = f"{_place(line, column)}: {said}"
        super().__init__(f"{said} Nothing was imported.", field="file", line=line, column=column)


class WrongFile(BadExport):
    """This is no export of the kind it was taken for."""

    type = "wrong-file"


class FormatUnknown(Invalid):
    """There is no format of this name. Leave it out: a file tells by itself what it is."""

    type = "format-unknown"


class CutShort(BadExport):
    """The file ends in the middle: it was cut short on its way. Download it again."""

    type = "file-cut-short"


class NotXML(BadExport):
    """This is not well-formed XML."""

    type = "not-xml"


class NotJSON(BadExport):
    """This is not well-formed JSON."""

    type = "not-json"


class Declares(BadExport):
    """The file has a DOCTYPE, which no export has. It could make the reader load or blow up something."""

    type = "doctype-refused"


class Inflated(BadExport):
    """The file unpacks to more than 200 times its size. That is no export."""

    type = "file-inflated"


class BadRecord(BadExport):
    """A thread or comment of the export lacks something it must have."""

    type = "bad-record"


class NoRoom(Unavailable):
    """There is not enough room for the temporary files of an import. Free some, or point TMPDIR elsewhere."""

    type = "no-room"


class ImportUnfinished(Conflict):
    """This import was taken up several times and did not come to its end. The server's log says why."""

    type = "import-unfinished"


def _place(line: int, column: int | None) -> str:
    return f"Line {line:,}" if column is None else f"Line {line:,}, column {column:,}"
