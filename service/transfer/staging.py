"""The first pass: a whole export read into a temporary database and checked, before anything touches the site.

Constant memory whatever the size of the file. What becomes of each record is decided in `sorting`, by SQL over all of
them; `batches` hands out what is to be written.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from service.kit import text
from service.kit.errors import Invalid
from service.threads import CanonicalURL, canonical, origin_allows
from service.transfer.addresses import true_address
from service.transfer.disqus_xml import ExportPost, ExportThread, Record, read

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_IDENTIFIER = 300
_TELL_EVERY = 1_000

_SCHEMA = """
CREATE TABLE thread (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, identifier TEXT NOT NULL, link TEXT NOT NULL, title TEXT NOT NULL,
    created INTEGER NOT NULL, is_closed INTEGER NOT NULL, is_deleted INTEGER NOT NULL,
    url TEXT, key TEXT, host TEXT, is_own INTEGER NOT NULL, line INTEGER NOT NULL,
    page INTEGER, live INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE post (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, thread TEXT NOT NULL, parent TEXT NOT NULL,
    created INTEGER NOT NULL, name TEXT NOT NULL, username TEXT NOT NULL, state TEXT NOT NULL, print BLOB NOT NULL,
    line INTEGER NOT NULL,
    page INTEGER, fate TEXT, up INTEGER, depth INTEGER, is_kept INTEGER NOT NULL DEFAULT 0
);
-- Apart, because the rows of `post` are written several times.
CREATE TABLE words (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, html TEXT NOT NULL);
CREATE TABLE twice (kind TEXT NOT NULL, id TEXT NOT NULL, line INTEGER NOT NULL);
"""


class Stopped(Exception):  # nothing went wrong: somebody pressed Ctrl-C
    """The first pass was asked to end."""


@dataclass(frozen=True)
class Page:
    """One article: threads of the export that belong together."""

    number: int
    url: CanonicalURL
    others: tuple[CanonicalURL, ...]
    identifier: str | None
    title: str | None
    created_at: datetime
    is_closed: bool


@dataclass(frozen=True)
class StagedPost:
    """A comment to be written. `parent` is the export's id of the comment it hangs on, after all mending."""

    id: str
    page: int
    parent: str | None
    fate: str
    body: str
    html: str
    name: str
    username: str
    known_since: datetime
    created_at: datetime


class Staging:
    """The temporary database of one import; a context manager, gone at its end."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="parley-import-")
        # Filled in one thread and read in another, never by both at once.
        self.db = sqlite3.connect(Path(self._folder) / "staging.sqlite3", isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-32000"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.db.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fill(
        self, path: Path, origins: Sequence[str], progress: Callable[[int, int], None], stop: threading.Event
    ) -> None:
        """Read the file. Raises BadExport, and Stopped once `stop` is set. `progress` gets (0, posts so far)."""
        base = next((origin for origin in origins if "*" not in origin), None)
        posts = 0
        self.db.execute("BEGIN")
        for number, record in enumerate(read(path)):
            if number % _TELL_EVERY == 0:
                if stop.is_set():
                    raise Stopped
                progress(0, posts)
            self._add(record, origins, base)
            posts += isinstance(record, ExportPost)
        self.db.execute("COMMIT")

    def _add(self, record: Record, origins: Sequence[str], base: str | None) -> None:
        if isinstance(record, ExportThread):
            self._add_thread(record, origins, base)
        elif isinstance(record, ExportPost):
            self._add_post(record)

    def _add_thread(self, thread: ExportThread, origins: Sequence[str], base: str | None) -> None:
        url = _address(thread.link, base)
        identifier = thread.identifier if len(thread.identifier) <= _LONGEST_IDENTIFIER else ""
        if self.db.execute("SELECT 1 FROM thread WHERE id = ?", (thread.id,)).fetchone():
            self.db.execute("INSERT INTO twice VALUES ('thread', ?, ?)", (thread.id, thread.line))
        # Of a thread that is there twice, one may be an empty shell.
        self.db.execute(
            "INSERT INTO thread (id, identifier, link, title, created, is_closed, is_deleted, url, key, host, is_own,"
            " line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " (identifier, link, title, url, key, host, is_own) = (excluded.identifier, excluded.link, excluded.title,"
            " excluded.url, excluded.key, excluded.host, excluded.is_own) WHERE link = '' AND identifier = ''",
            (
                thread.id,
                identifier,
                thread.link,
                thread.title,
                microseconds(thread.created_at),
                thread.is_closed,
                thread.is_deleted,
                url.text if url else None,
                url.key if url else None,
                _place(url) if url else None,
                url is not None and origin_allows(origins, url.host, url.port),
                thread.line,
            ),
        )

    def _add_post(self, post: ExportPost) -> None:
        html, state = _rendered(post)
        added = self.db.execute(
            "INSERT OR IGNORE INTO post (id, thread, parent, created, name, username, state, print, line)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                post.id,
                post.thread,
                post.parent,
                microseconds(post.created_at),
                post.name,
                "" if post.is_anonymous else post.username,
                state,
                _print(post),
                post.line,
            ),
        )
        if not added.rowcount:
            self.db.execute("INSERT INTO twice VALUES ('post', ?, ?)", (post.id, post.line))
        elif state == "live":
            self.db.execute("INSERT INTO words VALUES (?, ?, ?)", (added.lastrowid, post.message, html))

    def one(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.db.execute(query, values).fetchone()[0]

    def batches(self, size: int, pages: int) -> Iterator[list[StagedPost]]:
        """What is to be written: page by page, parents first, the oldest first; so many comments and pages at most."""
        rows = self.db.execute(
            "SELECT post.id, post.page, above.id AS parent, post.fate, coalesce(body, '') AS body,"
            " coalesce(html, '') AS html, coalesce(account.name, post.name) AS name, post.username, post.created,"
            " coalesce(account.created, post.created) AS since"
            " FROM post LEFT JOIN words ON words.seq = post.seq LEFT JOIN post AS above ON above.seq = post.up"
            " LEFT JOIN account ON account.username = post.username"
            " WHERE post.is_kept ORDER BY post.page, post.depth, post.created, post.seq"
        )
        batch: list[StagedPost] = []
        seen: set[int] = set()
        for row in rows:
            if batch and (len(batch) >= size or (len(seen) >= pages and row["page"] not in seen)):
                yield batch
                batch, seen = [], set()
            batch.append(_staged(row))
            seen.add(row["page"])
        if batch:
            yield batch

    def page(self, number: int) -> Page:
        """An article by the number its posts name."""
        threads = self.db.execute(
            "SELECT thread.* FROM thread JOIN page ON page.page = thread.page WHERE thread.page = ?"
            " ORDER BY thread.seq = page.main DESC, thread.seq",
            (number,),
        ).fetchall()
        urls = {row["key"]: canonical(row["url"]) for row in reversed(threads) if row["url"] is not None}
        main = urls.pop(next(row["key"] for row in threads if row["url"] is not None))
        return Page(
            number=number,
            url=main,
            others=tuple(reversed(urls.values())),
            identifier=next((row["identifier"] for row in threads if row["identifier"]), None),
            title=next((title for row in threads if (title := _title(row["title"]))), None),
            created_at=min(_time(row["created"]) for row in threads),
            is_closed=all(row["is_closed"] for row in threads),
        )


def microseconds(at: datetime) -> int:
    """Since 1970, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _time(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


def _address(link: str, base: str | None) -> CanonicalURL | None:
    try:
        return canonical(true_address(link, base))
    except Invalid:
        return None


def _place(url: CanonicalURL) -> str:
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _title(title: str) -> str | None:
    try:
        return text.clean_line(title[:500], field="title", max_chars=500) or None
    except Invalid:
        return None


def _rendered(post: ExportPost) -> tuple[str, str]:
    """The safe HTML of a comment, and whether it is live or why not."""
    if post.is_deleted:
        return "", "deleted"
    if post.is_spam:
        return "", "spam"
    if not post.is_approved:
        return "", "unapproved"
    rendered = text.render(post.message, form="html")
    return rendered.html, "live" if rendered.plain.strip() else "empty"


def _print(post: ExportPost) -> bytes:
    """Equal for what the same author wrote at the same time in the same words."""
    author = post.username or f" {post.name}"
    said = f"{author}\0{post.created_at.isoformat()}\0{post.message}"
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


def _staged(row: sqlite3.Row) -> StagedPost:
    return StagedPost(
        id=row["id"],
        page=row["page"],
        parent=row["parent"],
        fate=row["fate"],
        body=row["body"],
        html=row["html"],
        name=row["name"],
        username=row["username"],
        known_since=_time(row["since"]),
        created_at=_time(row["created"]),
    )
