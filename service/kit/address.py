"""The client's address: the one door to it.

`X-Forwarded-For` is believed only from configured proxies and read from right to left: the first address that is not
one of ours is the client. What stands left of it was written by the client and proves nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PROXIES = 256  # are remembered
UNKNOWN = "0.0.0.0"  # noqa: S104  # a name for "no address", not something to bind to


class AddressBook:
    """Knows which proxies are ours."""

    def __init__(self, trusted: Sequence[str]) -> None:
        nets = [ipaddress.ip_network(net) for net in trusted]
        self._trusted = {version: [net for net in nets if net.version == version] for version in (4, 6)}
        self._proxies: dict[str, Address] = {}

    def household(self, scope: Mapping[str, Any]) -> str:
        """What counts as one client, from an ASGI scope: an IPv4 address, or the /64 that one IPv6 household gets."""
        return _household(self._client(scope))

    def _client(self, scope: Mapping[str, Any]) -> Address | None:
        client = scope.get("client")
        name = client[0] if client else ""
        # Proxies of ours are few, and seen with nearly every request.
        peer = self._proxies.get(name) or _parse(name)
        if peer is None or not self._is_ours(peer):
            return peer
        if len(self._proxies) < _PROXIES:
            self._proxies[name] = peer
        for value in reversed(_forwarded(scope)):
            hop = _parse(value)
            if hop is None:
                break
            peer = hop
            if not self._is_ours(hop):
                break
        return peer

    def _is_ours(self, address: Address) -> bool:
        return any(address in net for net in self._trusted[address.version])


def _household(address: Address | None) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address or UNKNOWN)


def _parse(text: str) -> Address | None:
    written = text.strip().strip("[]")
    try:
        # Nearly all are of this form, and the system reads it as strictly, in a quarter of the time.
        return ipaddress.IPv4Address(socket.inet_pton(socket.AF_INET, written))
    except (OSError, ValueError):
        pass
    try:
        parsed = ipaddress.ip_address(written)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed


def _forwarded(scope: Mapping[str, Any]) -> list[str]:
    values = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return [part for value in values for part in value.split(",")]
