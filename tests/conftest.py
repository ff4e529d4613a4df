"""The floors every story runs on, and what a test needs from them.

`floor` is parametrised: SQLite with an embedded Redis, PostgreSQL with a Redis. Both are real servers, started by the
run itself. A test's world is a site of its own, so tests share a floor and run side by side.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr

from service import worker
from service.app import create_app
from service.kit import migrate, redis_wire
from service.kit.db import Database
from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.web.parts import Parts, make_parts
from tests.servers.impatient import impatient
from tests.servers.postgres import PostgresCluster, postgres_cluster
from tests.servers.redis import RedisServer, redis_server
from tests.servers.redis_cluster import RedisCluster
from tests.servers.waiting import eventually
from tests.world import World, some_address

ORIGIN = "http://parley.test"
# A busy machine is slow now and then; what must be fast is measured in benchmarks/.
hypothesis.settings.register_profile("parley", deadline=None)
hypothesis.settings.load_profile("parley")
# Three workers on two cores now and then keep Redis from answering within half a second: it is not away for that.
redis_wire._TIMES.update(socket_timeout=2.0, socket_connect_timeout=2.0)
redis_wire._TURN = 2.0


@dataclass(frozen=True)
class Floor:
    """Real stores, migrated."""

    name: str
    settings: Settings
    redis_server: RedisServer | RedisCluster

    async def bring_redis_back(self, redis: Redis) -> None:
        """Start it again, empty, and wait until the client trusts it again."""
        self.redis_server.restart()
        await eventually(lambda: not redis.is_resting, "the client to try Redis again")


@pytest.fixture(scope="session")
def redis_of_run() -> Iterator[RedisServer]:
    """One Redis for this worker's tests."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_of_run() -> Iterator[PostgresCluster]:
    """One PostgreSQL for this worker's tests."""
    with postgres_cluster() as cluster:
        yield cluster


def settings_of(data_dir: Path, redis_url: str, database_url: str | None) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]  # a keyword of pydantic-settings' own
        data_dir=data_dir,
        redis_url=redis_url,
        database_url=database_url,
        public_url=ORIGIN,
        secret_key=SecretStr("a secret that only the tests know, long enough"),
        worker_in_server=False,
        demo=True,
        outbound_hosts=("127.0.0.1",),
        metrics_token=SecretStr("only for who watches"),
        mail_bounces_token=SecretStr("only for the mail server"),
    )


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
async def floor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_of_run: RedisServer
) -> Floor:
    """Each story runs on both."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_of_run").create_database()
    settings = settings_of(tmp_path_factory.mktemp("data"), redis_of_run.url, url)
    database = Database(settings)
    await migrate.upgrade(database.engine)
    await database.close()
    return Floor(request.param, settings, redis_of_run)


@pytest.fixture(scope="session")
async def parts(floor: Floor) -> AsyncIterator[Parts]:
    """The parts of a process on that floor."""
    made = make_parts(floor.settings, worker.reactions)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def app(parts: Parts) -> AsyncIterator[FastAPI]:
    """The application, started."""
    made = create_app(parts.settings, parts)
    async with LifespanManager(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A caller from outside, with an address of its own."""
    transport = ASGITransport(app=impatient(app), client=(some_address(), 1), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=ORIGIN) as made:
        yield made


@pytest.fixture
def db(parts: Parts) -> Database:
    """The floor's database."""
    return parts.db


@pytest.fixture
def redis(parts: Parts) -> Redis:
    """The floor's Redis."""
    return parts.redis


@pytest.fixture
def keeper(parts: Parts) -> Keeper:
    """The floor's secret."""
    return parts.keeper


@pytest.fixture
async def world(parts: Parts, app: FastAPI, client: AsyncClient) -> World:
    """A site of this test's own."""
    return await World.new(parts, app, client)
