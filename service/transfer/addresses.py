"""Addresses under which Disqus saw a page through somebody else's window: a translation, a cache, an archive."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

_TRANSLATED = re.compile(r"translate\.(?:googleusercontent|google(?:\.[a-z]{2,3})+|google)(?:\.com)?", re.IGNORECASE)
_CACHED = re.compile(r"cache:(?:[\w-]{8,20}:)?(\S+)")
_ARCHIVED = re.compile(r"/web/[0-9]{4,14}[a-z_]*/(https?:/.+)", re.DOTALL)
_TRANSLATE_GOOG = ".translate.goog"
_NO_SCHEME = re.compile(r"(?://)?[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?(?:[/?#].*)?", re.DOTALL)
_HOPS = 3


def true_address(link: str, base: str | None = None) -> str:
    """The address of the page itself behind a Google translation, Google's cache or the Internet Archive.

    A path alone is read against `base`, the site's own origin, and a host alone gets its scheme. Anything else comes
    back as it is.
    """
    for _ in range(_HOPS):
        try:
            found = _behind(link)
        except ValueError:
            return link
        if found == link:
            break
        link = found
    if base is not None and link.startswith("/") and not link.startswith("//"):
        return urljoin(base, link)
    return f"http://{link.lstrip('/')}" if _NO_SCHEME.fullmatch(link) else link


def _behind(link: str) -> str:
    parts = urlsplit(link)
    host = (parts.hostname or "").lower()
    if host.endswith(_TRANSLATE_GOOG):
        # Their own spelling: a dot is a hyphen, a hyphen two.
        name = host.removesuffix(_TRANSLATE_GOOG).replace("--", "\0").replace("-", ".").replace("\0", "-")
        return parts._replace(netloc=name).geturl()
    if _TRANSLATED.fullmatch(host):
        return _with_scheme(parse_qs(parts.query).get("u", [link])[0], link)
    if host == "webcache.googleusercontent.com":
        found = _CACHED.match(parse_qs(parts.query).get("q", [""])[0])
        return _with_scheme(found[1], link) if found else link
    if host == "web.archive.org":
        archived = _ARCHIVED.fullmatch(parts.path + (f"?{parts.query}" if parts.query else ""))
        return re.sub(r"^(https?):/+", r"\1://", archived[1]) if archived else link
    return link


def _with_scheme(address: str, link: str) -> str:
    if not address or address == link:
        return link
    return address if "://" in address else f"http://{address}"
