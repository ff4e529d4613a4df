"""A reader's session in a cookie of the frame, where a browser forbids it to store anything else.

`Partitioned`: it is kept for Parley inside this one newspaper and is unknown everywhere else, so it follows nobody. It
is read in one place, which answers with the session; every other request carries that itself, so that no request has
authority because of who sent it. A second cookie says to the frame's script that there is something to ask for.
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from service.kit import clock
from service.sites import Site
from service.web.parts import Parts


def is_possible(parts: Parts) -> bool:
    """Whether browsers would take it: `__Host-` and `Partitioned` need TLS."""
    return parts.settings.origin.startswith("https://")


def reader_cookie(site: Site) -> str:
    """Its name. One for each site: a newspaper may show the discussions of two."""
    return f"__Host-parley-reader-{site.name}"


def keep(response: Response, parts: Parts, site: Site, session: str, ends_at: datetime) -> None:
    """Have the browser keep a session until it ends."""
    if is_possible(parts):
        life = max(0, int((ends_at - clock.now()).total_seconds()))
        _set(response, f"{reader_cookie(site)}={session}", life, is_hidden=True)
        _set(response, f"{_hint(site)}=1", life, is_hidden=False)


def drop(response: Response, parts: Parts, site: Site) -> None:
    """Have it forgotten."""
    if is_possible(parts):
        _set(response, f"{reader_cookie(site)}=", 0, is_hidden=True)
        _set(response, f"{_hint(site)}=", 0, is_hidden=False)


def kept(request: Request, parts: Parts, site: Site) -> str | None:
    """The session a browser keeps for this site."""
    return request.cookies.get(reader_cookie(site)) if is_possible(parts) else None


def _hint(site: Site) -> str:
    return f"__Host-parley-in-{site.name}"


def _set(response: Response, pair: str, life: int, *, is_hidden: bool) -> None:
    # Written out: http.cookies knows `Partitioned` from Python 3.14 on.
    hidden = "; HttpOnly" if is_hidden else ""
    value = f"{pair}; Max-Age={life}; Path=/; Secure{hidden}; SameSite=None; Partitioned"
    response.headers.append("set-cookie", value)
