"""Sentinel names the primary: when that dies, its successor is used, for commands and for listening."""

from __future__ import annotations

import asyncio
import contextlib

from service.kit.redis import Away, Redis
from tests.servers.redis_sentinel import redis_sentinel
from tests.servers.waiting import eventually


async def test_the_successor_of_a_dead_primary_is_used() -> None:
    with redis_sentinel() as watched:
        redis = Redis(watched.url)
        heard: list[str | None] = []

        async def listen() -> None:
            while True:
                with contextlib.suppress(Away):
                    async for message in redis.listen("news"):
                        heard.append(message)  # noqa: PERF401  # one by one, as they come
                await asyncio.sleep(0.05)

        listening = asyncio.create_task(listen())
        counted = [await redis.script("return redis.call('INCR', KEYS[1])", ["{1}:n"], []) for _ in range(3)]
        assert counted == [1, 2, 3]
        await eventually(lambda: heard == [None], "it to listen")
        await redis.call("PUBLISH", "news", "before")
        await eventually(lambda: heard == [None, "before"], "the message")

        watched.primary.kill()
        async with asyncio.timeout(40):
            while True:
                with contextlib.suppress(Away):
                    await redis.script("return redis.call('INCR', KEYS[1])", ["{1}:n"], [])
                    break
                await asyncio.sleep(0.1)
        await eventually(lambda: heard[-1] is None and len(heard) > 2, "it to listen again", seconds=30)
        await redis.call("PUBLISH", "news", "after")
        await eventually(lambda: heard[-1] == "after", "the message")

        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await redis.close()
