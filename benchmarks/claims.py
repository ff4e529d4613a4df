"""Claims, decisions and bulk at full size, on PostgreSQL with every commit on the disk, and a Redis that is killed.

- 16 workers in 4 processes decide 20,000 cases while Redis is killed, comes back empty and is emptied once more.
  Then: no case decided twice, none lost, the queues' counts in Redis equal to SQL's.
- A claim at the API's Redis with 20,000 cases waiting, in five queues each.
- A decision over HTTP while 5 moderators work without a pause.
- A bulk decision about 10,000 comments, and its undo.

    python benchmarks/claims.py [--cases 20000] [--workers 16] [--bulk 10000] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
from pydantic import SecretStr
from sqlalchemy import text

from service import identity, moderation, sites
from service.identity import Staff
from service.kit import clock, log, migrate
from service.kit.db import Database, ReadTx
from service.kit.redis import Away, Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.moderation import Queue, bulk, bulk_work, queues, selecting
from service.moderation.index import lane
from service.moderation.selecting import BulkFilter
from service.sites import Site
from tests.servers.parley import SECRET, free_port, parley
from tests.servers.postgres import DURABLE, postgres_cluster
from tests.servers.redis import RedisServer, redis_server
from tests.stories.moderation.desk import Desk

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 4
QUIET: dict[str, Any] = {
    "limits": {
        act: {"address": [], "author": [], "thread": [], "site": []} for act in ("post", "edit", "vote", "report")
    }
}


@dataclass
class Stage:
    """One site on stores of its own."""

    settings: Settings
    db: Database
    redis: Redis
    server: RedisServer
    desk: Desk

    @property
    def site(self) -> Site:
        """The site."""
        return self.desk.site

    async def moderator(self, name: str) -> Staff:
        """Somebody on the team."""
        return await self.desk.joins(f"{name}@{self.site.name}.test", name)

    async def count(self, sql: str, **values: Any) -> int:
        """One number from the database."""

        async def read(tx: ReadTx) -> int:
            connection = await tx.connection()
            return int((await connection.execute(text(sql), values)).scalar_one())

        return await self.db.read(read)


@contextlib.contextmanager
def stores() -> Iterator[tuple[Settings, RedisServer]]:
    """PostgreSQL as it is run, and a Redis to be killed."""
    with postgres_cluster(DURABLE) as cluster, redis_server() as server, tempfile.TemporaryDirectory() as folder:
        yield (
            Settings(
                data_dir=Path(folder),
                database_url=cluster.create_database(),
                redis_url=server.url,
                secret_key=SecretStr(SECRET),
            ),
            server,
        )


async def main(asked: argparse.Namespace) -> int:
    """Everything; 1 when a promise is not kept."""
    log.configure(Settings(log_level="ERROR"))
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}"
    )
    with stores() as (settings, server):
        stage = await _stage(settings, server)
        try:
            await _fill(stage, asked.cases)
            await _claims(stage)
            kept = await _team(stage, asked.cases, asked.workers)
            await _decisions(stage, asked.decisions)
            kept = await _bulk(stage, asked.bulk) and kept
        finally:
            await stage.redis.close()
            await stage.db.close()
    return 0 if kept else 1


async def _stage(settings: Settings, server: RedisServer) -> Stage:
    db, redis = Database(settings), Redis(server.url)
    await migrate.upgrade(db.engine)
    desk = await Desk.new(db, Queue(redis, db), Keeper.of(settings), QUIET)
    return Stage(settings, db, redis, server, desk)


async def _fill(stage: Stage, cases: int) -> None:
    began = time.monotonic()
    for start in range(0, cases, 200):
        bodies = [f"Comment {number} of a long day" for number in range(start, min(start + 200, cases))]
        await stage.db.transact(stage.desk._post, [stage.desk._draft(body, f"a{start}", None, None) for body in bodies])  # noqa: SLF001  # without a drain after each
    owner = await stage.moderator("owner")
    for name, asked in (("English", {"languages": ["en"]}), ("Severe", {"min_severity": 0.05})):
        await stage.db.transact(queues.save, owner, stage.site.id, name, moderation.QueueFilter.model_validate(asked))
    print(f"{cases} held comments in {time.monotonic() - began:.0f} s")


async def _claims(stage: Stage) -> None:
    """The script alone, at the Redis of the API, from a full queue."""
    ada, took = await stage.moderator("ada"), []
    began = time.monotonic()
    await stage.desk.queue.rebuild(stage.site.id)
    print(f"index of {await stage.desk.queue.size(stage.site.id)} cases put back in {time.monotonic() - began:.1f} s")
    for _ in range(2_000):
        started = time.perf_counter()
        leases = await stage.desk.queue.take(
            stage.site.id, ada.account.id, 5, life=timedelta(seconds=60), cap=25, queue=queues.ALL
        )
        took.append(time.perf_counter() - started)
        await stage.desk.queue.release(stage.site.id, ada.account.id, [(one.case, one.fence) for one in leases])
    _show("claim of 5 at Redis, 20,000 waiting", took)
    counted = []
    for _ in range(50):
        started = time.perf_counter()
        of_site = await stage.db.read(queues.of_site, stage.site.id)
        await stage.db.read(moderation.count_queues, stage.site.id, of_site, clock.now())
        counted.append(time.perf_counter() - started)
    _show("counts of all queues from SQL", counted)


async def _team(stage: Stage, cases: int, workers: int) -> bool:
    """The team at work while Redis dies; whether all promises were kept."""
    for number in range(workers):
        await stage.moderator(f"m{number}")
    began = time.monotonic()
    team = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, "--worker", str(each), "--workers", str(workers)),
            env=os.environ | {"BENCH_SETTINGS": _told(stage)},
            stdout=asyncio.subprocess.PIPE,
        )
        for each in range(PROCESSES)
    ]
    decided = "SELECT count(*) FROM decision WHERE site_id = :site"
    await _until(lambda: _reached(stage, decided, cases * 0.3))
    await asyncio.to_thread(stage.server.kill)
    await _until(lambda: _reached(stage, decided, cases * 0.4))
    await asyncio.to_thread(stage.server.restart)
    await _until(lambda: _reached(stage, decided, cases * 0.65))
    await asyncio.to_thread(stage.server.flush)
    told = [json.loads((await one.communicate())[0]) for one in team]
    seconds = time.monotonic() - began
    await _until(lambda: _is_ready(stage))
    repair = await stage.desk.queue.reconcile(stage.site.id, thorough=True)
    return await _judge(stage, cases, seconds, told, repair)


async def _judge(
    stage: Stage, cases: int, seconds: float, told: Sequence[dict[str, Any]], repair: moderation.Repair
) -> bool:
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
    print(
        f"\n{cases} cases, {PROCESSES} processes, {seconds:.0f} s ({made / seconds:.0f} decisions a second);"
        f" Redis killed at 30 %, back empty at 40 %, emptied at 65 %"
    )
    print(f"decided {made}, twice {twice}, lost {lost}, left held {held}, refused {dict(refused)}, put right {repair}")
    print(f"claims without a lease while Redis was away: {sum(one['unleased'] for one in told)}")
    print(f"counts in Redis {in_redis}, in SQL {in_sql}")
    _show("claim as a worker sees it, 16 at work", [took for one in told for took in one["claims"]])
    _show("decision as a worker sees it, 16 at work", [took for one in told for took in one["decisions"]])
    return twice == 0 and lost == 0 and made == cases and held == still_open == 0 and in_redis == in_sql


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
    print(json.dumps(heard))


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
            hand = await moderation.claim(db, queue, staff, site, 10)
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


async def _decisions(stage: Stage, wanted: int) -> None:
    """Five moderators at one server, over HTTP."""
    await _more(stage, wanted)
    settings, port = stage.settings, free_port()
    env = {
        "PARLEY_DATABASE_URL": settings.database_url or "",
        "PARLEY_REDIS_URL": settings.redis_url or "",
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_LOG_LEVEL": "ERROR",
    }
    took: list[float] = []
    with parley("serve", folder=settings.data_dir, port=port, env=env) as process:
        team = [await _signed_in(stage, process.url, f"desk{number}") for number in range(5)]
        try:
            await asyncio.gather(*(_at_the_desk(client, stage.site.name, wanted // 5, took) for client in team))
        finally:
            for client in team:
                await client.aclose()
        process.stop()
    _show("decision over HTTP, 5 moderators without a pause", took)


async def _more(stage: Stage, count: int) -> None:
    drafts = [stage.desk._draft(f"One more, {number}", f"b{number % 50}", None, None) for number in range(count)]  # noqa: SLF001  # as above
    for start in range(0, count, 200):
        await stage.db.transact(stage.desk._post, drafts[start : start + 200])  # noqa: SLF001  # as above


async def _signed_in(stage: Stage, url: str, name: str) -> httpx.AsyncClient:
    staff = await stage.moderator(name)
    token = await stage.db.transact(identity.make_link, staff.account.id)
    client = httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False, timeout=30)
    answer = await client.post("/api/v1/auth/session", json={"token": token})
    answer.raise_for_status()
    return client


async def _at_the_desk(client: httpx.AsyncClient, site: str, wanted: int, took: list[float]) -> None:
    done = 0
    while done < wanted:
        answer = await client.post("/api/v1/moderation/claims", json={"site": site, "limit": 5})
        for item in answer.json()["items"]:
            body = {"items": [{"comment": item["case"]["comment"]["id"], "claim": item["claim"]}], "action": "approve"}
            started = time.perf_counter()
            decided = await client.post("/api/v1/moderation/decisions", json=body)
            took.append(time.perf_counter() - started)
            if not decided.json()["items"][0]["decision"]:
                raise RuntimeError(decided.text)
            done += 1
        if not answer.json()["items"]:
            return


async def _bulk(stage: Stage, wanted: int) -> bool:
    await _more(stage, wanted)
    staff = await stage.moderator("bulk")
    asked = BulkFilter(word="one more", state="held")
    began = time.monotonic()
    found = await selecting.select(stage.db, staff, stage.site, asked)
    _, token = await stage.db.transact(bulk.keep, staff, stage.site, asked, found)
    preview = time.monotonic() - began
    job = await stage.db.transact(bulk.start, staff, token, "spam")
    began = time.monotonic()
    await bulk_work.work(stage.db, stage.desk.queue, only=job.id)
    there = time.monotonic() - began
    undone = await stage.db.transact(bulk.undo, staff, job.id)
    began = time.monotonic()
    await bulk_work.work(stage.db, stage.desk.queue, only=undone.id)
    back = time.monotonic() - began
    done, brought = [await stage.db.read(bulk.get, staff, one.id) for one in (job, undone)]
    print(
        f"bulk of {len(found.items)} found by a word in {found.looked_at} texts in {preview:.1f} s,"
        f" decided {done.done} in {there:.0f} s, undone {brought.done} in {back:.0f} s"
    )
    held = await stage.count("SELECT count(*) FROM comment WHERE state = 'held'")
    return done.done == brought.done == len(found.items) == wanted and held >= wanted


def _told(stage: Stage) -> str:
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


async def _reached(stage: Stage, sql: str, wanted: float) -> bool:
    return await stage.count(sql, site=stage.site.id) >= wanted


async def _is_ready(stage: Stage) -> bool:
    await stage.desk.queue.reconcile(stage.site.id)
    with contextlib.suppress(Away):
        return await stage.desk.queue.is_ready(stage.site.id)
    return False


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float = 1_200) -> None:
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.1)


def _show(what: str, took: Sequence[float]) -> None:
    ordered = sorted(took)
    p95, p99 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000 for share in (0.95, 0.99))
    print(f"{what}: p50 {statistics.median(ordered) * 1_000:.2f} ms, p95 {p95:.2f}, p99 {p99:.2f} ({len(ordered)})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--decisions", type=int, default=1_000)
    parser.add_argument("--bulk", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        asyncio.run(_work(options.worker, options.workers))
        sys.exit(0)
    if options.quick:
        options.cases, options.decisions, options.bulk = (
            options.cases // 10,
            options.decisions // 10,
            options.bulk // 10,
        )
    sys.exit(asyncio.run(main(options)))
