"""Sites as this process last read them, so that not every post and every page asks for its site first.

They are at most two seconds old: a change by command, which nobody tells us of, shows after that time. A change made
in a process that serves is told by its tag and shows at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from service.kit.db import Database
from service.sites.site import Site, by_name, tag

LIFE = 2.0  # seconds


class Directory:
    """Finds sites by name. As large as there are sites."""

    def __init__(self, db: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[str, tuple[Site, float]] = {}
        self._asking: dict[str, asyncio.Future[Site]] = {}

    async def by_name(self, name: str) -> Site:
        """Find a site by its shortname. Raises SiteUnknown; what is not there is asked for each time."""
        known = self._known.get(name)
        if known is not None and known[1] > self._clock():
            return known[0]
        # One asks and the others wait: what was known ends for all of them at once.
        if name not in self._asking:
            self._asking[name] = asyncio.ensure_future(self._ask(name))
        return await asyncio.shield(self._asking[name])

    def forget(self, tags: Iterable[str]) -> None:
        """Drop the sites whose tag is among these."""
        told = {each for each in tags if each.startswith("site-")}
        if told:
            self._known = {name: known for name, known in self._known.items() if tag(known[0].id) not in told}
            self._asking.clear()  # what is being read may be from before the change

    async def _ask(self, name: str) -> Site:
        me, now = asyncio.current_task(), self._clock()
        try:
            found = await self._db.read_public(by_name, name)
            if self._asking.get(name) is me:
                self._known[found.name] = found, now + LIFE
            return found
        finally:
            if self._asking.get(name) is me:
                del self._asking[name]
