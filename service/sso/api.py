"""Signing a site's own readers in over HTTP: a token for a session; and, for the site's servers, who somebody is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from service import identity, sso
from service.identity import Person
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, NotFound, SignInNeeded
from service.limits import LimitReached
from service.pages.views import View
from service.record import SYSTEM, append
from service.sites import Site, SiteUnknown
from service.sso.token import LONGEST, SSOExpired, SSORefused, is_sign_out
from service.web import acts
from service.web.input import Body, Text
from service.web.keyed import KeyHolder, site_of_key
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import private
from service.web.who import AllParts, Anyone, Bearer, CrossSite, refuse_foreign_page

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["sso"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
RemoteId = Annotated[
    Text, Path(min_length=1, max_length=150, description="Who somebody is at the site", examples=["4711"])
]


class MemberUnknown(NotFound):
    """Nobody of this id has signed in here."""

    type = "member-unknown-here"


class TokenBody(Body):
    """What the site signed."""

    token: Text = Field(
        min_length=1,
        max_length=LONGEST,
        description="A JWT, or `MESSAGE SIGNATURE TIMESTAMP` as Disqus's remote_auth_s3 has it",
    )
    key: Text | None = Field(
        default=None, max_length=40, description="The public id of the key, where the page names it (Disqus's api_key)"
    )


class MemberView(View):
    """Who is signed in."""

    name: str
    avatar: str | None = Field(description="A picture of theirs, where the site names one")
    url: str | None = Field(description="A page of theirs, where the site names one")
    badge: Literal["expert"] | None


class SSOSessionView(View):
    """A session, or that there is none."""

    status: Literal["signed-in", "signed-out"]
    session: str | None = Field(default=None, description="Send it as `Authorization: Bearer …`; keep it in memory")
    ends_at: datetime | None = Field(default=None, description="Exchange a new token before that")
    member: MemberView | None = None


class KnownMemberView(View):
    """A member, for the site's servers."""

    id: str = Field(description="The person's id here")
    remote_id: str
    name: str
    published_count: int
    badge: Literal["expert"] | None
    created_at: datetime
    signed_out_at: datetime | None = Field(description="Sessions from before are over")


@router.post("/sso", responses=raises(SiteUnknown, SSORefused, SSOExpired, CrossSite, LimitReached))
async def post_sso(
    site: SiteName,
    asked: TokenBody,
    request: Request,
    response: Response,
    parts: AllParts,
    who: Anyone,
    authorization: Bearer = None,
) -> SSOSessionView:
    """Exchange a token of the site's for a session, silently; name and picture are taken over each time.

    The Disqus form of nobody (`{}`) signs out, and ends the session that comes along.
    """
    private(response)
    refuse_foreign_page(request, parts)
    found = await parts.sites.by_name(site)
    await acts.spend(parts, found, "sso", who)
    token = asked.token.strip()
    if is_sign_out(token):
        await _leave(parts, found, authorization)
        return SSOSessionView(status="signed-out")
    entered = await sso.enter(parts.db, parts.keeper, parts.key_sets, found, token, asked.key)
    return SSOSessionView(
        status="signed-in", session=entered.session, ends_at=entered.ends_at, member=_member(entered.member)
    )


@router.delete("/sso", status_code=204, responses=raises(SiteUnknown, CrossSite, LimitReached))
async def delete_sso(
    site: SiteName, request: Request, parts: AllParts, who: Anyone, authorization: Bearer = None
) -> None:
    """Sign out: every session of this member at the site is over, and no token from before gives another."""
    refuse_foreign_page(request, parts)
    found = await parts.sites.by_name(site)
    await acts.spend(parts, found, "sso", who)
    await _leave(parts, found, authorization)


@router.get("/members/{remote}", responses=raises(SignInNeeded, Forbidden, SiteUnknown, MemberUnknown))
async def get_member(
    site: SiteName, remote: RemoteId, response: Response, parts: AllParts, key: KeyHolder, _: Anyone
) -> KnownMemberView:
    """Who somebody of the site is here. For the site's servers: a secret key with the scope `read`."""
    private(response)
    found = await site_of_key(parts, key, site, "read")

    async def read(tx: ReadTx) -> Person | None:
        return await identity.member_of(tx, found.id, sso.origin_of(remote))

    member = await parts.db.read(read)
    if member is None:
        raise MemberUnknown
    return KnownMemberView(
        id=str(member.id),
        remote_id=remote,
        name=member.name,
        published_count=member.published_count,
        badge=_badge(member),
        created_at=member.created_at,
        signed_out_at=member.signed_out_at,
    )


@router.post(
    "/members/{remote}/sign-out",
    status_code=204,
    responses=raises(SignInNeeded, Forbidden, SiteUnknown, MemberUnknown),
)
async def post_sign_out(site: SiteName, remote: RemoteId, parts: AllParts, key: KeyHolder, _: Anyone) -> None:
    """End every session of somebody of the site, from the site's servers: a secret key with the scope `manage`."""
    found = await site_of_key(parts, key, site, "manage")

    async def act(tx: WriteTx) -> None:
        member = await identity.member_of(tx, found.id, sso.origin_of(remote))
        if member is None:
            raise MemberUnknown
        await identity.sign_out(tx, member.id)
        await append(tx, found.id, SYSTEM, "member-signed-out", f"person:{member.id}", {"key": key.public})

    await parts.db.transact(act)


async def _leave(parts: Parts, site: Site, authorization: str | None) -> None:
    scheme, _, session = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and session.strip().startswith("m."):
        await parts.db.transact(sso.leave, parts.keeper, site, session.strip())


def _member(member: Person) -> MemberView:
    return MemberView(name=member.name, avatar=member.avatar_url, url=member.profile_url, badge=_badge(member))


def _badge(member: Person) -> Literal["expert"] | None:
    return "expert" if member.mark == "expert" else None
