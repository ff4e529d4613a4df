"""Public keys where a site publishes them (JWKS, RFC 7517), fetched through the one way out and remembered.

Who has no key cannot make Parley ask often: a key id nobody knows leads to one more look in a minute, and a set that
cannot be had is not asked for again for half a minute. What was there last is used for a day when it cannot be had.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa

from service.kit.http import Answer, NoAnswer, Outbound

_FRESH, _STALE = 600.0, 86_400.0  # seconds
_AGAIN, _AFTER_FAILURE = 60.0, 30.0  # seconds between two looks
_SECONDS, _MOST_BYTES = 5.0, 65_536
_MOST_SETS, _MOST_KEYS = 200, 50
_LEAST_RSA = 2048

log = structlog.get_logger()


@dataclass
class _Set:
    keys: list[Mapping[str, Any]] = field(default_factory=list)
    had_at: float = -_STALE
    asked_at: float = -_STALE
    asking: asyncio.Task[None] | None = None


class KeySets:
    """The key sets this process knows."""

    def __init__(self, out: Outbound, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._known: dict[str, _Set] = {}

    async def find(self, url: str, algorithm: str, kid: str | None) -> list[tuple[str | None, jwt.PyJWK]]:
        """The keys of a set for an algorithm, of `kid` where one is named; none when there is no set to be had."""
        known = self._of(url)
        if self._clock() - known.had_at > _FRESH:
            await self._ask(url, known, _AFTER_FAILURE)
        found = self._fitting(known, algorithm, kid)
        if not found and kid is not None:
            # Rotated since: those who publish a new key use it at once.
            await self._ask(url, known, _AGAIN)
            found = self._fitting(known, algorithm, kid)
        return found

    def _of(self, url: str) -> _Set:
        known = self._known.pop(url, None) or _Set()
        self._known[url] = known
        while len(self._known) > _MOST_SETS:
            del self._known[next(iter(self._known))]
        return known

    async def _ask(self, url: str, known: _Set, wait: float) -> None:
        if known.asking is None:
            if self._clock() - known.asked_at < wait:
                return
            known.asked_at = self._clock()
            known.asking = asyncio.create_task(self._fetch(url, known))
        # Whoever goes away meanwhile takes the answer from nobody.
        await asyncio.shield(known.asking)

    async def _fetch(self, url: str, known: _Set) -> None:
        try:
            answer = await self._out.get(
                url, {"Accept": "application/jwk-set+json, application/json"}, seconds=_SECONDS, most=_MOST_BYTES
            )
            known.keys, known.had_at = _keys_in(answer), self._clock()
        except (NoAnswer, ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning("sso.key_set_missing", url=url, why=str(error)[:200])
        finally:
            known.asking = None

    def _fitting(self, known: _Set, algorithm: str, kid: str | None) -> list[tuple[str | None, jwt.PyJWK]]:
        if self._clock() - known.had_at > _STALE:
            return []
        found = [
            (key.get("kid"), made)
            for key in known.keys
            if kid is None or key.get("kid") in {None, kid}
            if (made := _made(key, algorithm)) is not None
        ]
        return found[:10]


def _keys_in(answer: Answer) -> list[Mapping[str, Any]]:
    """The keys of a set. Raises ValueError, KeyError, TypeError for what is none."""
    keys = json.loads(answer.body)["keys"] if answer.is_good else None
    if not isinstance(keys, list):
        raise TypeError(f"no key set, status {answer.status}")
    return [key for key in keys[:_MOST_KEYS] if isinstance(key, dict)]


def _made(key: Mapping[str, Any], algorithm: str) -> jwt.PyJWK | None:
    """A key of a set, if it is one to check this algorithm's signatures with."""
    kinds = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
    if key.get("kty") != kinds.get(algorithm) or key.get("alg", algorithm) not in {algorithm, "Ed25519"}:
        return None
    if key.get("use", "sig") != "sig" or (algorithm == "ES256" and key.get("crv") != "P-256"):
        return None
    try:
        made = jwt.PyJWK(dict(key), algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    is_weak = isinstance(made.key, rsa.RSAPublicKey) and made.key.key_size < _LEAST_RSA
    return None if is_weak or (algorithm == "EdDSA" and key.get("crv") != "Ed25519") else made
