"""Parley for a publisher's own server: sign readers in, check webhooks, fetch counts. One file, Python 3.9 or newer, nothing to install.

Copy it beside your code. What it speaks is documented in docs/sign-in.md, docs/webhooks.md and docs/api.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any, Dict, Iterable, List, Mapping, Optional
from urllib.parse import urlencode
from urllib.request import Request, urlopen

MOST_URLS = 100
"""Pages that are counted by one call."""


def sign_in_token(
    secret: str,
    site: str,
    reader: str,
    name: str,
    *,
    picture: Optional[str] = None,
    url: Optional[str] = None,
    email: Optional[str] = None,
    roles: Iterable[str] = (),
    seconds: int = 600,
    now: Optional[float] = None,
) -> str:
    """A token that says who `reader` is at your site: a JWT by HS256, for `data-sso` and `Parley.update({sso})`.

    `secret` is that of a key with the scope `sso` (`parley key add SITE "Web"`), `site` the shortname, `reader` an id
    that never changes hands. The token is good for so many `seconds`; sign one for each page, and keep it out of caches.
    """
    at = int(time.time() if now is None else now)
    claims: Dict[str, Any] = {"aud": site, "exp": at + seconds, "iat": at, "name": name, "sub": str(reader)}
    given = {"picture": picture, "url": url, "email": email, "roles": list(roles) or None}
    claims.update({claim: value for claim, value in given.items() if value is not None})
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_unpadded(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def is_from_parley(
    secret: str, headers: Mapping[str, str], body: bytes, *, tolerance: int = 300, now: Optional[float] = None
) -> bool:
    """Whether a webhook's request comes from your Parley and is not older than `tolerance` seconds.

    `headers` by name in small letters, `body` as it came, before anything parsed it. Whoever has seen its `webhook-id`
    throws the message away: the same one is sent again until you answer 2xx.
    """
    try:
        message, sent = headers["webhook-id"], headers["webhook-timestamp"]
        given = headers["webhook-signature"].split(" ")
        age = (time.time() if now is None else now) - int(sent)
    except (KeyError, ValueError):
        return False
    if abs(age) > tolerance:
        return False
    prefix = "whsec_"
    key = base64.b64decode(secret[len(prefix) :] if secret.startswith(prefix) else secret)
    wanted = base64.b64encode(hmac.new(key, f"{message}.{sent}.".encode() + body, hashlib.sha256).digest())
    # All are looked at, so that time tells nothing about which one was right.
    return any([hmac.compare_digest(b"v1," + wanted, each.encode()) for each in given])


def counts(parley: str, site: str, urls: Iterable[str], *, seconds: float = 5.0) -> Dict[str, int]:
    """Published comments by article address; what has no discussion has 0.

    `parley` is where your Parley is, `https://comments.example.org`. Keep the answer for a minute: it is public and
    changes slowly. Raises urllib's URLError and HTTPError.
    """
    wanted: List[str] = list(dict.fromkeys(urls))
    found: Dict[str, int] = {}
    for start in range(0, len(wanted), MOST_URLS):
        some = wanted[start : start + MOST_URLS]
        query = urlencode([("site", site), *(("url", url) for url in some)])
        asked = Request(f"{parley.rstrip('/')}/api/v1/counts?{query}", headers={"Accept": "application/json"})
        with urlopen(asked, timeout=seconds) as answer:
            items = json.load(answer)["items"]
        found.update({url: int(item["count"]) for url, item in zip(some, items)})
    return found


def _part(value: Mapping[str, Any]) -> str:
    return _unpadded(json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode())


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
