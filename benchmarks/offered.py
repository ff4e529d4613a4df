"""Requests offered at a rate, whether or not earlier ones were answered: readers do not wait for each other.

Each goes over a connection of its own that is idle at that moment, or over a new one. Times are from the moment a
request was due, so a generator or a server that is late does not make its own lateness invisible.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST = 6_000  # connections
_PAUSE = 0.5  # seconds; a refusal says one to four


@dataclass(frozen=True)
class Answered:
    """One request: when it was due, how long it took from then, its status (0: none came)."""

    due: float
    seconds: float
    status: int

    @property
    def is_good(self) -> bool:
        """Whether what was asked for was done."""
        return 200 <= self.status < 300


@dataclass
class Offer:
    """All answers to what was offered."""

    answers: list[Answered] = field(default_factory=list)
    begun: float = 0.0
    seconds: float = 0.0

    def good(self, within: float, *, since: float = 0.0) -> int:
        """How many were answered well in that time; of those that were answered from so many seconds on, to the end."""
        begin, end = self.begun + since, self.begun + self.seconds
        return sum(
            one.is_good and one.seconds <= within and begin <= one.due + one.seconds <= end for one in self.answers
        )

    def times(self, *, good: bool) -> list[float]:
        """Seconds, in order, of the good answers or of the refusals."""
        wanted = [one.seconds for one in self.answers if (one.is_good if good else one.status == 503)]
        return sorted(wanted)

    @property
    def statuses(self) -> Counter[int]:
        """How many of each status; 0: no answer."""
        return Counter(one.status for one in self.answers)


Request = Callable[[int], bytes]
_numbers = itertools.count(1)


async def offer(port: int, request: Request, *, rate: float, seconds: float, patience: float = 10.0) -> Offer:
    """So many requests a second for so long; answers are waited for `patience` seconds longer."""
    made, loop = Offer(), asyncio.get_running_loop()
    idle: deque[_Asking] = deque()
    under_way: set[asyncio.Task[None]] = set()
    made.begun, made.seconds = loop.time(), seconds
    for number in range(int(rate * seconds)):
        due = made.begun + number / rate
        if (early := due - loop.time()) > 0:
            await asyncio.sleep(early)
        elif number % 50 == 0:
            await asyncio.sleep(0)  # late: answers must be read all the same
        if len(under_way) < _MOST:
            task = loop.create_task(_ask(port, request(next(_numbers)), due, idle, made))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        else:
            made.answers.append(Answered(due, 0.0, 0))
    await asyncio.wait([*under_way], timeout=patience) if under_way else None
    for task in [*under_way]:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    for one in idle:
        one.close()
    return made


async def in_turn(port: int, request: Request, *, at_once: int, seconds: float) -> Offer:
    """So many clients, each of which asks when it was answered: what the server can do at most.

    Who was refused pauses, as clients and balancers do; asking again at once would measure nothing but refusals.
    """
    made, loop = Offer(), asyncio.get_running_loop()
    made.begun, made.seconds = loop.time(), seconds

    async def client() -> None:
        idle: deque[_Asking] = deque()
        while loop.time() < made.begun + seconds:
            await _ask(port, request(next(_numbers)), loop.time(), idle, made)
            if not made.answers[-1].is_good:
                await asyncio.sleep(_PAUSE)
        for one in idle:
            one.close()

    await asyncio.gather(*(client() for _ in range(at_once)))
    return made


async def _ask(port: int, request: bytes, due: float, idle: deque[_Asking], made: Offer) -> None:
    loop, status, asking = asyncio.get_running_loop(), 0, None
    try:
        asking = idle.pop() if idle else (await loop.create_connection(_Asking, "127.0.0.1", port))[1]
        status = await asking.ask(request)
        if asking.is_open:
            idle.append(asking)
    except (OSError, asyncio.CancelledError):
        if asking is not None:
            asking.close()
    made.answers.append(Answered(due, loop.time() - due, status))


class _Asking(asyncio.Protocol):
    """One connection, one request at a time; of an answer its status and its length are looked at."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._head = b""
        self._left = -1
        self._status = 0
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # of a stream
        self.is_open = True

    async def ask(self, request: bytes) -> int:
        self._answer, self._head, self._left = asyncio.get_running_loop().create_future(), b"", -1
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            fields = self._head[:end].lower()
            self._status, at = int(fields[9:12]), fields.find(b"content-length: ")
            self._left = int(fields[at + 16 :].split(b"\r\n", 1)[0]) if at > 0 else 0
            data = self._head[end + 4 :]
        self._left -= len(data)
        if self._left <= 0 and self._answer is not None and not self._answer.done():
            self._answer.set_result(self._status)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def close(self) -> None:
        self._transport.close()
