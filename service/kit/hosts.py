"""Names of hosts, in one spelling."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote

from yarl import URL

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?>(?:\.{_LABEL})*)")
_LONGEST = 253


def ascii_host(text: str) -> str:
    """A host in ASCII: small letters, IDNA (UTS 46) for others, no final dot, IPv6 in brackets and shortened.

    Raises ValueError for what cannot be a host.
    """
    if text.startswith("[") and text.endswith("]"):
        address = ipaddress.IPv6Address(text[1:-1])
        if address.scope_id is not None:
            raise ValueError("an address with a zone means something on one machine only")
        return f"[{address}]"
    # Browsers decode a host before they look at it (WHATWG URL, section 3.5).
    host = unquote(text, errors="strict") if "%" in text else text
    if not host.isascii():
        host = _idna(host)
    host = host.lower().removesuffix(".")
    if len(host) > _LONGEST or _NAME.fullmatch(host) is None:
        raise ValueError("not the name of a host")
    return host


def _idna(host: str) -> str:
    if len(host) > _LONGEST:
        raise ValueError("longer than any name of a host")
    return URL.build(scheme="https", host=host).raw_host or ""
