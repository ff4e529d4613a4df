"""Which hosts outside may be reached: names by their form, addresses by their number, whatever the spelling was."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from service.kit.hosts import ascii_host

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's special-purpose registries, written out: what `is_global` says changes with the version of Python.
_NOT_PUBLIC_4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network; 0.0.0.0 is this machine
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT, and one cloud's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # a public number that means the host of a virtual machine at one provider
            "169.254.0.0/16",  # link-local: the metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Of IPv6 only global unicast is public, less what carries another address inside or was never given to anybody.
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo and ORCHID among them
            "2001:db8::/32",
            "2002::/16",  # 6to4: an IPv4 address inside
            "3fff::/20",
        ),
    )
)
# How networks without IPv4 reach it (RFC 6052); the IPv4 address inside is what counts.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# What a name of an allowed host must not lead to either: the metadata of clouds, everybody, nobody.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "fd00:ec2::254/128",
        "fe80::/10",
        "ff00::/8",
    )
)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_PORTS = frozenset({80, 443, 8080, 8443})
_INTERNAL = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".test", ".invalid", ".onion")


@dataclass(frozen=True)
class Reach:
    """What may be reached: everything public, and hosts inside that the operator has named.

    `allowed` are hosts in one spelling (kit.hosts) with a port, or None for any.
    """

    allowed: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Reach:
        """From `host` and `host:port`. Raises ValueError for what is neither."""
        return cls(frozenset(_entry(entry) for entry in entries))

    def names(self, host: str, port: int) -> bool:
        """Whether the operator has named this host; `host` as `ascii_host` spells it."""
        return (host, None) in self.allowed or (host, port) in self.allowed

    def fault_of_name(self, host: str, port: int) -> str | None:
        """Why a host and port may not be asked for, in words; None when they may. The address is looked at later."""
        if self.names(host, port):
            return None
        if port not in _PORTS:
            return f"port {port} is not one of {', '.join(map(str, sorted(_PORTS)))}"
        if host.startswith("["):
            return self.fault_of_address(host[1:-1], host, port)
        last = host.rpartition(".")[2]
        if _NUMBER.fullmatch(last):
            return self.fault_of_address(host, host, port)
        if "." not in host or host.endswith(_INTERNAL):
            return "this name belongs to an internal network"
        return None

    def fault_of_address(self, address: str, host: str, port: int) -> str | None:
        """Why a connection to `address`, found for `host`, must not be made; None when it may."""
        found = parsed(address)
        if found is None:
            return "not an address in its usual form"
        if not self.names(host, port):
            return None if is_public(found) else "an address inside a network"
        if host in {str(found), f"[{found}]"}:
            return None  # named by its very number
        inside = any(found.version == net.version and found in net for net in _NEVER)
        return "a name must not lead there" if inside or _carries_another(found) else None


def parsed(address: str) -> Address | None:
    """An address in its usual spelling; None for decimal, octal, hex and short forms and for zones."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return None if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None else found


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public Internet and to it alone."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in _NOT_PUBLIC_4)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_6 and not any(address in net for net in _NOT_PUBLIC_6)


def _carries_another(address: Address) -> bool:
    """IPv4 in IPv6's clothes (mapped, NAT64, 6to4, Teredo): an operator names the address itself."""
    return isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped is not None or address.sixtofour is not None or address.teredo is not None
        or address in _NAT64
    )  # fmt: skip


def _entry(entry: str) -> tuple[str, int | None]:
    host, port = entry.strip(), None
    if (found := re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]+):([0-9]{1,5})", host)) is not None:
        host, port = found[1], int(found[2])
        if not 0 < port < 65_536:
            raise ValueError(f"{entry}: a port is between 1 and 65535")
    return ascii_host(host), port
