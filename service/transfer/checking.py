"""Which discussion each page would show, before its snippet is changed: found as a reader's browser would find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from service import threads
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.sites import Site
from service.threads import CanonicalURL, Thread, canonical, origin_allows

Verdict = Literal["shown", "empty", "elsewhere", "foreign-host", "no-address"]


@dataclass(frozen=True)
class Checked:
    """A page: what it shows, and what is to be done about it.

    `redirect` is where it should lead, or the address whose comments it should get; `advice` says which.
    """

    url: str
    identifier: str | None
    verdict: Verdict
    thread: str | None = None
    comments: int = 0
    title: str | None = None
    is_open: bool = False
    known_as: str | None = None
    advice: str = ""
    rule: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


def is_own(site: Site, url: str) -> bool:
    """Whether a page is on one of the site's origins. Raises Invalid for no address."""
    address = canonical(url)
    return origin_allows(site.origins, address.host, address.port)


async def check_page(tx: ReadTx, site: Site, url: str, identifier: str | None = None) -> Checked:
    """What a page shows that names this address, and this identifier if any."""
    try:
        address = canonical(url)
    except Invalid:
        return Checked(url, identifier, "no-address", advice="This is not the address of a page.")
    found = await threads.find(tx, site, address, identifier)
    if found is not None and found.comment_count:
        return _shown(site, address, found, url, identifier)
    other = await _elsewhere(tx, site, address)
    if other is not None:
        rule = f"{other.url} -> {address.text}"
        return Checked(
            url,
            identifier,
            "elsewhere",
            known_as=other.url,
            comments=other.comment_count,
            thread=str(other.id),
            title=other.title,
            advice="Its comments lie under another address: import with this rule, or redirect one to the other.",
            rule=rule,
        )
    if not origin_allows(site.origins, address.host, address.port):
        return Checked(url, identifier, "foreign-host", advice=_origin(site, address))
    if found is not None:
        return Checked(url, identifier, "empty", thread=str(found.id), title=found.title, is_open=found.is_open)
    return Checked(url, identifier, "empty", advice="Nobody has written here; the first comment begins it.")


def _shown(site: Site, address: CanonicalURL, found: Thread, url: str, identifier: str | None) -> Checked:
    is_own = origin_allows(site.origins, address.host, address.port)
    known_as = found.url if canonical(found.url).key != address.key else None
    advice = "" if is_own else _origin(site, address)
    if not advice and known_as:
        advice = "An alias of the address it is known by; redirect it there, so that readers share one."
    return Checked(
        url,
        identifier,
        "shown",
        str(found.id),
        found.comment_count,
        found.title,
        found.is_open,
        known_as,
        advice,
    )


async def _elsewhere(tx: ReadTx, site: Site, address: CanonicalURL) -> Thread | None:
    """The discussion of the same path under another spelling: another host, index.html, a capital letter."""
    for candidate in _spellings(site, address):
        found = await threads.find(tx, site, candidate)
        if found is not None and found.comment_count:
            return found
    return None


def _spellings(site: Site, address: CanonicalURL) -> Sequence[CanonicalURL]:
    scheme, _, rest = address.text.partition("://")
    host, _, path = rest.partition("/")
    bare = path.partition("?")[0]
    stem = bare.removesuffix("/").removesuffix("index.html").removesuffix("index.php").removesuffix("/")
    paths = (path, bare, stem, stem.removesuffix(".html"), f"{stem}.html", f"{stem}/index.html", bare.lower())
    hosts = [host, *(origin.partition("://")[2] for origin in site.origins if "*" not in origin)]
    made: dict[str, CanonicalURL] = {}
    for each in dict.fromkeys(hosts):
        for one in dict.fromkeys(paths):
            found = canonical(f"{scheme}://{each}/{one}")
            if found.key != address.key:
                made.setdefault(found.key, found)
    return list(made.values())


def _origin(site: Site, address: CanonicalURL) -> str:
    place = address.host if address.port is None else f"{address.host}:{address.port}"
    return (
        f"{place} is none of the site's origins: `parley site origins {site.name} …` must name it, or nobody can write."
    )
