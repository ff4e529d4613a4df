"""Merging, remapping and purging over HTTP, for owners: a counted plan, then the job, then perhaps its undoing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from service.identity import Staff
from service.kit.db import WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded, TooLarge
from service.kit.ids import parse_id
from service.moderation.names import names
from service.pages.views import View
from service.publishing import jobs, mapping
from service.publishing.jobs import Job, JobNotReady, JobUnderWay, JobUnknown, UndoImpossible
from service.publishing.mapping import Mapper
from service.record import Actor
from service.sites import SiteUnknown
from service.threads import MergeImpossible, ThreadUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.owned import owned_site
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, private
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites/{site}/thread-jobs", tags=["publishers"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
JobId = Annotated[PublicId, Path(description="A job's id")]
Address = Annotated[Text, Field(min_length=1, max_length=4_000)]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
_MOST_CSV = 8 * 2**20
_A_LIST: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The list as it is, as CSV in UTF-8",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class MergeBody(Body):
    """Two discussions: everything of the first goes into the second."""

    thread: PublicId
    into: PublicId


class PurgeBody(Body):
    """A discussion that is to be deleted for good."""

    thread: PublicId


class RuleBody(Body):
    """Which addresses become which others."""

    rule: Literal["prefix", "host", "pattern"] = Field(
        description="`prefix`: a beginning; `host`: a host, perhaps with its port; `pattern`: the whole address,"
        " matched in linear time, with `$1` … `$9` in what it becomes"
    )
    source: Address = Field(alias="from", examples=["https://news.example/blog/"])
    target: Address = Field(alias="to", examples=["https://news.example/articles/"])


class BeginBody(Body):
    """What confirms the job."""

    confirm: Text = Field(default="", max_length=4_000, description="For a purge: the discussion's address, typed")


class ThreadJobView(View):
    """A job and how far it is."""

    id: str
    kind: Literal["merge", "remap", "purge"]
    state: jobs.State
    by: str
    asked: dict[str, Any]
    counts: dict[str, int] = Field(description="What the plan counted, and later what came of it, by outcome")
    samples: list[dict[str, Any]]
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None


class ThreadJobsView(View):
    """Jobs, newest first."""

    items: list[ThreadJobView]
    next_cursor: str | None = None


@router.get("", responses=raises(*_SHARED, Invalid))
async def get_jobs(
    site: SiteName, response: Response, parts: AllParts, who: Moderator, cursor: CursorText = None, limit: Limit = 25
) -> ThreadJobsView:
    """The jobs on a site's discussions."""
    private(response)
    found = await owned_site(parts, who, site)
    before = parse_id(cursor, field="cursor") if cursor else None
    page = await parts.db.read(jobs.of_site, found.id, before, limit + 1)
    return ThreadJobsView(
        items=[await _view(parts, job) for job in page[:limit]],
        next_cursor=str(page[limit - 1].id) if len(page) > limit else None,
    )


@router.post("/merge", status_code=201, responses=raises(*_SHARED, ThreadUnknown, MergeImpossible, Invalid))
async def post_merge(site: SiteName, wanted: MergeBody, parts: AllParts, who: Moderator) -> ThreadJobView:
    """Plan to merge one discussion into another. Nothing moves before the job is begun."""
    found = await owned_site(parts, who, site)
    one, other = number(wanted.thread), number(wanted.into)
    return await _view(parts, await parts.db.transact(jobs.plan_merge, found, one, other, by=_actor(who)))


@router.post("/purge", status_code=201, responses=raises(*_SHARED, ThreadUnknown, Invalid))
async def post_purge(site: SiteName, wanted: PurgeBody, parts: AllParts, who: Moderator) -> ThreadJobView:
    """Plan to delete a discussion with all its comments, for good. It is begun with its address typed."""
    found = await owned_site(parts, who, site)
    job = await parts.db.transact(jobs.plan_purge, found, number(wanted.thread), by=_actor(who))
    return await _view(parts, job)


@router.post("/remap", status_code=202, responses=raises(*_SHARED, JobUnderWay, Invalid))
async def post_remap(site: SiteName, wanted: RuleBody, parts: AllParts, who: Moderator) -> ThreadJobView:
    """Plan to move discussions to other addresses by a rule. A worker counts what would move and what is in the way."""
    found = await owned_site(parts, who, site)
    mapper = mapping.rule(wanted.rule, wanted.source, wanted.target)
    return await _view(parts, await parts.db.transact(jobs.plan_remap, found, mapper, by=_actor(who)))


@router.post(
    "/remap.csv",
    status_code=202,
    responses=raises(*_SHARED, JobUnderWay, Invalid, TooLarge),
    openapi_extra=_A_LIST,
)
async def post_remap_csv(site: SiteName, request: Request, parts: AllParts, who: Moderator) -> ThreadJobView:
    """The same by a list, as CSV: old address, new address; 20,000 lines and 8 MB at most."""
    found = await owned_site(parts, who, site)
    mapper = await _read(request)
    return await _view(parts, await parts.db.transact(jobs.plan_remap, found, mapper, by=_actor(who)))


@router.get("/{thread_job}", responses=raises(*_SHARED, JobUnknown))
async def get_job(
    site: SiteName, thread_job: JobId, response: Response, parts: AllParts, who: Moderator
) -> ThreadJobView:
    """How far a job is."""
    private(response)
    found = await owned_site(parts, who, site)
    return await _view(parts, await parts.db.read(jobs.get, found, number(thread_job)))


@router.post(
    "/{thread_job}/begin", status_code=202, responses=raises(*_SHARED, JobUnknown, JobNotReady, JobUnderWay, Invalid)
)
async def post_begin(
    site: SiteName, thread_job: JobId, wanted: BeginBody, parts: AllParts, who: Moderator
) -> ThreadJobView:
    """Begin what was planned, within a day."""
    found = await owned_site(parts, who, site)

    async def begin(tx: WriteTx) -> Job:
        return await jobs.begin(tx, found, number(thread_job), by=_actor(who), confirm=wanted.confirm)

    return await _view(parts, await parts.db.transact(begin))


@router.post("/{thread_job}/cancel", responses=raises(*_SHARED, JobUnknown, JobNotReady))
async def post_cancel(site: SiteName, thread_job: JobId, parts: AllParts, who: Moderator) -> ThreadJobView:
    """Stop a job that has not begun, or a remap at work. What is done stays done, and can be undone."""
    found = await owned_site(parts, who, site)
    return await _view(parts, await parts.db.transact(jobs.cancel, found, number(thread_job), by=_actor(who)))


@router.post("/{thread_job}/undo", status_code=202, responses=raises(*_SHARED, JobUnknown, UndoImpossible, JobUnderWay))
async def post_undo(site: SiteName, thread_job: JobId, parts: AllParts, who: Moderator) -> ThreadJobView:
    """Take a merge or a remap back, within thirty days."""
    found = await owned_site(parts, who, site)
    return await _view(parts, await parts.db.transact(jobs.undo, found, number(thread_job), by=_actor(who)))


async def _read(request: Request) -> Mapper:
    told = bytearray()
    async for piece in request.stream():
        told += piece
        if len(told) > _MOST_CSV:
            raise TooLarge(f"a list has at most {_MOST_CSV // 2**20} MB", field="csv")
    try:
        return mapping.pairs(told.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid("a list is text in UTF-8", field="csv") from error


def _actor(who: Staff) -> Actor:
    return Actor.account(who.account.id)


async def _view(parts: Parts, job: Job) -> ThreadJobView:
    known = await parts.db.read(names, job.site_id, [job.account_id] if job.account_id is not None else [])
    by = "The server's terminal" if job.account_id is None else known.get(job.account_id, "Somebody")
    # The pairs of a list are many; what is planned of them stands in the samples.
    asked = {name: value for name, value in job.asked.items() if name not in {"pairs", "carried"}}
    told = vars(job) | {"id": str(job.id), "by": by, "asked": asked}
    return ThreadJobView.model_validate({name: told[name] for name in ThreadJobView.model_fields})
