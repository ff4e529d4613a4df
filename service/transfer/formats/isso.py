"""Isso's database itself: an SQLite file with the tables `threads` and `comments`.

It is opened to be read only, as a copy in a place of our own. Pages are paths; comments are Markdown. A guest is
whoever wrote a comment: the addresses Isso keeps are not read at all.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from service.transfer.errors import BadRecord, WrongFile
from service.transfer.records import ExportPost, ExportThread, Record, page_of
from service.transfer.unpack import bytes_of

_MAGIC = b"SQLite format 3\0"
_PENDING, _DELETED = 2, 4


def is_this(beginning: bytes) -> bool:
    """Whether a file that begins so is an SQLite database; which one is seen when it is opened."""
    return beginning.startswith(_MAGIC)


def read(path: Path) -> Iterator[Record]:
    """The records of a database. Raises BadExport."""
    with tempfile.TemporaryDirectory(prefix="parley-isso-") as folder:
        copy = Path(folder) / "isso.sqlite3"
        with path.open("rb") as file, copy.open("wb") as written:
            for piece in bytes_of(file):
                written.write(piece)
        with contextlib.closing(_opened(copy)) as db:
            try:
                yield from _threads(db)
                yield from _posts(db)
            except sqlite3.DatabaseError as error:
                raise WrongFile(f"This is no database of Isso, or it is damaged: {error}.") from error


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    # Whoever made this file may have put views and triggers into it.
    db.execute("PRAGMA trusted_schema=OFF")
    db.execute("PRAGMA query_only=ON")
    db.text_factory = lambda content: content.decode("utf-8", "replace")
    return db


def _threads(db: sqlite3.Connection) -> Iterator[ExportThread]:
    query = (
        "SELECT threads.id, uri, title, (SELECT min(created) FROM comments WHERE tid = threads.id) AS at FROM threads"
    )
    for row in db.execute(query):
        uri = str(row["uri"] or "")
        link = uri if "://" in uri else "/" + uri.lstrip("/")
        at = _time(row["at"] or 0, row["id"])
        yield page_of(link, str(row["title"] or ""), at, row["id"], number=str(row["id"]))


def _posts(db: sqlite3.Connection) -> Iterator[ExportPost]:
    columns = {row["name"] for row in db.execute("PRAGMA table_info(comments)")}
    for row in db.execute("SELECT * FROM comments ORDER BY id"):
        mode = row["mode"] if "mode" in columns else 1
        modified = row["modified"] if "modified" in columns else None
        yield ExportPost(
            id=str(row["id"]),
            thread=str(row["tid"]),
            parent=str(row["parent"] or ""),
            message=str(row["text"] or ""),
            created_at=_time(row["created"], row["id"]),
            name=str(row["author"] or "").strip() or "Anonymous",
            username="",
            is_anonymous=True,
            is_deleted=mode == _DELETED,
            is_spam=False,
            is_approved=mode != _PENDING,
            line=row["id"],
            form="markdown",
            up=int(row["likes"] or 0) if "likes" in columns else 0,
            down=int(row["dislikes"] or 0) if "dislikes" in columns else 0,
            edited_at=_time(modified, row["id"]) if modified else None,
        )


def _time(at: object, number: int) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(at)), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadRecord(f"Comment {number} has the time {str(at)[:40]!r}, which is none.", line=number) from error
