"""Server, worker, database and Redis are killed at random while people write, answer, edit, vote, report and decide.

An oracle outside keeps what was acknowledged and compares it with what is there in the end. `make chaos` is the
whole of it: 50 kills and 10,000 posts on each floor; in a run of all tests it is a short one. `PARLEY_KILLS`,
`PARLEY_POSTS` and `PARLEY_SEED` choose. Times until the first success after a kill are told (`-s`), not asserted:
machines differ.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import text

from service import identity, record, sites, votes
from service.delivery import webhooks
from service.kit import migrate
from service.kit.db import Database, WriteTx
from service.kit.embedded import EmbeddedRedis
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.moderation import Queue
from service.record import TERMINAL
from tests.chaos import oracle
from tests.chaos.crowd import HOST, ORIGIN, SITES, Moderator, Reader, receiver
from tests.chaos.journal import Journal
from tests.conftest import settings_of
from tests.servers.home import home
from tests.servers.listener import listener
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.postgres import DURABLE, Server, new_server
from tests.servers.redis import RedisServer, redis_server
from tests.servers.waiting import is_running, until
from tests.world import OPEN

KILLS = int(os.environ.get("PARLEY_KILLS", "0"))  # none: each victim once
POSTS = int(os.environ.get("PARLEY_POSTS", "120"))
SEED = int(os.environ.get("PARLEY_SEED", "20261125"))
READERS, MODERATORS = 12, 2
_SETTINGS: dict[str, dict[str, Any]] = {
    "open": dict(OPEN),
    "strict": {**OPEN, "screening": {"pre_moderate": True}},
}


@dataclass
class Stage:
    """All that runs, and how it is killed and comes back."""

    folder: Path
    env: dict[str, str]
    port: int
    db: Database
    redis_url: str
    victims: tuple[str, ...]
    postgres: Server | None = None
    redis: RedisServer | None = None
    running: dict[str, tuple[contextlib.ExitStack, Process]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start the server or the worker, as a supervisor would."""
        stack = contextlib.ExitStack()
        place = self.folder / name
        place.mkdir(exist_ok=True)
        args = ("serve",) if name == "server" else ("worker",)
        port = self.port if name == "server" else None
        self.running[name] = stack, stack.enter_context(parley(*args, folder=place, port=port, env=self.env))

    def kill(self, name: str) -> None:
        """`kill -9`, and up again at once."""
        if name == "postgres" and self.postgres is not None:
            children = psutil.Process(self.postgres.pid).children()
            os.kill(self.postgres.pid, signal.SIGKILL)
            self.postgres.stop()
            # What a supervisor does too: the memory they share is theirs until the last of them has seen it.
            until(lambda: not any(is_running(child.pid) for child in children), "PostgreSQL's children to end")
            self.postgres.start()
        elif name == "redis" and self.redis is not None:
            self.redis.kill()
            self.redis.restart()
        elif name == "redis":
            self._kill_embedded()
        else:
            stack, process = self.running[name]
            process.popen.kill()
            process.popen.wait(10)
            assert "Traceback" not in process.output(), process.output()
            stack.close()
            self.start(name)

    def _kill_embedded(self) -> None:
        """The child that the server keeps; the server brings it back by itself."""
        children = psutil.Process(self.running["server"][1].popen.pid).children(recursive=True)
        (pid,) = [child.pid for child in children if "valkey" in child.name() or "redis" in child.name()]
        os.kill(pid, signal.SIGKILL)
        until(lambda: not is_running(pid), "the embedded Redis to be dead")

    def end(self) -> None:
        for stack, _ in self.running.values():
            stack.close()


@pytest.fixture(params=["postgresql", "sqlite"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """Stores, a server and, on PostgreSQL, a worker."""
    env = {
        "PARLEY_SECRET_KEY": SECRET,
        "PARLEY_PUBLIC_URL": ORIGIN,
        "PARLEY_OUTBOUND_HOSTS": "127.0.0.1",
        # Readers have addresses of their own.
        "PARLEY_TRUSTED_PROXIES": "127.0.0.0/8",
    }
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            data = tmp_path / "var"
            data.mkdir()
            url = EmbeddedRedis(data).url
            made = Stage(
                *(tmp_path, {**env, "PARLEY_DATA_DIR": str(data)}, free_port()),
                *(Database(settings_of(data, url, None)), url, ("server", "redis")),
            )
        else:
            place, redis = stack.enter_context(home("storm")), stack.enter_context(redis_server())
            postgres = new_server(place, "one", DURABLE)
            postgres.make()
            postgres.start()
            stack.callback(postgres.stop)
            env |= {"PARLEY_DATABASE_URL": postgres.url, "PARLEY_REDIS_URL": redis.url}
            made = Stage(
                *(tmp_path, env, free_port(), Database(settings_of(tmp_path, redis.url, postgres.url)), redis.url),
                *(("server", "postgres", "worker", "redis"), postgres, redis),
            )
        await migrate.upgrade(made.db.engine)
        for name in SITES:
            await made.db.transact(sites.create, name, name, [HOST], _SETTINGS[name])
        stack.callback(made.end)
        for name in {"server", "worker"} & set(made.victims):
            await asyncio.to_thread(made.start, name)
        yield made
        await made.db.close()


@pytest.mark.timeout(300 + 60 * KILLS)
async def test_what_was_acknowledged_is_there_once_whoever_is_killed(stage: Stage) -> None:
    journal, chance = Journal(), random.Random(SEED)
    until_good: dict[str, list[float]] = defaultdict(list)
    kills = KILLS or len(stage.victims)
    async with listener() as outside, contextlib.AsyncExitStack() as stack:
        outside.reply = receiver(journal)
        await _watch_from(stage.db, outside.url)
        readers, team = await _people(stack, stage, journal)
        reading = [asyncio.create_task(one.live()) for one in readers]
        working = [*reading, *(asyncio.create_task(one.live()) for one in team)]
        for kill in range(kills):
            await _until(journal, working, POSTS * (kill + 1) // (kills + 1))
            victim = chance.choice(stage.victims) if kill >= len(stage.victims) else stage.victims[kill]
            await team[0].bulk("says")
            outside.heard.clear()  # the journal has what matters
            await asyncio.to_thread(stage.kill, victim)
            back = time.monotonic()
            while journal.last_good < back:  # noqa: ASYNC110  # what is waited for happens in another process
                await asyncio.sleep(0.01)
            until_good[victim].append(journal.last_good - back)
        await _until(journal, working, POSTS)
        journal.is_over = True
        await asyncio.gather(*reading)
        await stage.db.engine.dispose()  # its connections were to a server that is dead
        await _none(stage.db, "SELECT count(*) FROM moderation_case WHERE state = 'open'")
        journal.is_decided = True
        await asyncio.gather(*working)
        over = time.monotonic()
        await _all_handed_on(stage.db)
        _say(f"all handed on {time.monotonic() - over:.0f} s after the last act")
    await votes.fold_waiting(stage.db)
    async with stage.db.engine.connect() as connection:
        assert await oracle.faults(connection, journal) == []
    await _chains_hold(stage.db)
    await _queues_are_empty(stage)
    _tell(journal, until_good)


def _tell(journal: Journal, until_good: dict[str, list[float]]) -> None:
    for victim, times in sorted(until_good.items()):
        middle, most = statistics.median(times), max(times)
        _say(f"{victim}: first success {middle:.2f} s (at most {most:.2f}) after it was back, {len(times)} kills")
    _say(
        f"{journal.taken} posts, {len(journal.edited)} edits, {len(journal.votes)} votes, {len(journal.reported)}"
        f" reports, {journal.decisions} decisions, {len(journal.message_ids)} events in {journal.messages} messages,"
        f" seed {SEED}: nothing lost, nothing twice, nothing stuck"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


async def _people(
    stack: contextlib.AsyncExitStack, stage: Stage, journal: Journal
) -> tuple[list[Reader], list[Moderator]]:
    readers, team = [], []
    for number in range(READERS + MODERATORS):
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{stage.port}",
                timeout=15,
                trust_env=False,
                headers={"Origin": ORIGIN, "X-Forwarded-For": f"198.51.100.{number + 1}"},
            )
        )
        who = random.Random(SEED + number)
        if number < READERS:
            readers.append(Reader(client, journal, who))
            readers[-1].number = number
        else:
            await _sign_in(stage.db, client, f"m{number}@courier.example")
            team.append(Moderator(client, journal, who))
    return readers, team


async def _watch_from(db: Database, url: str) -> None:
    """Both sites tell a receiver outside what happens."""
    for name in SITES:
        site = await db.read(sites.by_name, name)
        await db.transact(
            webhooks.create,
            Keeper(SECRET),
            site.id,
            url,
            ["comment.posted", "comment.edited", "case.decided"],
            by=TERMINAL,
        )


async def _until(journal: Journal, working: list[asyncio.Task[None]], goal: int) -> None:
    async with asyncio.timeout(240):
        while journal.taken < goal:
            for task in working:
                if task.done():
                    task.result()
            await asyncio.sleep(0.01)


async def _sign_in(db: Database, client: httpx.AsyncClient, email: str) -> None:
    async def grant(tx: WriteTx) -> str:
        for name in SITES:
            site = await sites.by_name(tx, name)
            account = await identity.grant(tx, email, email, site.id, "owner")
        return await identity.make_link(tx, account.id)

    answer = await client.post("/api/v1/auth/session", json={"token": await db.transact(grant)})
    assert answer.status_code == 201, answer.text


async def _all_handed_on(db: Database) -> None:
    """What a killed worker had at hand is due again after a minute or so; here at once."""
    for table, due in (("outbox", "due_at"), ("webhook_delivery", "due_at"), ("bulk_job", "lease_until")):
        waits = "state IN ('waiting', 'running')"
        past = "'2026-01-01 00:00:00.000000'"
        hurry = f"UPDATE {table} SET {due} = {past} WHERE {waits} AND {due} > {past}"  # noqa: S608  # tables of ours
        await _none(db, f"SELECT count(*) FROM {table} WHERE {waits}", hurry)  # noqa: S608


async def _none(db: Database, query: str, hurry: str | None = None) -> None:
    """Wait until nothing is counted any more; each second `hurry` is done. For two minutes after it was less."""
    left, end = sys.maxsize, 0.0
    while waiting := await _count(db, query):
        if waiting < left:
            left, end = waiting, time.monotonic() + 120
        assert time.monotonic() < end, f"{waiting} stay: {query}"
        if hurry is not None:
            async with db.engine.begin() as connection:
                await connection.execute(text(hurry))
        await asyncio.sleep(1)


async def _count(db: Database, query: str) -> int:
    async with db.engine.connect() as connection:
        return int((await connection.execute(text(query))).scalar_one())


async def _chains_hold(db: Database) -> None:
    for chain in await db.read(record.chains):
        assert (await db.read(record.verify, chain)).fault is None


async def _queues_are_empty(stage: Stage) -> None:
    """No lease is left on what is decided, and nothing is offered that is no case any more."""
    redis = Redis(stage.redis_url)
    queue = Queue(redis, stage.db)
    try:
        for name in SITES:
            site = await stage.db.read(sites.by_name, name)
            await queue.reconcile(site.id, thorough=True)
            assert await queue.members(site.id) == set()
    finally:
        await redis.close()
