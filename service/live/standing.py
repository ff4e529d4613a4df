"""Whether discussions are open, told again when their site's settings change: a site may close all of them at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from service import sites, threads
from service.kit.db import Database, ReadTx
from service.kit.errors import Unavailable
from service.kit.fanout import Fanout
from service.live import stream
from service.sites import Site, SiteUnknown
from service.threads import Thread

StateOf = Callable[[Thread, Site], str]

_AT_ONCE = 500  # discussions in one question


class Standing:
    """Tells the listeners of this process. Every process hears that a site changed, so none tells another's.

    `state_of` says how a discussion stands, `open` or `closed`, with what its site has set.
    """

    def __init__(self, db: Database, fanout: Fanout, state_of: StateOf) -> None:
        self._db = db
        self._fanout = fanout
        self._state_of = state_of
        self._listened: dict[int, Counter[int]] = {}
        self._due: set[int] = set()
        self._telling: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def follow(self, site_id: int, thread_id: int) -> Iterator[None]:
        """Somebody listens to a discussion of a site, as long as the block runs."""
        here = self._listened.setdefault(site_id, Counter())
        here[thread_id] += 1
        try:
            yield
        finally:
            here[thread_id] -= 1
            if not here[thread_id]:
                del here[thread_id]
            if not here:
                self._listened.pop(site_id, None)

    def changed(self, tags: set[str]) -> None:
        """Something changed, named by its tags: discussions of a site among them are told how they stand."""
        self._due |= {site_id for site_id in self._listened if sites.tag(site_id) in tags}
        if self._due and (self._telling is None or self._telling.done()):
            self._telling = asyncio.ensure_future(self._tell_due())

    async def close(self) -> None:
        """Tell nothing more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell_due(self) -> None:
        while self._due:
            site_id = self._due.pop()
            # Whoever is not told now hears it when they come again: the greeting says how it stands.
            with contextlib.suppress(SiteUnknown, Unavailable):
                await self._tell(site_id)

    async def _tell(self, site_id: int) -> None:
        left = iter(list(self._listened.get(site_id, ())))
        while some := list(islice(left, _AT_ONCE)):
            site, found = await self._db.read(_look, site_id, some)
            for thread in found:
                self._fanout.hand_on(stream.topic(thread.id), stream.frame(self._event(thread, site)))

    def _event(self, thread: Thread, site: Site) -> dict[str, object]:
        state = self._state_of(thread, site)
        return {"type": "thread", "state": state, "thread_version": thread.version, "count": thread.comment_count}


async def _look(tx: ReadTx, site_id: int, thread_ids: list[int]) -> tuple[Site, list[Thread]]:
    site = await sites.by_id(tx, site_id)
    return site, list((await threads.get_many(tx, thread_ids)).values())
