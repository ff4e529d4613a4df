"""One article, one key: the many spellings of a page's address brought together.

`text` is the address to link to; `key` is what tells articles apart. The key forgets what in real sites and exports
has split one discussion into several (http and https, www, a final slash, doubled slashes, parameters that only say
where the reader came from) and keeps what can mean another page (the path's letters, the other parameters and
their order).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

from service.kit.errors import Invalid
from service.kit.hosts import ascii_host
from service.threads.tracking import TRACKING, Names, is_named, names

LONGEST = 2000
_LONGEST_GIVEN = 8000
_SHORT = 250

_LAST_PORT = 65_535
_DEFAULT_PORTS = {"http": 80, "https": 443}
# A backslash is a slash to browsers in everything before the query (WHATWG URL, section 4.4).
_URL = re.compile(r"(https?):[/\\]{2}([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r":([0-9]{0,5})$")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# RFC 3986, sections 2.3 and 3.3-3.4: what stands for itself in a path and in a query.
_IN_PATH = "/!$&'()*+,;=:@"
_IN_QUERY = _IN_PATH + "?"
_ESCAPE = re.compile(rb"%(?:([0-9A-Fa-f]{2})|)")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

_TRACKING = names(TRACKING)

_ORIGIN = re.compile(r"(https?)://(\*\.)?([^/?#@*]+)/?", re.IGNORECASE)


class InvalidURL(Invalid):
    """This is not the address of a page: it must begin with http:// or https:// and name a host."""

    type = "invalid-url"


@dataclass(frozen=True)
class CanonicalURL:
    """An address in its one spelling, in ASCII.

    `text` has at most 2,000 characters. `port` is None where it is the scheme's own. `key` is equal for addresses
    of the same article.
    """

    text: str
    key: str
    scheme: str
    host: str
    port: int | None


def canonical(url: str, *, drop: Iterable[str] = ()) -> CanonicalURL:
    """Bring an address to its one spelling.

    `drop` names further query parameters that don't tell pages apart, `name` or `name*`. Raises InvalidURL
    (field="url") for anything that is no address of a page, has a user name or a password in it, or is longer than
    2,000 characters.
    """
    try:
        return (_remembered if len(url) <= _SHORT else _spelling)(url, tuple(drop))
    except ValueError as error:
        raise InvalidURL(field="url") from error


def origin_allows(patterns: Sequence[str], host: str, port: int | None) -> bool:
    """Whether a page's host and port (None: the scheme's own) belong to a site's origins.

    A pattern is `https://news.example`, `https://news.example:8443`, or `https://*.news.example` for all subdomains
    and not the domain itself. The scheme is not compared: http and https are the same articles.
    """
    return any(_allows(pattern, host, port) for pattern in patterns)


def _spelling(url: str, drop: tuple[str, ...]) -> CanonicalURL:
    return _canonical(url.strip(" \t\n\r\f"), names((*TRACKING, *drop)) if drop else _TRACKING)


# A site's day is few articles. Not above a megabyte, whatever is asked for.
_remembered = lru_cache(1_024)(_spelling)


def _canonical(url: str, tracking: Names) -> CanonicalURL:
    # Browsers drop line breaks and tabs inside an address; attributes and exports are full of them.
    url = re.sub("[\t\n\r]", "", url)
    parts = _URL.fullmatch(url) if len(url) <= _LONGEST_GIVEN else None
    if parts is None or _CONTROLS.search(url) is not None:
        raise ValueError("not the address of a page")
    scheme = parts[1].lower()
    host, port = _authority(parts[2], scheme)
    place = host if port is None else f"{host}:{port}"
    path = _without_dots(_spelled(parts[3].replace("\\", "/"), _IN_PATH)) or "/"
    query = _query(parts[4] or "", tracking)
    text = f"{scheme}://{place}{path}{query}"
    if len(text) > LONGEST:
        raise InvalidURL(f"this address is longer than {LONGEST:,} characters", field="url")
    return CanonicalURL(text, _key(place, path, query), scheme, host, port)


def _authority(text: str, scheme: str) -> tuple[str, int | None]:
    if "@" in text:
        raise InvalidURL("the address of a page has no user name or password in it", field="url")
    found = _PORT.search(text)
    host = ascii_host(text[: found.start()] if found else text)
    if found is None or not found[1]:
        return host, None
    port = int(found[1])
    if not 1 <= port <= _LAST_PORT:
        raise ValueError("no such port")
    return host, None if port == _DEFAULT_PORTS[scheme] else port


def _spelled(text: str, safe: str) -> str:
    """Percent-encoded where it must be, in capitals, and nowhere else (RFC 3986, section 6.2.2)."""
    whole = _ESCAPE.sub(_escape, text.encode())
    return quote_from_bytes(whole, safe=safe + "%")


def _escape(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        # A percent sign that encodes nothing stands for itself.
        return b"%25"
    byte = unquote_to_bytes(found[0])
    return byte if byte[0] in _UNRESERVED else found[0].upper()


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, section 5.2.4); encoded dots were decoded before."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in {".", ".."}:
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _query(text: str, tracking: Names) -> str:
    kept = [pair for pair in text.split("&") if pair and not is_named(pair.partition("=")[0], tracking)]
    spelled = "&".join(_spelled(pair, _IN_QUERY) for pair in kept)
    return f"?{spelled}" if spelled else ""


def _key(place: str, path: str, query: str) -> str:
    while place.startswith("www.") and "." in place[4:]:
        place = place[4:]
    return place + (re.sub("/{2,}", "/", path).removesuffix("/") or "/") + query


def _allows(pattern: str, host: str, port: int | None) -> bool:
    parts = _ORIGIN.fullmatch(pattern.strip())
    if parts is None:
        return False
    try:
        wanted, wanted_port = _authority(parts[3], parts[1].lower())
    except ValueError:
        return False
    return wanted_port == port and (host.endswith("." + wanted) if parts[2] else host == wanted)
