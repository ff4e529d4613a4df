"""A publisher looks through the discussions of a site, those begun last first, by what is known of them.

Each page is one range of an index and looks at a bounded number of rows, whatever is asked for: where little fits, a
page is short or empty and its cursor goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_
from sqlmodel import col, select

from service.kit.db import ReadTx
from service.threads.tables import ThreadAliasRow, ThreadRow
from service.threads.thread import Thread, thread_of

State = Literal["open", "closed", "locked"]
# Rows one page looks at: some milliseconds of the database, whatever fits.
LOOK = 2_000


@dataclass(frozen=True)
class Wanted:
    """Which discussions: all that is given must hold. `words` stand in the title, the address or the identifier.

    `since` and `until` are about when a discussion was begun. `sections` None: all of them.
    """

    words: str = ""
    state: State | None = None
    section: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sections: Collection[str] | None = None

    def fits(self, thread: Thread) -> bool:
        """Whether a discussion is meant."""
        return (
            (self.state is None or thread.state == self.state)
            and (self.section is None or thread.section == self.section)
            and (self.sections is None or thread.section in self.sections)
            and (self.since is None or thread.created_at >= self.since)
            and (self.until is None or thread.created_at < self.until)
            and (not self.words or _says(thread, self.words.casefold().split()))
        )


@dataclass(frozen=True)
class Found:
    """A page of discussions, and the id to go on behind; None at the end."""

    threads: tuple[Thread, ...]
    following: int | None


async def look_through(
    tx: ReadTx, site_id: int, wanted: Wanted, *, before: int | None = None, limit: int = 25
) -> Found:
    """The next discussions of a site that are meant, behind the one with the id `before`.

    Those that were merged into others are none.
    """
    query = select(ThreadRow).where(ThreadRow.site_id == site_id)
    if before is not None:
        query = query.where(col(ThreadRow.id) < before)
    rows = (await tx.exec(query.order_by(col(ThreadRow.id).desc()).limit(LOOK))).all()
    found: list[Thread] = []
    for row in rows:
        if row.merged_into is None and wanted.fits(thread := thread_of(row)):
            found.append(thread)
            if len(found) == limit:
                is_last = row is rows[-1] and len(rows) < LOOK
                return Found(tuple(found), None if is_last else row.id)
    return Found(tuple(found), rows[-1].id if len(rows) == LOOK else None)


async def addresses(tx: ReadTx, thread_id: int, limit: int = 100) -> list[str]:
    """What leads to a thread, as keys of addresses, its own among them; those of what was merged into it too."""
    merged = select(ThreadRow.id).where(ThreadRow.merged_into == thread_id)
    query = select(ThreadAliasRow.key).where(
        or_(col(ThreadAliasRow.thread_id) == thread_id, col(ThreadAliasRow.thread_id).in_(merged))
    )
    return list(await tx.exec(query.order_by(col(ThreadAliasRow.key)).limit(limit)))


async def at_key(tx: ReadTx, site_id: int, key: str) -> int | None:
    """The thread an address leads to by its key, or None; of one that was merged into another, that other."""
    query = (
        select(ThreadRow.id, ThreadRow.merged_into)
        .join(ThreadAliasRow, col(ThreadAliasRow.thread_id) == col(ThreadRow.id))
        .where(ThreadAliasRow.site_id == site_id, ThreadAliasRow.key == key)
    )
    found = (await tx.exec(query)).first()
    return (found[1] or found[0]) if found else None


def _says(thread: Thread, words: Sequence[str]) -> bool:
    told = f"{thread.title or ''}\n{thread.url}\n{thread.identifier or ''}".casefold()
    return all(word in told for word in words)
