"""A floor of its own: PostgreSQL, and Redis as a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from service import worker
from service.app import create_app
from service.kit import migrate
from service.kit.db import Database
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.moderation import Queue
from service.web.parts import Parts, make_parts
from tests.conftest import ORIGIN, Floor, settings_of
from tests.servers.postgres import PostgresCluster
from tests.servers.redis_cluster import RedisCluster, redis_cluster
from tests.stories.moderation.desk import Desk
from tests.world import World, some_address


@pytest.fixture(scope="package")
def nodes() -> Iterator[RedisCluster]:
    """Three nodes on loopback."""
    with redis_cluster() as made:
        yield made


@pytest.fixture(scope="package")
async def floor(
    nodes: RedisCluster, postgres_of_run: PostgresCluster, tmp_path_factory: pytest.TempPathFactory
) -> Floor:
    """Migrated stores."""
    settings = settings_of(tmp_path_factory.mktemp("data"), nodes.url, postgres_of_run.create_database())
    database = Database(settings)
    await migrate.upgrade(database.engine)
    await database.close()
    return Floor("cluster", settings, nodes)


@pytest.fixture(scope="package")
async def parts(floor: Floor) -> AsyncIterator[Parts]:
    """The parts of a process on that floor."""
    made = make_parts(floor.settings, worker.reactions)
    yield made
    await made.close()


@pytest.fixture(scope="package")
async def app(parts: Parts) -> AsyncIterator[FastAPI]:
    """The application, started."""
    made = create_app(parts.settings, parts)
    async with LifespanManager(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A caller from outside."""
    transport = ASGITransport(app=app, client=(some_address(), 1), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=ORIGIN) as made:
        yield made


@pytest.fixture
def redis(parts: Parts) -> Redis:
    """The cluster's client."""
    return parts.redis


@pytest.fixture
def db(parts: Parts) -> Database:
    """The floor's database."""
    return parts.db


@pytest.fixture
def keeper(parts: Parts) -> Keeper:
    """The floor's secret."""
    return parts.keeper


@pytest.fixture
async def world(parts: Parts, app: FastAPI, client: AsyncClient) -> World:
    """A site of this test's own."""
    return await World.new(parts, app, client)


@pytest.fixture
def queue(redis: Redis, db: Database) -> Queue:
    """The queue of this process."""
    return Queue(redis, db)


@pytest.fixture
async def desk(db: Database, queue: Queue, keeper: Keeper) -> Desk:
    """A site whose comments are all held."""
    return await Desk.new(db, queue, keeper)
