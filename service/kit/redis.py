"""Redis: fast, shared, and never the truth.

Every call is bounded in time. When Redis is away, calls raise `Away` at once for a second at a time (a breaker), so
that a dead Redis costs a request microseconds and not a connect timeout; the caller says what it does instead. Of a
cluster each node is away for itself: the keys of the others stay.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MaxConnectionsError, NoScriptError, OutOfMemoryError, ResponseError

from service.kit import metrics, traces
from service.kit.redis_straight import hear
from service.kit.redis_wire import UNREACHABLE, Busy, Command, key_of, wire_to

T = TypeVar("T")

_REST = 1.0  # seconds without a try after a failure
# The server answers, but not usefully: read-only replica, loading its file, out of memory, failing cluster.
_UNWELL = {"READONLY", "LOADING", "OOM", "MISCONF", "CLUSTERDOWN", "MASTERDOWN", "BUSY", "NOREPLICAS", "TRYAGAIN"}
_FULL_FOR = (
    15.0  # seconds for which it is believed to have no room: commands that write nothing are answered all the same
)
_FAILURES = metrics.counter("redis_failures", "Times a Redis could not be used, and was left alone for a second.")
_ALL = "*"  # where no server can even be named


class Away(Exception):
    """Redis cannot be used right now."""


class Redis:
    """A client with short timeouts, bounded connections and a breaker for each server."""

    def __init__(self, url: str) -> None:
        """`url` as in `PARLEY_REDIS_URL`. Raises ValueError when it names no server."""
        self._wire = wire_to(url)
        self._shas: dict[str, str] = {}
        self._rest_until: dict[str, float] = {}
        self._full_until = 0.0

    @property
    def is_resting(self) -> bool:
        """True while a breaker is open."""
        now = time.monotonic()
        return any(now < until for until in self._rest_until.values())

    @property
    def is_full(self) -> bool:
        """Whether a server refused to write for want of memory, some seconds ago (`maxmemory` with `noeviction`)."""
        return time.monotonic() < self._full_until

    async def call(self, command: str, *args: Any) -> Any:
        """Send one command. Raises Away when the server that has its key cannot be reached or is unwell."""
        line = (command, *args)
        key = key_of(line)
        if key is None:
            return await self._anywhere(line)
        place = await self._place(key)
        return await self._told(command, self._guard(place, self._send(place, line)))

    async def script(self, source: str, keys: list[str], args: list[Any]) -> Any:
        """Run a Lua script by its hash, sending it whole where the server does not know it. Raises Away.

        All `keys` share a hash tag, so that the script also runs on a cluster; ValueError otherwise, on any floor.
        """
        place = await self._place(_of_one_tag(keys))
        return await self._told("EVALSHA", self._guard(place, self._evalsha(place, source, keys, args)))

    async def pipeline(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        """Send several commands for keys of one hash tag in one round trip, without a transaction. Raises Away."""
        place = await self._place(_of_one_tag([key_of(command) or "" for command in commands]))
        return await self._told("PIPELINE", self._guard(place, self._wire.pipeline(commands)))

    async def forget(self, pattern: str) -> None:
        """Delete the keys that match, at every server; looks through all of them, some at a time. Raises Away."""
        for place in await self._places():
            cursor: int | str = 0
            while True:
                line = ("SCAN", cursor, "MATCH", pattern, "COUNT", 1_000)
                cursor, keys = await self._guard(place, self._send(place, line))
                for key in keys:
                    await self.call("DEL", key)
                if int(cursor) == 0:
                    break

    async def check(self) -> None:
        """Raises Away unless every server answers."""
        for place in await self._places():
            await self._guard(place, self._send(place, ("PING",)))

    async def listen(self, channel: str) -> AsyncIterator[str | None]:
        """What is published on a channel, for as long as the connection lasts; first None, once it is heard.

        Raises Away when it cannot be heard any more. What was published in between is lost: assume the worst then.
        """
        try:
            client = await self._wire.listener()
        except UNREACHABLE as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        try:
            async with contextlib.aclosing(hear(client, channel)) as heard:
                async for message in heard:
                    yield message
        except UNREACHABLE as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        finally:
            await client.aclose(close_connection_pool=True)

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()

    async def _told(self, name: str, call: Awaitable[T]) -> T:
        if not traces.on:
            return await call
        with traces.command(name):
            return await call

    async def _place(self, key: str) -> str:
        return await self._guard(_ALL, self._wire.place(key))

    async def _places(self) -> list[str]:
        return await self._guard(_ALL, self._wire.places())

    async def _anywhere(self, command: Command) -> Any:
        """At the first server that can."""
        away = Away("there is no server")
        for place in await self._places():
            try:
                return await self._guard(place, self._send(place, command))
            except Away as error:
                away = error
        raise away

    async def _send(self, place: str, command: Command) -> Any:
        # A connection that died while idle fails once; the second try opens a new one, and finds who took over.
        try:
            return await self._wire.send(place, command)
        except RedisConnectionError:
            return await self._wire.send(place, command)

    async def _evalsha(self, place: str, source: str, keys: list[str], args: list[Any]) -> Any:
        sha = self._shas.get(source)
        if sha is None:
            sha = self._shas[source] = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
        try:
            return await self._send(place, ("EVALSHA", sha, len(keys), *keys, *args))
        except NoScriptError:
            return await self._send(place, ("EVAL", source, len(keys), *keys, *args))

    async def _guard(self, place: str, call: Awaitable[T]) -> T:
        if time.monotonic() < self._rest_until.get(place, 0.0):
            call.close()  # type: ignore[attr-defined]  # a coroutine never awaited would warn
            raise Away("resting after a failure")
        try:
            return await call
        except (Busy, MaxConnectionsError) as error:
            raise Away(str(error)) from error  # without a rest: we are busy, it is not away
        except ResponseError as error:
            code = _code(error)
            if code == "OOM":
                self._full_until = time.monotonic() + _FULL_FOR
            if code in _UNWELL:
                raise self._rest(place, error) from error
            raise
        except UNREACHABLE as error:
            raise self._rest(place, error) from error

    def _rest(self, place: str, error: BaseException) -> Away:
        self._rest_until[place] = time.monotonic() + _REST
        _FAILURES.inc()
        return Away(f"{type(error).__name__}: {error}")


def _code(error: ResponseError) -> str:
    if isinstance(error, OutOfMemoryError):
        return "OOM"
    # An older server says of a script that it failed, and why in the middle of that.
    if (inside := _IN_SCRIPT.search(str(error))) is not None:
        return inside[1]
    # Of the errors it knows redis-py takes the code out of the text.
    return str(getattr(error, "status_code", None) or str(error).partition(" ")[0])


_IN_SCRIPT = re.compile("user_script.*? -([A-Z]+) ")


def _of_one_tag(keys: Sequence[str]) -> str:
    """One of the keys. Raises ValueError when a cluster could keep them on different nodes."""
    if len({_tag(key) for key in keys}) != 1:
        raise ValueError(f"keys of different hash tags: {', '.join(keys)}")
    return keys[0]


def _tag(key: str) -> str:
    # The first braces with something in them, else the whole key (Redis Cluster specification, "Hash tags").
    _, brace, rest = key.partition("{")
    inside, closing, _ = rest.partition("}")
    return inside if brace and closing and inside else key
