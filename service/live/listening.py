"""Listening to one thread: who may, from where on, and what there is to catch up with."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from service.kit.errors import TooMany, Unavailable
from service.kit.fanout import Ear, Fanout
from service.kit.redis import Away, Redis
from service.live import stream
from service.live.stream import Since
from service.threads import Thread


class LiveAway(Unavailable):
    """Nothing can be told live at the moment. Ask for the changes from time to time instead."""

    type = "live-away"


class TooManyListeners(TooMany):
    """Too many connections are open from where you are. Ask for the changes from time to time instead."""

    type = "too-many-listeners"


class Live:
    """The listeners of one process: at most `most`, and `most_per_address` from one address."""

    def __init__(self, redis: Redis, fanout: Fanout, *, most: int, most_per_address: int) -> None:
        self._redis = redis
        self._fanout = fanout
        self._most = most
        self._most_per_address = most_per_address
        self._by_address: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """Readers who listen here at this moment."""
        return self._by_address.total()

    @contextlib.contextmanager
    def listen(self, thread_id: int, address: str) -> Iterator[Ear]:
        """An ear for a thread's events, in frames. Raises LiveAway, TooManyListeners."""
        if self._by_address.total() >= self._most:
            raise LiveAway(retry_after=30)
        if self._by_address[address] >= self._most_per_address:
            raise TooManyListeners(retry_after=30)
        try:
            with self._fanout.listen(stream.topic(thread_id)) as ear:
                self._by_address[address] += 1
                try:
                    yield ear
                finally:
                    self._by_address[address] -= 1
                    if not self._by_address[address]:
                        del self._by_address[address]
        except Away as error:
            raise LiveAway(retry_after=10) from error

    async def since(self, thread: Thread, *, after: str | None, version: int | None) -> Since:
        """What happened in a thread since an event or a version of it; without Redis only whether something did."""
        after = after if after is not None and stream.is_id(after) else None
        try:
            return await stream.since(self._redis, thread.id, now=thread.version, after=after, version=version)
        except Away:
            return Since((), is_complete=version is not None and thread.version <= version, last=after)
