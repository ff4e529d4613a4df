"""The queue of a site's cases: an index in Redis that puts itself back from SQL.

A case gets into the index by the reaction to CaseOpened and leaves it by the one to CaseClosed; both look at SQL
first, so they may run late, twice or in the wrong order. What still goes wrong (a reaction that met a dead Redis, a
server that came back with an old copy) `reconcile` finds.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from service.kit.db import Database
from service.kit.redis import Away, Redis
from service.moderation import listing, queues
from service.moderation.case import Place
from service.moderation.events import CaseClosed, CaseOpened, CaseRaised
from service.moderation.index import Index, Lease, Slot, Unready
from service.moderation.queues import ALL, SavedQueue

_BATCH = 2_000
_PATIENCE = 1.0  # seconds to wait for another process that puts the index back
_GLANCE = 0.02
# Every so many calls `reconcile` compares case by case, even when the numbers agree.
_THOROUGH_EVERY = 30
log = structlog.get_logger()


@dataclass(frozen=True)
class Repair:
    """What a comparison of index and SQL put right."""

    added: int = 0
    dropped: int = 0


class Queue(Index):
    """The index, and the truth it is put back from."""

    def __init__(self, redis: Redis, db: Database) -> None:
        super().__init__(redis)
        self._db = db
        self._turns: dict[int, int] = {}

    async def claim(
        self,
        site_id: int,
        moderator: int,
        limit: int,
        *,
        life: timedelta,
        cap: int,
        queue: SavedQueue = ALL,
        sections: Iterable[str] | None = None,
    ) -> list[Lease]:
        """Lease the `limit` cases of a queue that are due first to a moderator (an account's id), for `life`.

        No two calls get the same case while its lease lasts, from whichever queue. Fewer come when fewer wait, when
        the moderator would hold more than `cap`, or when others at work have nothing in hand and there is not enough
        for all. With `sections`: only from those. Raises ClaimCapReached, and Away (or Unready) where SQL's order is
        to be used.
        """
        wanted = list(sections) if sections is not None else None
        try:
            return await self.take(site_id, moderator, limit, life=life, cap=cap, queue=queue, sections=wanted)
        except Unready:
            await self.rebuild(site_id)
            return await self.take(site_id, moderator, limit, life=life, cap=cap, queue=queue, sections=wanted)

    async def rebuild(self, site_id: int) -> None:
        """Put the index of a site back from SQL, or wait a moment for whoever is at it. Raises Unready, Away.

        What is there stays as it is, leases too, so this is also how a new queue gets its cases.
        """
        witness = secrets.token_hex(8)
        if not await self.begin(site_id, witness):
            await self._wait(site_id)
            return
        of_site = await self._db.read(queues.of_site, site_id)
        after: Place | None = None
        count = 0
        while batch := await self._db.read(listing.slots, site_id, of_site, after, _BATCH):
            await self.put(site_id, batch, witness=witness)
            after, count = batch[-1].place, count + len(batch)
        await self.finish(site_id, witness, of_site)
        log.info("queue.rebuilt", site=site_id, cases=count)

    async def reconcile(self, site_id: int, *, thorough: bool = False) -> Repair:
        """Compare the index with SQL and put right what differs; nothing while Redis is away.

        Usually two counts. Case by case when they differ, now and then anyway, or when asked to be `thorough`.
        """
        try:
            if not await self.is_ready(site_id):
                await self.rebuild(site_id)
            if thorough or self._is_turn(site_id) or await self._differs(site_id):
                return await self._repair(site_id)
        except Away as error:
            log.info("queue.unreconciled", site=site_id, error=str(error))
        return Repair()

    async def forget(self, site_id: int, case_ids: list[int]) -> None:
        """Drop cases if Redis is there; otherwise `reconcile` does it later."""
        with contextlib.suppress(Away):
            await self.drop(site_id, case_ids)

    async def on_case_opened(self, fact: CaseOpened | CaseRaised) -> None:
        """Give the case its place, if it is open by now."""
        with contextlib.suppress(Away):
            await self._follow(fact.site, fact.case)

    on_case_raised = on_case_opened

    async def on_case_closed(self, fact: CaseClosed) -> None:
        """Take the case out."""
        await self.forget(fact.site, [fact.case])

    async def _follow(self, site_id: int, case_id: int) -> None:
        found = (await self._db.read(listing.get_many, [case_id])).get(case_id)
        if found is not None and found.is_open:
            of_site = await self._db.read(queues.of_site, site_id)
            await self.put(site_id, [listing.slot(found, of_site)])
        else:
            await self.drop(site_id, [case_id])

    async def _wait(self, site_id: int) -> None:
        # Better a moment late than the same cases for everybody, as SQL's order would have it.
        for _ in range(int(_PATIENCE / _GLANCE)):
            await asyncio.sleep(_GLANCE)
            if await self.is_ready(site_id):
                return
        raise Unready("the index is being put back")

    def _is_turn(self, site_id: int) -> bool:
        turn = self._turns[site_id] = self._turns.get(site_id, 0) + 1
        return turn % _THOROUGH_EVERY == 0

    async def _differs(self, site_id: int) -> bool:
        counted = await self._db.read(listing.count_open, [site_id])
        return await self.size(site_id) != counted[site_id]

    async def _repair(self, site_id: int) -> Repair:
        # Redis first: what it knows was committed before, so what SQL then calls closed stays closed.
        known = await self.members(site_id)
        of_site = await self._db.read(queues.of_site, site_id)
        missing = 0
        after: Place | None = None
        while batch := await self._db.read(listing.slots, site_id, of_site, after, _BATCH):
            missing += await self._mend(site_id, batch, known)
            known.difference_update(slot.place.case for slot in batch)
            after = batch[-1].place
        gone = await self._closed(known)
        await self.drop(site_id, gone)
        if missing or gone:
            log.info("queue.repaired", site=site_id, added=missing, dropped=len(gone))
        return Repair(missing, len(gone))

    async def _mend(self, site_id: int, batch: list[Slot], known: set[int]) -> int:
        # All are told anew: a case that is there may still lie in the wrong queues.
        await self.put(site_id, batch)
        return sum(slot.place.case not in known for slot in batch)

    async def _closed(self, known: set[int]) -> list[int]:
        # A case whose due time moved while the pages were read was on none of them, and yet is open.
        closed: list[int] = []
        ordered = sorted(known)
        for start in range(0, len(ordered), _BATCH):
            part = ordered[start : start + _BATCH]
            found = await self._db.read(listing.get_many, part)
            closed += [case for case in part if case not in found or not found[case].is_open]
        return closed
