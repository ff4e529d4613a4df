"""The test servers are what the tests take them for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import asyncpg
import psutil
import pytest
import redis

from service.kit.embedded import answers
from tests.servers.postgres import PostgresCluster, postgres_cluster
from tests.servers.redis import ForeignRedis, RedisServer, redis_server
from tests.servers.waiting import is_running, until

CHILD_OF = """
import sys, time
from {module} import {starter}
with {starter}() as server:
    print(server.url, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.delenv("TEST_REDIS_URL", raising=False)
    with redis_server() as server:
        yield server


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_database_is_a_copy_of_its_template(cluster: PostgresCluster) -> None:
    template = cluster.create_database()
    await value(template, "CREATE TABLE seen (n int)")
    await value(template, "INSERT INTO seen VALUES (7)")
    copy = cluster.create_database(template)
    await value(copy, "UPDATE seen SET n = 8")
    assert await value(copy, "SELECT n FROM seen") == 8
    assert await value(template, "SELECT n FROM seen") == 7


async def test_a_dropped_database_is_gone_even_while_in_use(cluster: PostgresCluster) -> None:
    url = cluster.create_database()
    connection = await asyncpg.connect(url)
    cluster.drop_database(url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await value(url, "SELECT 1")
    connection.terminate()


async def test_text_sorts_and_folds_as_unicode(cluster: PostgresCluster) -> None:
    assert await value(cluster.url, "SHOW server_encoding") == "UTF8"
    assert await value(cluster.url, "SELECT lower('ÄÖÜ')") == "äöü"


async def test_a_given_server_is_used_and_left_as_it_was(
    cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", cluster.url)
    with postgres_cluster() as borrowed:
        made = borrowed.create_database()
        assert await value(made, "SELECT current_database()")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await value(made, "SELECT 1")


@pytest.mark.parametrize(
    ("module", "starter", "name"),
    [("tests.servers.postgres", "postgres_cluster", "postgres"), ("tests.servers.redis", "redis_server", "valkey")],
)
def test_a_server_dies_with_the_run_that_started_it(module: str, starter: str, name: str) -> None:
    outside = {key: text for key, text in os.environ.items() if not key.startswith("TEST_")}
    command = [sys.executable, "-c", CHILD_OF.format(module=module, starter=starter)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=outside)
    assert run.stdout
    run.stdout.readline()
    servers = [child.pid for child in psutil.Process(run.pid).children() if child.name().startswith(name)]
    assert servers
    run.send_signal(signal.SIGKILL)
    run.communicate()
    until(lambda: not any(is_running(pid) for pid in servers), f"the end of {name}")


def test_a_killed_redis_is_away_until_it_is_restarted_and_then_empty(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("a", "1")
        server.kill()
        assert not answers(server.url)
        server.restart()
        assert client.dbsize() == 0


def test_flush_empties_it(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("a", "1")
        server.flush()
        assert client.dbsize() == 0


def test_a_given_redis_gets_a_database_for_each_worker_and_is_not_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw3")
    assert ForeignRedis("redis://localhost:6379").url == "redis://localhost:6379/3"
    assert ForeignRedis("redis://localhost:6379/9").url == "redis://localhost:6379/9"
    with pytest.raises(RuntimeError, match="cannot be killed"):
        ForeignRedis("redis://localhost:6379").kill()
