"""Claims over HTTP: take, keep, skip, give back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from service import moderation
from service.identity import Staff
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.moderation.api_case import CaseView, case_view
from service.moderation.desk import lay_out
from service.pages.views import View
from service.sites import Site, SiteUnknown
from service.web.input import Body, Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import own_sites, site_named, site_numbered
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class ClaimBody(Body):
    """How many of the next cases to take."""

    site: Text | None = Field(default=None, max_length=50, description="Left out: of all one's sites, dealt evenly")
    queue: Text | None = Field(default=None, max_length=60, description="A queue's id or name; of one site only")
    limit: int = Field(default=5, ge=1, le=50)


class ClaimView(View):
    """A case that is yours until `expires_at`."""

    claim: str | None = Field(description="Token to decide with; null when claims cannot be exclusive for the moment")
    expires_at: datetime | None
    case: CaseView


class ClaimsView(View):
    """Cases taken, the most pressing first."""

    items: list[ClaimView]


ClaimText = Annotated[Text, Field(max_length=120)]


class KeepBody(Body):
    """Claims to keep."""

    claims: list[ClaimText] = Field(max_length=200)


class ReleaseBody(Body):
    """Claims to give back."""

    claims: list[ClaimText] | None = Field(default=None, max_length=200, description="Left out: all of one's own")


class KeptView(View):
    """Until when a claim lasts now; null when it is lost."""

    claim: str
    expires_at: datetime | None


class KeptListView(View):
    """One answer per claim, in the order asked."""

    items: list[KeptView]


class ExtendedView(View):
    """Until when a claim lasts now; null when it is lost."""

    expires_at: datetime | None


class ReleasedView(View):
    """How many cases went back."""

    released: int


@router.post(
    "/claims",
    status_code=201,
    responses=raises(*_SHARED, Invalid, moderation.QueueUnknown, moderation.ClaimCapReached),
)
async def post_claims(asked: ClaimBody, parts: AllParts, who: Moderator) -> ClaimsView:
    """Take the next cases; nobody else is given them until the claim ends."""
    if asked.site is None:
        if asked.queue is not None:
            raise Invalid("say which site's queue", field="site")
        own = await own_sites(parts, who)
        claims = await moderation.claim_from_all(parts.db, parts.queue, who, own, asked.limit)
    else:
        found = await site_named(parts, who, asked.site)
        claims = await moderation.claim(parts.db, parts.queue, who, found, asked.limit, which=asked.queue)
    desk = {item.case.id: item for item in await parts.db.read(lay_out, [claim.case for claim in claims])}
    return ClaimsView(
        items=[
            ClaimView(
                claim=claim.token,
                expires_at=claim.expires_at,
                case=case_view(desk[claim.case.id], who.account.name if claim.token else None),
            )
            for claim in claims
            if claim.case.id in desk
        ]
    )


@router.put("/claims", responses=raises(*_SHARED, Invalid, moderation.InvalidClaim))
async def put_claims(asked: KeepBody, parts: AllParts, who: Moderator) -> KeptListView:
    """The heartbeat of everything one holds, in one call."""
    until: dict[str, datetime | None] = {}
    for site, claims in await _by_site(parts, who, asked.claims):
        kept = await moderation.extend(parts.queue, who, site, claims)
        until |= dict(zip(claims, kept, strict=True))
    return KeptListView(items=[KeptView(claim=claim, expires_at=until[claim]) for claim in asked.claims])


@router.post("/claims/release", responses=raises(*_SHARED, Invalid, moderation.InvalidClaim))
async def post_release(parts: AllParts, who: Moderator, asked: ReleaseBody | None = None) -> ReleasedView:
    """Give cases back at once, say because the page is being left. Harmless for claims that have ended."""
    if asked is None or asked.claims is None:
        own = await own_sites(parts, who)
        return ReleasedView(released=sum([await moderation.leave(parts.queue, who, site) for site in own]))
    by_site = await _by_site(parts, who, asked.claims)
    given = [await moderation.release(parts.queue, who, site, claims) for site, claims in by_site]
    return ReleasedView(released=sum(given))


ClaimToken = Annotated[Text, Path(max_length=120, description="The token of a claim")]


@router.put("/claims/{claim}", responses=raises(*_SHARED, moderation.InvalidClaim))
async def put_claim(claim: ClaimToken, parts: AllParts, who: Moderator) -> ExtendedView:
    """The heartbeat: keep a claim for another while."""
    ((site, claims),) = await _by_site(parts, who, [claim])
    return ExtendedView(expires_at=(await moderation.extend(parts.queue, who, site, claims))[0])


@router.delete("/claims/{claim}", status_code=204, responses=raises(*_SHARED, moderation.InvalidClaim))
async def delete_claim(claim: ClaimToken, parts: AllParts, who: Moderator) -> None:
    """Give a case back before the claim ends. Harmless when it has ended."""
    ((site, claims),) = await _by_site(parts, who, [claim])
    await moderation.release(parts.queue, who, site, claims)


@router.post("/claims/{claim}/skip", status_code=204, responses=raises(*_SHARED, moderation.InvalidClaim))
async def post_skip(claim: ClaimToken, parts: AllParts, who: Moderator) -> None:
    """Give a case back and leave it to others for a while."""
    ((site, (token,)),) = await _by_site(parts, who, [claim])
    await moderation.skip(parts.queue, who, site, token)


async def _by_site(parts: Parts, who: Staff, claims: Sequence[str]) -> list[tuple[Site, list[str]]]:
    """Claims by the site each is of. Raises InvalidClaim for those of sites one does not moderate."""
    by_id: dict[int, list[str]] = {}
    for claim in claims:
        token = moderation.Token.read(claim)
        if not who.is_moderator_at(token.site):
            raise moderation.InvalidClaim(field="claim")
        by_id.setdefault(token.site, []).append(claim)
    try:
        return [(await site_numbered(parts, who, site), own) for site, own in by_id.items()]
    except SiteUnknown as error:
        raise moderation.InvalidClaim(field="claim") from error
