"""The file: gzip of JSON lines, a head, each table's rows below its columns, and an end that proves it whole.

{"parley": "backup", "format": 1, "revision": "2026_…", …}
{"table": "site", "columns": [["id", "int"], ["name", "text"], …]}
[1, "courier", …]
{"end": true, "rows": {"site": 1, …}, "sha256": "…of all lines before"}
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from service.kit.errors import Refused

FORMAT = 1


class Damaged(Refused):
    """This is not a whole backup."""

    status = 422
    type = "backup-damaged"


@dataclass(frozen=True)
class Head:
    """What a file says of itself. `secret` tells secrets apart and nothing else."""

    revision: str
    version: str
    made_at: str
    secret: str
    format: int = FORMAT
    parley: str = "backup"


@dataclass(frozen=True)
class Table:
    """The rows that follow are of this table; columns by name and kind, in the rows' order."""

    name: str
    columns: Sequence[tuple[str, str]]


class Writer:
    """Writes one file, line by line, in memory that does not grow with it."""

    def __init__(self, target: BinaryIO, head: Head) -> None:
        # No time in gzip's head: the same content is the same file.
        self._file = gzip.GzipFile(fileobj=target, mode="wb", compresslevel=6, mtime=0)
        self._sum = hashlib.sha256()
        self._rows: dict[str, int] = {}
        self._table = ""
        self._lines([asdict(head)])

    def table(self, table: Table) -> None:
        """Begin a table."""
        self._table = table.name
        self._rows[table.name] = 0
        self._lines([{"table": table.name, "columns": [list(each) for each in table.columns]}])

    def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to the table begun last."""
        self._rows[self._table] += len(rows)
        self._lines(rows)

    def end(self) -> dict[str, int]:
        """Finish the file; rows by table."""
        self._file.write(_line({"end": True, "rows": self._rows, "sha256": self._sum.hexdigest()}))
        self._file.close()
        return self._rows

    def _lines(self, values: Iterable[Any]) -> None:
        raw = b"".join(_line(value) for value in values)
        self._sum.update(raw)
        self._file.write(raw)


def read(path: Path) -> Iterator[Head | Table | list[Any]]:
    """The head, then tables and their rows. Raises Damaged, at the latest at the end, when it is not as written."""
    seen, rows, table, head = hashlib.sha256(), dict[str, int](), "", False
    for line in _lines_of(path):
        value = _json(line)
        if isinstance(value, dict) and value.get("end") is True:
            if value.get("sha256") != seen.hexdigest() or value.get("rows") != rows:
                raise Damaged(detail="This backup was changed after it was made, or is damaged.")
            return
        seen.update(line)
        if not head:
            head = True
            yield _head(value)
        elif isinstance(value, list) and table:
            rows[table] += 1
            yield value
        elif isinstance(value, dict) and isinstance(value.get("table"), str) and isinstance(value.get("columns"), list):
            table = value["table"]
            rows[table] = 0
            yield Table(table, [(str(name), str(kind)) for name, kind in value["columns"]])
        else:
            raise Damaged
    raise Damaged(detail="This backup ends in the middle: the file was cut, or its making was stopped.")


def checked(path: Path) -> tuple[Head, dict[str, int]]:
    """Read a file to its end; its head, and rows by table. Raises Damaged."""
    head: Head | None = None
    rows: dict[str, int] = {}
    table = ""
    for part in read(path):
        if isinstance(part, Head):
            head = part
        elif isinstance(part, Table):
            table = part.name
            rows[table] = 0
        else:
            rows[table] += 1
    if head is None:
        raise Damaged
    return head, rows


def _lines_of(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (EOFError, zlib.error) as error:
        raise Damaged(detail="This backup ends in the middle: the file was cut, or its making was stopped.") from error
    except gzip.BadGzipFile as error:
        raise Damaged from error


def _head(value: Any) -> Head:
    if not isinstance(value, dict) or value.get("parley") != "backup":
        raise Damaged(detail="This file is no backup of Parley.")
    if value.get("format") != FORMAT:
        raise Damaged(detail=f"This backup has the form {value.get('format')}; this Parley reads form {FORMAT}.")
    return Head(**{name: value[name] for name in ("revision", "version", "made_at", "secret")})


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise Damaged from error
