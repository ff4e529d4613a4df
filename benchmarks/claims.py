"""Claims, decisions and bulk at full size, on PostgreSQL with every commit on the disk, and a Redis that is killed.

- 16 workers in 4 processes decide 20,000 cases of 400 discussions while Redis is killed, comes back empty and is
  emptied once more. Then: no case decided twice, none lost, the queues' counts in Redis equal to SQL's.
- A claim at the API's Redis with 20,000 cases waiting, in five queues each: as waited for, and Redis' own time.
- A decision over HTTP while 5 moderators work, without a pause and with a second to read each: a server and a worker
  as processes.
- A bulk decision about 10,000 published comments found by a word, and its undo.

Times are what was waited on a machine that does other things too; CPU is that of the processes named.

    python benchmarks/claims.py [--cases 20000] [--workers 16] [--bulk 10000] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
import psutil
from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.options import Options
from benchmarks.results import Result, Table, Target
from service import comments, identity, moderation, sites
from service.comments import Restored
from service.identity import Staff
from service.kit import clock, log, migrate
from service.kit.db import Database, ReadTx
from service.kit.errors import Unavailable
from service.kit.redis import Away, Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.moderation import Queue, bulk, bulk_work, queues, selecting
from service.moderation.index import lane
from service.moderation.selecting import BulkFilter
from service.sites import Site
from service.votes import ranking
from tests.servers.parley import SECRET, free_port, parley
from tests.servers.postgres import DURABLE, postgres_cluster
from tests.servers.redis import RedisServer, redis_server
from tests.stories.moderation.desk import Desk

ROOT = Path(__file__).resolve().parents[1]
TITLE = "The desk"
PROCESSES = 4
WHOLE = 20_000
READ = 60  # cases each moderator reads before deciding
THREADS = 400  # discussions the cases are spread over
QUIET: dict[str, Any] = {
    "limits": {
        act: {"address": [], "author": [], "thread": [], "site": []} for act in ("post", "edit", "vote", "report")
    }
}


@dataclass
class Sheet:
    """What was found so far."""

    times: list[tuple[str, ...]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def show(self, what: str, took: Sequence[float], cpu: float | None = None) -> tuple[float, float]:
        """Note times; `cpu` is milliseconds of it for each. Median and 95th percentile in milliseconds."""
        ordered = sorted(took)
        p50, p95, p99 = (
            ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000 for share in (0.5, 0.95, 0.99)
        )
        load = f"{os.getloadavg()[0]:.1f}"
        row = (what, f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f}", "" if cpu is None else f"{cpu:.2f}", load)
        self.times.append((*row, f"{len(ordered):,}"))
        print(f"{what}: p50 {p50:.2f} ms, p95 {p95:.2f}, p99 {p99:.2f} ({len(ordered)}), CPU {row[4]} ms, load {load}")
        return p50, p95

    def say(self, words: str) -> None:
        """Note a sentence."""
        self.said.append(f"- {words}.")
        print(words)

    def result(self) -> Result:
        """As the document has it."""
        head = ("", "p50 ms", "p95 ms", "p99 ms", "CPU ms each", "load", "times")
        return Result([Table("Waited", head, self.times)], targets=self.targets, notes=["\n".join(self.said)])


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


async def measure(asked: argparse.Namespace) -> Sheet:
    """Everything."""
    log.configure(Settings(log_level="ERROR"))
    sheet = Sheet()
    if asked.cases < WHOLE:
        sheet.say(
            f"no whole run: {asked.cases:,} cases, {asked.decisions:,} decisions over HTTP, {asked.bulk:,} in bulk"
        )
    with stores() as (settings, server):
        stage = await _stage(settings, server)
        try:
            await _fill(stage, asked.cases)
            await _claims(stage, sheet)
            await _team(stage, sheet, asked.cases, asked.workers)
            await _decisions(stage, sheet, asked.decisions)
            await _bulk(stage, sheet, asked.bulk)
        finally:
            await stage.redis.close()
            await stage.db.close()
    return sheet


def run(options: Options) -> Result:
    """As a part of `python -m benchmarks`."""
    return asyncio.run(measure(_asked(["--quick"] if options.quick else []))).result()


async def _stage(settings: Settings, server: RedisServer) -> Stage:
    db, redis = Database(settings), Redis(server.url)
    await migrate.upgrade(db.engine)
    desk = await Desk.new(db, Queue(redis, db), Keeper.of(settings), QUIET)
    return Stage(settings, db, redis, server, desk)


async def _fill(stage: Stage, cases: int) -> None:
    began = time.monotonic()
    await _more(stage, cases, "Comment {} of a long day")
    owner = await stage.moderator("owner")
    for name, asked in (("English", {"languages": ["en"]}), ("Severe", {"min_severity": 0.05})):
        await stage.db.transact(queues.save, owner, stage.site.id, name, moderation.QueueFilter.model_validate(asked))
    print(f"{cases} held comments in {time.monotonic() - began:.0f} s")


async def _claims(stage: Stage, sheet: Sheet) -> None:
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


async def _team(stage: Stage, sheet: Sheet, cases: int, workers: int) -> None:
    """The team at work while Redis dies."""
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


async def _decisions(stage: Stage, sheet: Sheet, wanted: int) -> None:
    """Five moderators at one server, over HTTP; a worker beside it."""
    await _more(stage, wanted + 5 * READ, "One more, {}")
    await stage.desk.queue.rebuild(stage.site.id)
    settings, port = stage.settings, free_port()
    env = {
        "PARLEY_DATABASE_URL": settings.database_url or "",
        "PARLEY_REDIS_URL": settings.redis_url or "",
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_LOG_LEVEL": "ERROR",
    }
    took: list[float] = []
    at_pace: list[float] = []
    with (
        parley("serve", folder=settings.data_dir, port=port, env=env) as server,
        parley("worker", folder=settings.data_dir, env=env) as worker,
    ):
        team = [await _signed_in(stage, server.url, f"desk{number}") for number in range(5)]
        before = _cpu(server.popen.pid)
        try:
            await asyncio.gather(*(_at_the_desk(client, stage.site.name, wanted // 5, took) for client in team))
            cpu = (_cpu(server.popen.pid) - before) / max(len(took), 1) * 1_000
            await asyncio.gather(*(_at_the_desk(client, stage.site.name, READ, at_pace, pause=1) for client in team))
        finally:
            for client in team:
                await client.aclose()
        worker.stop()
        server.stop()
    if len(took) < wanted // 5 * 5:
        raise RuntimeError(f"only {len(took)} decisions were made")
    sheet.show("decision over HTTP, 5 moderators without a pause; CPU with the claims", took, cpu)
    _, p95 = sheet.show("decision over HTTP, 5 moderators who read each case for a second", at_pace)
    sheet.targets.append(Target("decision over HTTP, 5 moderators, p95 ms", p95, 100.0, most=True))


def _cpu(pid: int) -> float:
    """Seconds of CPU a process has used."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


async def _more(stage: Stage, count: int, words: str) -> None:
    """Held comments, spread over all discussions; nothing hears of them yet."""
    for start in range(0, count, 200):
        drafts = [
            stage.desk._draft(words.format(number), f"a{number % THREADS}", None, None)  # noqa: SLF001  # without a drain after each
            for number in range(start, min(start + 200, count))
        ]
        await stage.db.transact(stage.desk._post, drafts)  # noqa: SLF001  # as above


async def _raid(stage: Stage, count: int) -> None:
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


async def _signed_in(stage: Stage, url: str, name: str) -> httpx.AsyncClient:
    staff = await stage.moderator(name)
    token = await stage.db.transact(identity.make_link, staff.account.id)
    client = httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False, timeout=30)
    answer = await client.post("/api/v1/auth/session", json={"token": token})
    answer.raise_for_status()
    return client


async def _at_the_desk(
    client: httpx.AsyncClient, site: str, wanted: int, took: list[float], *, pause: float = 0
) -> None:
    done = 0
    while done < wanted:
        answer = await client.post("/api/v1/moderation/claims", json={"site": site, "limit": 5})
        for item in answer.json()["items"]:
            body = {"items": [{"comment": item["case"]["comment"]["id"], "claim": item["claim"]}], "action": "approve"}
            # Not all in step: people do not decide on a beat.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            started = time.perf_counter()
            decided = await client.post("/api/v1/moderation/decisions", json=body)
            took.append(time.perf_counter() - started)
            if not decided.json()["items"][0]["decision"]:
                raise RuntimeError(decided.text)
            done += 1
        if not answer.json()["items"]:
            return


async def _bulk(stage: Stage, sheet: Sheet, wanted: int) -> None:
    await _raid(stage, wanted)
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


def _asked(line: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=WHOLE)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--decisions", type=int, default=1_000)
    parser.add_argument("--bulk", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(line)
    if options.quick:
        options.cases, options.decisions, options.bulk = (
            options.cases // 10,
            options.decisions // 10,
            options.bulk // 10,
        )
    return options


if __name__ == "__main__":
    chosen = _asked()
    if chosen.worker is not None:
        asyncio.run(_work(chosen.worker, chosen.workers))
        sys.exit(0)
    missed = [target for target in asyncio.run(measure(chosen)).targets if not target.is_met]
    for target in missed:
        print(f"MISSED {target.what}: {target.seen:.2f}, wanted {target.wanted}")
    sys.exit(1 if missed else 0)
