"""Sites as this process last read them, so that not every post and every page asks for its site first.

A change is told by its tag, by commands too, and shows at once; where the message is lost, after two seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from service.kit.db import Database
from service.sites.site import Site, by_id, by_name, tag

LIFE = 2.0  # seconds
_MOST = 2_000  # sites remembered, by name and by id each; with all they have set, one takes some tens of kilobytes


class Directory:
    """Finds sites by name and by id; remembers those that were read last."""

    def __init__(self, db: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[str | int, tuple[Site, float]] = {}
        self._asking: dict[str | int, asyncio.Future[Site]] = {}

    async def by_name(self, name: str) -> Site:
        """Find a site by its shortname. Raises SiteUnknown; what is not there is asked for each time."""
        return await self._find(name)

    async def by_id(self, site_id: int) -> Site:
        """Find a site by its id. Raises SiteUnknown."""
        return await self._find(site_id)

    async def _find(self, key: str | int) -> Site:
        known = self._known.get(key)
        if known is not None and known[1] > self._clock():
            return known[0]
        # One asks and the others wait: what was known ends for all of them at once.
        if key not in self._asking:
            self._asking[key] = asyncio.ensure_future(self._ask(key))
        return await asyncio.shield(self._asking[key])

    def forget(self, tags: Iterable[str]) -> None:
        """Drop the sites whose tag is among these."""
        told = {each for each in tags if each.startswith("site-")}
        if told:
            self._known = {key: known for key, known in self._known.items() if tag(known[0].id) not in told}
            self._asking.clear()  # what is being read may be from before the change

    async def _ask(self, key: str | int) -> Site:
        me, now = asyncio.current_task(), self._clock()
        try:
            if isinstance(key, int):
                found = await self._db.read_public(by_id, key)
            else:
                found = await self._db.read_public(by_name, key)
            if self._asking.get(key) is me:
                self._keep(key, found, now + LIFE)
            return found
        finally:
            if self._asking.get(key) is me:
                del self._asking[key]

    def _keep(self, key: str | int, found: Site, until: float) -> None:
        self._known.pop(key, None)
        self._known[key] = found, until
        if len(self._known) > 2 * _MOST:
            del self._known[next(iter(self._known))]  # read longest ago
