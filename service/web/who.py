"""Who asks, for which site: the types endpoints put into their signatures.

An endpoint says whom it serves with one of `Anyone`, `Reader`, `Moderator`, `Owner`; a route that says nothing fails
tests/contract/test_routes_gated.py. Authority comes from the session and the row, never from a parameter: `Moderator`
only says that somebody is signed in with some role, each act then asks for the role at the site of the row.
"""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from service import identity, readers, sites
from service.identity import Staff, Visitor
from service.kit.errors import Forbidden, SignInNeeded
from service.web.fields import first
from service.web.parts import Parts

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class CrossSite(Forbidden):
    """This request came from another site's page and was not carried out."""

    type = "cross-site"


async def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of this process. Async although it waits for nothing: what is not goes through a thread each time."""
    return cast("Parts", connection.app.state.parts)


AllParts = Annotated[Parts, Depends(parts_of)]


async def anyone(request: Request, parts: AllParts) -> Visitor:
    """Everybody, known by nothing but an address."""
    return Visitor(address=parts.addresses.household(request.scope))


Anyone = Annotated[Visitor, Depends(anyone)]


def console_cookie(parts: Parts) -> str:
    """The name of the staff's cookie: `__Host-` wherever the browser lets it be secure."""
    return "__Host-parley-staff" if parts.settings.origin.startswith("https://") else "parley-staff"


def refuse_cross_site(request: Request, parts: Parts) -> None:
    """A cookie is sent by the browser whoever asks, so a write with one must come from our own pages.

    Sec-Fetch-Site where the browser sends it, Origin otherwise; a browser that sends neither is refused.
    """
    if request.method not in UNSAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        raise CrossSite
    if origin is not None and origin != parts.settings.origin:
        raise CrossSite
    if site is None and origin is None:
        raise CrossSite


def refuse_foreign_page(request: Request, parts: Parts) -> None:
    """Raise CrossSite for a write that a page of others sends: whom a browser is signed in as is not theirs to say.

    No cookie is read where this is asked, so a caller that is no browser, and sends neither header, may.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin", "none"} or origin not in {None, parts.settings.origin}:
        raise CrossSite


async def staff(request: Request, parts: AllParts) -> Staff | None:
    """Who is signed in, or None. Raises CrossSite for a write that does not come from our own pages."""
    if first(request.scope, b"cookie") is None:
        return None
    token = request.cookies.get(console_cookie(parts))
    if not token:
        return None
    found = await parts.db.read(identity.staff_of_session, token)
    if found is not None:
        refuse_cross_site(request, parts)
    return found


MaybeStaff = Annotated[Staff | None, Depends(staff)]


async def moderator(who: MaybeStaff) -> Staff:
    """Somebody signed in who moderates at some site. Raises SignInNeeded, Forbidden."""
    if who is None:
        raise SignInNeeded
    if not who.is_moderator:
        raise Forbidden
    return who


Moderator = Annotated[Staff, Depends(moderator)]


Bearer = Annotated[
    str | None,
    Header(alias="Authorization", description="`Bearer …`: a guest's capability, or a member's session"),
]


async def visitor_at(
    parts: Parts, who: Visitor, site: sites.Site, authorization: str | None, staff: Staff | None = None
) -> Visitor:
    """The visitor as known at one site: the guest whose capability came along, if it is a true one of this site.

    A capability that is forged or of another site makes a stranger, not an error: a reader whose storage holds an old
    one can still post.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return Visitor(address=who.address, staff=staff)
    if token.strip().startswith(readers.PREFIX):
        person = await parts.db.read(readers.person_of_session, site.id, token.strip())
    else:
        person = await parts.db.glance(
            identity.person_of_capability, parts.keeper, site.id, token.strip(), site.ended_keys
        )
    return Visitor(address=who.address, person=person, staff=staff)
