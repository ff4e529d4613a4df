"""Sites as this process last read them, so that not every post and every page asks for its site first.

They are at most two seconds old: a change by command, which nobody tells us of, shows after that time. A change made
in a process that serves is told by its tag and shows at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from service.kit.db import Database
from service.sites.site import Site, by_name, site_tag

LIFE = 2.0  # seconds


class Directory:
    """Finds sites by name. As large as there are sites."""

    def __init__(self, db: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[str, tuple[Site, float]] = {}
        self._changes = 0

    async def by_name(self, name: str) -> Site:
        """Find a site by its shortname. Raises SiteUnknown; what is not there is asked for each time."""
        known = self._known.get(name)
        now = self._clock()
        if known is not None and known[1] > now:
            return known[0]
        before = self._changes
        found = await self._db.read_public(by_name, name)
        if before == self._changes:  # not what was read before a change that came meanwhile
            self._known[found.name] = found, now + LIFE
        return found

    def forget(self, tags: Iterable[str]) -> None:
        """Drop the sites whose tag is among these."""
        told = {each for each in tags if each.startswith("site-")}
        if told:
            self._changes += 1
            self._known = {name: known for name, known in self._known.items() if site_tag(known[0].id) not in told}
