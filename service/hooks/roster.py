"""Which sites have hooks, as this process last read it: nearly all have none, and each post would ask.

A change is told by its tag and shows at once; where the message is lost, after two seconds. Whose site has hooks is
asked for them each time.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from sqlalchemy import bindparam, select

from service.hooks.hook import tag
from service.hooks.tables import HookRow
from service.kit.db import Database, ReadTx

LIFE = 2.0  # seconds
_MOST = 10_000  # sites

_HOOKS = HookRow.metadata.tables[str(HookRow.__tablename__)]
_ANY = select(_HOOKS.c.id).where(_HOOKS.c.site_id == bindparam("site"), _HOOKS.c.enabled).limit(1)


class Roster:
    """Remembers sites without hooks."""

    def __init__(self, db: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._without: OrderedDict[int, float] = OrderedDict()
        self._heard = 0

    async def has_hooks(self, site_id: int) -> bool:
        """Whether a site has a hook that is switched on."""
        now, heard = self._clock(), self._heard
        if self._without.get(site_id, 0.0) > now:
            return False
        if await self._db.read(_has_any, site_id):
            return True
        if heard == self._heard:  # what was read is not from before a change
            self._without[site_id] = now + LIFE
            self._without.move_to_end(site_id)
            while len(self._without) > _MOST:
                self._without.popitem(last=False)
        return False

    def forget(self, tags: Iterable[str]) -> None:
        """Forget the sites whose tag is among these."""
        told = {each for each in tags if each.startswith("hooks-")}
        if told:
            self._heard += 1
            for site_id in [each for each in self._without if tag(each) in told]:
                del self._without[site_id]


async def _has_any(tx: ReadTx, site_id: int) -> bool:
    return (await tx.run(_ANY, {"site": site_id})).first() is not None
