"""The first pass: a whole export read into a temporary database and checked, before anything touches the site.

Constant memory whatever the size of the file. What becomes of each record is decided in `sorting`, by SQL over all of
them; `batches` hands out what is to be written.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from service.kit import text
from service.kit.builder import Form
from service.kit.errors import Invalid
from service.threads import CanonicalURL, canonical, origin_allows
from service.transfer import words
from service.transfer.addresses import true_address
from service.transfer.authors import shown_name
from service.transfer.errors import NoRoom
from service.transfer.moves import Moves
from service.transfer.records import ExportPost, ExportThread, Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_IDENTIFIER = 300
_TELL_EVERY = 1_000

_NOTHING: Mapping[str, Any] = {}

_SCHEMA = """
CREATE TABLE thread (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, identifier TEXT NOT NULL, link TEXT NOT NULL, title TEXT NOT NULL,
    created INTEGER NOT NULL, is_closed INTEGER NOT NULL, is_deleted INTEGER NOT NULL,
    url TEXT, key TEXT, host TEXT, is_own INTEGER NOT NULL, line INTEGER NOT NULL, links TEXT NOT NULL,
    is_led INTEGER NOT NULL, page INTEGER, live INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE post (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, thread TEXT NOT NULL, parent TEXT NOT NULL,
    created INTEGER NOT NULL, name TEXT NOT NULL, who TEXT NOT NULL, since INTEGER, state TEXT NOT NULL,
    print BLOB NOT NULL, line INTEGER NOT NULL,
    page INTEGER, fate TEXT, up INTEGER, depth INTEGER, is_kept INTEGER NOT NULL DEFAULT 0
);
-- Apart, because the rows of `post` are written several times.
CREATE TABLE words (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, form TEXT NOT NULL, more TEXT);
CREATE TABLE twice (kind TEXT NOT NULL, id TEXT NOT NULL, line INTEGER NOT NULL);
"""


@contextmanager
def with_room() -> Iterator[None]:
    """Where temporary files are written. Raises NoRoom in place of what says that their disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoRoom from error
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise NoRoom from error
        raise


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


@dataclass(frozen=True, slots=True)
class StagedPost:
    """A comment to be written. `parent` is the export's id of the comment it hangs on, after all mending.

    `who` is what its author is known by, empty for somebody who is known by this comment alone. `more` is what few
    formats tell: votes, times of edits, marks, a state in our own words.
    """

    id: str
    page: int
    parent: str | None
    fate: str
    body: str
    form: Form
    name: str
    who: str
    known_since: datetime
    created_at: datetime
    more: Mapping[str, Any]


def _unmoved(link: str) -> str:
    return link


class _Waiting:
    """Posts on their way into the database, some hundred at a time."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._posts: list[tuple[Any, ...]] = []
        self._words: list[tuple[int, str, str, str | None]] = []

    def add(self, seq: int, post: ExportPost) -> None:
        """Number `seq` of the file."""
        state = words.standing(post)
        who = post.author or ("" if post.is_anonymous else post.username)
        since = microseconds(post.author_since) if post.author_since else None
        name = shown_name(post.name, post.username)
        printed = _print(post, state)
        self._posts.append(
            (seq, post.id, post.thread, post.parent, microseconds(post.created_at), name, who, since, state, printed,
             post.line)
        )  # fmt: skip
        if state in words.WITH_WORDS:
            self._words.append((seq, post.message, post.form, _more(post)))
        if len(self._posts) >= _TELL_EVERY:
            self.write()

    def write(self) -> None:
        """Write all that wait. Of two with one id the first counts."""
        added = self._db.executemany(
            "INSERT OR IGNORE INTO post (seq, id, thread, parent, created, name, who, since, state, print, line)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._posts,
        )
        self._db.executemany("INSERT INTO words VALUES (?, ?, ?, ?)", self._words)
        if added.rowcount < len(self._posts):
            self._note_twice()
        self._posts, self._words = [], []

    def _note_twice(self) -> None:
        first, last = self._posts[0][0], self._posts[-1][0]
        there = {row[0] for row in self._db.execute("SELECT seq FROM post WHERE seq BETWEEN ? AND ?", (first, last))}
        twice = [post for post in self._posts if post[0] not in there]
        self._db.executemany("INSERT INTO twice VALUES ('post', ?, ?)", [(post[1], post[-1]) for post in twice])
        self._db.executemany("DELETE FROM words WHERE seq = ?", [(post[0],) for post in twice])


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
        self,
        records: Iterable[Record],
        origins: Sequence[str],
        progress: Callable[[int, int], None],
        stop: threading.Event,
        moved: Callable[[str], str] = _unmoved,
    ) -> None:
        """Read everything. Raises BadExport, and Stopped once `stop` is set. `progress` gets (0, posts so far).

        `moved` says under which address a page is to be known that the export has under another.
        """
        base = next((origin for origin in origins if "*" not in origin), None)
        posts, waiting = 0, _Waiting(self.db)
        self.db.execute("BEGIN")
        for number, record in enumerate(records):
            if number % _TELL_EVERY == 0:
                if stop.is_set():
                    raise Stopped
                progress(0, posts)
            if isinstance(record, ExportPost):
                posts += 1
                waiting.add(posts, record)
            elif isinstance(record, ExportThread):
                self._add_thread(record, origins, base, moved)
        waiting.write()
        self.db.execute("COMMIT")

    def _add_thread(
        self, thread: ExportThread, origins: Sequence[str], base: str | None, moved: Callable[[str], str]
    ) -> None:
        url = _address(thread.link, base, moved)
        links = [found.text for link in thread.links if (found := _address(link, base, moved)) is not None]
        identifier = thread.identifier if len(thread.identifier) <= _LONGEST_IDENTIFIER else ""
        if self.db.execute("SELECT 1 FROM thread WHERE id = ?", (thread.id,)).fetchone():
            self.db.execute("INSERT INTO twice VALUES ('thread', ?, ?)", (thread.id, thread.line))
        # Of a thread that is there twice, one may be an empty shell.
        self.db.execute(
            "INSERT INTO thread (id, identifier, link, title, created, is_closed, is_deleted, url, key, host, is_own,"
            " line, links, is_led) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " (identifier, link, title, url, key, host, is_own, links, is_led) = (excluded.identifier, excluded.link,"
            " excluded.title, excluded.url, excluded.key, excluded.host, excluded.is_own, excluded.links,"
            " excluded.is_led)"
            " WHERE link = '' AND identifier = ''",
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
                json.dumps(links) if links else "",
                isinstance(moved, Moves) and moved.leads(true_address(thread.link, base)),
            ),
        )

    def one(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.db.execute(query, values).fetchone()[0]

    def batches(self, size: int, pages: int) -> Iterator[list[StagedPost]]:
        """What is to be written: page by page, parents first, the oldest first; so many comments and pages at most."""
        rows = self.db.execute(
            "SELECT post.id, post.page, above.id AS parent, post.fate, coalesce(body, '') AS body,"
            " coalesce(form, 'html') AS form, coalesce(account.name, post.name) AS name, post.who, post.created,"
            " coalesce(account.created, post.created) AS since, more"
            " FROM post LEFT JOIN words ON words.seq = post.seq LEFT JOIN post AS above ON above.seq = post.up"
            " LEFT JOIN account ON account.who = post.who"
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

    def empty_pages(self, size: int) -> Iterator[list[Page]]:
        """Articles that nothing is to be written on, so many at a time."""
        query = "SELECT page FROM page WHERE page NOT IN (SELECT page FROM post WHERE is_kept) ORDER BY page"
        numbers = [row["page"] for row in self.db.execute(query)]
        for first in range(0, len(numbers), size):
            yield [self.page(number) for number in numbers[first : first + size]]

    def page(self, number: int) -> Page:
        """An article by the number its posts name."""
        threads = self.db.execute(
            "SELECT thread.* FROM thread JOIN page ON page.page = thread.page WHERE thread.page = ?"
            " ORDER BY thread.seq = page.main DESC, thread.seq",
            (number,),
        ).fetchall()
        urls = {row["key"]: canonical(row["url"]) for row in reversed(threads) if row["url"] is not None}
        for url in (canonical(link) for row in threads if row["links"] for link in json.loads(row["links"])):
            urls.setdefault(url.key, url)
        # Where a page was that a rule of its own leads elsewhere: what still links there finds the discussion.
        for row in threads:
            if row["is_led"] and (old := _address(row["link"], None, _unmoved)) is not None:
                urls.setdefault(old.key, old)
        main = urls.pop(next(row["key"] for row in threads if row["url"] is not None))
        return Page(
            number=number,
            url=main,
            others=tuple(reversed(urls.values())),
            # What a page is called now is said by what was there, not by what is led there.
            identifier=next((row["identifier"] for row in sorted(threads, key=_is_led) if row["identifier"]), None),
            title=next((title for row in threads if (title := _title(row["title"]))), None),
            created_at=min(_time(row["created"]) for row in threads),
            is_closed=all(row["is_closed"] for row in threads),
        )


def _is_led(row: sqlite3.Row) -> bool:
    return bool(row["is_led"])


def _more(post: ExportPost) -> str | None:
    found = {
        "up": post.up,
        "down": post.down,
        "edited": microseconds(post.edited_at) if post.edited_at else 0,
        "state": post.state,
        "pinned": post.pinned,
        "featured": post.featured,
        "replies_closed": post.replies_closed,
    }
    said = {name: value for name, value in found.items() if value}
    return json.dumps(said) if said else None


def _print(post: ExportPost, state: str) -> bytes:
    """Equal for what the same author wrote at the same time in the same words; where states are ours, for nothing."""
    if state == "ours":
        return post.id.encode()
    author = post.author or post.username or f" {post.name}"
    said = f"{author}\0{post.created_at.isoformat()}\0{post.message}"
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


def microseconds(at: datetime) -> int:
    """Since 1970, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _time(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


def _address(link: str, base: str | None, moved: Callable[[str], str]) -> CanonicalURL | None:
    try:
        return canonical(moved(true_address(link, base)))
    except Invalid:
        return None


def _place(url: CanonicalURL) -> str:
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _title(title: str) -> str | None:
    try:
        return text.clean_line(title[:500], field="title", max_chars=500) or None
    except Invalid:
        return None


def _staged(row: sqlite3.Row) -> StagedPost:
    return StagedPost(
        id=row["id"],
        page=row["page"],
        parent=row["parent"],
        fate=row["fate"],
        body=row["body"],
        form=row["form"],
        name=row["name"],
        who=row["who"],
        known_since=_time(row["since"]),
        created_at=_time(row["created"]),
        more=json.loads(row["more"]) if row["more"] else _NOTHING,
    )
