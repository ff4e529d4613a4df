"""Spending: one atomic question to all buckets of an act.

The algorithm is GCRA (see gcra.lua). With Redis away the same algorithm runs in the process with half of each limit:
every process counts for itself then, so an open door it is not, and an error it is not either.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from service.kit import metrics
from service.kit.errors import TooMany
from service.kit.redis import Away, Redis
from service.kit.seal import Keeper
from service.limits.rules import Limit, Scope, ScopeLimits

_SCRIPT = Path(__file__).with_name("gcra.lua").read_text()
_LOCAL_BUCKETS = 50_000
_PLACES = frozenset({"thread", "site"})
_KNOWN_PLACES = 1_000
_REFUSED = metrics.counter("limits_reached", "Acts refused by a limit.", "act", "scope")


class LimitReached(TooMany):
    """You are doing that too often. Your text is kept; try again in a moment."""

    type = "limit-reached"

    def __init__(self, standing: Standing, retry_after: float) -> None:
        super().__init__(retry_after=retry_after, scope=standing.scope)
        self.standing = standing

    def headers(self) -> Mapping[str, str]:
        return {**super().headers(), **self.standing.headers()}


class Standing(NamedTuple):
    """The bucket nearest to its end, for the RateLimit fields (draft-ietf-httpapi-ratelimit-headers)."""

    scope: str
    limit: Limit
    left: int
    full_after: float  # seconds

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit`."""
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.limit.count};w={self.limit.seconds}',
            "RateLimit": f'"{self.scope}";r={max(0, self.left)};t={max(0, -int(-self.full_after // 1))}',
        }


class _Bucket(NamedTuple):
    key: str
    scope: str
    limit: Limit


class Limiter:
    """Spends from Redis, and from itself when Redis is away."""

    def __init__(self, redis: Redis, keeper: Keeper) -> None:
        self._redis = redis
        self._keeper = keeper
        self._local: OrderedDict[str, float] = OrderedDict()
        self._of_place = lru_cache(_KNOWN_PLACES)(self._pseudonym)

    async def spend(
        self, site_id: int, act: str, rules: ScopeLimits, who: Mapping[Scope, str | int | None]
    ) -> Standing | None:
        """Take one cell from every bucket that applies to the act, or from none.

        `who` names the address, author, thread and site; what is None is not limited by. Raises LimitReached, with
        the wait in it; a refused try takes nothing, so it does not lengthen the wait.
        """
        buckets = self._buckets(site_id, act, rules, who)
        if not buckets:
            return None
        try:
            refused, wait, levels = await self._in_redis(buckets)
        except Away:
            buckets = [_Bucket(b.key, b.scope, _stricter(b.limit)) for b in buckets]
            refused, wait, levels = self._in_process(buckets)
        standings = [Standing(b.scope, b.limit, left, after) for b, (left, after) in zip(buckets, levels, strict=True)]
        if refused is not None:
            # What stands behind a point names a comment.
            _REFUSED.labels(act.partition(".")[0], buckets[refused].scope).inc()
            raise LimitReached(standings[refused], wait)
        return min(standings, key=lambda standing: standing.left / standing.limit.count)

    def _buckets(
        self, site_id: int, act: str, rules: ScopeLimits, who: Mapping[Scope, str | int | None]
    ) -> list[_Bucket]:
        buckets: list[_Bucket] = []
        for scope, name in who.items():
            limits = rules.of(scope)
            if name is None or not limits:
                continue
            # Of sites and threads there are few, and they are asked for again and again.
            whose = self._of_place(name) if scope in _PLACES else self._pseudonym(name)
            # The braces are a Redis Cluster hash tag: all buckets of a site live on one node, so one script sees them.
            before = f"parley:{{{site_id}}}:limit:{act}:{scope}:"
            buckets += [_Bucket(f"{before}{limit.seconds}:{whose}", scope, limit) for limit in limits]
        return buckets

    def _pseudonym(self, name: str | int) -> str:
        """Redis does not learn addresses."""
        return self._keeper.pseudonym("limit", str(name))

    async def _in_redis(self, buckets: Sequence[_Bucket]) -> tuple[int | None, float, list[tuple[int, float]]]:
        args: list[Any] = []
        for bucket in buckets:
            window = bucket.limit.seconds * 1_000_000
            args += [window // bucket.limit.count, window]
        answer = await self._redis.script(_SCRIPT, [bucket.key for bucket in buckets], args)
        levels = [(int(answer[i]), int(answer[i + 1]) / 1e6) for i in range(2, len(answer), 2)]
        return (int(answer[0]) - 1 if answer[0] else None), int(answer[1]) / 1e6, levels

    def _in_process(self, buckets: Sequence[_Bucket]) -> tuple[int | None, float, list[tuple[int, float]]]:
        now = time.monotonic()
        empty_at = [max(now, self._local.get(bucket.key, 0.0)) for bucket in buckets]
        intervals = [bucket.limit.seconds / bucket.limit.count for bucket in buckets]
        waits = [
            at + interval - bucket.limit.seconds - now
            for at, interval, bucket in zip(empty_at, intervals, buckets, strict=True)
        ]
        longest = max(range(len(buckets)), key=waits.__getitem__)
        # Floats: a full bucket must not be refused for the last bit of a second.
        refused = longest if waits[longest] > 1e-6 else None
        if refused is None:
            empty_at = [at + interval for at, interval in zip(empty_at, intervals, strict=True)]
            for bucket, at in zip(buckets, empty_at, strict=True):
                self._local[bucket.key] = at
                self._local.move_to_end(bucket.key)
            while len(self._local) > _LOCAL_BUCKETS:
                self._local.popitem(last=False)
        levels = [
            (int((bucket.limit.seconds - (at - now)) / interval + 1e-6), at - now)
            for bucket, at, interval in zip(buckets, empty_at, intervals, strict=True)
        ]
        return refused, waits[longest], levels


def _stricter(limit: Limit) -> Limit:
    return Limit(max(1, limit.count // 2), limit.seconds)
