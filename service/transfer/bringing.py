"""Bring an export into a site: the whole file is proved first, then written in batches that can be repeated.

A comment is known again by its `origin`, such as `disqus:<id>`. So a second run of the same file changes nothing, a
newer export adds what is new, and a run that was interrupted is finished by running it again. What each batch brought
is kept beside it (see undoing.py).
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from service import comments, identity, threads
from service.comments import Restored
from service.comments.comment import State
from service.identity import Imported
from service.kit.db import Database, WriteTx
from service.sites import Site
from service.threads import BroughtPage
from service.transfer import authors, brought, runs, words
from service.transfer.brought import Brought
from service.transfer.formats import Format, format_of
from service.transfer.moves import Moves, read_moves
from service.transfer.report import Report
from service.transfer.sorting import sort_out
from service.transfer.staging import Page, StagedPost, Staging, with_room
from service.transfer.taking_stock import take_stock
from service.votes import ranking

Progress = Callable[[int, int], None]
Noted = Callable[[WriteTx, Report, int], Awaitable[None]]

NO_MOVES = read_moves(())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATES: Mapping[str, State] = {
    "live": "published",
    "deleted": "deleted",
    "empty": "deleted",
    "spam": "removed",
    "unapproved": "removed",
    "pingback": "removed",
}


@dataclass(frozen=True)
class Size:
    """Of a batch: so many comments and pages at most."""

    comments: int
    pages: int


# Small enough that readers who post meanwhile hardly wait, large enough that the commits do not count. SQLite has one
# writer, who everybody waits for.
_SQLITE, _POSTGRESQL = Size(500, 50), Size(2_000, 200)


@dataclass(frozen=True)
class _Batch:
    """What is ready to be written: everything that needs no database is done."""

    posts: Sequence[StagedPost]
    html: Sequence[str]
    pages: Mapping[int, Page]


def _silent(_done: int, _total: int) -> None:
    pass


async def import_file(
    db: Database,
    site: Site,
    path: Path,
    *,
    source: str | None = None,
    file_name: str | None = None,
    moves: Moves = NO_MOVES,
    progress: Progress = _silent,
) -> Report:
    """Import an export, plain or gzip, and report. Readers and moderators can go on meanwhile.

    `source` names its format; without it the file's beginning tells. `progress(done, total)` counts comments; while
    the file is read it is called as (0, read so far), from another thread. Raises a BadExport before anything is
    changed when the file is no whole export; NoRoom; Unavailable.
    """
    began, form = monotonic(), format_of(path, source)
    with with_room(), Staging() as staging:
        report = await prove(staging, site, form, path, file_name or path.name, progress, moves)
        run = await db.transact(runs.begin, site, report, kept(staging))

        async def noted(tx: WriteTx, report: Report, done: int) -> None:
            await runs.note_progress(tx, run, report, done)

        report = await write(db, site, form, staging, report, run, progress, noted=noted)
        report = replace(report, seconds=round(monotonic() - began, 3))
        await db.transact(runs.finish, run, report)
    return report


async def plan_file(
    db: Database,
    site: Site,
    path: Path,
    *,
    source: str | None = None,
    file_name: str | None = None,
    moves: Moves = NO_MOVES,
    progress: Progress = _silent,
) -> Report:
    """What `import_file` would do, counted; nothing is changed. Raises as it does."""
    began, form = monotonic(), format_of(path, source)
    with with_room(), Staging() as staging:
        report = await prove(staging, site, form, path, file_name or path.name, progress, moves)
        report = await foresee(db, site, form, staging, report)
    return replace(report, seconds=round(monotonic() - began, 3))


async def prove(
    staging: Staging,
    site: Site,
    form: Format,
    path: Path,
    file_name: str,
    progress: Progress = _silent,
    moves: Moves = NO_MOVES,
) -> Report:
    """Read the whole file and take stock of it; a report in which nothing is imported. Raises BadExport, NoRoom."""
    stop = threading.Event()

    def first_pass() -> Report:
        staging.fill(form.read(path), site.origins, progress, stop, moves)
        sort_out(staging)
        return take_stock(staging, site, form, file_name)

    reading = asyncio.ensure_future(asyncio.to_thread(first_pass))
    try:
        with with_room():
            return await asyncio.shield(reading)
    except asyncio.CancelledError:
        # The thread cannot be killed, and it must be out before its database is closed.
        stop.set()
        await asyncio.gather(reading, return_exceptions=True)
        raise


async def foresee(db: Database, site: Site, form: Format, staging: Staging, report: Report) -> Report:
    """The comments that would be new, and those that are here; pages and people are not counted beforehand."""
    size = _size(db)
    for batch in staging.batches(size.comments, size.pages):
        there = await db.read(comments.places, site.id, [form.origin(post.id) for post in batch])
        fresh = [post for post in batch if form.origin(post.id) not in there]
        report = report.plus(**_counts(batch, fresh))
    return report


async def write(
    db: Database,
    site: Site,
    form: Format,
    staging: Staging,
    report: Report,
    run: int,
    progress: Progress = _silent,
    *,
    after: int = 0,
    noted: Noted | None = None,
) -> Report:
    """Write all batches; the report, with what was done. `noted` is part of each batch's transaction.

    The first `after` comments are left out: another worker that did not come to its end has written them.
    """
    done, total = 0, kept(staging)
    progress(after, total)
    refill = await db.read(runs.any_undone, site.id)
    batches = _ready(staging, _size(db), after)
    # While the database writes one batch, the next is made ready.
    following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await asyncio.shield(following)) is not None:
            following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
            done += len(batch.posts)
            if done > after:
                report = await db.transact(_batch, site, form, batch, report, run, done, noted, refill=refill)
                progress(done, total)
    finally:
        await asyncio.gather(following, return_exceptions=True)
    if form.keeps_empty:
        for number, pages in enumerate(staging.empty_pages(_size(db).pages), start=done + 1):
            report = await db.transact(_open, site, pages, report, run, number)
    return report


def kept(staging: Staging) -> int:
    """How many comments are to be written."""
    return int(staging.one("SELECT count(*) FROM post WHERE is_kept"))


def _size(db: Database) -> Size:
    return _SQLITE if db.is_sqlite else _POSTGRESQL


def _ready(staging: Staging, size: Size, after: int) -> Iterator[_Batch]:
    done = 0
    for posts in staging.batches(size.comments, size.pages):
        done += len(posts)
        if done <= after:
            yield _Batch(posts, (), {})
            continue
        html = [words.shown(post.body, post.form) if post.body else "" for post in posts]
        yield _Batch(posts, html, {number: staging.page(number) for number in sorted({post.page for post in posts})})


async def _open(tx: WriteTx, site: Site, pages: Sequence[Page], report: Report, run: int, number: int) -> Report:
    """Pages nobody has written on."""
    opened = await threads.open_brought(tx, site, [_page(page, is_wanted=True) for page in pages])
    await brought.keep(tx, run, number, Brought(threads=opened.made, keys=opened.keys))
    return report.plus(pages=len(opened.made), aliases=opened.further)


async def _batch(
    tx: WriteTx,
    site: Site,
    form: Format,
    batch: _Batch,
    report: Report,
    run: int,
    done: int,
    noted: Noted | None,
    *,
    refill: bool = False,
) -> Report:
    counts, found = await _bring(tx, site, form, batch, refill=refill)
    await brought.keep(tx, run, done, found)
    report = report.plus(**counts)
    if noted is not None:
        await noted(tx, report, done)
    return report


async def _bring(
    tx: WriteTx, site: Site, form: Format, batch: _Batch, *, refill: bool
) -> tuple[dict[str, int], Brought]:
    """Write what is not there yet of one batch; the counts for the report, and what is new."""
    there = await comments.places(tx, site.id, [form.origin(post.id) for post in batch.posts])
    fresh = [
        (post, html) for post, html in zip(batch.posts, batch.html, strict=True) if form.origin(post.id) not in there
    ]
    wanted = {post.page for post, _ in fresh}
    opened = await threads.open_brought(
        tx, site, [_page(page, is_wanted=page.number in wanted) for page in batch.pages.values()]
    )
    thread_of = {number: thread for number, thread in zip(batch.pages, opened.ids, strict=True) if thread is not None}
    wrote = [authors.origin(form.prefix, post.who, post.id) for post, _ in fresh]
    published = Counter(who for (post, _), who in zip(fresh, wrote, strict=True) if _state(post) == "published")
    people = await identity.make_imported_many(
        tx,
        site.id,
        [Imported(who, post.name, post.known_since) for (post, _), who in zip(fresh, wrote, strict=True)],
        published,
    )
    restored = [
        _restored(form, post, html, thread_of[post.page], people.ids[who])
        for (post, html), who in zip(fresh, wrote, strict=True)
    ]
    waiting = await _waiting(tx, site, restored) if refill else {}
    # First those that are there: what is new may answer them.
    await comments.refill_many(tx, {waiting[each.origin]: each for each in restored if each.origin in waiting})
    written = await comments.restore_many(
        tx, site.id, [each for each in restored if each.origin not in waiting], counted=people.new
    )
    written = [*waiting.values(), *written]
    counts = _counts(batch.posts, [post for post, _ in fresh])
    counts |= {"pages": len(opened.made), "aliases": opened.further, "people": len(people.new)}
    return counts, Brought(tuple(written), opened.made, tuple(sorted(people.new)), opened.keys)


async def _waiting(tx: WriteTx, site: Site, restored: Sequence[Restored]) -> dict[str, int]:
    """Tombstones that wait for these, since an import was taken back: by origin."""
    found = await comments.places(tx, site.id, [comments.UNDONE + each.origin for each in restored])
    return {origin.removeprefix(comments.UNDONE): place.id for origin, place in found.items()}


def _counts(batch: Sequence[StagedPost], fresh: Sequence[StagedPost]) -> dict[str, int]:
    live = sum(_state(post) == "published" for post in fresh)
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


def _state(post: StagedPost) -> State:
    found: State = post.more["state"] if post.fate == "ours" else _STATES[post.fate]
    return found


def _restored(form: Format, post: StagedPost, html: str, thread_id: int, person_id: int) -> Restored:
    more: Mapping[str, Any] = post.more
    up, down = more.get("up", 0), more.get("down", 0)
    return Restored(
        origin=form.origin(post.id),
        parent=form.origin(post.parent) if post.parent else None,
        thread_id=thread_id,
        person_id=person_id,
        body=post.body,
        body_format=post.form,
        html=html,
        state=_state(post),
        created_at=post.created_at,
        ranks=ranking(up, down, post.created_at),
        up=up,
        down=down,
        edited_at=_EPOCH + timedelta(microseconds=more["edited"]) if "edited" in more else None,
        pinned=more.get("pinned", False),
        featured=more.get("featured", False),
        replies_closed=more.get("replies_closed", False),
    )
