"""Parley on its two floors, as operators run it, and variants of it to compare with."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import SecretStr
from sqlalchemy import text

from benchmarks import seed
from benchmarks.running import Running, running
from benchmarks.seed import Article
from service.kit.db import Database, ReadTx
from service.kit.settings import Settings
from tests.servers.parley import ROOT, free_port
from tests.servers.postgres import DURABLE, postgres_cluster
from tests.servers.redis import redis_server

FLOORS = ("sqlite", "postgresql")
_SECRET = "only for measuring, and long enough for the check"  # noqa: S105  # it guards nothing


@dataclass(frozen=True)
class Floor:
    """Stores that are there and filled."""

    name: str
    folder: Path
    settings: Settings
    articles: dict[int, Article]
    stores: tuple[int, ...] = ()  # the processes of database and Redis, where they are not the server's own

    @contextlib.contextmanager
    def serve(
        self, *, variant: str | None = None, module: Sequence[str] | None = None, ready: str = "/readyz"
    ) -> Iterator[Running]:
        """`parley serve` on these stores, server and worker in one process; a variant of it; or another module."""
        port = free_port()
        if module is None:
            module = ["-m", "service.cli", "serve"] if variant is None else ["-m", "benchmarks.variants", variant]
        env = {**self.env(), "PARLEY_PORT": str(port), "PYTHONPATH": str(ROOT)}
        with running([sys.executable, *module], port=port, folder=self.folder, env=env, ready=ready) as there:
            yield there

    @contextlib.contextmanager
    def serve_many(self, count: int) -> Iterator[Running]:
        """So many servers that share one port, as many as there are cores for them. Not on SQLite."""
        port = free_port()
        env = {**self.env(), "PARLEY_PORT": str(port), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "service.cli", "serve", "--share-port"]
        with contextlib.ExitStack() as stack:
            all_of_them = [
                stack.enter_context(running(command, port=port, folder=self.folder, env=env, ready="/readyz"))
                for _ in range(count)
            ]
            pids = tuple(pid for each in all_of_them for pid in each.pids)
            # The first answers for all of them on that port.
            while not all(_listens(pid, port) for pid in pids):
                time.sleep(0.05)
            yield Running(all_of_them[0].url, pids)

    def comments(self, thread: str | None, count: int) -> list[str]:
        """Ids of some published comments: of one thread, or each of another."""
        return asyncio.run(_comments(self.settings, thread, count))

    def env(self) -> dict[str, str]:
        """What a process on these stores is told."""
        env = {
            "PARLEY_DATA_DIR": str(self.settings.data_dir),
            "PARLEY_SECRET_KEY": _SECRET,
            "PARLEY_WORKER_IN_SERVER": "true",
            # So that each request can come from an address of its own, as readers' do.
            "PARLEY_TRUSTED_PROXIES": "127.0.0.0/8",
            "PARLEY_LOG_LEVEL": "WARNING",
        }
        if self.settings.database_url:
            env["PARLEY_DATABASE_URL"] = self.settings.database_url
        if self.settings.redis_url:
            env["PARLEY_REDIS_URL"] = self.settings.redis_url
        return env


@contextlib.contextmanager
def floor(name: str, folder: Path, sizes: Sequence[int], *, small: int = 0) -> Iterator[Floor]:
    """Stores of their own with a thread of each size; every commit is on the disk before it is answered."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    if name == "sqlite":
        settings = _settings(place / "var", None, None)
        settings.data_dir.mkdir(exist_ok=True)
        yield Floor(name, place, settings, seed.fill(settings, sizes, small=small))
        return
    with postgres_cluster(DURABLE) as cluster, redis_server() as redis:
        settings = _settings(place / "var", cluster.create_database(), redis.url)
        settings.data_dir.mkdir(exist_ok=True)
        yield Floor(name, place, settings, seed.fill(settings, sizes, small=small), _servers_of_this_run())


def _servers_of_this_run() -> tuple[int, ...]:
    """Everything this process has started so far: the stores."""
    return tuple(child.pid for child in psutil.Process().children())


def _listens(pid: int, port: int) -> bool:
    found = psutil.Process(pid).net_connections("tcp")
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in found)


async def _comments(settings: Settings, thread: str | None, count: int) -> list[str]:
    db = Database(settings)
    try:
        return await db.read(_ids, int(thread) if thread else None, count)
    finally:
        await db.close()


async def _ids(tx: ReadTx, thread: int | None, count: int) -> list[str]:
    of_one = "SELECT id FROM comment WHERE thread_id = :thread AND under = 0 ORDER BY id LIMIT :count"
    of_each = "SELECT min(id) FROM comment WHERE under = 0 GROUP BY thread_id ORDER BY 1 LIMIT :count"
    parameters: dict[str, int] = {"count": count} | ({"thread": thread} if thread else {})
    return [str(number) for (number,) in await tx.run(text(of_one if thread else of_each), parameters)]


def _settings(data_dir: Path, database_url: str | None, redis_url: str | None) -> Settings:
    secret = SecretStr(_SECRET)
    return Settings(data_dir=data_dir, database_url=database_url, redis_url=redis_url, secret_key=secret)
