"""A primary with a streaming replica, and processes that read public pages from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import asyncpg
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from service import worker
from service.app import create_app
from service.kit import migrate
from service.kit.db import Database
from service.kit.settings import Settings
from service.web.parts import Parts, make_parts
from tests.conftest import ORIGIN, settings_of
from tests.servers.postgres import Pair, postgres_pair
from tests.servers.redis import RedisServer
from tests.servers.waiting import eventually
from tests.world import World, some_address


@dataclass
class Process:
    """One server process, as far as a test in one process can have several."""

    parts: Parts
    app: FastAPI
    client: AsyncClient

    async def texts(self, world: World) -> list[str]:
        """What a reader finds here."""
        params = {"site": world.site.name, "url": world.page("article"), "sort": "oldest"}
        response = await self.client.get("/api/v1/threads", params=params)
        assert response.status_code == 200, response.text
        return [item["html"] or item["gone"] for item in response.json()["items"]]


@pytest.fixture(scope="package")
def pair() -> Iterator[Pair]:
    """Both servers."""
    with postgres_pair() as made:
        yield made


@pytest.fixture(scope="package")
async def settings(pair: Pair, redis_of_run: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a process that reads from the replica."""
    url = pair.primary.url
    plain = settings_of(tmp_path_factory.mktemp("data"), redis_of_run.url, url)
    database = Database(plain)
    await migrate.upgrade(database.engine)
    await database.close()
    return Settings(**{**dict(plain), "database_url": url, "read_database_url": pair.on_replica(url)}, _env_file=None)


@contextlib.asynccontextmanager
async def process(settings: Settings) -> AsyncIterator[Process]:
    """Start one, and wait until it hears others and believes the replica."""
    parts = make_parts(settings, worker.reactions)
    app = create_app(settings, parts)
    transport = ASGITransport(app=app, client=(some_address(), 1), raise_app_exceptions=False)
    async with LifespanManager(app), AsyncClient(transport=transport, base_url=ORIGIN) as client:
        await eventually(lambda: parts.pages.life > 10, "it to hear others")
        yield Process(parts, app, client)
    await parts.close()


@pytest.fixture
async def one(settings: Settings) -> AsyncIterator[Process]:
    """A process."""
    async with process(settings) as made:
        yield made


@pytest.fixture
async def two(settings: Settings) -> AsyncIterator[Process]:
    """Another."""
    async with process(settings) as made:
        yield made


@pytest.fixture
async def world(one: Process) -> World:
    """A site whose readers and writers come to the first process."""
    return await World.new(one.parts, one.app, one.client)


class Replaying:
    """The replica's switch."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    async def pause(self) -> None:
        """From now on it learns nothing."""
        await self._on_replica("SELECT pg_wal_replay_pause()")
        await self._until("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    async def resume(self) -> None:
        """Go on, and wait until it knows all that the primary has."""
        await self._on_replica("SELECT pg_wal_replay_resume()")
        await self.catch_up()

    async def catch_up(self) -> None:
        """Wait until it knows what the primary knows now."""
        primary = await asyncpg.connect(self._pair.primary.url)
        position = await primary.fetchval("SELECT pg_current_wal_flush_lsn()::text")
        await primary.close()
        await self._until(f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn")

    async def _on_replica(self, statement: str) -> object:
        connection = await asyncpg.connect(self._pair.replica.url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def _until(self, question: str) -> None:
        async with asyncio.timeout(20):
            while not await self._on_replica(question):  # noqa: ASYNC110  # a server has no event
                await asyncio.sleep(0.01)


@pytest.fixture
async def replaying(pair: Pair) -> AsyncIterator[Replaying]:
    """Resumed at the end."""
    switch = Replaying(pair)
    yield switch
    await switch.resume()
