"""Server, worker, database and Redis are killed at random while people write, answer, edit, vote and decide.

An oracle outside keeps what was acknowledged and compares it with what is there in the end. `make chaos` is the
whole of it: 50 kills and 10,000 posts; in a run of all tests it is a short one. `PARLEY_KILLS`, `PARLEY_POSTS` and
`PARLEY_SEED` choose. Times until the first success after a kill are told (`-s`), not asserted: machines differ.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from service import identity, sites, votes
from service.kit import migrate
from service.kit.db import Database, WriteTx
from tests.conftest import settings_of
from tests.servers.home import home
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.postgres import DURABLE, Server, new_server
from tests.servers.redis import RedisServer, redis_server
from tests.world import OPEN

KILLS = int(os.environ.get("PARLEY_KILLS", "5"))
POSTS = int(os.environ.get("PARLEY_POSTS", "200"))
SEED = int(os.environ.get("PARLEY_SEED", "20261125"))
READERS, MODERATORS = 12, 2
ORIGIN, HOST = "http://comments.test", "https://courier.example"
STRICT = {**OPEN, "screening": {"pre_moderate": True}}


@dataclass
class Stage:
    """All that runs, and how it is killed and comes back."""

    folder: Path
    env: dict[str, str]
    port: int
    postgres: Server
    redis: RedisServer
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
        if name == "postgres":
            os.kill(self.postgres.pid, signal.SIGKILL)
            self.postgres.stop()
            self.postgres.start()
        elif name == "redis":
            self.redis.kill()
            self.redis.restart()
        else:
            stack, process = self.running[name]
            process.popen.kill()
            process.popen.wait(10)
            assert "Traceback" not in process.output(), process.output()
            stack.close()
            self.start(name)

    def end(self) -> None:
        for stack, _ in self.running.values():
            stack.close()


@dataclass
class Journal:
    """What those outside know: what was acknowledged, and when something was answered well."""

    posted: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # text to (comment, parent)
    edited: dict[str, str] = field(default_factory=dict)  # comment to its new text
    voted: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # comment to its voters
    decided: dict[str, str] = field(default_factory=dict)  # comment to the state decided
    held: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    last_good: float = 0.0
    is_over: bool = False


async def _insist(client: httpx.AsyncClient, journal: Journal, method: str, path: str, **more: Any) -> httpx.Response:
    """Ask until there is an answer that is none of a fault, with the same key each time."""
    while True:
        try:
            answer = await client.request(method, path, **more)
        except httpx.HTTPError:
            await asyncio.sleep(0.05)
            continue
        if answer.status_code == 503:
            await asyncio.sleep(0.1)
            continue
        if answer.status_code >= 500:
            journal.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        else:
            journal.last_good = time.monotonic()
        return answer


async def _read(client: httpx.AsyncClient, journal: Journal, reader: int, chance: random.Random) -> None:
    """One reader: writes, answers, edits, votes."""
    headers = {"Origin": ORIGIN}
    first = await _insist(
        client,
        journal,
        "POST",
        "/api/v1/comments",
        json=_new("open", f"reader {reader} begins", None),
        headers={**headers, "Idempotency-Key": f"begin-key-{reader}"},
    )
    assert first.status_code == 201, first.text
    headers["Authorization"] = f"Bearer {first.json()['guest']}"
    journal.posted[f"reader {reader} begins"] = first.json()["comment"]["id"], None
    for number in itertools.count():
        if journal.is_over:
            return
        others = list(journal.posted.values())
        parent = chance.choice(others)[0] if others and chance.random() < 0.5 else None
        site = "strict" if chance.random() < 0.2 else "open"
        body = f"reader {reader} says {number}"
        parent = parent if site == "open" else None
        made = await _insist(
            client,
            journal,
            "POST",
            "/api/v1/comments",
            json=_new(site, body, parent),
            headers={**({} if site == "strict" else headers), "Idempotency-Key": f"key-{reader:03}-{number:05}"},
        )
        if made.status_code == 202:
            journal.held.append(made.json()["comment"]["id"])
            continue
        assert made.status_code == 201, made.text
        comment = made.json()["comment"]["id"]
        journal.posted[body] = comment, parent
        if chance.random() < 0.15:
            changed = f"{body}, changed"
            said = await _insist(
                client, journal, "PATCH", f"/api/v1/comments/{comment}", json={"body": changed}, headers=headers
            )
            if said.status_code == 200:
                journal.edited[comment] = changed
        if chance.random() < 0.4:
            about = chance.choice(others)[0] if others else comment
            said = await _insist(
                client, journal, "PUT", f"/api/v1/comments/{about}/vote", json={"value": 1}, headers=headers
            )
            if said.status_code == 200:
                journal.voted[about].add(reader)


def _new(site: str, body: str, parent: str | None) -> dict[str, Any]:
    new = {"site": site, "url": f"{HOST}/storm", "body": body, "author": {"name": "Ada"}}
    return {**new, "parent": parent} if parent else new


async def _moderate(client: httpx.AsyncClient, journal: Journal, chance: random.Random) -> None:
    """One moderator: claims and decides; what a colleague was quicker with is theirs."""
    while not journal.is_over or len(journal.decided) < len(journal.held):
        got = await _insist(client, journal, "POST", "/api/v1/moderation/claims", json={"site": "strict", "limit": 5})
        cases = got.json().get("items", []) if got.status_code == 201 else []
        if not cases:
            await asyncio.sleep(0.2)
        for case in cases:
            comment = case["case"]["comment"]
            action = chance.choice(["approve", "reject"])
            seen = {"claim": case["claim"]} if case["claim"] else {"version": comment["version"]}
            item = {"comment": comment["id"], **seen}
            said = await _insist(
                client, journal, "POST", "/api/v1/moderation/decisions", json={"items": [item], "action": action}
            )
            for result in said.json()["items"] if said.status_code == 200 else []:
                if result["decision"] is not None:
                    journal.decided[result["comment"]] = result["state"]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[tuple[Stage, Database]]:
    with home("storm") as place, redis_server() as redis:
        postgres = new_server(place, "one", DURABLE)
        postgres.make()
        postgres.start()
        try:
            db = Database(settings_of(tmp_path, redis.url, postgres.url))
            await migrate.upgrade(db.engine)
            await db.transact(sites.create, "open", "open", [HOST], dict(OPEN))
            await db.transact(sites.create, "strict", "strict", [HOST], dict(STRICT))
            env = {
                "PARLEY_DATABASE_URL": postgres.url,
                "PARLEY_REDIS_URL": redis.url,
                "PARLEY_SECRET_KEY": SECRET,
                "PARLEY_PUBLIC_URL": ORIGIN,
            }
            made = Stage(tmp_path, env, free_port(), postgres, redis)
            await asyncio.to_thread(made.start, "worker")
            await asyncio.to_thread(made.start, "server")
            try:
                yield made, db
            finally:
                made.end()
                await db.close()
        finally:
            postgres.stop()


@pytest.mark.timeout(300 + 60 * KILLS)
async def test_what_was_acknowledged_is_there_once_whoever_is_killed(stage: tuple[Stage, Database]) -> None:
    stand, db = stage
    journal, chance = Journal(), random.Random(SEED)
    url = f"http://127.0.0.1:{stand.port}"
    until_good: dict[str, list[float]] = defaultdict(list)
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=15, trust_env=False))
            for _ in range(READERS + MODERATORS)
        ]
        team = clients[READERS:]
        for number, client in enumerate(team):
            await _sign_in(db, client, f"m{number}@courier.example")
        working = [
            asyncio.create_task(_read(client, journal, number, random.Random(SEED + number)))
            for number, client in enumerate(clients[:READERS])
        ]
        working += [
            asyncio.create_task(_moderate(client, journal, random.Random(SEED - number)))
            for number, client in enumerate(team, 1)
        ]
        for kill in range(KILLS):
            await _until(journal, working, POSTS * (kill + 1) // (KILLS + 1))
            victim = chance.choice(["server", "worker", "postgres", "redis"]) if kill > 3 else _FIRST[kill]
            await asyncio.to_thread(stand.kill, victim)
            back = time.monotonic()
            while journal.last_good < back:  # noqa: ASYNC110  # what is waited for happens in another process
                await asyncio.sleep(0.01)
            until_good[victim].append(journal.last_good - back)
        await _until(journal, working, POSTS)
        journal.is_over = True
        await asyncio.gather(*working)
    assert journal.wrong == []
    await db.engine.dispose()  # its connections were to a server that is dead
    await _all_handed_on(db)
    await votes.fold_waiting(db)
    await _compare(db, journal)
    done = f"{len(journal.posted)} posts, {len(journal.edited)} edits, {len(journal.decided)} decisions, {KILLS} kills"
    for victim, times in sorted(until_good.items()):
        _say(f"{victim}: first success {statistics.median(times):.2f} s (at most {max(times):.2f}) after it was back")
    _say(f"{done}, votes {sum(map(len, journal.voted.values()))}, seed {SEED}: nothing lost, nothing twice")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


_FIRST = ("server", "postgres", "worker", "redis")


async def _until(journal: Journal, working: list[asyncio.Task[None]], goal: int) -> None:
    async with asyncio.timeout(240):
        while len(journal.posted) + len(journal.held) < goal:
            for task in working:
                if task.done():
                    task.result()
            await asyncio.sleep(0.01)


async def _sign_in(db: Database, client: httpx.AsyncClient, email: str) -> None:
    async def grant(tx: WriteTx) -> str:
        site = await sites.by_name(tx, "strict")
        account = await identity.grant(tx, email, email, site.id, "moderator")
        return await identity.make_link(tx, account.id)

    client.headers["Origin"] = ORIGIN
    answer = await client.post("/api/v1/auth/session", json={"token": await db.transact(grant)})
    assert answer.status_code == 201, answer.text


async def _rows(db: Database, sql: str) -> list[Any]:
    async with db.engine.connect() as connection:
        return list((await connection.execute(text(sql))).all())


async def _all_handed_on(db: Database) -> None:
    """What a killed worker had at hand is due again after a minute; here at once."""
    async with asyncio.timeout(90):
        while (await _rows(db, "SELECT count(*) FROM outbox"))[0][0]:
            async with db.engine.begin() as connection:
                await connection.execute(text("UPDATE outbox SET due_at = now() WHERE state = 'waiting'"))
            await asyncio.sleep(1)


async def _compare(db: Database, journal: Journal) -> None:
    rows = {
        str(row.id): row for row in await _rows(db, "SELECT id, body, parent_id, state, up, thread_id FROM comment")
    }
    bodies = Counter(row.body.removesuffix(", changed") for row in rows.values())
    assert not [body for body, count in bodies.items() if count > 1], "something is there twice"
    for body, (comment, parent) in journal.posted.items():
        row = rows[comment]
        assert (row.body.removesuffix(", changed"), row.parent_id) == (body, int(parent) if parent else None)
    for comment, body in journal.edited.items():
        assert rows[comment].body == body
    for comment in journal.held:
        assert comment in rows
    for comment, state in journal.decided.items():
        assert rows[comment].state == state
    assert not [row for row in rows.values() if row.state == "held"], "a case is stuck"
    for comment, voters in journal.voted.items():
        assert rows[comment].up >= len(voters)
    ups = await _rows(
        db, "SELECT c.id FROM comment c WHERE c.up <> (SELECT count(*) FROM vote v WHERE v.comment_id = c.id)"
    )
    assert ups == []
    counted = await _rows(
        db,
        "SELECT t.comment_count, count(c.id) FILTER (WHERE c.state = 'published')"
        " FROM thread t LEFT JOIN comment c ON c.thread_id = t.id GROUP BY t.id, t.comment_count",
    )
    assert all(stored == there for stored, there in counted)
    replies = await _rows(
        db,
        "SELECT p.id FROM comment p WHERE p.reply_count <>"
        " (SELECT count(*) FROM comment c WHERE c.parent_id = p.id AND c.state = 'published')",
    )
    assert replies == []
    twice = await _rows(db, "SELECT comment_id FROM decision GROUP BY comment_id HAVING count(*) > 1")
    assert twice == []
