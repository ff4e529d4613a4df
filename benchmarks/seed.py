"""Fills a database with planned threads, through the doors of the rooms that own the rows."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from benchmarks import corpus
from benchmarks.corpus import Planned
from service import comments, identity, sites, threads
from service.identity import Imported
from service.kit import migrate, text
from service.kit.db import Database, WriteTx
from service.kit.settings import Settings
from service.sites import Site
from service.threads import canonical
from service.votes import ranking

SITE = "bench"
ORIGIN = "https://news.test"
_START = datetime(2024, 1, 1, tzinfo=UTC)
_BATCH = 5_000
T = TypeVar("T")

# Wide enough that no limit is met, and everything is published at once: the work is the same, the answer is not "no".
_WIDE = {
    act: {scope: ["900000/s"] for scope in ("address", "author", "thread", "site")}
    for act in ("post", "edit", "vote", "ballot", "report")
}
SETTINGS = {"limits": _WIDE, "screening": {"hold_first_comments": False, "max_links": 1_000}}


@dataclass(frozen=True)
class Article:
    """A page with its thread."""

    url: str
    thread: str


def page(name: str | int) -> str:
    """The address of an article."""
    return f"{ORIGIN}/article/{name}"


def fill(settings: Settings, sizes: Sequence[int], *, small: int = 0) -> dict[int, Article]:
    """Migrate, make the site, and write a thread of each size; by size. `small` articles more have five comments."""
    return asyncio.run(_fill(settings, sizes, small))


async def _fill(settings: Settings, sizes: Sequence[int], small: int) -> dict[int, Article]:
    db = Database(settings)
    try:
        await migrate.upgrade(db.engine)
        site = await db.transact(sites.create, SITE, "Benchmark", [ORIGIN], SETTINGS)
        writer = await _Writer.new(db, site)
        for number in range(1, small + 1):
            await writer.write(f"small-{number}", 5)
        return {size: await writer.write(size, size) for size in sizes}
    finally:
        await db.close()


class _Writer:
    """Writes planned threads in batches."""

    def __init__(self, db: Database, site: Site, people: list[int]) -> None:
        self._db, self._site, self._people = db, site, people
        self._texts = corpus.texts()
        # Rendered once each: it is the reading that is measured.
        self._rendered = [text.render(text.clean_source(source, max_chars=5_000)) for source in self._texts]

    @classmethod
    async def new(cls, db: Database, site: Site) -> _Writer:
        known = [Imported(f"bench:{n}", name, _START) for n, name in enumerate(corpus.authors())]
        by_origin = (await db.transact(identity.make_imported_many, site.id, known)).ids
        return cls(db, site, [by_origin[each.origin] for each in known])

    async def write(self, name: str | int, size: int) -> Article:
        url = page(name)
        thread = await self._db.transact(_open, self._site, url)
        planned = corpus.thread(size, texts=len(self._texts), authors=len(self._people))
        for batch in _batches(planned, _BATCH):
            rows = [self._restored(thread, name, each) for each in batch]
            await self._db.transact(comments.restore_many, self._site.id, rows)
        return Article(url, str(thread))

    def _restored(self, thread: int, name: str | int, each: Planned) -> comments.Restored:
        at = _START + timedelta(seconds=each.number * 20)
        return comments.Restored(
            origin=f"bench:{name}:{each.number}",
            parent=f"bench:{name}:{each.parent}" if each.parent is not None else None,
            thread_id=thread,
            person_id=self._people[each.author],
            body=self._texts[each.text],
            body_format="markdown",
            html=self._rendered[each.text].html,
            state="published",
            created_at=at,
            ranks=ranking(each.up, each.down, at),
        )


async def _open(tx: WriteTx, site: Site, url: str) -> int:
    return (await threads.open_thread(tx, site, canonical(url), None, "An article", created_at=_START)).id


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch
