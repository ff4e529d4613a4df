"""Threads of an import, many at once: pages found or made with all their addresses, and what is counted of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, or_, update
from sqlmodel import col, func, select

from service.kit import clock, ids
from service.kit.bulk import insert_rows, one_of
from service.kit.columns import UTCDateTime
from service.kit.db import ReadTx, WriteTx, changed
from service.sites import Site
from service.threads.sections import ThreadRules
from service.threads.tables import ThreadAliasRow, ThreadRow
from service.threads.thread import page_tag, unopened_tag
from service.threads.urls import CanonicalURL

_THREADS = ThreadRow.metadata.tables[str(ThreadRow.__tablename__)]
_ALIASES = ThreadAliasRow.metadata.tables[str(ThreadAliasRow.__tablename__)]


@dataclass(frozen=True)
class BroughtPage:
    """A page as an import brings it. `url` is the address it is known by, `others` lead to it too.

    When `is_wanted` is False it is only looked for: there is nothing to put into a new thread.
    """

    url: CanonicalURL
    others: tuple[CanonicalURL, ...]
    identifier: str | None
    title: str | None
    created_at: datetime
    is_closed: bool
    is_wanted: bool


@dataclass(frozen=True)
class BroughtThreads:
    """The thread of each page, by its place in the list, None where there is none.

    `made` are new threads, `keys` what new addresses are found by, those of new threads too; `further` counts the
    addresses beyond the first of each.
    """

    ids: tuple[int | None, ...]
    made: tuple[int, ...]
    keys: tuple[str, ...]
    further: int


async def open_brought(tx: WriteTx, site: Site, pages: Sequence[BroughtPage]) -> BroughtThreads:
    """Find the thread of each page by the rule of `find`, for its addresses in turn, or make it; any host will do.

    A publisher's own act: a new thread is closed when the page says so, one that is there stays as it is, and every
    address that leads nowhere yet leads to the page's thread from now on. An address in use stays with its thread.
    """
    named, at = await _known(tx, site, pages)
    threads: list[dict[str, Any]] = []
    aliases: list[dict[str, Any]] = []
    found: list[int | None] = []
    further = 0
    for page in pages:
        thread_id = _match(page, named, at)
        is_new = thread_id is None
        if thread_id is None and page.is_wanted:
            thread_id = ids.new_id(at=page.created_at)
            threads.append(_thread(site, page, thread_id))
            if page.identifier:
                named[page.identifier] = thread_id
        found.append(thread_id)
        if thread_id is None:
            continue
        for url in (page.url, *page.others):
            if url.key not in at:
                at[url.key] = thread_id, page.identifier
                aliases.append(_alias(site, url, thread_id))
                further += not (is_new and url is page.url)
    await _insert(tx, threads, aliases)
    if aliases:
        changed(tx, unopened_tag(site.id), often=True)
    made = tuple(int(thread["id"]) for thread in threads)
    return BroughtThreads(tuple(found), made, tuple(str(alias["key"]) for alias in aliases), further)


async def count_brought(tx: WriteTx, changes: Mapping[int, tuple[int, datetime | None]]) -> None:
    """Count comments an import brought: thread to (published, time of the newest). A newer one stays the last."""
    last = bindparam("last", type_=UTCDateTime)
    before = _THREADS.c.last_comment_at
    later = case((last.is_(None), before), (or_(before.is_(None), before < last), last), else_=before)
    connection = await tx.connection()
    await connection.execute(
        update(_THREADS)
        .where(_THREADS.c.id == bindparam("thread"))
        .values(
            version=_THREADS.c.version + 1,
            comment_count=_THREADS.c.comment_count + bindparam("published"),
            last_comment_at=later,
        ),
        # In one order everywhere, so that two imports cannot wait for each other in a circle.
        [{"thread": thread, "published": count, "last": at} for thread, (count, at) in sorted(changes.items())],
    )
    for thread in changes:
        changed(tx, page_tag(thread), often=True)


async def _known(
    tx: ReadTx, site: Site, pages: Iterable[BroughtPage]
) -> tuple[dict[str, int], dict[str, tuple[int, str | None]]]:
    """Threads by identifier; threads and the identifiers they have by address."""
    names = sorted({page.identifier for page in pages if page.identifier})
    # Of what was merged into another discussion, that one.
    meant = func.coalesce(ThreadRow.merged_into, ThreadRow.id)
    by_name = select(ThreadRow.identifier, meant).where(
        ThreadRow.site_id == site.id, await one_of(tx, col(ThreadRow.identifier), names)
    )
    keys = sorted({url.key for page in pages for url in (page.url, *page.others)})
    by_address = (
        select(ThreadAliasRow.key, meant, ThreadRow.identifier)
        .join(ThreadRow, col(ThreadRow.id) == col(ThreadAliasRow.thread_id))
        .where(ThreadAliasRow.site_id == site.id, await one_of(tx, col(ThreadAliasRow.key), keys))
    )
    named = {name: number for name, number in (await tx.exec(by_name)).all() if name} if names else {}
    return named, {key: (number, name) for key, number, name in (await tx.exec(by_address)).all()}


def _match(page: BroughtPage, named: Mapping[str, int], at: Mapping[str, tuple[int, str | None]]) -> int | None:
    if page.identifier and page.identifier in named:
        return named[page.identifier]
    for url in (page.url, *page.others):
        there = at.get(url.key)
        if there is not None and not (page.identifier and there[1]):
            return there[0]
    return None


def _thread(site: Site, page: BroughtPage, thread_id: int) -> dict[str, Any]:
    return {
        "id": thread_id,
        "site_id": site.id,
        "identifier": page.identifier or None,
        "url": page.url.text,
        "title": page.title,
        "state": "closed" if page.is_closed else "open",
        "section": site.section("threads", ThreadRules).section_of(page.url.text),
        "comment_count": 0,
        "version": 0,
        "created_at": page.created_at,
        "last_comment_at": None,
    }


def _alias(site: Site, url: CanonicalURL, thread_id: int) -> dict[str, Any]:
    return {"site_id": site.id, "key": url.key, "thread_id": thread_id, "created_at": clock.now()}


async def _insert(tx: WriteTx, threads: list[dict[str, Any]], aliases: list[dict[str, Any]]) -> None:
    await insert_rows(tx, _THREADS, threads)
    await insert_rows(tx, _ALIASES, aliases)


async def forget_many(tx: WriteTx, numbers: Sequence[int]) -> None:
    """Forget threads that hold nothing any more, with all their addresses."""
    if not numbers:
        return
    await tx.exec(delete(ThreadAliasRow).where(await one_of(tx, col(ThreadAliasRow.thread_id), numbers)))
    await tx.exec(delete(ThreadRow).where(await one_of(tx, col(ThreadRow.id), numbers)))
    for number in numbers:
        changed(tx, page_tag(number))


async def forget_addresses(tx: WriteTx, site_id: int, keys: Sequence[str], but: Sequence[int]) -> None:
    """Forget addresses, except those that lead to one of the threads `but`."""
    if keys:
        here = (col(ThreadAliasRow.site_id) == site_id, await one_of(tx, col(ThreadAliasRow.key), keys))
        await tx.exec(delete(ThreadAliasRow).where(*here, col(ThreadAliasRow.thread_id).not_in(but)))


async def note_last(tx: WriteTx, thread_id: int, at: datetime | None) -> None:
    """When the newest comment that is left in a thread was written."""
    await tx.exec(update(ThreadRow).where(col(ThreadRow.id) == thread_id).values(last_comment_at=at))


@dataclass(frozen=True)
class CarriedThread:
    """A thread as the publisher's own export carries it out; `keys` are all it is found by."""

    id: int
    identifier: str | None
    url: str
    title: str | None
    state: str
    created_at: datetime
    keys: tuple[str, ...]


async def carried(tx: ReadTx, site_id: int, after: int, most: int) -> list[CarriedThread]:
    """Threads of a site by id, those behind `after`."""
    query = select(ThreadRow).where(ThreadRow.site_id == site_id, col(ThreadRow.id) > after)
    rows = (await tx.exec(query.order_by(col(ThreadRow.id)).limit(most))).all()
    aliases = select(ThreadAliasRow.thread_id, ThreadAliasRow.key).where(
        await one_of(tx, col(ThreadAliasRow.thread_id), [row.id for row in rows])
    )
    keys: dict[int, list[str]] = {}
    for thread, key in (await tx.exec(aliases)).all() if rows else ():
        keys.setdefault(thread, []).append(key)
    return [
        CarriedThread(
            row.id, row.identifier, row.url, row.title, row.state, row.created_at, tuple(sorted(keys.get(row.id, ())))
        )
        for row in rows
    ]
