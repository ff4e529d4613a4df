"""The server is killed in the middle of its work, again and again: what it acknowledged is there, once.

`kill -9` shows what a crash of the process costs; it is no power cut (see docs/operations.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from service import identity, sites
from service.kit import migrate
from service.kit.db import Database
from service.kit.settings import Settings
from tests.servers.parley import Process, free_port, parley
from tests.servers.waiting import eventually

KILLS = int(os.environ.get("PARLEY_KILLS", "5"))
READERS, BETWEEN = 6, 20  # so many acknowledged posts between two kills
STAFF = "ada@news.test"
PAGE = "https://news.test/story"
LIMITS = {act: {"address": ["100000/s"], "author": ["100000/s"], "thread": ["100000/s"]} for act in ("post", "vote")}


@dataclass
class Journal:
    """What the clients know: intents, and what was acknowledged."""

    port: int
    acknowledged: dict[str, str] = field(default_factory=dict)  # key to comment
    unknown: set[str] = field(default_factory=set)  # asked, and the answer got lost
    repeats: int = 0
    faults: list[str] = field(default_factory=list)
    is_over: bool = False

    async def write(self, reader: int) -> None:
        """Post one comment after the other; a lost answer is asked for again with the same key."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10, trust_env=False) as client:
            for number in itertools.count():
                if self.is_over:
                    return
                await self._insist(client, f"reader-{reader}-comment-{number}")

    async def grow(self, by: int) -> None:
        """Wait until so many more were acknowledged."""
        goal = len(self.acknowledged) + by
        await eventually(lambda: len(self.acknowledged) >= goal, f"{goal} posts to be acknowledged", seconds=30)

    async def _insist(self, client: httpx.AsyncClient, key: str) -> None:
        new = {"site": "news", "url": PAGE, "body": key, "author": {"name": "Ada"}}
        for attempt in itertools.count():
            try:
                answer = await client.post("/api/v1/comments", json=new, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                self.unknown.add(key)
                await asyncio.sleep(0.1)
                continue
            self.repeats += attempt > 0
            if answer.status_code == 201:
                self.acknowledged[key] = answer.json()["comment"]["id"]
                with contextlib.suppress(httpx.HTTPError):
                    await client.put(f"/api/v1/comments/{self.acknowledged[key]}/vote", json={"value": 1})
            else:
                self.faults.append(f"{key}: {answer.status_code} {answer.text}")
            return


async def _prepare(folder: Path) -> Path:
    """A database with a site and a moderator; where it lies."""
    settings = Settings(data_dir=folder / "var")
    settings.data_dir.mkdir()
    db = Database(settings)
    await migrate.upgrade(db.engine)
    site = await db.transact(sites.create, "news", "News", ["https://news.test"], {"limits": LIMITS})
    await db.transact(identity.grant, STAFF, "Ada", site.id, "moderator")
    await db.close()
    return settings.data_dir / "parley.sqlite3"


@pytest.mark.timeout(300 + 20 * KILLS)
async def test_a_killed_server_keeps_what_it_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    journal, database = Journal(free_port()), await _prepare(tmp_path)
    readers = [asyncio.create_task(journal.write(reader)) for reader in range(READERS)]
    for kill in range(KILLS + 1):
        async with _server(tmp_path, journal.port) as server:
            await journal.grow(BETWEEN)
            if kill == KILLS:
                journal.is_over = True
                await asyncio.gather(*readers)
                # What a killed process had at hand is taken up again when its claim of a minute ends.
                await eventually(lambda: _count(database, "outbox") == 0, "all facts to be handed on", seconds=90)
                await _compare(journal, server.url)
            server.popen.send_signal(signal.SIGKILL)
            await asyncio.to_thread(server.popen.wait, 10)
        assert "Traceback" not in server.output(), server.output()
    assert journal.faults == []
    assert journal.unknown, "no answer was lost: the kills came too late to show anything"
    _compare_rows(journal, database)


async def test_an_error_of_the_database_does_not_end_the_work_that_follows(tmp_path: Path) -> None:
    """A statement that fails, for whatever reason, must not end the relay for good, with nothing to show for it."""
    database, mails = await _prepare(tmp_path), tmp_path / "var" / "mail"
    async with (
        _server(tmp_path, free_port()) as server,
        httpx.AsyncClient(base_url=server.url, timeout=20, trust_env=False) as client,
    ):
        with contextlib.closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as stored:
            stored.execute("ALTER TABLE outbox RENAME TO elsewhere")
            # The relay looks about once a second, and nothing outside shows that it has.
            await asyncio.sleep(3)
            stored.execute("ALTER TABLE elsewhere RENAME TO outbox")
        assert (await client.post("/api/v1/auth/link", json={"email": STAFF})).status_code == 202
        await eventually(lambda: any(mails.glob("*.eml")), "the mail to be sent", seconds=15)


@contextlib.asynccontextmanager
async def _server(folder: Path, port: int) -> AsyncIterator[Process]:
    running = parley("serve", folder=folder, port=port)
    # Its readiness is waited for in another thread: the readers must not stand still meanwhile.
    yield await asyncio.to_thread(running.__enter__)
    await asyncio.to_thread(running.__exit__, None, None, None)


async def _compare(journal: Journal, url: str) -> None:
    """What readers see is what was acknowledged."""
    seen: list[str] = []
    cursor = None
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        while True:
            params = {"site": "news", "url": PAGE, "sort": "oldest", "limit": "100"} | (
                {"cursor": cursor} if cursor else {}
            )
            page = (await client.get("/api/v1/threads", params=params)).json()
            seen += [comment["id"] for comment in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    assert Counter(seen) == Counter(journal.acknowledged.values())
    assert page["thread"]["comment_count"] == len(seen)


def _compare_rows(journal: Journal, database: Path) -> None:
    """What is stored is that as well: nothing half done, nothing twice."""
    with sqlite3.connect(database) as stored:
        assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        bodies = Counter(body for (body,) in stored.execute("SELECT body FROM comment"))
        assert bodies == Counter(list(journal.acknowledged))
        votes = dict(stored.execute("SELECT comment_id, count(*) FROM vote GROUP BY comment_id").fetchall())
        ups = dict(stored.execute("SELECT id, up FROM comment WHERE up > 0").fetchall())
        assert ups == votes
        assert stored.execute("SELECT count(*) FROM thread").fetchone() == (1,)
        counted = stored.execute("SELECT sum(published_count) FROM person").fetchone()
        assert counted == (len(journal.acknowledged),)


def _count(database: Path, table: str) -> int:
    with sqlite3.connect(database) as stored:
        return int(stored.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  # a table of ours
