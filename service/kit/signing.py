"""Signed messages to others, as Standard Webhooks has it: HMAC-SHA256 over id, time and body, one for each secret.

Secrets are shown once and kept sealed. Several may be valid at a time, so that a receiver can change to a new one
without losing a message: each message then carries a signature of each.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.kit import clock
from service.kit.seal import Keeper

_PREFIX = "whsec_"
_PURPOSE = "signing-secret"
_BYTES = 32
MOST_SECRETS = 5

Kept = Sequence[Mapping[str, Any]]
"""Secrets as a row keeps them: `sealed`, `made_at`, and `until` (or None), the times in ISO 8601."""


def rotated(keeper: Keeper, kept: Kept, *, keep: timedelta) -> tuple[str, list[dict[str, Any]]]:
    """A new secret, to be shown once, and what to store; the secrets before it stay valid for `keep` at most."""
    now = clock.now()
    until = (now + keep).isoformat()
    old = [{**each, "until": min(each["until"] or until, until)} for each in kept if _is_valid(each, now)]
    plain = _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
    new = {"sealed": keeper.seal(_PURPOSE, plain), "made_at": now.isoformat(), "until": None}
    return plain, [new, *old][:MOST_SECRETS]


def given(keeper: Keeper, plain: str) -> list[dict[str, Any]]:
    """What to store of a secret that the receiver made; none before it is valid any more."""
    return [{"sealed": keeper.seal(_PURPOSE, plain), "made_at": clock.now().isoformat(), "until": None}]


def valid(keeper: Keeper, kept: Kept) -> list[str]:
    """The secrets that are valid now, the newest first; what was sealed with another key is left out."""
    now = clock.now()
    plain = [keeper.unseal(_PURPOSE, each["sealed"]) for each in kept if _is_valid(each, now)]
    return [each for each in plain if each is not None]


def signed(plain: Iterable[str], message: str, body: bytes) -> dict[str, str]:
    """The headers of a message: its id, the time of sending, and a signature with each secret."""
    at = int(clock.now().timestamp())
    content = f"{message}.{at}.".encode() + body
    signatures = [f"v1,{_signature(each, content)}" for each in plain]
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signatures),
    }


def hub_signed(plain: Sequence[str], body: bytes) -> dict[str, str]:
    """The headers of a message as WebSub has it: HMAC-SHA512 over the body with the newest secret."""
    signature = hmac.new(plain[0].encode(), body, hashlib.sha512).hexdigest() if plain else ""
    return {"Content-Type": "application/json", "X-Hub-Signature": f"sha512={signature}"}


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _is_valid(each: Mapping[str, Any], now: datetime) -> bool:
    return each["until"] is None or datetime.fromisoformat(each["until"]) > now
