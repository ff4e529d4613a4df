"""One process of the team: python -m benchmarks.claims.member NUMBER WORKERS."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from typing import Any

from service import identity, moderation, sites
from service.identity import Staff
from service.kit import log
from service.kit.db import Database
from service.kit.errors import Unavailable
from service.kit.redis import Redis
from service.kit.settings import Settings
from service.moderation import Queue
from service.sites import Site

PROCESSES = 4


async def _work(number: int, workers: int) -> None:
    """One process of the team."""
    told = json.loads(os.environ["BENCH_SETTINGS"])
    settings = Settings(**told["settings"], log_level="ERROR")
    log.configure(settings)
    db = Database(settings)
    site = await db.read(sites.by_name, told["site"])
    heard: dict[str, Any] = {"decided": 0, "unleased": 0, "refused": Counter(), "claims": [], "decisions": []}
    mine = range(number, workers, PROCESSES)
    await asyncio.gather(*(_moderate(db, site, settings, f"m{each}@{site.name}.test", heard) for each in mine))
    await db.close()
    print(json.dumps(heard | {"cpu": time.process_time()}))


async def _moderate(db: Database, site: Site, settings: Settings, email: str, heard: dict[str, Any]) -> None:
    account = await db.read(identity.account_by_email, email)
    staff = await db.read(identity.staff_of, account.id) if account else None
    if staff is None:
        raise RuntimeError(f"nobody has the address {email}")
    redis = Redis(settings.redis_url or "")
    queue = Queue(redis, db)
    try:
        while True:
            started = time.perf_counter()
            try:
                hand = await moderation.claim(db, queue, staff, site, 10)
            except Unavailable:  # as a moderator would: try again
                heard["refused"]["claim: unavailable"] += 1
                continue
            heard["claims"].append(time.perf_counter() - started)
            heard["unleased"] += sum(claim.token is None for claim in hand)
            if not hand and (await db.read(moderation.count_open, [site.id]))[site.id] == 0:
                return
            for claim in hand:
                await _decide_one(db, queue, staff, claim, heard)
            if not hand:
                await asyncio.sleep(0.05)
    finally:
        await redis.close()


async def _decide_one(db: Database, queue: Queue, staff: Staff, claim: moderation.Claim, heard: dict[str, Any]) -> None:
    version = None if claim.token else claim.comment.version
    item = moderation.Item(claim.comment.id, version, claim.token)
    started = time.perf_counter()
    action: moderation.Action = "approve" if staff.account.id % 2 else "spam"
    (outcome,) = await moderation.decide_each(db, queue, staff, [item], action)
    heard["decisions"].append(time.perf_counter() - started)
    if outcome.decision is not None:
        heard["decided"] += 1
    elif outcome.refusal is not None:
        heard["refused"][outcome.refusal.type] += 1


if __name__ == "__main__":
    asyncio.run(_work(int(sys.argv[1]), int(sys.argv[2])))
