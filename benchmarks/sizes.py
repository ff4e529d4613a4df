"""What a comment, a post and a case weigh: the figures that docs/scaling.md reckons with.

    python -m benchmarks.sizes [COMMENTS]

Real stores that it starts itself, on loopback: SQLite, PostgreSQL (durable: fsync and synchronous_commit on) and
Valkey. Sizes do not depend on the machine; the rates at the end do, and on what else runs there.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil
import redis as plain_redis
from sqlalchemy import text

from service import posting, sites
from service.identity import Visitor
from service.kit import clock, migrate
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.limits import Limiter
from service.limits.rules import Limit, ScopeLimits
from service.moderation.case import Place
from service.moderation.index import Index, Slot
from service.moderation.queues import ALL
from service.posting import NewComment, PostingRules
from service.sites import Site
from tests.conftest import settings_of
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.postgres import Server, postgres_pair
from tests.servers.redis import RedisServer, redis_server
from tests.world import OPEN

HOST = "https://courier.example"
WORDS = [
    "the",
    "a",
    "tram",
    "council",
    "paper",
    "harbour",
    "late",
    "money",
    "people",
    "because",
    "vote",
    "never",
    "again",
]
THREADS = 200
AT_ONCE = 16


def some_text() -> str:
    """As comments on news are: a few short, many of a sentence or three, some long; 260 characters in the mean."""
    wanted = min(2_000, max(15, int(random.lognormvariate(5.2, 0.85))))
    words: list[str] = []
    while sum(map(len, words)) + len(words) < wanted:
        words.append(random.choice(WORDS))
    return " ".join(words).capitalize() + "."


def draft(page: int, parent: int | None, rules: PostingRules) -> posting.Draft:
    """A comment on one of the pages."""
    name = f"Reader {random.randrange(5_000)}"
    return posting.weigh(NewComment(body=some_text(), url=f"{HOST}/{page}", parent=parent, name=name), rules)


async def fill(db: Database, keeper: Keeper, site: Site, count: int) -> None:
    """`count` comments by the product's own act, a hundred in a transaction; two in five are replies."""
    rules = site.section("posting", PostingRules)

    async def some(tx: WriteTx, page: int, number: int) -> None:
        above: list[int] = []
        for _ in range(number):
            parent = random.choice(above) if above and random.random() < 0.4 else None
            posted = await posting.post(tx, keeper, site, Visitor(address="10.0.0.1"), draft(page, parent, rules))
            above.append(posted.comment.id)

    for start in range(0, count, 100):
        await db.transact(some, start // 100 % THREADS, min(100, count - start))


async def postgres_sizes(db: Database) -> dict[str, tuple[int, int, int]]:
    """By table: rows, bytes of the table, bytes of its indexes."""

    async def ask(tx: ReadTx) -> dict[str, tuple[int, int, int]]:
        names = (await (await tx.connection()).execute(text("SELECT relname FROM pg_stat_user_tables"))).scalars().all()
        found = {}
        for name in names:
            asked = text(
                f'SELECT (SELECT count(*) FROM "{name}"), pg_table_size(\'"{name}"\'), pg_indexes_size(\'"{name}"\')'  # noqa: S608
            )
            rows, table, indexes = (await (await tx.connection()).execute(asked)).one()
            found[str(name)] = (rows, table, indexes)
        return found

    return await db.read(ask)


@contextlib.asynccontextmanager
async def filled(
    place: Path, redis_url: str, database_url: str | None, count: int
) -> AsyncIterator[tuple[Database, Site, Keeper]]:
    """A database with `count` comments."""
    settings = settings_of(place, redis_url, database_url)
    db, keeper = Database(settings), Keeper.of(settings)
    await migrate.upgrade(db.engine)
    site = await db.transact(sites.create, "courier", "courier", [HOST], dict(OPEN))
    await fill(db, keeper, site, count)
    yield db, site, keeper
    await db.close()


async def log_per_post(url: str, db: Database, site: Site, keeper: Keeper) -> tuple[float, float]:
    """Bytes of write-ahead log for a post: right after a checkpoint (whole pages go in), and later."""
    connection = await asyncpg.connect(url)
    rules = site.section("posting", PostingRules)

    async def measure(number: int) -> float:
        before = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        for _ in range(number):
            await db.transact(
                posting.post, keeper, site, Visitor(address="10.0.0.1"), draft(random.randrange(THREADS), None, rules)
            )
        after = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return float(after - before) / number

    await connection.execute("CHECKPOINT")
    fresh = await measure(300)
    for _ in range(3):
        await measure(300)
    steady = await measure(300)
    await connection.close()
    return fresh, steady


async def redis_sizes(server: RedisServer) -> dict[str, float]:
    """Bytes per waiting case, per case under lease, and per limit bucket."""
    client = Redis(server.url)
    with plain_redis.Redis.from_url(server.url) as raw:

        def used() -> int:
            return int(raw.info("memory")["used_memory"])

        index, number = Index(client), 50_000
        raw.execute_command("FLUSHALL SYNC")
        before = used()
        await index.put(1, [Slot(Place(clock.now() + timedelta(seconds=n), 10**18 + n * 2**21)) for n in range(number)])
        per_case = (used() - before) / number
        await index.begin(1, "x")
        await index.finish(1, "x", [ALL])
        before = used()
        for moderator in range(100):
            await index.take(1, moderator, 50, life=timedelta(minutes=5), cap=50)
        per_lease = (used() - before) / 5_000
        raw.execute_command("FLUSHALL SYNC")
        before = used()
        limiter = Limiter(client, Keeper(SECRET))
        rules = ScopeLimits(address=(Limit(100, 3_600),))
        for start in range(0, 20_000, 100):
            await asyncio.gather(
                *(
                    limiter.spend(1, "post", rules, {"address": f"10.{n // 250}.{n % 250}"})
                    for n in range(start, start + 100)
                )
            )
        per_bucket = (used() - before) / 20_000
        # As a post asks: two limits each for the address, the author, the thread and the site.
        two = (Limit(10**6, 30), Limit(10**8, 3_600))
        rules, began = ScopeLimits(address=two, author=two, thread=two, site=two), server_cpu(raw)
        for start in range(0, 5_000, 20):
            await asyncio.gather(
                *(
                    limiter.spend(1, "post", rules, {"address": f"a{n}", "author": n, "thread": n % 50, "site": 1})
                    for n in range(start, start + 20)
                )
            )
        per_post = (server_cpu(raw) - began) / 5_000
    await client.close()
    print(f"Valkey: {1e6 * per_post:,.0f} µs of a core for the limits of a post (8 buckets)")
    return {"waiting case": per_case, "more under lease": per_lease, "limit bucket": per_bucket}


def server_cpu(client: plain_redis.Redis) -> float:
    """Seconds of a core that Valkey has used."""
    used = client.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


async def costs(server: Process, postgres: Server, seconds: float) -> dict[str, tuple[float, float, float]]:
    """Milliseconds of a core for one answer (in the process, in PostgreSQL), and answers a second on this machine.

    The first two hardly change when other things run here too; the last is worth what the machine is.
    """
    port = int(server.url.rpartition(":")[2])

    async def many(request_of: Callable[[], bytes]) -> tuple[float, float, float]:
        answered = 0
        before, began = (cpu(server.popen.pid), cpu(postgres.pid)), time.monotonic()

        async def one() -> None:
            nonlocal answered
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.monotonic() < began + seconds:
                writer.write(request_of())
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                await reader.readexactly(length)
                if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
                    raise RuntimeError(head.decode())
                answered += 1
            writer.close()

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        own, stores = (cpu(server.popen.pid) - before[0], cpu(postgres.pid) - before[1])
        return 1_000 * own / answered, 1_000 * stores / answered, answered / (time.monotonic() - began)

    numbers = itertools.count()
    ready = [_get(f"/embed?site=courier&url={HOST}/{page}") for page in range(20)]
    asked: dict[str, Callable[[], bytes]] = {
        "post": _post,
        # A query that nobody asked before is a page that is not ready.
        "page drawn anew": lambda: _get(
            f"/embed?site=courier&url={HOST}/{next(numbers) % THREADS}&title={next(numbers)}"
        ),
        "page ready": lambda: random.choice(ready),
    }
    return {name: await many(request_of) for name, request_of in asked.items()}


def cpu(pid: int) -> float:
    """Seconds of a core that a process and its children (living or ended) have used."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            total += times.user + times.system
    return float(total)


def _post() -> bytes:
    name = {"name": f"Reader {random.randrange(5_000)}"}
    url = f"{HOST}/{random.randrange(THREADS)}"
    body = json.dumps({"site": "courier", "url": url, "body": some_text(), "author": name}).encode()
    lines = (
        "POST /api/v1/comments HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode()


async def main(count: int) -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server() as server,
        postgres_pair({"fsync": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}) as pair,
    ):
        place, url = Path(folder), pair.primary.url
        for name in ("sqlite", "postgres"):
            (place / name).mkdir()
        async with filled(place / "sqlite", server.url, None, count):
            pass
        lite = sum(file.stat().st_size for file in (place / "sqlite").glob("parley.sqlite3*"))
        print(f"SQLite: {lite / count:,.0f} bytes of file a comment, all tables and indexes ({count:,} comments)")
        async with filled(place / "postgres", server.url, url, count) as (db, site, keeper):
            total = 0
            for name, (rows, table, indexes) in sorted((await postgres_sizes(db)).items()):
                total += table + indexes
                if rows >= count / 100:
                    print(f"PostgreSQL: {name}: {rows:,} rows, {table / rows:,.0f} + {indexes / rows:,.0f} bytes a row")
            print(f"PostgreSQL: {total / count:,.0f} bytes a comment, all tables and indexes")
            fresh, steady = await log_per_post(url, db, site, keeper)
            print(f"PostgreSQL: {fresh:,.0f} bytes of log a post after a checkpoint, {steady:,.0f} later")
        for name, size in (await redis_sizes(server)).items():
            print(f"Valkey: {size:,.0f} bytes a {name}")
        env = {"PARLEY_DATABASE_URL": url, "PARLEY_REDIS_URL": server.url, "PARLEY_SECRET_KEY": SECRET}
        with parley("serve", folder=place, port=free_port(), env=env) as process:
            for name, (own, stores, rate) in (await costs(process, pair.primary, 8)).items():
                print(f"a {name}: {own:.2f} ms of a core in Parley, {stores:.2f} in PostgreSQL ({rate:,.0f}/s here)")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
