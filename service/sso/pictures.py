"""Whose pictures a site shows: only from its own hosts, as a frame asks nobody but Parley and the site for anything."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit


def picture_of_site(url: str | None, origins: Iterable[str]) -> str | None:
    """The address, if it is at one of the site's origins as a Content-Security-Policy reads them; None otherwise."""
    if url is None:
        return None
    asked = urlsplit(url)
    return url if any(_is_at(asked.hostname or "", _port(asked.port), urlsplit(origin)) for origin in origins) else None


def _is_at(host: str, port: int, origin: SplitResult) -> bool:
    named = origin.hostname or ""
    # What is named at http is meant at https as well: so browsers read a policy.
    if port != _port(origin.port):
        return False
    return host.endswith(named[1:]) if named.startswith("*.") else host == named


def _port(port: int | None) -> int:
    return 443 if port is None else port
