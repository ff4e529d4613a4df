"""A site's team over HTTP, for its owners."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from service import identity, sites
from service.identity import Member, Role, Staff
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.redis import Away
from service.pages.views import View
from service.record import Actor
from service.sites import Site, SiteUnknown
from service.web.input import Body, Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites", tags=["sites"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
Who = Annotated[Text, Path(max_length=254, description="An account's id, or an e-mail address")]
SectionName = Annotated[Text, Field(min_length=1, max_length=60)]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
_NO_MODERATORS: frozenset[Role] = frozenset({"member", "expert"})


class MemberView(View):
    """Somebody of the team."""

    account: str
    email: str
    name: str
    role: Role
    sections: list[str] | None = Field(description="Null: the whole site")
    since: datetime


class TeamView(View):
    """The team, by address."""

    items: list[MemberView]
    next_cursor: str | None = None


class MemberBody(Body):
    """What somebody is to be."""

    role: Role
    sections: list[SectionName] | None = Field(default=None, min_length=1, max_length=50)
    name: Text = Field(default="", max_length=80, description="For an address that is new here")


@router.get("/{site}/team", responses=raises(*_SHARED))
async def get_team(site: SiteName, response: Response, parts: AllParts, who: Moderator) -> TeamView:
    """Everybody with a role at the site."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await _owned(parts, who, site)
    return TeamView(items=[_view(known) for known in await parts.db.read(identity.team, found.id)])


@router.put("/{site}/team/{member}", responses=raises(*_SHARED, identity.MemberUnknown, identity.LastOwner, Invalid))
async def put_member(site: SiteName, member: Who, new: MemberBody, parts: AllParts, who: Moderator) -> MemberView:
    """Give a role. An address that is new here gets an account; by id only somebody of the team is found."""
    found = await _owned(parts, who, site)
    known = await parts.db.transact(_give, found, member, new, Actor.account(who.account.id))
    if new.sections or new.role in _NO_MODERATORS:
        await _give_back(parts, found, known.account.id)
    return _view(known)


@router.delete(
    "/{site}/team/{member}", status_code=204, responses=raises(*_SHARED, identity.MemberUnknown, identity.LastOwner)
)
async def delete_member(site: SiteName, member: Who, parts: AllParts, who: Moderator) -> None:
    """Take the role, at once and in every open session. The last owner stays."""
    found = await _owned(parts, who, site)
    account = await parts.db.transact(_take, found, member, Actor.account(who.account.id))
    await _give_back(parts, found, account)


async def _give_back(parts: Parts, site: Site, account: int) -> None:
    """What somebody holds whose role is gone or smaller now: nobody else would get it before their claims end.

    At once and not with the outbox, because it may be lost: the claims end by themselves.
    """
    with contextlib.suppress(Away):
        await parts.queue.leave(site.id, account)


async def _give(tx: WriteTx, site: Site, who: str, new: MemberBody, by: Actor) -> Member:
    email = who if "@" in who else (await identity.member(tx, site.id, who)).account.email
    account = await identity.grant(tx, email, new.name, site.id, new.role, sections=new.sections, by=by)
    return await identity.member(tx, site.id, str(account.id))


async def _take(tx: WriteTx, site: Site, who: str, by: Actor) -> int:
    known = await identity.member(tx, site.id, who)
    await identity.revoke(tx, known.account.id, site.id, by=by)
    return known.account.id


async def _owned(parts: Parts, who: Staff, name: str) -> Site:
    """A site one owns: to those who only moderate it forbidden, to all others unknown."""
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    if not who.owns(found.id):
        raise Forbidden
    return found


def _view(known: Member) -> MemberView:
    account = known.account
    return MemberView(
        account=str(account.id),
        email=account.email,
        name=account.name,
        role=next(role for role in identity.ROLES if role == known.role),
        sections=list(known.sections) if known.sections is not None else None,
        since=known.since,
    )
