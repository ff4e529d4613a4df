"""Exports as small as a test needs them, and the site they go into, seen as a whole."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import text

from service import comments, sites, threads, transfer
from service.comments import Comment
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.paging import Cursor
from service.sites import Site
from service.threads import Thread
from service.transfer import bringing

NEWS = "https://news.test"
START = datetime(2019, 5, 1, 12, 0, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
    '<category dsq:id="9"><forum>news</forum><title>General</title><isDefault>true</isDefault></category>\n'
)
_numbers = itertools.count(1)

# Tables are no business of a story, except to say that nothing at all was changed.
_ROWS = {
    "thread": "SELECT * FROM thread WHERE site_id = :s ORDER BY id",
    "alias": "SELECT * FROM thread_alias WHERE site_id = :s ORDER BY key",
    "person": "SELECT * FROM person WHERE site_id = :s ORDER BY id",
    "comment": "SELECT * FROM comment WHERE site_id = :s ORDER BY id",
}
_COUNTERS = (
    "SELECT id, reply_count, shown FROM comment WHERE site_id = :s ORDER BY id",
    "SELECT id, comment_count, last_comment_at FROM thread WHERE site_id = :s ORDER BY id",
)


@dataclass
class Export:
    """A Disqus export in the making; `pad` stands around every value, as in files somebody has pretty-printed."""

    pad: str = ""
    records: list[str] = field(default_factory=list)
    _minutes: int = 0

    def thread(self, number: str = "1", link: str = f"{NEWS}/article", identifier: str = "", **more: Any) -> str:
        """A thread; `title`, `created`, `is_closed`, `is_deleted`. Its id."""
        self.records.append(
            f'<thread dsq:id="{number}">{self._("id", identifier)}{self._("forum", "news")}<category dsq:id="9" />'
            f"{self._('link', link)}{self._('title', more.get('title', 'An article'))}<message />"
            f"{self._('createdAt', stamp(more.get('created', START)))}"
            "<author><name>Editor</name><isAnonymous>false</isAnonymous><username>editor</username></author>"
            f"{self._('isClosed', _said(more.get('is_closed')))}{self._('isDeleted', _said(more.get('is_deleted')))}"
            "</thread>"
        )
        return number

    def post(self, number: str, thread: str = "1", parent: str | None = None, **more: Any) -> str:
        """A comment; `message`, `created`, `name`, `username` (None for a guest), `is_deleted`, `is_spam`. Its id."""
        self._minutes += 1
        username = more.get("username", "ada")
        author = f"{self._('name', more.get('name', 'Ada'))}{self._('isAnonymous', _said(username is None))}"
        author += self._("username", username) if username is not None else ""
        above = f'<parent dsq:id="{parent}" />' if parent else ""
        self.records.append(
            f'<post dsq:id="{number}"><id />{self._("message", more.get("message", f"<p>Words of {number}.</p>"))}'
            f"{self._('createdAt', stamp(more.get('created', START + timedelta(minutes=self._minutes))))}"
            f"{self._('isDeleted', _said(more.get('is_deleted')))}{self._('isSpam', _said(more.get('is_spam')))}"
            f'<author>{author}</author><thread dsq:id="{thread}" />{above}</post>'
        )
        return number

    def xml(self) -> bytes:
        """The file."""
        return (HEAD + "\n".join(self.records) + "\n</disqus>\n").encode()

    def _(self, name: str, value: str) -> str:
        return f"<{name}>{self.pad}{escape(value)}{self.pad}</{name}>"


@dataclass
class Shelf:
    """A site that gets exports, and what is in it."""

    db: Database
    site: Site
    folder: Path

    @classmethod
    async def new(cls, db: Database, folder: Path, origins: tuple[str, ...] = (NEWS,)) -> Shelf:
        """A site of its own."""
        name = f"shelf{next(_numbers)}-{os.getpid()}"
        return cls(db, await db.transact(sites.create, name, name, list(origins), {}), folder)

    def save(self, content: bytes, name: str = "export.xml") -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    async def bring(self, export: Export, **more: Any) -> transfer.Report:
        """Import an export; see `bring_file`."""
        return await self.bring_file(self.save(export.xml()), **more)

    async def bring_file(self, path: Path, **more: Any) -> transfer.Report:
        """Import a file; the report, which must count every comment of the file exactly once."""
        report = await transfer.import_file(self.db, self.site, path, **more)
        left_out = sum(count.count for count in report.posts_left_out)
        assert report.posts_read == report.comments + report.tombstones + report.unchanged + left_out
        return report

    async def find(self, url: str, identifier: str | None = None) -> Thread | None:
        """The thread of an address."""
        return await self.db.read(threads.find, self.site, threads.canonical(url), identifier)

    async def thread(self, url: str = f"{NEWS}/article", identifier: str | None = None) -> Thread:
        """The thread of an address; there must be one."""
        found = await self.find(url, identifier)
        assert found is not None, url
        return found

    async def shown(self, url: str = f"{NEWS}/article", identifier: str | None = None) -> dict[str, Comment]:
        """What readers see under an address, by the export's id, in reading order (oldest first, replies below)."""
        thread = await self.thread(url, identifier)
        found = await self.db.read(_below, thread.id, 0)
        return {(comment.origin or str(comment.id)).removeprefix("disqus:"): comment for comment in found}

    async def rows(self) -> dict[str, list[Any]]:
        """Everything the site holds, to the last version number."""
        return await self.db.read(_rows, self.site.id)

    async def assert_counters_true(self) -> None:
        """Every counter equals a recount from the comments alone."""
        before = await self.db.read(_counters, self.site.id)
        await self.db.transact(_recount, self.site.id)
        assert await self.db.read(_counters, self.site.id) == before
        assert await self.db.read(_people, self.site.id) == []


def small_batches(monkeypatch: pytest.MonkeyPatch, comments: int) -> None:
    """Of so many comments, on both floors."""
    for floor in ("_SQLITE", "_POSTGRESQL"):
        monkeypatch.setattr(bringing, floor, bringing.Size(comments, 50))


def tree(shown: dict[str, Comment]) -> dict[str, str | None]:
    """Each comment and the one it answers, by the export's ids."""
    by_id = {comment.id: name for name, comment in shown.items()}
    return {name: by_id[comment.parent_id] if comment.parent_id else None for name, comment in shown.items()}


def left_out(report: transfer.Report) -> dict[str, int]:
    """Why comments were left out, and how many."""
    return {count.kind: count.count for count in report.posts_left_out}


def mended(report: transfer.Report) -> dict[str, int]:
    """What was put right, and how often."""
    return {count.kind: count.count for count in report.mended}


def stamp(at: datetime) -> str:
    """A time as Disqus writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(value: object) -> str:
    return "true" if value else "false"


async def _below(tx: ReadTx, thread_id: int, under: int) -> list[Comment]:
    found: list[Comment] = []
    waiting: list[tuple[int, Cursor | None]] = [(under, None)]
    while waiting:
        parent, after = waiting.pop()
        level = await comments.level(tx, thread_id, parent, "oldest", limit=100, after=after)
        if level.next_cursor is not None:
            cursor = Cursor.decode(level.next_cursor, thread=thread_id, under=parent, sort="oldest")
            waiting.append((parent, cursor))
        found += level.items
        waiting += [(comment.id, None) for comment in reversed(level.items) if comment.reply_count]
    return found


async def _rows(tx: ReadTx, site_id: int) -> dict[str, list[Any]]:
    return {name: await _all(tx, query, site_id) for name, query in _ROWS.items()}


async def _counters(tx: ReadTx, site_id: int) -> list[Any]:
    return [await _all(tx, query, site_id) for query in _COUNTERS]


async def _recount(tx: WriteTx, site_id: int) -> None:
    for row in await _all(tx, "SELECT id FROM thread WHERE site_id = :s", site_id):
        await comments.recount_thread(tx, row[0])


async def _people(tx: ReadTx, site_id: int) -> list[Any]:
    return await _all(
        tx,
        "SELECT person.id, person.published_count FROM person WHERE site_id = :s AND published_count <>"
        " (SELECT count(*) FROM comment WHERE comment.person_id = person.id AND comment.state = 'published')",
        site_id,
    )


async def _all(tx: ReadTx, query: str, site_id: int) -> list[Any]:
    connection = await tx.connection()
    return [tuple(row) for row in await connection.execute(text(query), {"s": site_id})]
