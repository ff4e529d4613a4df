"""The queue's index in Redis: which cases wait, in which order, and who holds which.

For each site a handful of keys with the site as their hash tag, each change of them one atomic script. Nothing here
is the truth and nothing here is asked for it: what is lost is put back from SQL (queue.py), and what is wrong costs
somebody a second look, since a decision goes by the comment's version.

    parley:{site}:queue       sorted set   waiting cases by due time (ms)
    parley:{site}:leases      sorted set   cases under lease by expiry (ms)
    parley:{site}:holders     hash         case to moderator|fence|due time
    parley:{site}:fence       number       the last fence given out
    parley:{site}:ready       marker       absent when Redis came back empty
    parley:{site}:rebuilding  witness      of whoever is putting the index back
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from service.kit.errors import Conflict
from service.kit.redis import Away, Redis
from service.moderation.case import Place

Held = Literal["held", "expired", "taken", "unknown"]


def _script(name: str) -> str:
    return Path(__file__).with_name(f"{name}.lua").read_text()


_CLAIM, _PUT, _DROP, _EXTEND, _RELEASE, _STANDING, _HOLDERS, _READY = map(
    _script, ("claim", "put", "drop", "extend", "release", "standing", "holders", "ready")
)
_BATCH = 500  # cases a script handles at once: well below a millisecond of the server's time each
_SLICE = 5_000  # members read at once


class ClaimCapReached(Conflict):
    """You hold as many cases as one moderator may. Decide or release some of them first."""

    type = "claim-cap-reached"


class Unready(Away):
    """The index is being put back; until then the queue is read from SQL."""


@dataclass(frozen=True)
class Lease:
    """A case that is one moderator's until `expires_at`. Fences rise: of two leases of a case the later has more."""

    case: int
    fence: int
    expires_at: datetime


@dataclass(frozen=True)
class Holder:
    """Who holds a case, until when."""

    moderator: int
    fence: int
    expires_at: datetime


@dataclass(frozen=True)
class Standing:
    """What became of a lease. `taken`: another moderator (`by`) has the case; `unknown`: the index cannot tell."""

    state: Held
    by: int | None = None


class Index:
    """The keys and scripts. All methods raise Away when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, site_id: int, places: Iterable[Place], *, witness: str = "") -> None:
        """Give cases their places, new or changed. With a `witness`: raises Unready when it is gone."""
        for batch in _batches(places):
            told = [text for place in batch for text in (str(place.case), str(_ms(place.due_at)))]
            if not await self._run(_PUT, site_id, witness, *told):
                raise Unready("keys were lost while the index was put back")

    async def drop(self, site_id: int, cases: Iterable[int]) -> None:
        """Forget cases. Harmless for those not there."""
        for batch in _batches(cases):
            await self._run(_DROP, site_id, *batch)

    async def take(self, site_id: int, moderator: int, limit: int, *, life: timedelta, cap: int) -> list[Lease]:
        """Lease the first cases, after putting back what ran out. Raises ClaimCapReached, Unready."""
        told, *rest = await self._run(_CLAIM, site_id, moderator, limit, _span(life), cap)
        if told == "unready":
            raise Unready("Redis came back empty")
        if told == "full":
            raise ClaimCapReached(cap=cap)
        expires_at = _time(rest[0])
        return [Lease(int(case), int(fence), expires_at) for case, fence in zip(rest[1::2], rest[2::2], strict=True)]

    async def extend(
        self, site_id: int, moderator: int, leases: Sequence[tuple[int, int]], life: timedelta
    ) -> list[datetime | None]:
        """Prolong leases, each a (case, fence); until when each lasts now, None for one that is lost."""
        if not leases:
            return []
        answer = await self._run(_EXTEND, site_id, moderator, _span(life), *itertools.chain(*leases))
        return [_time(expiry) if expiry != "0" else None for expiry in answer]

    async def release(self, site_id: int, moderator: int, leases: Sequence[tuple[int, int]]) -> int:
        """Give leases back; how many were still the moderator's own."""
        return int(await self._run(_RELEASE, site_id, moderator, *itertools.chain(*leases)))

    async def standing(self, site_id: int, moderator: int, leases: Sequence[tuple[int, int]]) -> list[Standing]:
        """What became of leases, each a (case, fence)."""
        if not leases:
            return []
        answer = await self._run(_STANDING, site_id, moderator, *itertools.chain(*leases))
        return [_standing(told) for told in answer]

    async def holders(self, site_id: int) -> dict[int, Holder]:
        """Who holds which case at this moment."""
        answer = await self._run(_HOLDERS, site_id)
        found = {}
        for case, holder, expiry in zip(answer[::3], answer[1::3], answer[2::3], strict=True):
            moderator, fence, _ = holder.split("|")
            found[int(case)] = Holder(int(moderator), int(fence), _time(expiry))
        return found

    async def size(self, site_id: int) -> int:
        """How many cases the index knows, waiting and leased."""
        queue, leases, *_ = _keys(site_id)
        return sum(await self._redis.pipeline([("ZCARD", queue), ("ZCARD", leases)]))

    async def members(self, site_id: int) -> set[int]:
        """All cases the index knows."""
        found: set[int] = set()
        queue, leases, *_ = _keys(site_id)
        for key in (queue, leases):
            for start in itertools.count(0, _SLICE):
                part = await self._redis.call("ZRANGE", key, start, start + _SLICE - 1)
                found.update(map(int, part))
                if len(part) < _SLICE:
                    break
        return found

    async def is_ready(self, site_id: int) -> bool:
        """False when the index was lost."""
        return bool(await self._redis.call("EXISTS", _keys(site_id)[4]))

    async def begin(self, site_id: int, witness: str) -> bool:
        """Start putting the index back, unless somebody is at it. A dead one's turn ends after ten seconds."""
        return bool(await self._redis.call("SET", _keys(site_id)[5], witness, "NX", "PX", 10_000))

    async def finish(self, site_id: int, witness: str) -> None:
        """Say that the index is whole. Raises Unready when keys were lost since `begin`."""
        if not await self._run(_READY, site_id, witness):
            raise Unready("keys were lost while the index was put back")

    async def _run(self, script: str, site_id: int, *args: Any) -> Any:
        return await self._redis.script(script, _keys(site_id), list(args))


def _keys(site_id: int) -> list[str]:
    # The braces are a Redis Cluster hash tag: all keys of a site live on one node.
    names = ("queue", "leases", "holders", "fence", "ready", "rebuilding")
    return [f"parley:{{{site_id}}}:{name}" for name in names]


_STANDINGS = {"held": Standing("held"), "expired": Standing("expired"), "unknown": Standing("unknown")}


def _standing(told: str) -> Standing:
    return _STANDINGS.get(told) or Standing("taken", int(told))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _span(life: timedelta) -> int:
    return max(1, int(life.total_seconds() * 1000))


def _time(ms: str) -> datetime:
    return datetime.fromtimestamp(float(ms) / 1000, UTC)


def _batches(items: Iterable[Any]) -> Iterable[list[Any]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch
