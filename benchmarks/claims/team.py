"""Sixteen workers in four processes decide all cases while Redis is killed, comes back empty and is emptied."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.claims.member import PROCESSES
from benchmarks.claims.sheet import Sheet
from benchmarks.claims.stage import Stage, until
from benchmarks.results import ROOT, Target
from service import moderation
from service.kit import clock
from service.kit.redis import Away
from service.moderation import queues
from service.moderation.index import lane
from tests.servers.parley import SECRET


async def at_work(stage: Stage, sheet: Sheet, cases: int, workers: int) -> None:
    """The team at work while Redis dies."""
    for number in range(workers):
        await stage.moderator(f"m{number}")
    began = time.monotonic()
    team = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.claims.member", str(each), str(workers)),
            cwd=ROOT,
            env=os.environ | {"BENCH_SETTINGS": _told_to(stage)},
            stdout=asyncio.subprocess.PIPE,
        )
        for each in range(PROCESSES)
    ]
    decided = "SELECT count(*) FROM decision WHERE site_id = :site"
    await until(lambda: _reached(stage, decided, cases * 0.3))
    await asyncio.to_thread(stage.server.kill)
    await until(lambda: _reached(stage, decided, cases * 0.4))
    await asyncio.to_thread(stage.server.restart)
    await until(lambda: _reached(stage, decided, cases * 0.65))
    await asyncio.to_thread(stage.server.flush)
    told = [json.loads((await one.communicate())[0]) for one in team]
    seconds = time.monotonic() - began
    await until(lambda: _is_ready(stage))
    repair = await stage.desk.queue.reconcile(stage.site.id, thorough=True)
    await _judge(stage, sheet, cases, seconds, told, repair)


async def _judge(
    stage: Stage,
    sheet: Sheet,
    cases: int,
    seconds: float,
    told: Sequence[dict[str, Any]],
    repair: moderation.Repair,
) -> None:
    refused: Counter[str] = sum((Counter(one["refused"]) for one in told), Counter())
    made = sum(one["decided"] for one in told)
    twice = await stage.count(
        "SELECT count(*) FROM (SELECT comment_id FROM decision GROUP BY comment_id HAVING count(*) > 1) AS doubles"
    )
    held = await stage.count("SELECT count(*) FROM comment WHERE state = 'held'")
    still_open = (await stage.db.read(moderation.count_open, [stage.site.id]))[stage.site.id]
    of_site = await stage.db.read(queues.of_site, stage.site.id)
    counted = await stage.db.read(moderation.count_queues, stage.site.id, of_site, clock.now())
    in_redis = {queue.key: await stage.desk.queue.waiting(stage.site.id, lane(queue.key)) for queue in of_site}
    in_sql = {one.queue.key: one.open for one in counted}
    lost = cases - made - still_open
    sheet.say(
        f"{cases:,} cases, {PROCESSES} processes, {seconds:.0f} s ({made / seconds:.0f} decisions a second);"
        f" Redis killed at 30 %, back empty at 40 %, emptied at 65 %"
    )
    sheet.say(f"decided {made:,}, twice {twice}, lost {lost}, left held {held}, refused {dict(refused)}")
    sheet.say(f"claims without a lease while Redis was away: {sum(one['unleased'] for one in told):,}; {repair}")
    sheet.say(f"open in Redis by queue afterwards {list(in_redis.values())}, in SQL {list(in_sql.values())}")
    cpu = sum(one["cpu"] for one in told) / made * 1_000
    sheet.show("claim of 10 as a worker sees it, 16 at work", [took for one in told for took in one["claims"]])
    sheet.show("decision as a worker sees it, 16 at work", [took for one in told for took in one["decisions"]], cpu)
    sheet.targets += [
        Target("cases decided twice", twice, 0, most=True),
        Target("cases lost or left", abs(lost) + held + still_open + abs(cases - made), 0, most=True),
        Target(
            "queues whose counts differ from SQL", sum(in_redis[key] != in_sql[key] for key in in_sql), 0, most=True
        ),
    ]


async def _reached(stage: Stage, sql: str, wanted: float) -> bool:
    return await stage.count(sql, site=stage.site.id) >= wanted


async def _is_ready(stage: Stage) -> bool:
    await stage.desk.queue.reconcile(stage.site.id)
    with contextlib.suppress(Away):
        return await stage.desk.queue.is_ready(stage.site.id)
    return False


def _told_to(stage: Stage) -> str:
    settings = stage.settings
    return json.dumps(
        {
            "site": stage.site.name,
            "settings": {
                "data_dir": str(settings.data_dir),
                "database_url": settings.database_url,
                "redis_url": settings.redis_url,
                "secret_key": SECRET,
            },
        }
    )
