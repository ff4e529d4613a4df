"""How commands reach Redis: one server, the primary that Sentinel names, or the node of a cluster that has the key."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import redis.asyncio as aioredis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.kit.redis_straight import Straight

Command = Sequence[Any]

_AT_ONCE = 20  # connections of a process to one server
_TIMES: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "health_check_interval": 0}
_UNDER_WAY = 2  # round trips at the same time
_MOST = 50  # commands of one
_TURN = 0.5  # seconds to wait for a connection
# A connection of its own, without the timeout that commands have: silence is normal when listening.
_LISTENING: dict[str, Any] = {"socket_timeout": None, "socket_connect_timeout": 1, "health_check_interval": 0}
_GONE = (RedisConnectionError, RedisTimeoutError, OSError, TimeoutError)
UNREACHABLE = (RedisError, RedisClusterException, OSError, TimeoutError)


class Busy(Exception):
    """All connections of this process are in use; the server is not to blame."""


class Turns:
    """At most so many commands at once, for a server's sake and ours. redis-py's pools refuse or blame the server."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> None:
        """Raises Busy."""
        try:
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes in the moment of success.
            async with asyncio.timeout(_TURN):
                await self._free.acquire()
        except TimeoutError as error:
            raise Busy("no connection is free") from error

    async def __aexit__(self, *_: object) -> None:
        self._free.release()


class Together:
    """Commands of many, sent in one round trip while others are under way; each has its own answer or error."""

    def __init__(self) -> None:
        self._under_way = 0
        self._waiting: list[tuple[Command, asyncio.Future[Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(
        self,
        command: Command,
        alone: Callable[[Command], Awaitable[Any]],
        together: Callable[[Sequence[Command]], Awaitable[list[Any]]],
    ) -> Any:
        """One command: `alone` where nobody is in the way, or with others by `together`. Raises what these raise."""
        if self._under_way >= _UNDER_WAY:
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._waiting.append((command, answer))
            return await answer
        self._under_way += 1
        try:
            return await alone(command)
        except _GONE as error:
            self._give_up(error)
            raise
        finally:
            self._under_way -= 1
            self._go_on(together)

    def _give_up(self, error: Exception) -> None:
        """Whoever waits need not find out again that nobody is there, each as long as this one."""
        waiting, self._waiting = self._waiting, []
        for _, answer in waiting:
            if not answer.done():
                answer.set_exception(error)

    def _go_on(self, together: Callable[[Sequence[Command]], Awaitable[list[Any]]]) -> None:
        waiting = [(command, answer) for command, answer in self._waiting if not answer.done()]
        some, self._waiting = waiting[:_MOST], waiting[_MOST:]
        if some:
            self._under_way += 1
            task = asyncio.create_task(self._send_all(some, together))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send_all(
        self,
        some: Sequence[tuple[Command, asyncio.Future[Any]]],
        together: Callable[[Sequence[Command]], Awaitable[list[Any]]],
    ) -> None:
        try:
            answers = await together([command for command, _ in some])
        except BaseException as error:  # noqa: BLE001  # whatever it is, each of those who wait is told
            told = error if isinstance(error, Exception) else RedisConnectionError("nobody waits any more")
            answers = [told] * len(some)
        finally:
            self._under_way -= 1
            self._go_on(together)
        for (_, answer), said in zip(some, answers, strict=True):
            if answer.done():
                continue
            if isinstance(said, Exception):
                answer.set_exception(said)
            else:
                answer.set_result(said)


class Wire(Protocol):
    """Whatever carries commands. `place` names the server that serves a key, the unit that can be away."""

    async def place(self, key: str) -> str:
        """Which server has this key."""
        ...

    async def places(self) -> list[str]:
        """All servers that keys may be on."""
        ...

    async def send(self, place: str, command: Command) -> Any:
        """One command, by its key; one without a key goes to `place`."""
        ...

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """Several commands for one server, in one round trip."""
        ...

    async def listener(self) -> aioredis.Redis:
        """A client of its own for listening, to any server that works."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def wire_to(url: str) -> Wire:
    """What the address asks for. Raises ValueError for one that names no host or no service."""
    kind = urlsplit(url).scheme.partition("+")[2]
    if kind == "cluster":
        return ClusterWire(url)
    if kind == "sentinel":
        return SentinelWire(url)
    return ServerWire(url)


class Carrier(Protocol):
    """Takes commands to a server and brings an answer to each, which may be an error."""

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """In one round trip."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class ServerWire:
    """One server. Commands that come while one is under way go together, when that is answered.

    A command by itself costs several times what one of several does: the sending and the waking, not Redis.
    """

    _client: Any
    _carrier: Carrier

    def __init__(self, url: str) -> None:
        self._url = url
        self._turns = Turns()
        self._together = Together()
        self._client = aioredis.Redis.from_url(url, retry=_once(), decode_responses=True, **_TIMES)
        self._carrier = Straight(self._client)

    async def place(self, _key: str) -> str:
        """There is only one."""
        return ""

    async def places(self) -> list[str]:
        """There is only one."""
        return [""]

    async def send(self, _place: str, command: Command) -> Any:
        """One command. Raises Busy."""
        return await self._together.send(command, self._alone, self._all)

    async def _alone(self, command: Command) -> Any:
        return (await self.pipeline([command]))[0]

    async def _all(self, commands: Sequence[Command]) -> list[Any]:
        async with self._turns:
            return await self._carrier.send(commands)

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """Several commands in one round trip, without a transaction. Raises Busy."""
        answers = await self._all(commands)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def listener(self) -> aioredis.Redis:
        """Connects when it is used."""
        return aioredis.Redis.from_url(self._url, decode_responses=True, **_LISTENING)

    async def close(self) -> None:
        """Close all connections."""
        await self._carrier.close()
        await self._client.aclose(close_connection_pool=True)


class ByClient:
    """By redis-py's client, where it has to notice that another server is the primary now."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """In one round trip."""
        if len(commands) == 1:
            return [await self._client.execute_command(*commands[0])]
        pipe = self._client.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        answers: list[Any] = await pipe.execute(raise_on_error=False)
        return answers

    async def close(self) -> None:
        """The client is closed by who made it."""


class SentinelWire(ServerWire):
    """The primary of a service that Sentinel watches: asked for anew with each new connection."""

    def __init__(self, url: str) -> None:
        address = _Address(url)
        if not address.path:
            raise ValueError("name the service: redis+sentinel://host:port,host:port/name")
        self._service, _, number = address.path.partition("/")
        self._shared = {**address.options, "db": int(number or 0), "decode_responses": True}
        hosts = address.hosts(26379)
        asked: dict[str, Any] = {"sentinel_kwargs": {**_TIMES, **address.sentinel_options}}
        self._sentinel: Any = Sentinel(hosts, **asked)  # type: ignore[no-untyped-call]  # redis-py's
        self._listening: Any = Sentinel(hosts, **asked)  # type: ignore[no-untyped-call]  # redis-py's
        self._client = self._sentinel.master_for(
            self._service, max_connections=2 * _AT_ONCE, retry=_once(), **self._shared, **_TIMES
        )
        self._carrier = ByClient(self._client)
        self._turns = Turns()
        self._together = Together()

    async def listener(self) -> aioredis.Redis:
        """To the primary, so that it is heard when that changes."""
        client: aioredis.Redis = self._listening.master_for(self._service, **self._shared, **_LISTENING)
        return client

    async def close(self) -> None:
        """Close all connections, to the sentinels too."""
        await super().close()
        for one in (*self._sentinel.sentinels, *self._listening.sentinels):
            await one.aclose(close_connection_pool=True)


class ClusterWire:
    """A Redis Cluster. A node that is away takes its keys with it and no others."""

    def __init__(self, url: str) -> None:
        address = _Address(url)
        self._options = {**address.options, "decode_responses": True}
        self._start = address.hosts(6379)
        # Half a cluster is better than none: what is covered goes on, so full coverage is not asked for.
        self._client = RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in self._start],
            require_full_coverage=False,
            dynamic_startup_nodes=False,
            reinitialize_steps=1,
            max_connections=2 * _AT_ONCE,
            retry=_once(),
            **self._options,
            **_TIMES,
        )
        self._turns: dict[str, Turns] = {}

    async def place(self, key: str) -> str:
        """The primary of the key's slot, as far as known."""
        await self._client.initialize()
        nodes = self._client.nodes_manager.slots_cache.get(self._client.keyslot(key))
        return str(nodes[0].name) if nodes else "uncovered"

    async def places(self) -> list[str]:
        """All primaries, in random order."""
        await self._client.initialize()
        names = [str(node.name) for node in self._client.get_primaries()]
        random.shuffle(names)
        return names

    async def send(self, place: str, command: Command) -> Any:
        """By its key where it has one; redirections are followed. Raises Busy."""
        node = self._client.get_node(node_name=place) if key_of(command) is None else None
        if node is None and key_of(command) is None:
            raise RedisConnectionError(f"{place} has left the cluster")
        async with self._turns.setdefault(place, Turns()), _mended():
            return await self._client.execute_command(*command, **({"target_nodes": node} if node else {}))

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """Several commands for keys of one node."""
        pipe = self._client.pipeline()
        for command in commands:
            pipe.execute_command(*command)
        async with _mended():
            result: list[Any] = await pipe.execute()
        return result

    async def listener(self) -> aioredis.Redis:
        """To any node that answers: what is published on one is heard on all."""
        try:
            known = [(node.host, int(node.port)) for node in self._client.get_nodes()]
        except UNREACHABLE:
            known = []
        nodes = known or list(self._start)
        random.shuffle(nodes)
        for host, port in nodes:
            client = aioredis.Redis(host=host, port=port, **self._options, **_LISTENING)
            try:
                await client.ping()
            except UNREACHABLE:
                await client.aclose(close_connection_pool=True)
            else:
                return client
        raise RedisConnectionError("no node of the cluster answers")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


@contextlib.asynccontextmanager
async def _mended() -> AsyncIterator[None]:
    # While redis-py 8.1 closes the free connections of a node that failed, another task may take one of them and write
    # to a stream that is None by then. It is a lost connection, whatever it is called.
    try:
        yield
    except AttributeError as error:
        raise RedisConnectionError(f"closed by another task: {error}") from error


class _Address:
    """`scheme://user:password@host:port,host:port/path?option=value`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        who, _, self._hosts = parts.netloc.rpartition("@")
        user, _, password = who.partition(":")
        self.path = unquote(parts.path.strip("/"))
        self.options: dict[str, Any] = {}
        if user:
            self.options["username"] = unquote(user)
        if password:
            self.options["password"] = unquote(password)
        if parts.scheme.startswith("rediss"):
            self.options["ssl"] = True
        given = dict(parse_qsl(parts.query))
        if "ssl_ca_certs" in given:
            self.options["ssl_ca_certs"] = given["ssl_ca_certs"]
        self.sentinel_options: dict[str, Any] = {}
        if "sentinel_password" in given:
            self.sentinel_options["password"] = given["sentinel_password"]

    def hosts(self, port: int) -> list[tuple[str, int]]:
        """Raises ValueError when there is none."""
        found = []
        for host in filter(None, self._hosts.split(",")):
            parts = urlsplit(f"//{host}")
            found.append((parts.hostname or "", parts.port or port))
        if not found or not all(host for host, _ in found):
            raise ValueError("name at least one host:port")
        return found


# What goes to no key's server; all other commands here have their key first, or where `key_of` says.
_KEYLESS = {"PING", "INFO", "PUBLISH", "CLUSTER INFO", "CONFIG GET", "FLUSHDB"}


def key_of(command: Command) -> str | None:
    """The (first) key of a command, None where it has none."""
    name = str(command[0]).upper()
    if name in _KEYLESS:
        return None
    if name in {"EVAL", "EVALSHA"}:
        return str(command[3])
    if name in {"XREAD", "XREADGROUP"}:
        words = [str(word).upper() for word in command]
        return str(command[words.index("STREAMS") + 1])
    return str(command[1])


def _once() -> Retry:
    # redis-py 8 retries ten times by default: 4.6 s for each call to a dead server.
    return Retry(NoBackoff(), 0)
