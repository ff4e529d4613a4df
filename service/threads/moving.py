"""A publisher's acts upon a discussion itself: its title, its address, and the other one it is merged into.

An address that once led to a discussion goes on leading to it (docs/decisions/0004): moving adds one, merging hands all
of them on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from service.kit import clock
from service.kit.db import ReadTx, WriteTx, changed
from service.kit.errors import Conflict, Invalid
from service.sites import Site
from service.threads.sections import ThreadRules
from service.threads.tables import ThreadAliasRow, ThreadRow
from service.threads.thread import Thread, ThreadUnknown, page_tag, thread_of, unopened_tag
from service.threads.urls import CanonicalURL


class AddressTaken(Conflict):
    """Another discussion is at this address already. Merge the two instead."""

    type = "address-taken"


class MergeImpossible(Invalid):
    """A discussion is merged into another one of the same site, which is not merged into a third itself."""

    type = "merge-impossible"


@dataclass(frozen=True)
class Moved:
    """A discussion at its new address. `was_added`: that address led nowhere before."""

    thread: Thread
    before: str
    was_added: bool


async def set_title(tx: WriteTx, thread_id: int, title: str | None) -> Thread:
    """Give a discussion another title, or none. Raises ThreadUnknown."""
    row = await _locked(tx, thread_id)
    row.title = title
    return await _shown(tx, row)


async def move(tx: WriteTx, site: Site, thread_id: int, url: CanonicalURL) -> Moved:
    """Let a discussion be about the page at another address; the ones before go on leading to it.

    Raises ThreadUnknown, AddressTaken (with the `thread` that is there).
    """
    row = await _locked(tx, thread_id)
    there = await tx.get(ThreadAliasRow, (site.id, url.key))
    if there is not None and await _meant(tx, there.thread_id) != row.id:
        raise AddressTaken(field="url", thread=str(await _meant(tx, there.thread_id)))
    if there is None:
        tx.add(ThreadAliasRow(site_id=site.id, key=url.key, thread_id=row.id, created_at=clock.now()))
    before, row.url = row.url, url.text
    row.section = site.section("threads", ThreadRules).section_of(url.text, row.category)
    changed(tx, unopened_tag(site.id))
    return Moved(await _shown(tx, row), before, there is None)


async def move_back(tx: WriteTx, site: Site, thread_id: int, moved_to: str, before: str, added_key: str | None) -> bool:
    """Take a move back, if nobody has moved the discussion since; the address it added leads nowhere then.

    False when somebody has. Raises ThreadUnknown.
    """
    row = await _locked(tx, thread_id)
    if row.url != moved_to:
        return False
    row.url, row.section = before, site.section("threads", ThreadRules).section_of(before, row.category)
    if added_key is not None:
        mine = (col(ThreadAliasRow.site_id) == site.id, col(ThreadAliasRow.key) == added_key)
        await tx.exec(delete(ThreadAliasRow).where(*mine, col(ThreadAliasRow.thread_id) == row.id))
    changed(tx, unopened_tag(site.id))
    await _shown(tx, row)
    return True


async def merge(tx: WriteTx, site: Site, thread_id: int, into: int) -> list[int]:
    """Let everything that leads to a discussion lead to another one from now on; its comments are moved by others.

    Says which were merged into it before, and are merged into the other one now. Raises ThreadUnknown,
    MergeImpossible.
    """
    if thread_id == into:
        raise MergeImpossible(field="into")
    # In one order everywhere, so that two merges cannot wait for each other in a circle.
    rows = {number: await _locked(tx, number) for number in sorted((thread_id, into))}
    source, target = rows[thread_id], rows[into]
    if {source.site_id, target.site_id} != {site.id} or source.merged_into or target.merged_into:
        raise MergeImpossible(field="into")
    carried = await merged_into(tx, thread_id)
    await _point(tx, [thread_id, *carried], into)
    changed(tx, page_tag(thread_id))
    changed(tx, page_tag(into))
    changed(tx, unopened_tag(site.id))
    return carried


async def part(tx: WriteTx, site: Site, thread_id: int, carried: list[int]) -> None:
    """The reverse of `merge`: a discussion is one of its own again, with what had been merged into it."""
    row = await tx.get(ThreadRow, thread_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ThreadUnknown(field="thread")
    changed(tx, page_tag(row.merged_into or thread_id))
    await _point(tx, [thread_id], None)
    await _point(tx, carried, thread_id)
    changed(tx, page_tag(thread_id))
    changed(tx, unopened_tag(site.id))


async def merged_into(tx: ReadTx, thread_id: int) -> list[int]:
    """The discussions that were merged into one."""
    return list(await tx.exec(select(ThreadRow.id).where(ThreadRow.merged_into == thread_id)))


async def lock_moved(tx: WriteTx, thread_id: int) -> None:
    """Wait for whoever is posting to a discussion at this moment, and let nobody until the end of the transaction."""
    await tx.get(ThreadRow, thread_id, with_for_update=True, populate_existing=True)


async def count_moved(tx: WriteTx, from_thread: int, to_thread: int, published: int, last: datetime | None) -> None:
    """So many published comments, the newest of that time, are in another thread now."""
    for number, change in sorted(((from_thread, -published), (to_thread, published))):
        values = {"comment_count": ThreadRow.comment_count + change, "version": ThreadRow.version + 1}
        if number == to_thread and last is not None:
            newer = func.coalesce(ThreadRow.last_comment_at, last) <= last
            await tx.exec(update(ThreadRow).where(col(ThreadRow.id) == number, newer).values(last_comment_at=last))
        await tx.exec(update(ThreadRow).where(col(ThreadRow.id) == number).values(**values))
        changed(tx, page_tag(number))


async def set_last(tx: WriteTx, thread_id: int, last: datetime | None) -> None:
    """Note when the newest comment of a thread was written, after comments went away."""
    await tx.exec(update(ThreadRow).where(col(ThreadRow.id) == thread_id).values(last_comment_at=last))


async def _point(tx: WriteTx, thread_ids: list[int], into: int | None) -> None:
    if thread_ids:
        await tx.exec(
            update(ThreadRow)
            .where(col(ThreadRow.id).in_(thread_ids))
            .values(merged_into=into, version=ThreadRow.version + 1)
        )


async def _locked(tx: WriteTx, thread_id: int) -> ThreadRow:
    row = await tx.get(ThreadRow, thread_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ThreadUnknown(field="thread")
    return row


async def _meant(tx: ReadTx, thread_id: int) -> int:
    row = await tx.get(ThreadRow, thread_id)
    return (row.merged_into or row.id) if row else thread_id


async def _shown(tx: WriteTx, row: ThreadRow) -> Thread:
    row.version += 1
    await tx.flush()
    changed(tx, page_tag(row.id))
    return thread_of(row)
