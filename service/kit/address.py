"""The client's address: the one door to it.

`X-Forwarded-For` is believed only from configured proxies and read from right to left: the first address that is not
one of ours is the client. What stands left of it was written by the client and proves nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN = "0.0.0.0"  # noqa: S104  # a name for "no address", not something to bind to


class AddressBook:
    """Knows which proxies are ours."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._trusted: list[Network] = [ipaddress.ip_network(net) for net in trusted]

    def of(self, scope: Mapping[str, Any]) -> str:
        """The client's address from an ASGI scope."""
        client = scope.get("client")
        peer = _parse(client[0] if client else None)
        if peer is None or not self._is_ours(peer):
            return str(peer or UNKNOWN)
        for value in reversed(_forwarded(scope)):
            hop = _parse(value)
            if hop is None:
                break
            peer = hop
            if not self._is_ours(hop):
                break
        return str(peer)

    def _is_ours(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address in net for net in self._trusted if net.version == address.version)


def prefix(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that one IPv6 household gets."""
    parsed = _parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed or UNKNOWN)


def _parse(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address((text or "").strip().strip("[]"))
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed


def _forwarded(scope: Mapping[str, Any]) -> list[str]:
    values = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return [part for value in values for part in value.split(",")]
