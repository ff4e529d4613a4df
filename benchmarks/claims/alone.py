"""A claim at the API's Redis with all cases waiting: as waited for, and Redis' own time."""

from __future__ import annotations

import time
from datetime import timedelta

from benchmarks.claims.sheet import Sheet
from benchmarks.claims.stage import Stage
from benchmarks.results import Target
from service import moderation
from service.kit import clock
from service.moderation import queues


async def alone(stage: Stage, sheet: Sheet) -> None:
    """The script alone, at the Redis of the API, from a full queue."""
    ada, took = await stage.moderator("ada"), []
    began = time.monotonic()
    await stage.desk.queue.rebuild(stage.site.id)
    size = await stage.desk.queue.size(stage.site.id)
    sheet.say(f"index of {size:,} cases put back from SQL in {time.monotonic() - began:.1f} s")
    own, (calls, spent) = time.process_time(), await _of_scripts(stage)
    used = await _cpu_of_redis(stage)
    for _ in range(2_000):
        started = time.perf_counter()
        leases = await stage.desk.queue.take(
            stage.site.id, ada.account.id, 5, life=timedelta(seconds=60), cap=25, queue=queues.ALL
        )
        took.append(time.perf_counter() - started)
        await stage.desk.queue.release(stage.site.id, ada.account.id, [(one.case, one.fence) for one in leases])
    own = (time.process_time() - own) / 4_000 * 1_000
    p50, _ = sheet.show(f"claim of 5 at Redis, {size:,} waiting", took, own)
    sheet.targets.append(Target("claim at the API's Redis, p50 ms", p50, 2.0, most=True))
    calls_now, spent_now = await _of_scripts(stage)
    calls, each = calls_now - calls, (spent_now - spent) / (calls_now - calls)
    used = (await _cpu_of_redis(stage) - used) / calls * 1_000_000
    sheet.say(
        f"a script, claim or release, takes Redis {each:.0f} µs by its own clock and {used:.0f} µs of CPU, with"
        f" {size:,} waiting"
    )
    counted = []
    for _ in range(50):
        started = time.perf_counter()
        of_site = await stage.db.read(queues.of_site, stage.site.id)
        await stage.db.read(moderation.count_queues, stage.site.id, of_site, clock.now())
        counted.append(time.perf_counter() - started)
    sheet.show("counts of all queues from SQL", counted)


async def _cpu_of_redis(stage: Stage) -> float:
    """Seconds of CPU Redis has used."""
    told: dict[str, float] = await stage.redis.call("INFO", "cpu")
    return told["used_cpu_user"] + told["used_cpu_sys"]


async def _of_scripts(stage: Stage) -> tuple[int, int]:
    """How many scripts Redis has run, and microseconds it spent on them."""
    told: dict[str, dict[str, int]] = await stage.redis.call("INFO", "commandstats")
    stats = told.get("cmdstat_evalsha", {"calls": 0, "usec": 0})
    return stats["calls"], stats["usec"]
