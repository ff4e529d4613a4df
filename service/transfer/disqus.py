"""Bring a Disqus export into a site: the whole file is proved first, then written in batches that can be repeated.

A comment is known again by its `origin`, `disqus:<id>`. So a second run of the same file changes nothing, a newer
export adds what is new, and a run that was interrupted is finished by running it again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

from service import comments, identity, threads
from service.comments import Restored
from service.comments.comment import State
from service.kit.db import Database, WriteTx
from service.sites import Site
from service.threads import BroughtPage
from service.transfer import runs
from service.transfer.authors import author
from service.transfer.errors import NoRoom
from service.transfer.report import Report
from service.transfer.sorting import sort_out
from service.transfer.staging import Page, StagedPost, Staging
from service.transfer.taking_stock import take_stock
from service.votes import ranking

Progress = Callable[[int, int], None]
Noted = Callable[[WriteTx, Report, int], Awaitable[None]]

# Small enough that readers who post meanwhile hardly wait, large enough that the commits do not count.
_COMMENTS = 500
_PAGES = 50

_STATES: Mapping[str, State] = {
    "live": "published",
    "deleted": "deleted",
    "empty": "deleted",
    "spam": "removed",
    "unapproved": "removed",
}


def _silent(_done: int, _total: int) -> None:
    pass


async def import_disqus(
    db: Database, site: Site, path: Path, *, file_name: str | None = None, progress: Progress = _silent
) -> Report:
    """Import an export, .xml or .xml.gz, and report. Readers and moderators can go on meanwhile.

    `progress(done, total)` counts comments; while the file is read it is called as (0, read so far), from another
    thread. Raises a BadExport before anything is changed when the file is no whole export; NoRoom; Unavailable.
    """
    began = monotonic()
    with Staging() as staging:
        report = await prove(staging, site, path, file_name or path.name, progress)
        run = await db.transact(runs.begin, site, report)
        report = await write(db, site, staging, report, progress)
        report = replace(report, seconds=round(monotonic() - began, 3))
        await db.transact(runs.finish, run, report)
    return report


async def plan_disqus(
    db: Database, site: Site, path: Path, *, file_name: str | None = None, progress: Progress = _silent
) -> Report:
    """What `import_disqus` would do, counted; nothing is changed. Raises as it does."""
    began = monotonic()
    with Staging() as staging:
        report = await foresee(db, site, staging, await prove(staging, site, path, file_name or path.name, progress))
    return replace(report, seconds=round(monotonic() - began, 3))


async def prove(staging: Staging, site: Site, path: Path, file_name: str, progress: Progress = _silent) -> Report:
    """Read the whole file and take stock of it; a report in which nothing is imported. Raises BadExport, NoRoom."""
    stop = threading.Event()

    def first_pass() -> Report:
        staging.fill(path, site.origins, progress, stop)
        sort_out(staging)
        return take_stock(staging, site, file_name)

    reading = asyncio.ensure_future(asyncio.to_thread(first_pass))
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        # The thread cannot be killed, and it must be out before its database is closed.
        stop.set()
        await asyncio.gather(reading, return_exceptions=True)
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise NoRoom from error
        raise


async def foresee(db: Database, site: Site, staging: Staging, report: Report) -> Report:
    """The comments that would be new, and those that are here; pages and people are not counted beforehand."""
    for batch in staging.batches(_COMMENTS, _PAGES):
        there = await db.read(comments.places, site.id, [_origin(post.id) for post in batch])
        fresh = [post for post in batch if _origin(post.id) not in there]
        report = report.plus(**_counts(batch, fresh))
    return report


async def write(
    db: Database,
    site: Site,
    staging: Staging,
    report: Report,
    progress: Progress = _silent,
    *,
    after: int = 0,
    noted: Noted | None = None,
) -> Report:
    """Write all batches; the report, with what was done. `noted` is part of each batch's transaction.

    The first `after` comments are left out: another run that did not come to its end has written them.
    """
    done, total = 0, kept(staging)
    progress(after, total)
    for batch in staging.batches(_COMMENTS, _PAGES):
        done += len(batch)
        if done <= after:
            continue
        pages = {number: staging.page(number) for number in sorted({post.page for post in batch})}
        report = await db.transact(_batch, site, pages, batch, report, done, noted)
        progress(done, total)
    return report


def kept(staging: Staging) -> int:
    """How many comments are to be written."""
    return int(staging.one("SELECT count(*) FROM post WHERE is_kept"))


async def _batch(
    tx: WriteTx,
    site: Site,
    pages: Mapping[int, Page],
    batch: Sequence[StagedPost],
    report: Report,
    done: int,
    noted: Noted | None,
) -> Report:
    report = report.plus(**await _bring(tx, site, pages, batch))
    if noted is not None:
        await noted(tx, report, done)
    return report


async def _bring(tx: WriteTx, site: Site, pages: Mapping[int, Page], batch: Sequence[StagedPost]) -> dict[str, int]:
    """Write what is not there yet of one batch; the counts for the report."""
    there = await comments.places(tx, site.id, [_origin(post.id) for post in batch])
    fresh = [post for post in batch if _origin(post.id) not in there]
    wanted = {post.page for post in fresh}
    opened = await threads.open_brought(
        tx, site, [_page(page, is_wanted=page.number in wanted) for page in pages.values()]
    )
    thread_of = {number: thread for number, thread in zip(pages, opened.ids, strict=True) if thread is not None}
    authors = [author(post) for post in fresh]
    people, new_people = await identity.make_imported_many(tx, site.id, authors)
    await comments.restore_many(
        tx,
        site.id,
        [
            _restored(post, thread_of[post.page], people[wrote.origin])
            for post, wrote in zip(fresh, authors, strict=True)
        ],
    )
    return {"pages": opened.made, "aliases": opened.aliases, "people": new_people, **_counts(batch, fresh)}


def _counts(batch: Sequence[StagedPost], fresh: Sequence[StagedPost]) -> dict[str, int]:
    live = sum(post.fate == "live" for post in fresh)
    return {"comments": live, "tombstones": len(fresh) - live, "unchanged": len(batch) - len(fresh)}


def _page(page: Page, *, is_wanted: bool) -> BroughtPage:
    return BroughtPage(
        url=page.url,
        others=page.others,
        identifier=page.identifier,
        title=page.title,
        created_at=page.created_at,
        is_closed=page.is_closed,
        is_wanted=is_wanted,
    )


def _restored(post: StagedPost, thread_id: int, person_id: int) -> Restored:
    return Restored(
        origin=_origin(post.id),
        parent=_origin(post.parent) if post.parent else None,
        thread_id=thread_id,
        person_id=person_id,
        body=post.body,
        body_format="html",
        html=post.html,
        state=_STATES[post.fate],
        created_at=post.created_at,
        ranks=ranking(0, 0, post.created_at),
    )


def _origin(post_id: str) -> str:
    return f"disqus:{post_id}"
