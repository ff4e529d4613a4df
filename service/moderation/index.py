"""The queue's index in Redis: which cases wait, in which order, in which queues, and who holds which.

For each site a handful of keys with the site as their hash tag, each change of them one atomic script that names all
keys it touches, so it runs on a cluster as well. Nothing here is the truth and nothing here is asked for it: what is
lost is put back from SQL (queue.py), and what is wrong costs somebody a second look, since a decision goes by the
comment's version.

    parley:{site}:desk:order       sorted set   `lane:due:case`, all with score 0: each lane is a range of its letters
    parley:{site}:desk:home        hash         case to due|lanes|accounts it is not for; every open case has one
    parley:{site}:desk:leases      sorted set   cases under lease by expiry (ms)
    parley:{site}:desk:holders     hash         case to moderator|fence
    parley:{site}:desk:skips       sorted set   moderator|case by when it may be offered to them again (ms)
    parley:{site}:desk:active      sorted set   moderators by when they last asked for something (ms)
    parley:{site}:desk:fence       number       the last fence given out
    parley:{site}:desk:ready       hash         queue to its version that is whole; no `all`: Redis came back empty
    parley:{site}:desk:rebuilding  witness      of whoever is putting the index back

A lane is a queue, or a queue and a section (`held/sport`) for those who moderate some sections only. A lease is on
the case: whoever takes it from one queue takes it from all.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from service.kit.errors import Conflict
from service.kit.redis import Away, Redis
from service.moderation.case import Place
from service.moderation.queues import ALL, SavedQueue

Held = Literal["held", "expired", "taken", "unknown"]
CHANNEL = "parley:desk"


def _script(name: str) -> str:
    here = Path(__file__)
    return here.with_name("common.lua").read_text() + here.with_name(f"{name}.lua").read_text()


_CLAIM, _PUT, _DROP, _EXTEND, _RELEASE, _LEAVE, _STANDING, _HOLDERS, _READY = map(
    _script, ("claim", "put", "drop", "extend", "release", "leave", "standing", "holders", "ready")
)
_BATCH = 200  # cases a script handles at once: a few milliseconds of the server's time each
_SLICE = 5_000  # members read at once
_AT_WORK = timedelta(minutes=2)  # since somebody last asked for something
_KEYS = ("order", "home", "leases", "holders", "skips", "active", "fence", "ready", "rebuilding")


class ClaimCapReached(Conflict):
    """You hold as many cases as one moderator may. Decide or release some of them first."""

    type = "claim-cap-reached"


class Unready(Away):
    """The index is being put back; until then the queue is read from SQL."""


@dataclass(frozen=True)
class Slot:
    """A case with its place, the queues it is in, its section, and whom it is not for."""

    place: Place
    queues: tuple[str, ...] = (ALL.key,)
    section: str = ""
    not_for: tuple[int, ...] = ()

    @property
    def lanes(self) -> list[str]:
        """Where the index keeps it."""
        return [*self.queues, *(lane(queue, self.section) for queue in self.queues if self.section)]


@dataclass(frozen=True)
class Lease:
    """A case that is one moderator's until `expires_at`. Fences rise: of two leases of a case the later has more."""

    case: int
    fence: int
    expires_at: datetime


@dataclass(frozen=True)
class Holder:
    """Who holds a case, until when, and in which lanes it lies."""

    moderator: int
    fence: int
    expires_at: datetime
    lanes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """What became of a lease. `taken`: another moderator (`by`) has the case; `unknown`: the index cannot tell."""

    state: Held
    by: int | None = None


def lane(queue: str, section: str | None = None) -> str:
    """The name of a lane: a queue, or one section of it."""
    # Quoted, no section holds a sign that parts names here.
    return queue if section is None else f"{queue}/{quote(section, safe='')}"


class Index:
    """The keys and scripts. All methods raise Away when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, site_id: int, slots: Iterable[Slot], *, witness: str = "") -> None:
        """Give cases their places, new or changed. With a `witness`: raises Unready when it is gone."""
        for batch in _batches(slots):
            told = [text for slot in batch for text in _told(slot)]
            if not await self._run(_PUT, site_id, witness, *told):
                raise Unready("keys were lost while the index was put back")

    async def drop(self, site_id: int, cases: Iterable[int]) -> None:
        """Forget cases. Harmless for those not there."""
        for batch in _batches(cases):
            await self._run(_DROP, site_id, *batch)

    async def take(
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
        """Lease the first cases of a queue, after putting back what ran out. Raises ClaimCapReached, Unready."""
        lanes = [lane(queue.key)] if sections is None else [lane(queue.key, section) for section in sorted(sections)]
        settings = (_span(life), cap, queue.key, queue.version, _span(_AT_WORK))
        told, *rest = await self._run(_CLAIM, site_id, moderator, limit, *settings, *lanes)
        if told == "unready":
            raise Unready("Redis came back empty, or the queue is new")
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

    async def release(
        self, site_id: int, moderator: int, leases: Sequence[tuple[int, int]], *, rest: timedelta = timedelta()
    ) -> int:
        """Give leases back; how many were still the moderator's own. For `rest` they are not offered to them again."""
        pause = _span(rest) if rest else 0
        return int(await self._run(_RELEASE, site_id, moderator, pause, *itertools.chain(*leases)))

    async def leave(self, site_id: int, moderator: int) -> int:
        """Give back everything a moderator holds; how many cases that were."""
        return int(await self._run(_LEAVE, site_id, moderator))

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
        for case, holder, expiry, lanes in zip(*(answer[i::4] for i in range(4)), strict=True):
            moderator, fence = holder.split("|")
            found[int(case)] = Holder(int(moderator), int(fence), _time(expiry), frozenset((lanes or "").split(",")))
        return found

    async def size(self, site_id: int) -> int:
        """How many cases the index knows, waiting and leased."""
        return int(await self._redis.call("HLEN", _keys(site_id)[1]))

    async def waiting(self, site_id: int, in_lane: str = ALL.key) -> int:
        """How many cases of a lane nobody holds."""
        return int(await self._redis.call("ZLEXCOUNT", _keys(site_id)[0], f"[{in_lane}:", f"({in_lane};"))

    async def members(self, site_id: int) -> set[int]:
        """All cases the index knows."""
        found: set[int] = set()
        cursor = "0"
        while True:
            cursor, part = await self._redis.call("HSCAN", _keys(site_id)[1], cursor, "COUNT", _SLICE)
            found.update(map(int, part))
            if int(cursor) == 0:
                return found

    async def is_ready(self, site_id: int) -> bool:
        """False when the index was lost."""
        return bool(await self._redis.call("HEXISTS", _keys(site_id)[7], ALL.key))

    async def begin(self, site_id: int, witness: str) -> bool:
        """Start putting the index back, unless somebody is at it. A dead one's turn ends after ten seconds."""
        return bool(await self._redis.call("SET", _keys(site_id)[8], witness, "NX", "PX", 10_000))

    async def finish(self, site_id: int, witness: str, queues: Iterable[SavedQueue]) -> None:
        """Say that these queues are whole. Raises Unready when keys were lost since `begin`."""
        versions = itertools.chain(*((queue.key, queue.version) for queue in queues))
        if not await self._run(_READY, site_id, witness, *versions):
            raise Unready("keys were lost while the index was put back")

    async def _run(self, script: str, site_id: int, *args: Any) -> Any:
        return await self._redis.script(script, _keys(site_id), [site_id, *args])


def _keys(site_id: int) -> list[str]:
    # The braces are a Redis Cluster hash tag: all keys of a site live on one node.
    return [f"parley:{{{site_id}}}:desk:{name}" for name in _KEYS]


def _told(slot: Slot) -> tuple[str, str, str, str]:
    due = f"{max(_ms(slot.place.due_at), 0):015d}"
    return str(slot.place.case), due, ",".join(slot.lanes), ",".join(map(str, slot.not_for))


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
