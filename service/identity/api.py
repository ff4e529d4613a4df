"""Signing in over HTTP: who am I, ask for a link, trade it for a session, sign out."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from service import identity
from service.limits import LimitReached, LimitRules
from service.web.input import Body, Text
from service.web.problem import raises
from service.web.session import end_cookie, set_cookie
from service.web.sign_in import PLATFORM, ask_link
from service.web.who import AllParts, Anyone, MaybeStaff, console_cookie, refuse_cross_site

router = APIRouter(prefix="/api/v1", tags=["session"])


class SessionView(Body):
    """Who is signed in; null when nobody is."""

    name: str | None = None
    email: str | None = None
    roles: dict[str, str] = Field(default_factory=dict, description="Site id to role")
    sections: dict[str, list[str]] = Field(
        default_factory=dict, description="Site id to the sections the role is limited to; no entry: the whole site"
    )
    is_admin: bool = Field(default=False, description="Whether the account runs the platform: an owner everywhere")


class LinkBody(Body):
    """Where to send the link."""

    email: Text = Field(max_length=254, examples=["moderator@courier.example"])


class TokenBody(Body):
    """The token of a sign-in link."""

    token: Text = Field(max_length=200)


class LinkSentView(Body):
    """The same answer whether the address is known or not."""

    status: Literal["sent-if-known"] = "sent-if-known"


@router.get("/session")
async def get_session(response: Response, staff: MaybeStaff, _: Anyone) -> SessionView:
    """Who is signed in with this browser's staff session."""
    response.headers["Cache-Control"] = "private, no-store"
    if staff is None:
        return SessionView()
    return SessionView(
        name=staff.account.name,
        email=staff.account.email,
        roles={str(site): role for site, role in staff.roles.items()},
        sections={str(site): sorted(own) for site, own in staff.sections.items()},
        is_admin=staff.is_admin,
    )


@router.post("/auth/link", status_code=202, responses=raises(LimitReached))
async def post_link(asked: LinkBody, parts: AllParts, who: Anyone) -> LinkSentView:
    """Mail a one-time sign-in link to a member of staff."""
    await parts.limiter.spend(
        PLATFORM, "sign_in", LimitRules().sign_in, {"address": who.address, "author": asked.email.strip().lower()}
    )
    await parts.db.transact(ask_link, asked.email)
    parts.relay.poke()
    return LinkSentView()


@router.post("/auth/session", status_code=201, responses=raises(identity.LinkUsed, LimitReached))
async def post_session(
    link: TokenBody, request: Request, response: Response, parts: AllParts, who: Anyone
) -> SessionView:
    """Trade the token of a link for a session cookie. Each token works once."""
    refuse_cross_site(request, parts)
    await parts.limiter.spend(PLATFORM, "sign_in", LimitRules().sign_in, {"address": who.address})
    session = await parts.db.transact(identity.redeem_link, link.token)
    staff = await parts.db.read(identity.staff_of_session, session)
    set_cookie(response, parts, session)
    return await get_session(response, staff, who)


@router.delete("/session", status_code=204)
async def delete_session(request: Request, response: Response, parts: AllParts, staff: MaybeStaff, _: Anyone) -> None:
    """Sign out: the session ends here and everywhere its cookie went."""
    if staff is not None:
        await parts.db.transact(identity.end_session, request.cookies[console_cookie(parts)])
    end_cookie(response, parts)
