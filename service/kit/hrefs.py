"""Targets of links in comments: which are let through, and what Disqus made of some."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

from service.kit.characters import CONTROLS
from service.kit.hosts import ascii_host

_LONGEST = 4000
# A backslash would end the host for a browser (WHATWG URL, section 4.4) and not for others: no link has one there.
_WEB = re.compile(r"(https?)://([^/?#\\]+)((?:[/?#].*)?)", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s@?<>\"]+@[^\s@?<>\"]+(?:\?[^\s<>\"]*)?", re.IGNORECASE)
_PORT = re.compile(r":[0-9]{0,5}$")
# All of ASCII that may stand in an address; the rest is percent-encoded, so no target can end its attribute.
_SAFE = "%/?#[]@!$&()*+,;=:~-._"

_REDIRECT = re.compile(r"https?://disq\.us/(?:url|uri)\?", re.IGNORECASE)
_REDIRECT_HASH = re.compile(r":[A-Za-z0-9_-]{12,}$")


def target(href: str) -> str | None:
    """The address a link may lead to, in ASCII, or None when it may not be a link.

    http and https with a real host and without a user name (which would pass for the host), and mailto.
    """
    # Browsers drop these before they look for a scheme (WHATWG URL, section 4.4).
    href = re.sub("[\t\n\r]", "", href).strip(" \x00\x0c")
    if len(href) > _LONGEST or CONTROLS.search(href) is not None:
        return None
    if (web := _WEB.fullmatch(href)) is not None:
        return _web(*web.groups())
    if _MAIL.fullmatch(href) is not None:
        return "mailto:" + quote(href[7:], safe=_SAFE)
    return None


def unwrapped(href: str) -> str:
    """The address behind Disqus's redirect (`disq.us/url?url=ADDRESS:HASH&cuid=N`), decoded once; others unchanged."""
    if _REDIRECT.match(href) is None:
        return href
    try:
        inner = parse_qs(urlsplit(href).query).get("url", [""])[0]
    except ValueError:
        return href
    inner = _REDIRECT_HASH.sub("", inner)
    return inner if target(inner) is not None else href


def restored(shown: str, *hrefs: str) -> str:
    """The text of a link; where Disqus cut an address to `text...`, the whole address it began with."""
    stem = shown.removesuffix("...") if shown.endswith("...") else shown.removesuffix("…")
    if stem == shown or not stem:
        return shown
    for href in hrefs:
        bare = href.partition("://")[2]
        if href.startswith(stem) or unquote(href).startswith(stem):
            return href
        if bare and (bare.startswith(stem) or unquote(bare).startswith(stem)):
            return bare
    return shown


def _web(scheme: str, authority: str, rest: str) -> str | None:
    port = _PORT.search(authority)
    try:
        host = ascii_host(authority[: port.start()] if port else authority)
    except ValueError:
        return None
    return f"{scheme.lower()}://{host}{port[0] if port else ''}{quote(rest, safe=_SAFE)}"
