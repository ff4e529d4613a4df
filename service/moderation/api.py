"""Moderation over HTTP, as JSON: look, claim, decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, Field

from service import moderation, sites
from service.identity import Staff
from service.kit import clock, text
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.paging import InvalidCursor
from service.moderation.desk import DeskCase, held_by, lay_out
from service.pages.views import CommentView, View
from service.reading import comment_view
from service.sanctions import Kind
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import Problem, raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["moderation"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
CursorText = Annotated[Text | None, Query(max_length=60, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)


class SignalView(View):
    """What screening or readers noticed."""

    name: str = Field(examples=["links"])
    score: float = Field(description="0 to 1")
    reason: str = Field(description="In words")


class ReportsView(View):
    """Readers' reports of one reason."""

    reason: str
    count: int
    details: list[str] = Field(description="What some of them wrote")


class CaseView(View):
    """A comment that needs a person, with what is needed to decide."""

    id: str
    comment: CommentView = Field(description="With its text, whatever its state")
    parent: CommentView | None = Field(description="The comment it answers")
    url: str = Field(description="The article")
    title: str | None
    reason: str = Field(examples=["held", "reported", "reopened", "appealed", "sampled"])
    signals: list[SignalView]
    reports: list[ReportsView]
    record: dict[str, int] = Field(description="The author's comments at this site, by state")
    severity: float = Field(description="0 to 1, from the signals")
    opened_at: datetime
    due_at: datetime = Field(description="The queue's order: when it was opened, plus the site's goal for its severity")
    held_by: str | None = Field(default=None, description="Who has claimed it")


class QueueView(View):
    """A page of the queue."""

    items: list[CaseView]
    next_cursor: str | None = None
    open: int = Field(description="Open cases of the site")


class SiteCountView(View):
    """Open cases of one site."""

    site: str
    open: int


class QueueCountsView(View):
    """Open cases of all the sites of whoever asks."""

    items: list[SiteCountView]


class ClaimBody(Body):
    """How many of the next cases to take."""

    site: Text = Field(max_length=50)
    limit: int = Field(default=5, ge=1, le=50)


class ClaimView(View):
    """A case that is yours until `expires_at`."""

    claim: str | None = Field(description="Token to decide with; null when claims cannot be exclusive for the moment")
    expires_at: datetime | None
    case: CaseView


class ClaimsView(View):
    """Cases taken, the most pressing first."""

    items: list[ClaimView]


class ExtendedView(View):
    """Until when a claim lasts now; null when it is lost."""

    expires_at: datetime | None


class DecisionItem(Body):
    """One comment, and what was seen of it."""

    comment: PublicId
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="The comment's version that was seen")
    claim: Text | None = Field(default=None, max_length=120, description="Or the token of the claim")


class SanctionOfDecision(Body):
    """A sanction imposed with each decision, on whoever wrote the comment, for the decision's reason."""

    kind: Kind
    scope: Literal["person", "address"] = Field(default="person", description="The author, or their address")
    hours: int | None = Field(default=None, ge=1, le=87_600, description="How long; or say `until`")
    until: AwareDatetime | None = None
    slow_seconds: int | None = Field(default=None, ge=1, le=86_400, description="For slow mode: between two comments")


class DecisionBody(Body):
    """A decision about one or more comments; each is made and answered by itself."""

    items: list[DecisionItem] = Field(min_length=1, max_length=100)
    action: moderation.Action
    reason: Text = Field(default="", max_length=40, description="A code of the site's own list")
    note: Text = Field(default="", max_length=1_000, description="To the author, in the statement of reasons")
    sanction: SanctionOfDecision | None = None


class UndoBody(Body):
    """Why a decision is taken back."""

    note: Text = Field(default="", max_length=1_000)


class UndoneView(View):
    """A decision that took another back."""

    decision: str
    undoes: str
    comment: str
    state: str
    version: int = Field(description="The comment's version now")


class DecidedView(View):
    """What became of one item: a decision, or the problem that kept it from being made."""

    comment: str
    decision: str | None = Field(default=None, description="Id of the decision")
    state: str | None = Field(default=None, description="The comment's state afterwards")
    is_repeat: bool = Field(default=False, description="The same decision had been made before, by the same person")
    problem: Problem | None = None


class DecidedListView(View):
    """One answer per item, in the order asked."""

    items: list[DecidedView]


@router.get("/queue", responses=raises(*_SHARED, Invalid, InvalidCursor))
async def get_queue(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> QueueView:
    """Look at a site's open cases, the first due first, without claiming any."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await _site(parts, who, site)
    after = moderation.Place.read(cursor) if cursor else None
    cases = await parts.db.read(moderation.list_open, [found.id], after, limit + 1)
    desk = await parts.db.read(lay_out, cases[:limit])
    held = await held_by(parts.db, parts.queue, found.id)
    counts = await parts.db.read(moderation.count_open, [found.id])
    return QueueView(
        items=[
            case_view(item, held[item.case.id].name if item.case.id in held else None)
            for item in desk
            if who.may_moderate(found.id, item.thread.section)
        ],
        next_cursor=cases[limit - 1].place.encode() if len(cases) > limit else None,
        open=counts[found.id],
    )


@router.get("/counts", responses=raises(SignInNeeded, Forbidden))
async def get_counts(response: Response, parts: AllParts, who: Moderator) -> QueueCountsView:
    """Open cases of every site one moderates."""
    response.headers["Cache-Control"] = "private, no-store"
    own = [site for site in await parts.db.read(sites.all_sites) if who.is_moderator_at(site.id)]
    counts = await parts.db.read(moderation.count_open, [site.id for site in own])
    return QueueCountsView(items=[SiteCountView(site=site.name, open=counts[site.id]) for site in own])


@router.post("/claims", status_code=201, responses=raises(*_SHARED, Invalid, moderation.ClaimCapReached))
async def post_claims(asked: ClaimBody, parts: AllParts, who: Moderator) -> ClaimsView:
    """Take the next cases of a site; nobody else is given them until the claim ends."""
    found = await _site(parts, who, asked.site)
    claims = await moderation.claim(parts.db, parts.queue, who, found, asked.limit)
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


ClaimToken = Annotated[Text, Path(max_length=120, description="The token of a claim")]


@router.put("/claims/{claim}", responses=raises(*_SHARED, moderation.InvalidClaim))
async def put_claim(claim: ClaimToken, parts: AllParts, who: Moderator) -> ExtendedView:
    """The heartbeat: keep a claim for another while."""
    found = await _site_of(parts, who, claim)
    return ExtendedView(expires_at=(await moderation.extend(parts.queue, who, found, [claim]))[0])


@router.delete("/claims/{claim}", status_code=204, responses=raises(*_SHARED, moderation.InvalidClaim))
async def delete_claim(claim: ClaimToken, parts: AllParts, who: Moderator) -> None:
    """Give a case back before the claim ends. Harmless when it has ended."""
    await moderation.release(parts.queue, who, await _site_of(parts, who, claim), [claim])


@router.post("/decisions", responses=raises(SignInNeeded, Forbidden, Invalid))
async def post_decisions(new: DecisionBody, parts: AllParts, who: Moderator) -> DecidedListView:
    """Decide. One item that is refused does not keep the others from being done; each says what became of it."""
    items = [moderation.Item(number(item.comment), item.version, item.claim) for item in new.items]
    note = text.clean_line(new.note, field="note", max_chars=1_000) if new.note.strip() else ""
    outcomes = await moderation.decide_each(
        parts.db,
        parts.queue,
        who,
        items,
        new.action,
        reason=new.reason.strip(),
        note=note,
        sanction=_sanction(new, note),
    )
    parts.relay.poke()
    return DecidedListView(items=[_decided(outcome) for outcome in outcomes])


@router.post(
    "/decisions/{decision}/undo",
    responses=raises(
        SignInNeeded,
        Forbidden,
        Invalid,
        moderation.DecisionUnknown,
        moderation.EditorNeeded,
        moderation.FourEyes,
        moderation.UndoImpossible,
        moderation.DecidedMeanwhile,
    ),
)
async def post_undo(
    decision: Annotated[PublicId, Path(description="A decision's id")],
    parts: AllParts,
    who: Moderator,
    new: UndoBody | None = None,
) -> UndoneView:
    """Take a decision back, with its statement, its sanction and its answer to an appeal; its case is open again."""
    words = new.note if new else ""
    note = text.clean_line(words, field="note", max_chars=1_000) if words.strip() else ""
    made = await parts.db.transact(moderation.undo, who, number(decision), note=note)
    parts.relay.poke()
    return UndoneView(
        decision=str(made.id),
        undoes=str(made.undoes),
        comment=str(made.comment_id),
        state=made.state_after,
        version=made.version + 1,
    )


def _sanction(new: DecisionBody, note: str) -> moderation.NewSanction | None:
    asked = new.sanction
    if asked is None:
        return None
    if asked.hours is not None and asked.until is not None:
        raise Invalid("say either `hours` or `until`", field="sanction.hours")
    until = clock.now() + timedelta(hours=asked.hours) if asked.hours is not None else asked.until
    return moderation.NewSanction(asked.kind, asked.scope, None, until, new.reason.strip(), note, asked.slow_seconds)


def case_view(item: DeskCase, held_by: str | None) -> CaseView:
    """A case as a moderator sees it."""
    return CaseView(
        id=str(item.case.id),
        comment=comment_view(item.comment, item.author, for_staff=True),
        parent=comment_view(item.parent, item.parent_author, for_staff=True) if item.parent else None,
        url=item.thread.url,
        title=item.thread.title,
        reason=item.case.reason,
        signals=[SignalView(name=s.name, score=s.score, reason=s.reason) for s in item.case.signals],
        reports=[ReportsView(reason=r.reason, count=r.count, details=list(r.details)) for r in item.reports],
        record=item.record,
        severity=item.case.severity,
        opened_at=item.case.opened_at,
        due_at=item.case.due_at,
        held_by=held_by,
    )


async def _site(parts: Parts, who: Staff, name: str) -> Site:
    """A site one moderates; any other is unknown."""
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    return found


async def _site_of(parts: Parts, who: Staff, claim: str) -> Site:
    token = moderation.Token.read(claim)
    if not who.is_moderator_at(token.site):
        raise moderation.InvalidClaim(field="claim")

    async def read(tx: ReadTx) -> Site:
        return await sites.by_id(tx, token.site)

    try:
        return await parts.db.read(read)
    except SiteUnknown as error:
        raise moderation.InvalidClaim(field="claim") from error


def _decided(outcome: moderation.Outcome) -> DecidedView:
    if (refusal := outcome.refusal) is not None:
        problem = Problem(
            type=f"/errors#{refusal.type}",
            title=refusal.title(),
            status=refusal.status,
            detail=refusal.detail,
            field=refusal.field,
            **refusal.more,
        )
        return DecidedView(comment=str(outcome.comment), problem=problem)
    made = outcome.decision
    return DecidedView(
        comment=str(outcome.comment),
        decision=str(made.id) if made else None,
        state=made.state_after if made else None,
        is_repeat=made.is_repeat if made else False,
    )
