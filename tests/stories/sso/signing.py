"""The publisher's side: tokens signed the way its servers would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt

from service.kit import clock


def at(seconds: int = 0) -> int:
    """So many seconds from now, by the one clock."""
    return int(clock.now().timestamp()) + seconds


def claims(site: str, sub: Any = "4711", name: Any = "Ada L.", **more: Any) -> dict[str, Any]:
    """What a token says; None leaves a claim out."""
    said = {"sub": sub, "name": name, "aud": site, "iat": at(), "exp": at(600), **more}
    return {key: value for key, value in said.items() if value is not None}


def signed(secret: Any, said: dict[str, Any], algorithm: str = "HS256", **headers: Any) -> str:
    """A JWT."""
    return jwt.encode(said, secret, algorithm=algorithm, headers=headers or None)


def disqus(secret: str, said: Any, timestamp: int | None = None) -> str:
    """`remote_auth_s3`, as the samples for PHP and Python have it."""
    message = base64.b64encode(json.dumps(said).encode()).decode()
    when = at() if timestamp is None else timestamp
    signature = hmac.new(secret.encode(), f"{message} {when}".encode(), hashlib.sha1).hexdigest()
    return f"{message} {signature} {when}"
