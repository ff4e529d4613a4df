"""What a reader recognises a session by: a browser and a network, in a few coarse words. Pure.

Of what a browser says of itself two words are kept, of an address the part that a whole town shares.
"""

from __future__ import annotations

import ipaddress
import json
import re

from service.kit.seal import Keeper

_PURPOSE = "reader-session"
# In this order: each of them says it is those below as well.
_BROWSERS = (
    ("Edge", re.compile(r"Edg(e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/")),
    ("Safari", re.compile(r"Safari/")),
)
_SYSTEMS = (
    ("iPad", re.compile(r"iPad")),
    ("iPhone", re.compile(r"iPhone")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("macOS", re.compile(r"Macintosh|Mac OS X")),
    ("Linux", re.compile(r"Linux|X11")),
)


def words_of(agent: str) -> str:
    """`Firefox, Windows`; empty for what is no browser known by name."""
    named = [next((name for name, mark in kinds if mark.search(agent)), "") for kinds in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in named if name)


def network_of(address: str) -> str:
    """`203.0.*`, or the /32 of an IPv6 address: a provider's region and no household."""
    try:
        parsed = ipaddress.ip_network(address, strict=False).network_address
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        return f"{ipaddress.ip_network((parsed, 32), strict=False).network_address}*"
    return "" if parsed == ipaddress.IPv4Address(0) else ".".join(str(parsed).split(".")[:2]) + ".*"


def sealed(keeper: Keeper, agent: str, address: str) -> str:
    """Both as a session keeps them."""
    return keeper.seal(_PURPOSE, json.dumps([words_of(agent[:1_000]), network_of(address)]))


def opened(keeper: Keeper, kept: str | None) -> tuple[str, str]:
    """(browser, network) of a session; empty where nothing is known."""
    said = keeper.unseal(_PURPOSE, kept) if kept else None
    if said is None:
        return "", ""
    browser, network = json.loads(said)
    return browser, network
