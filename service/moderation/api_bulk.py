"""Bulk decisions over HTTP: preview, start, watch, cancel, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, Field

from service import moderation
from service.comments import CommentUnknown
from service.kit import text
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.moderation import bulk, selecting
from service.moderation.bulk import BulkNotOver, BulkTokenInvalid, BulkUndoImpossible, BulkUnknown, Job, State
from service.moderation.names import names
from service.moderation.selecting import BulkFilter, NothingAsked, SelectionTooLarge
from service.pages.views import CommentView, View
from service.reading import comment_view
from service.redress import ReasonUnknown
from service.screening import RuleTooBroad
from service.sites import SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, SiteName, private, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation/bulk", tags=["moderation"])
_SHARED = (SignInNeeded, Forbidden, Invalid)
Score = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class FilterBody(Body):
    """Which comments are meant: all that is said must be so, and something must be."""

    author: PublicId | None = Field(default=None, description="A person's id")
    address: Text | None = Field(default=None, min_length=1, max_length=64, description="An address's pseudonym")
    address_of: PublicId | None = Field(default=None, description="Or a comment that came from there")
    thread: PublicId | None = None
    word: Text | None = Field(default=None, min_length=1, max_length=80, description="Read as a rule's word is")
    host: Text | None = Field(default=None, min_length=1, max_length=255, description="Linked to or named")
    after: AwareDatetime | None = Field(default=None, description="Written at this time or later")
    before: AwareDatetime | None = Field(default=None, description="Written before this time")
    min_score: Score | None = None
    max_score: Score | None = None
    state: Literal["published", "held", "shadowed", "rejected", "spam", "removed"] | None = Field(
        default=None, description="Left out: published and held"
    )


class PreviewBody(Body):
    """What is to be looked for, and where."""

    site: Text = Field(max_length=50)
    filter: FilterBody


class PreviewView(View):
    """What a bulk decision would be about."""

    count: int
    samples: list[CommentView] = Field(description="The newest of them")
    is_whole: bool = Field(description="False when there were too many texts to read: then older ones are left out")
    looked_at: int = Field(description="So many comments were looked at")
    token: str = Field(description="Starts the job: once, by you, within a quarter of an hour")


class BulkBody(Body):
    """A decision about everything that was previewed."""

    token: Text = Field(max_length=100)
    action: moderation.Action
    reason: Text = Field(default="", max_length=40)
    note: Text = Field(default="", max_length=1_000)


class JobView(View):
    """A bulk job and how far it is."""

    id: str
    state: State
    by: str
    action: str = Field(description="`undo` for one that takes another one back")
    reason: str
    note: str
    filter: dict[str, Any]
    total: int
    done: int
    skipped: dict[str, int] = Field(description="What was refused, by the type of the refusal")
    undo_of: str | None = Field(description="The job this one takes back")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobsView(View):
    """Jobs, newest first."""

    items: list[JobView]
    next_cursor: str | None = None


@router.post(
    "/preview", responses=raises(*_SHARED, SiteUnknown, CommentUnknown, NothingAsked, RuleTooBroad, SelectionTooLarge)
)
async def post_preview(asked: PreviewBody, response: Response, parts: AllParts, who: Moderator) -> PreviewView:
    """Look for comments. What is found now is what the job will be about, and nothing else."""
    private(response)
    found = await site_named(parts, who, asked.site)
    wanted = _filter(asked.filter)
    selection = await selecting.select(parts.db, who, found, wanted)
    _, token = await parts.db.transact(bulk.keep, who, found, wanted, selection)
    return PreviewView(
        count=len(selection.items),
        samples=[comment_view(comment, author, for_staff=True) for comment, author in selection.samples],
        is_whole=selection.is_whole,
        looked_at=selection.looked_at,
        token=token,
    )


@router.post("", status_code=202, responses=raises(*_SHARED, BulkTokenInvalid, ReasonUnknown))
async def post_bulk(asked: BulkBody, parts: AllParts, who: Moderator) -> JobView:
    """Start a job. Each decision is made as if by hand, and can be undone with all the others."""
    note = text.clean_line(asked.note, field="note", max_chars=1_000) if asked.note.strip() else ""
    job = await parts.db.transact(bulk.start, who, asked.token, asked.action, reason=asked.reason.strip(), note=note)
    return await _view(parts, job)


@router.get("", responses=raises(*_SHARED, SiteUnknown))
async def get_jobs(
    response: Response,
    parts: AllParts,
    who: Moderator,
    site: SiteName,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> JobsView:
    """The jobs of a site."""
    private(response)
    found = await site_named(parts, who, site)
    after = parse_id(cursor, field="cursor") if cursor else None
    jobs = await parts.db.read(bulk.of_site, who, found.id, after, limit + 1)
    known = await parts.db.read(names, found.id, [job.account_id for job in jobs])
    return JobsView(
        items=[_as_view(job, known) for job in jobs[:limit]],
        next_cursor=str(jobs[limit - 1].id) if len(jobs) > limit else None,
    )


JobId = Annotated[PublicId, Path(description="A job's id")]


@router.get("/{job}", responses=raises(*_SHARED, BulkUnknown))
async def get_job(job: JobId, response: Response, parts: AllParts, who: Moderator) -> JobView:
    """How far a job is."""
    private(response)
    return await _view(parts, await parts.db.read(bulk.get, who, number(job)))


@router.post("/{job}/cancel", responses=raises(*_SHARED, BulkUnknown))
async def post_cancel(job: JobId, parts: AllParts, who: Moderator) -> JobView:
    """Stop a job. What it has done stays done, and can be undone."""
    return await _view(parts, await parts.db.transact(bulk.cancel, who, number(job)))


@router.post("/{job}/undo", status_code=202, responses=raises(*_SHARED, BulkUnknown, BulkNotOver, BulkUndoImpossible))
async def post_undo(job: JobId, parts: AllParts, who: Moderator) -> JobView:
    """Take back every decision of a job, but those that somebody has decided anew since."""
    return await _view(parts, await parts.db.transact(bulk.undo, who, number(job)))


def _filter(asked: FilterBody) -> BulkFilter:
    return BulkFilter(
        author=number(asked.author) if asked.author is not None else None,
        address=asked.address,
        address_of=number(asked.address_of) if asked.address_of is not None else None,
        thread=number(asked.thread) if asked.thread is not None else None,
        word=asked.word,
        host=asked.host,
        after=asked.after,
        before=asked.before,
        min_score=asked.min_score,
        max_score=asked.max_score,
        state=asked.state,
    )


async def _view(parts: Parts, job: Job) -> JobView:
    return _as_view(job, await parts.db.read(names, job.site_id, [job.account_id]))


def _as_view(job: Job, known: dict[int, str]) -> JobView:
    told = vars(job) | {
        "id": str(job.id),
        "by": known.get(job.account_id, "Somebody"),
        "undo_of": str(job.undo_of) if job.undo_of else None,
    }
    return JobView.model_validate({name: told[name] for name in JobView.model_fields})
