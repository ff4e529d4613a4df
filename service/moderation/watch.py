"""The desk as it changes, for those who look at it: who takes and gives back what, what comes and what is done.

The scripts of the index publish each change to all processes; each process hands them to its own listeners. Nothing
depends on it: a message may be lost, and a listener that is too slow is told to look anew. No listener holds a
connection to the database, and a process has at most so many listeners.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from service.kit import clock
from service.kit.cancelling import end_if_told
from service.kit.db import Database, ReadTx
from service.kit.errors import Unavailable
from service.kit.redis import Away, Redis
from service.moderation import listing, queues
from service.moderation.access import Sections
from service.moderation.index import CHANNEL, Holder
from service.moderation.names import names
from service.moderation.queue import Queue

_MOST, _MOST_OF_ONE = 500, 20  # listeners of a process, and of one account
_BACKLOG = 100  # messages a listener may be behind
_PULSE = 15.0  # seconds between signs of life, and between looks at who may still listen
_TOGETHER = 0.5  # seconds in which changes are counted once
_NAMES_LIFE = 60.0
log = structlog.get_logger()


class TooManyWatch(Unavailable):
    """Too many windows look at this desk at once. Ask for the counts now and then instead."""

    type = "too-many-watch"


@dataclass(frozen=True)
class Event:
    """Something to tell a listener. `pulse` is a sign of life, without data."""

    kind: str
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class _Listener:
    site_id: int
    account_id: int
    sections: Sections
    waiting: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(_BACKLOG))
    is_behind: bool = False

    def tell(self, event: Event) -> None:
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.is_behind = True


class Watch:
    """The listeners of one process."""

    def __init__(self, redis: Redis, db: Database, queue: Queue) -> None:
        self._redis = redis
        self._db = db
        self._queue = queue
        self._listeners: dict[int, set[_Listener]] = {}
        self._counting: dict[int, asyncio.Task[None]] = {}
        self._names: dict[tuple[int, int], tuple[float, str]] = {}
        self._ended = asyncio.Event()
        self._is_heard = False

    @property
    def size(self) -> int:
        """How many listen at this moment."""
        return sum(map(len, self._listeners.values()))

    def end(self) -> None:
        """Let all streams come to their end, because the process does."""
        self._ended.set()

    async def run(self) -> None:
        """Hear the other processes until cancelled."""
        try:
            while True:
                end_if_told()
                with contextlib.suppress(Away):
                    async for message in self._redis.listen(CHANNEL):
                        await self._hear(message)
                self._is_heard = False
                self._tell_all(Event("away", {"ask_every_seconds": 10}))
                await asyncio.sleep(1)
        finally:
            for task in self._counting.values():
                task.cancel()

    async def stream(
        self,
        site_id: int,
        account_id: int,
        sections: Sections,
        *,
        seconds: float,
        may_still: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[Event]:
        """What changes at a site's desk for so many seconds, after how it is now; ends early with the process.

        `may_still` is asked now and then whether this one may still listen.
        """
        me = self._join(site_id, account_id, sections)
        try:
            for event in await self._now(site_id, sections):
                yield event
            end = time.monotonic() + seconds
            looked = time.monotonic()
            while (left := end - time.monotonic()) > 0 and not self._ended.is_set():
                yield await self._next(me, min(left, _PULSE))
                if time.monotonic() - looked >= _PULSE:
                    looked = time.monotonic()
                    if not await may_still():
                        return
        finally:
            self._part(me)

    def check_room(self, account_id: int) -> None:
        """Raises TooManyWatch when there is no room for another listener; asked before a stream begins."""
        own = sum(one.account_id == account_id for some in self._listeners.values() for one in some)
        if self.size >= _MOST or own >= _MOST_OF_ONE or self._ended.is_set():
            raise TooManyWatch(retry_after=30)

    def _join(self, site_id: int, account_id: int, sections: Sections) -> _Listener:
        me = _Listener(site_id, account_id, sections)
        self._listeners.setdefault(site_id, set()).add(me)
        return me

    def _part(self, me: _Listener) -> None:
        here = self._listeners.get(me.site_id, set())
        here.discard(me)
        if not here:
            self._listeners.pop(me.site_id, None)

    async def _next(self, me: _Listener, patience: float) -> Event:
        if me.is_behind:
            # What was missed cannot be told; what is there now can be asked for.
            me.is_behind, me.waiting = False, asyncio.Queue(_BACKLOG)
            return Event("reset")
        told, ended = asyncio.ensure_future(me.waiting.get()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({told, ended}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            return told.result() if told.done() else Event("pulse")
        finally:
            told.cancel()
            ended.cancel()

    async def _now(self, site_id: int, sections: Sections) -> list[Event]:
        events = [Event("hello", {"is_live": self._is_heard})]
        try:
            holders = await self._queue.holders(site_id)
        except Away:
            holders = {}
        if sections is None:
            by: dict[tuple[int, datetime], list[int]] = {}
            for case, holder in holders.items():
                by.setdefault((holder.moderator, holder.expires_at), []).append(case)
            events += [await self._held(site_id, cases, *whose) for whose, cases in by.items()]
        return [*events, await self._counts(site_id, sections, holders)]

    async def _hear(self, message: str | None) -> None:
        if message is None:
            self._is_heard = True
            self._tell_all(Event("reset"))
            return
        told = json.loads(message)
        site_id = int(told["site"])
        if site_id not in self._listeners:
            return
        cases = [int(case) for case in told["cases"]]
        event = Event(told["kind"], {"cases": [str(case) for case in cases]})
        if told["kind"] == "held":
            till = datetime.fromtimestamp(float(told["till"]) / 1000, UTC)
            event = await self._held(site_id, cases, int(told["by"]), till)
        for listener in self._listeners.get(site_id, ()):
            # Whoever sees some sections only is not told of cases elsewhere, not even their ids.
            listener.tell(event if listener.sections is None else Event("changed"))
        if site_id not in self._counting:
            self._counting[site_id] = asyncio.create_task(self._count(site_id))

    async def _held(self, site_id: int, cases: Sequence[int], account_id: int, until: datetime) -> Event:
        return Event(
            "held",
            {
                "cases": [str(case) for case in cases],
                "account": str(account_id),
                "by": await self._name(site_id, account_id),
                "until": until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            },
        )

    async def _count(self, site_id: int) -> None:
        try:
            await asyncio.sleep(_TOGETHER)
            by_sections: dict[Sections, Event] = {}
            for listener in list(self._listeners.get(site_id, ())):
                if listener.sections not in by_sections:
                    by_sections[listener.sections] = await self._counts(site_id, listener.sections)
                listener.tell(by_sections[listener.sections])
        except Unavailable:
            log.info("watch.uncounted", site=site_id)
        finally:
            self._counting.pop(site_id, None)

    async def _counts(self, site_id: int, sections: Sections, holders: dict[int, Holder] | None = None) -> Event:
        async def read(tx: ReadTx) -> list[listing.QueueCount]:
            return await listing.count_queues(tx, site_id, await queues.of_site(tx, site_id), clock.now(), sections)

        if holders is None:
            try:
                holders = await self._queue.holders(site_id)
            except Away:
                holders = {}
        counted = await self._db.read(read)
        told = [
            {
                "id": one.queue.key,
                "name": one.queue.name,
                "open": one.open,
                "overdue": one.overdue,
                "held": sum(one.queue.key in holder.lanes for holder in holders.values()),
            }
            for one in counted
        ]
        return Event("counts", {"open": counted[0].open, "queues": told})

    async def _name(self, site_id: int, account_id: int) -> str:
        now = time.monotonic()
        known = self._names.get((site_id, account_id))
        if known is None or known[0] < now:
            if len(self._names) > _MOST:
                self._names.clear()
            found = await self._db.read(names, site_id, [account_id])
            known = self._names[site_id, account_id] = now + _NAMES_LIFE, found.get(account_id, "Somebody")
        return known[1]

    def _tell_all(self, event: Event) -> None:
        for some in self._listeners.values():
            for listener in some:
                listener.tell(event)
