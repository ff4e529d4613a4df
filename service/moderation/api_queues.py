"""The queue over HTTP: look, count, save queues, claim, keep, skip, release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service import moderation
from service.identity import Staff
from service.kit import clock, text
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.paging import InvalidCursor
from service.kit.redis import Away
from service.moderation import queues
from service.moderation.access import sections_of
from service.moderation.case import Case
from service.moderation.cases import Reason
from service.moderation.desk import DeskCase, held_by, lay_out
from service.moderation.goals import Level
from service.moderation.index import Holder
from service.pages.views import CommentView, View
from service.reading import comment_view
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, SiteName, own_sites, private, site_named, site_numbered
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)

QueueName = Annotated[
    Text | None,
    Query(max_length=60, description="A queue by id or name: all, held, reported, appeals, sampled, or a saved one"),
]


class SignalView(View):
    """What screening or readers noticed."""

    name: str = Field(examples=["links"])
    score: float = Field(description="0 to 1")
    reason: str = Field(description="In words")
    span: tuple[int, int] | None = Field(default=None, description="Where, in the plain text of that version")
    version: int = Field(description="The comment's version it was noticed in")


class ReportsView(View):
    """Readers' reports of one reason."""

    reason: str
    count: int
    details: list[str] = Field(description="What some of them wrote")


class PartView(View):
    """One part of a priority."""

    name: str = Field(examples=["severity"])
    words: str
    value: float


class PriorityView(View):
    """Why a case stands where it does."""

    due_at: datetime
    level: Level
    parts: list[PartView] = Field(description="How it was reckoned, in order")


class CaseView(View):
    """A comment that needs a person, with what is needed to decide."""

    id: str
    comment: CommentView = Field(description="With its text, whatever its state")
    parent: CommentView | None = Field(description="The comment it answers")
    url: str = Field(description="The article")
    title: str | None
    reason: Reason = Field(description="`sampled` is a blind second look: what was decided first is not told")
    section: str = Field(description="Of the article; empty when it has none")
    language: str = Field(description="Guessed, as a BCP 47 tag; `und` when it cannot be told")
    signals: list[SignalView]
    reports: list[ReportsView]
    record: dict[str, int] = Field(description="The author's comments at this site, by state")
    severity: float = Field(description="0 to 1, from the signals")
    priority: PriorityView
    opened_at: datetime
    due_at: datetime = Field(description="The queue's order: when it was opened, plus the site's goal")
    held_by: str | None = Field(default=None, description="Who has claimed it")


class CasesView(View):
    """A page of the queue."""

    items: list[CaseView]
    next_cursor: str | None = None
    open: int = Field(description="Open cases of the queue")


class QueueView(View):
    """A queue of a site. Those everybody has have a word for an id and cannot be changed."""

    id: str = Field(examples=["held"])
    name: str
    is_built_in: bool
    filter: moderation.QueueFilter


class QueuesView(View):
    """The queues of a site, those everybody has first."""

    items: list[QueueView]
    next_cursor: None = None


class QueueCountView(View):
    """One queue in numbers."""

    id: str
    name: str
    open: int
    overdue: int = Field(description="Open and due before now")
    held: int = Field(description="Open and claimed by somebody at this moment; 0 while that cannot be told")


class SiteCountView(View):
    """Open cases of one site."""

    site: str
    open: int
    queues: list[QueueCountView]


class CountsView(View):
    """Open cases of the sites of whoever asks."""

    items: list[SiteCountView]


class QueueBody(Body):
    """A queue to save."""

    name: Text = Field(min_length=1, max_length=60, examples=["Sport, German"])
    filter: moderation.QueueFilter = Field(default_factory=moderation.QueueFilter)


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


@router.get("/queue", responses=raises(*_SHARED, moderation.QueueUnknown, Invalid, InvalidCursor))
async def get_queue(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    queue: QueueName = None,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> CasesView:
    """Look at a site's open cases, the first due first, without claiming any."""
    private(response)
    found = await site_named(parts, who, site)
    after = moderation.Place.read(cursor) if cursor else None
    cases, desk, opened = await parts.db.read(_page, who, found, queue or None, after, limit)
    held = await held_by(parts.db, parts.queue, found.id)
    return CasesView(
        items=[_case(item, held[item.case.id].name if item.case.id in held else None) for item in desk],
        next_cursor=cases[limit - 1].place.encode() if len(cases) > limit else None,
        open=opened,
    )


@router.get("/counts", responses=raises(*_SHARED, Invalid))
async def get_counts(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: Annotated[Text | None, Query(max_length=50, description="One site; left out: all of one's own")] = None,
) -> CountsView:
    """Open cases, queue by queue. Counted over SQL's index of open cases each time, so they cannot drift."""
    private(response)
    asked = [await site_named(parts, who, site)] if site else await own_sites(parts, who)
    return CountsView(items=[await _counts(parts, who, one) for one in asked])


@router.get("/queues", responses=raises(*_SHARED, Invalid))
async def get_queues(response: Response, parts: AllParts, who: Moderator, site: SiteName) -> QueuesView:
    """The queues of a site."""
    private(response)
    found = await site_named(parts, who, site)
    return QueuesView(items=[_queue(one) for one in await parts.db.read(queues.of_site, found.id)])


@router.post(
    "/queues",
    status_code=201,
    responses=raises(*_SHARED, Invalid, moderation.QueueExists, moderation.TooManyQueues),
)
async def post_queue(new: QueueBody, parts: AllParts, who: Moderator, site: SiteName) -> QueueView:
    """Save a part of the queue under a name, for the whole team."""
    found = await site_named(parts, who, site)
    name = text.clean_line(new.name, field="name", max_chars=60)
    return _queue(await parts.db.transact(queues.save, who, found.id, name, new.filter))


QueueId = Annotated[PublicId, Path(description="A saved queue's id")]


@router.put(
    "/queues/{queue}",
    responses=raises(SignInNeeded, Forbidden, Invalid, moderation.QueueUnknown, moderation.QueueExists),
)
async def put_queue(queue: QueueId, new: QueueBody, parts: AllParts, who: Moderator) -> QueueView:
    """Rename a saved queue, or let it show something else."""
    name = text.clean_line(new.name, field="name", max_chars=60)
    return _queue(await parts.db.transact(queues.change, who, number(queue), name, new.filter))


@router.delete(
    "/queues/{queue}", status_code=204, responses=raises(SignInNeeded, Forbidden, Invalid, moderation.QueueUnknown)
)
async def delete_queue(queue: QueueId, parts: AllParts, who: Moderator) -> None:
    """Delete a saved queue. Its cases stay where they are."""
    await parts.db.transact(queues.delete, who, number(queue))


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
                case=_case(desk[claim.case.id], who.account.name if claim.token else None),
            )
            for claim in claims
            if claim.case.id in desk
        ]
    )


@router.put("/claims", responses=raises(*_SHARED, Invalid, moderation.InvalidClaim))
async def put_claims(asked: KeepBody, parts: AllParts, who: Moderator) -> KeptListView:
    """The heartbeat of everything one holds, in one call."""
    until: dict[str, datetime | None] = {}
    for site, claims in (await _by_site(parts, who, asked.claims)).items():
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
    given = [await moderation.release(parts.queue, who, site, claims) for site, claims in by_site.items()]
    return ReleasedView(released=sum(given))


ClaimToken = Annotated[Text, Path(max_length=120, description="The token of a claim")]


@router.put("/claims/{claim}", responses=raises(*_SHARED, moderation.InvalidClaim))
async def put_claim(claim: ClaimToken, parts: AllParts, who: Moderator) -> ExtendedView:
    """The heartbeat: keep a claim for another while."""
    ((site, claims),) = (await _by_site(parts, who, [claim])).items()
    return ExtendedView(expires_at=(await moderation.extend(parts.queue, who, site, claims))[0])


@router.delete("/claims/{claim}", status_code=204, responses=raises(*_SHARED, moderation.InvalidClaim))
async def delete_claim(claim: ClaimToken, parts: AllParts, who: Moderator) -> None:
    """Give a case back before the claim ends. Harmless when it has ended."""
    ((site, claims),) = (await _by_site(parts, who, [claim])).items()
    await moderation.release(parts.queue, who, site, claims)


@router.post("/claims/{claim}/skip", status_code=204, responses=raises(*_SHARED, moderation.InvalidClaim))
async def post_skip(claim: ClaimToken, parts: AllParts, who: Moderator) -> None:
    """Give a case back and leave it to others for a while."""
    ((site, (token,)),) = (await _by_site(parts, who, [claim])).items()
    await moderation.skip(parts.queue, who, site, token)


async def _page(
    tx: ReadTx, who: Staff, site: Site, wanted: str | None, after: moderation.Place | None, limit: int
) -> tuple[list[Case], list[DeskCase], int]:
    queue, own = await queues.find(tx, site.id, wanted), sections_of(who, site.id)
    cases = await moderation.list_open(tx, [site.id], after, limit + 1, asked=queue.filter, sections=own)
    (counted,) = await moderation.count_queues(tx, site.id, [queue], clock.now(), own)
    return cases, await lay_out(tx, cases[:limit]), counted.open


async def _counts(parts: Parts, who: Staff, site: Site) -> SiteCountView:
    async def read(tx: ReadTx) -> list[moderation.QueueCount]:
        of_site = await queues.of_site(tx, site.id)
        return await moderation.count_queues(tx, site.id, of_site, clock.now(), sections_of(who, site.id))

    counted = await parts.db.read(read)
    try:
        holders: Mapping[int, Holder] = await parts.queue.holders(site.id)
    except Away:
        holders = {}
    return SiteCountView(
        site=site.name,
        open=counted[0].open,
        queues=[
            QueueCountView(
                id=one.queue.key,
                name=one.queue.name,
                open=one.open,
                overdue=one.overdue,
                held=sum(one.queue.key in holder.lanes for holder in holders.values()),
            )
            for one in counted
        ],
    )


async def _by_site(parts: Parts, who: Staff, claims: Sequence[str]) -> dict[Site, list[str]]:
    """Claims by the site each is of. Raises InvalidClaim for those of sites one does not moderate."""
    by_id: dict[int, list[str]] = {}
    for claim in claims:
        token = moderation.Token.read(claim)
        if not who.is_moderator_at(token.site):
            raise moderation.InvalidClaim(field="claim")
        by_id.setdefault(token.site, []).append(claim)
    return {await site_numbered(parts, who, site): own for site, own in by_id.items()}


def _queue(one: moderation.SavedQueue) -> QueueView:
    return QueueView(id=one.key, name=one.name, is_built_in=one.is_built_in, filter=one.filter)


def _case(item: DeskCase, held_by: str | None) -> CaseView:
    case = item.case
    return CaseView(
        id=str(case.id),
        comment=_comment(item),
        parent=comment_view(item.parent, item.parent_author, for_staff=True) if item.parent else None,
        url=item.thread.url,
        title=item.thread.title,
        reason=cast("Reason", case.reason),
        section=case.section,
        language=case.language,
        signals=[
            SignalView(name=s.name, score=s.score, reason=s.reason, span=s.span, version=s.version)
            for s in case.signals
        ],
        reports=[ReportsView(reason=r.reason, count=r.count, details=list(r.details)) for r in item.reports],
        record=item.record,
        severity=case.severity,
        priority=PriorityView(
            due_at=case.due_at,
            level=case.level,
            parts=[PartView(name=part.name, words=part.words, value=part.value) for part in case.parts],
        ),
        opened_at=case.opened_at,
        due_at=case.due_at,
        held_by=held_by,
    )


def _comment(item: DeskCase) -> CommentView:
    seen = comment_view(item.comment, item.author, for_staff=True)
    # A second look is blind: where the comment stands would tell what the first one decided.
    return seen.model_copy(update={"state": "held"}) if item.case.reason == "sampled" else seen
