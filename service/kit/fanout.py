"""What is told on one Redis channel, handed to everybody in this process who listens for it.

One subscription serves all listeners of a process, whatever they listen to: a message is `topic payload`, and goes, as
the same bytes, into the line of each ear that has that topic. A line is bounded. Whoever does not keep up is let go,
and so is everybody when Redis cannot be heard: they come again and say what they heard last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator

from service.kit.cancelling import end_if_told
from service.kit.redis import Away, Redis

_LINE = 64  # messages that may wait for one listener
_BEAT = 15.0  # seconds of silence; proxies give up on a quiet connection after 30 or 60
_SLICE = 200  # listeners told at once before others have a turn


class Over(Exception):
    """There is nothing more to hear here."""


class Ear:
    """One listener's line of messages."""

    __slots__ = ("_is_over", "_line", "_waiter", "topic")

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._line: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._is_over = False

    def tell(self, message: bytes) -> None:
        """Put a message into the line; a line that is full ends here."""
        if len(self._line) >= _LINE:
            self._line.clear()
            self.close()
        if not self._is_over:
            self._line.append(message)
            self._wake()

    async def hear(self) -> bytes:
        """All that waits, in order, as one; waits for it. Raises Over."""
        while not self._line:
            if self._is_over:
                raise Over
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        heard = b"".join(self._line)
        self._line.clear()
        return heard

    def take(self) -> list[bytes]:
        """What waits, one by one, without waiting."""
        heard = list(self._line)
        self._line.clear()
        return heard

    def close(self) -> None:
        """End it: whoever listens hears what is in the line, then Over."""
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Fanout:
    """The ears of one process. `beat` is what each of them hears every 15 seconds, so that the connection lives."""

    def __init__(self, redis: Redis, channel: str, *, beat: bytes = b": \n\n") -> None:
        self._redis = redis
        self._channel = channel
        self._beat = beat
        self._ears: dict[str, set[Ear]] = {}
        self._is_closed = False
        self.is_heard = False

    def __len__(self) -> int:
        return sum(len(ears) for ears in self._ears.values())

    @contextlib.contextmanager
    def listen(self, topic: str) -> Iterator[Ear]:
        """An ear for a topic. Raises Away while the channel cannot be heard."""
        if not self.is_heard or self._is_closed:
            raise Away("nothing can be heard")
        ear = Ear(topic)
        self._ears.setdefault(topic, set()).add(ear)
        try:
            yield ear
        finally:
            ears = self._ears[topic]
            ears.discard(ear)
            if not ears:
                del self._ears[topic]

    async def run(self) -> None:
        """Hear the channel until cancelled."""
        beat = asyncio.create_task(self._keep_alive())
        try:
            while True:
                end_if_told()
                with contextlib.suppress(Away):
                    async for message in self._redis.listen(self._channel):
                        if message is None:
                            self.is_heard = True
                        else:
                            topic, _, payload = message.partition(" ")
                            self.hand_on(topic, payload.encode())
                # What is told from now on is missed: whoever listens has to come again and catch up.
                self.is_heard = False
                self._end_all()
                await asyncio.sleep(1)
        finally:
            beat.cancel()
            self.close()

    def close(self) -> None:
        """Let everybody go, for good: the process ends, and would otherwise wait for its listeners."""
        self._is_closed = True
        self._end_all()

    def hand_on(self, topic: str, message: bytes) -> None:
        """Tell those of this process who listen for a topic."""
        for ear in self._ears.get(topic, ()):
            ear.tell(message)

    def _end_all(self) -> None:
        for ears in self._ears.values():
            for ear in ears:
                ear.close()

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            for number, ear in enumerate([ear for ears in self._ears.values() for ear in ears], 1):
                ear.tell(self._beat)
                if number % _SLICE == 0:
                    await asyncio.sleep(0.01)
