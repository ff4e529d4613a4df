"""Which content coding to send (RFC 9110 section 12.5.3)."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Literal

import brotli

Coding = Literal["br", "gzip", "identity"]
_LEAST = 512  # bytes below which compressing costs more than it saves


# There are a dozen; whatever else is sent, of tens of kilobytes perhaps, is not to stay.
@lru_cache(maxsize=64)
def choose(accept_encoding: str | bytes) -> Coding:
    """The best coding a client takes: br, then gzip, unless it prefers otherwise or refuses them with q=0."""
    field = accept_encoding.decode("latin-1") if isinstance(accept_encoding, bytes) else accept_encoding
    weights: dict[str, float] = {}
    for part in field.lower().split(","):
        name, _, params = part.strip().partition(";")
        if name:
            weights[name.strip()] = _weight(params)
    wildcard = weights.get("*", 0.0)
    br, gz = weights.get("br", wildcard), weights.get("gzip", weights.get("x-gzip", wildcard))
    identity = weights.get("identity", 0.0)
    if br > 0 and br >= gz and br >= identity:
        return "br"
    return "gzip" if gz > 0 and gz >= identity else "identity"


def compress(body: bytes, coding: Coding) -> bytes:
    """The body in that coding."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=5))
    return gzip.compress(body, compresslevel=6, mtime=0) if coding == "gzip" else body


def fit(body: bytes, accept_encoding: str) -> tuple[bytes, Coding]:
    """The body in the best coding for the client, or as it is when it is small."""
    coding = choose(accept_encoding) if len(body) >= _LEAST else "identity"
    return compress(body, coding), coding


def _weight(params: str) -> float:
    for param in params.split(";"):
        name, _, value = param.strip().partition("=")
        if name == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
