"""Forgetting pages that changed, here at once and in other processes through Redis.

Nothing here is needed for truth: a message that is lost costs seconds, because no page lives longer than that. While
this process cannot hear the others, its pages live much shorter; when it hears them again, it begins empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable, Sequence

from service.kit.cancelling import end_if_told
from service.kit.db import Changes, Database
from service.kit.redis import Away, Redis
from service.reading.cache import PageCache

CHANNEL = "parley:changed"
HEARD, UNHEARD = 15.0, 2.0  # seconds a page may live while the others are heard, and while they are not


class Teller:
    """Tells other processes what changed: one message at a time, and in the next all that came up meanwhile."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.me = secrets.token_hex(8)
        self._untold = Changes()
        self._telling: asyncio.Task[None] | None = None

    def tell(self, changes: Changes) -> None:
        """Say it soon; lost when Redis is away."""
        self._untold.add(changes)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._publish())

    async def close(self) -> None:
        """Finish telling."""
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=1)

    async def _publish(self) -> None:
        while self._untold:
            told, self._untold = self._untold, Changes()
            message = {
                "from": self.me,
                # A process of an older version knows no `grown`: to it that is a change as any other.
                "now": sorted(told.now | told.grown),
                "often": sorted(told.often),
                "grown": sorted(told.grown - told.now),
            }
            with contextlib.suppress(Away):
                await self._redis.call("PUBLISH", CHANNEL, json.dumps(message))


class Purger:
    """Tells and listens."""

    def __init__(
        self, cache: PageCache, redis: Redis, db: Database, *, also: Sequence[Callable[[set[str]], None]]
    ) -> None:
        """`also` are told the tags of what changed, here or elsewhere."""
        self._cache = cache
        self._redis = redis
        self._db = db
        self._also = also
        self._teller = Teller(redis)
        cache.live(UNHEARD, deaf=True)

    def told(self, changes: Changes) -> None:
        """Something changed in this process: `Database.on_change`."""
        self._forget(changes)
        self._teller.tell(changes)

    async def run(self) -> None:
        """Hear the other processes until cancelled."""
        while True:
            end_if_told()
            with contextlib.suppress(Away):
                async for message in self._redis.listen(CHANNEL):
                    if message is None:
                        self._begin_anew()
                    else:
                        self._hear(message)
            self._cache.live(UNHEARD, deaf=True)
            await asyncio.sleep(1)

    async def close(self) -> None:
        """Finish telling."""
        await self._teller.close()

    def _begin_anew(self) -> None:
        # Whatever was said while nobody listened here is unknown: to the pages, and to who judges a replica.
        self._db.outdate(None)
        self._cache.clear()
        self._cache.live(HEARD)

    def _forget(self, changes: Changes) -> None:
        self._cache.forget(changes.now)
        self._cache.grow(changes.grown - changes.now)
        self._cache.soften(changes.often)
        for tell in self._also:
            tell(changes.now | changes.grown)

    def _hear(self, message: str) -> None:
        heard = json.loads(message)
        if heard["from"] != self._teller.me:
            grown = set(heard.get("grown", ()))
            changes = Changes(set(heard["now"]) - grown, set(heard["often"]), grown)
            self._db.outdate(changes.all)
            self._forget(changes)
