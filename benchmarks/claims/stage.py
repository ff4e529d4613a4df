"""A site on stores of its own, with cases and people."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from service import moderation
from service.identity import Staff
from service.kit import migrate
from service.kit.db import Database, ReadTx
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.moderation import Queue, queues
from service.sites import Site
from tests.servers.parley import SECRET
from tests.servers.postgres import DURABLE, postgres_cluster
from tests.servers.redis import RedisServer, redis_server
from tests.stories.moderation.desk import Desk

THREADS = 400  # discussions the cases are spread over
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


async def set_up(settings: Settings, server: RedisServer) -> Stage:
    """A migrated database with a site and its desk."""
    db, redis = Database(settings), Redis(server.url)
    await migrate.upgrade(db.engine)
    desk = await Desk.new(db, Queue(redis, db), Keeper.of(settings), QUIET)
    return Stage(settings, db, redis, server, desk)


async def fill(stage: Stage, cases: int) -> None:
    """Cases, in five queues each."""
    began = time.monotonic()
    await more(stage, cases, "Comment {} of a long day")
    owner = await stage.moderator("owner")
    for name, asked in (("English", {"languages": ["en"]}), ("Severe", {"min_severity": 0.05})):
        await stage.db.transact(queues.save, owner, stage.site.id, name, moderation.QueueFilter.model_validate(asked))
    print(f"{cases} held comments in {time.monotonic() - began:.0f} s")


async def more(stage: Stage, count: int, words: str) -> None:
    """Held comments, spread over all discussions; nothing hears of them yet."""
    for start in range(0, count, 200):
        drafts = [
            stage.desk._draft(words.format(number), f"a{number % THREADS}", None, None)  # noqa: SLF001  # without a drain after each
            for number in range(start, min(start + 200, count))
        ]
        await stage.db.transact(stage.desk._post, drafts)  # noqa: SLF001  # as above


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 1_200) -> None:
    """Wait for it. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.1)
