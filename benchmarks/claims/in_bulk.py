"""A bulk decision about published comments found by a word, and its undo."""

from __future__ import annotations

import time

import psutil

from benchmarks.claims.sheet import Sheet
from benchmarks.claims.stage import Stage
from benchmarks.results import Target
from service import comments
from service.comments import Restored
from service.kit import clock
from service.moderation import bulk, bulk_work, selecting
from service.moderation.selecting import BulkFilter
from service.votes import ranking


async def in_bulk(stage: Stage, sheet: Sheet, wanted: int) -> None:
    """Preview, decide and undo about `wanted` comments."""
    await raid(stage, wanted)
    staff = await stage.moderator("bulk")
    asked = BulkFilter(word="cheap gold", state="published")
    began, rss = time.monotonic(), psutil.Process().memory_info().rss
    found = await selecting.select(stage.db, staff, stage.site, asked)
    _, token = await stage.db.transact(bulk.keep, staff, stage.site, asked, found)
    preview, most, told = time.monotonic() - began, rss, 0

    def progress(_: bulk.Job) -> None:
        nonlocal most, told
        most, told = max(most, psutil.Process().memory_info().rss), told + 1

    job = await stage.db.transact(bulk.start, staff, token, "spam")
    began, cpu = time.monotonic(), time.process_time()
    await bulk_work.work(stage.db, stage.desk.queue, only=job.id, progress=progress)
    there, cpu_there = time.monotonic() - began, time.process_time() - cpu
    undone = await stage.db.transact(bulk.undo, staff, job.id)
    began, cpu = time.monotonic(), time.process_time()
    await bulk_work.work(stage.db, stage.desk.queue, only=undone.id, progress=progress)
    back, cpu_back = time.monotonic() - began, time.process_time() - cpu
    done, brought = [await stage.db.read(bulk.get, staff, one.id) for one in (job, undone)]
    sheet.say(
        f"bulk: {len(found.items):,} found by a word in {found.looked_at:,} texts in {preview:.1f} s, decided"
        f" {done.done:,} in {there:.0f} s ({cpu_there:.0f} s CPU), undone {brought.done:,} in {back:.0f} s"
        f" ({cpu_back:.0f} s CPU); progress told {told:,} times, {(most - rss) / 2**20:.0f} MB more memory at most"
    )
    shown = await stage.count("SELECT count(*) FROM comment WHERE state = 'published' AND body LIKE 'Cheap gold%'")
    left = wanted - min(len(found.items), done.done, brought.done, shown)
    sheet.targets.append(Target("comments a bulk decision or its undo left out", left, 0, most=True))


async def raid(stage: Stage, count: int) -> None:
    """Published comments of one author, spread over some discussions; written as an import writes them."""
    made = [await stage.desk.post(f"A tram, {number}", page=f"raid-{number}") for number in range(20)]
    person = made[0].visitor.person
    if person is None:
        raise RuntimeError("who posts is a person")
    for start in range(0, count, 500):
        raid = [
            Restored(
                origin=f"raid:{number}",
                parent=None,
                thread_id=made[number % len(made)].comment.thread_id,
                person_id=person.id,
                body=f"Cheap gold, {number}",
                body_format="markdown",
                html=f"<p>Cheap gold, {number}</p>",
                state="published",
                created_at=clock.now(),
                ranks=ranking(0, 0, clock.now()),
            )
            for number in range(start, min(start + 500, count))
        ]
        await stage.db.transact(comments.restore_many, stage.site.id, raid)
