"""Redis: fast, shared, and never the truth.

Every call is bounded in time. When Redis is away, calls raise `Away` at once for a second at a time (a breaker), so
that a dead Redis costs a request microseconds and not a connect timeout; the caller says what it does instead.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError

T = TypeVar("T")

_REST = 1.0  # seconds without a try after a failure
# The server answers, but not usefully: read-only replica, loading its file, out of memory, failing cluster.
_UNWELL = ("READONLY", "LOADING", "OOM", "MISCONF", "CLUSTERDOWN", "MASTERDOWN", "BUSY", "NOREPLICAS")


class Away(Exception):
    """Redis cannot be used right now."""


class Redis:
    """A client with short timeouts, a bounded pool and a breaker."""

    def __init__(self, url: str) -> None:
        self._url = url
        pool = aioredis.BlockingConnectionPool.from_url(
            url,
            max_connections=20,
            timeout=0.5,
            socket_timeout=0.5,
            socket_connect_timeout=0.25,
            # redis-py 8 retries ten times by default: 4.6 s for each call to a dead server.
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            decode_responses=True,
        )
        self._client: Any = aioredis.Redis(connection_pool=pool)
        self._scripts: dict[str, str] = {}
        self._rest_until = 0.0

    @property
    def is_resting(self) -> bool:
        """True while the breaker is open."""
        return time.monotonic() < self._rest_until

    async def call(self, command: str, *args: Any) -> Any:
        """Send one command. Raises Away when Redis cannot be reached or is unwell."""
        return await self._guard(self._send(command, *args))

    async def script(self, source: str, keys: list[str], args: list[Any]) -> Any:
        """Run a Lua script by its hash, loading it when the server does not know it. Raises Away.

        All `keys` of one script share a hash tag, so that the script also runs on a cluster.
        """
        return await self._guard(self._evalsha(source, keys, args))

    async def pipeline(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        """Send several commands in one round trip, without a transaction. Raises Away."""
        return await self._guard(self._pipe(commands))

    async def listen(self, channel: str) -> AsyncIterator[str | None]:
        """What is published on a channel, for as long as the connection lasts; first None, once it is heard.

        Raises Away when it cannot be heard any more. What was published in between is lost: assume the worst then.
        """
        # A connection of its own, without the timeout that commands have: silence is normal here.
        client: Any = aioredis.Redis.from_url(
            self._url, decode_responses=True, socket_timeout=None, socket_connect_timeout=1, health_check_interval=10
        )
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.subscribe(channel)
                yield None
                async for message in heard.listen():
                    yield str(message["data"])
        except (RedisError, OSError, TimeoutError) as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        finally:
            await client.aclose(close_connection_pool=True)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose(close_connection_pool=True)

    async def _send(self, command: str, *args: Any) -> Any:
        # A connection that died while idle fails once; the second try opens a new one.
        try:
            return await self._client.execute_command(command, *args)
        except RedisConnectionError:
            return await self._client.execute_command(command, *args)

    async def _evalsha(self, source: str, keys: list[str], args: list[Any]) -> Any:
        sha = self._scripts.get(source)
        if sha is None:
            sha = self._scripts[source] = await self._send("SCRIPT LOAD", source)
        try:
            return await self._send("EVALSHA", sha, len(keys), *keys, *args)
        except NoScriptError:
            return await self._send("EVAL", source, len(keys), *keys, *args)

    async def _pipe(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        pipe = self._client.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        result: list[Any] = await pipe.execute()
        return result

    async def _guard(self, call: Awaitable[T]) -> T:
        if self.is_resting:
            call.close()  # type: ignore[attr-defined]  # a coroutine never awaited would warn
            raise Away("resting after a failure")
        try:
            return await call
        except ResponseError as error:
            if str(error).startswith(_UNWELL):
                raise self._rest(error) from error
            raise
        except (RedisError, OSError, TimeoutError) as error:
            raise self._rest(error) from error

    def _rest(self, error: BaseException) -> Away:
        self._rest_until = time.monotonic() + _REST
        return Away(f"{type(error).__name__}: {error}")
