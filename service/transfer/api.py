"""Imports over HTTP, for a site's owners: send a file, see what it would bring, begin, watch, cancel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from service import moderation
from service.kit import text
from service.kit.errors import Forbidden, Invalid, SignInNeeded, TooLarge, TooSlow
from service.kit.ids import parse_id
from service.pages.views import View
from service.sites import SiteUnknown
from service.transfer import runs, uploads
from service.transfer.errors import FormatUnknown, WrongFile
from service.transfer.exporting import export_lines
from service.transfer.moves import BadMove, read_moves
from service.transfer.report import MENDED, POSTS_LEFT_OUT, THREADS_LEFT_OUT
from service.transfer.runs import ImportNotDone, ImportNotReady, ImportUnderWay, ImportUnknown, Run, State
from service.web.input import PublicId, Text, number
from service.web.owned import owned_site
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, private
from service.web.who import AllParts, Moderator

imports = APIRouter(prefix="/api/v1/sites/{site}/imports", tags=["imports"])

exports = APIRouter(prefix="/api/v1/sites/{site}", tags=["imports"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
RunId = Annotated[PublicId, Path(description="An import's id")]
FileName = Annotated[Text, Query(min_length=1, max_length=200, description="What the file is called, for the list")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
# FastAPI would read the whole body to describe it.
_A_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is, plain or packed with gzip",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class CountView(View):
    """So many records of one kind."""

    kind: str = Field(examples=["spam"])
    words: str = Field(description="The kind in words", examples=["marked as spam"])
    count: int
    examples: list[str] = Field(description="Up to five of them, by id and line")


class HostView(View):
    """A host that is not among the site's origins."""

    host: str
    pages: int
    comments: int


class TwinsView(View):
    """Two pages that share comments word for word."""

    first: str
    second: str
    comments: int


class ReportView(View):
    """An import, counted. Comments read = comments + tombstones + unchanged + all that is left out."""

    threads_read: int
    posts_read: int
    pages: int = Field(description="New ones; not known beforehand, so 0 in a plan")
    aliases: int = Field(description="New further addresses of pages; 0 in a plan")
    comments: int
    tombstones: int = Field(description="Comments nobody sees, whose replies are shown")
    people: int = Field(description="New authors; 0 in a plan")
    unchanged: int = Field(description="Here already")
    changed: bool
    seconds: float
    posts_left_out: list[CountView]
    threads_left_out: list[CountView]
    mended: list[CountView]
    foreign_hosts: list[HostView]
    twins: list[TwinsView] = Field(description="The first 200; `twins_found` counts all")
    twins_found: int = 0


class ImportProblemView(View):
    """Why a file cannot be imported."""

    type: str
    title: str
    detail: str
    line: int | None = None
    column: int | None = None


class ImportView(View):
    """One import and how far it is."""

    id: str
    source: str
    file_name: str
    bytes: int
    state: State
    by: str | None = Field(description="Who sent the file; null: the server's terminal")
    total: int = Field(description="Comments to be written; 0 while the file is checked")
    done: int = Field(description="Comments written so far; while the file is checked: read so far")
    plan: ReportView | None = Field(description="What it would bring, from `ready` on")
    report: ReportView | None = Field(description="What it brought, so far")
    problem: ImportProblemView | None = Field(description="Why it was refused")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="The file is deleted then, unless it is begun before")
    moves: list[str] = Field(description="Rules that say where pages are now")
    can_undo: bool = Field(description="Whether what it brought can be taken back")


class MovesDraft(BaseModel):
    """Where pages are now."""

    moves: Annotated[
        list[Annotated[Text, Field(max_length=5_000)]],
        Field(max_length=10_000, description="Rules, `old -> new`", examples=[["localhost:4000 -> https://news.test"]]),
    ]


class ImportsView(View):
    """Imports, newest first."""

    items: list[ImportView]
    next_cursor: str | None = None


@imports.get("", responses=raises(*_SHARED, Invalid))
async def get_imports(
    site: SiteName,
    response: Response,
    parts: AllParts,
    who: Moderator,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> ImportsView:
    """The imports of a site, those of the server's terminal too."""
    private(response)
    found = await owned_site(parts, who, site)
    after = parse_id(cursor, field="cursor") if cursor else None
    known = await parts.db.read(runs.of_site, found.id, after, limit + 1)
    names = await parts.db.read(moderation.names, found.id, [run.account_id for run in known if run.account_id])
    return ImportsView(
        items=[_view(run, names) for run in known[:limit]],
        next_cursor=str(known[limit - 1].id) if len(known) > limit else None,
    )


@imports.post(
    "",
    status_code=201,
    openapi_extra=_A_FILE,
    responses=raises(*_SHARED, Invalid, WrongFile, FormatUnknown, BadMove, ImportUnderWay, TooLarge, TooSlow),
)
async def post_import(
    site: SiteName,
    request: Request,
    response: Response,
    parts: AllParts,
    who: Moderator,
    file_name: FileName = "export.xml",
    source: Annotated[
        Text | None, Query(max_length=20, description="The file's format; left out, its beginning tells")
    ] = None,
    move: Annotated[
        list[Text] | None, Query(max_length=100, description="Rules about addresses, `old -> new`, each a parameter")
    ] = None,
) -> ImportView:
    """Send a file. It is checked as a whole and counted; nothing is imported before it is begun."""
    private(response)
    found = await owned_site(parts, who, site)
    name = text.clean_line(file_name, field="file_name", max_chars=200) or "export.xml"
    run = await uploads.take_in(
        parts.db, found, who.account.id, _sent(request), source=source, file_name=name, moves=move or ()
    )
    return await _told(parts, run)


@imports.get("/{run}", responses=raises(*_SHARED, ImportUnknown))
async def get_import(site: SiteName, run: RunId, response: Response, parts: AllParts, who: Moderator) -> ImportView:
    """How far an import is."""
    private(response)
    found = await owned_site(parts, who, site)
    return await _told(parts, await parts.db.read(runs.get, found.id, number(run)))


@imports.post("/{run}/begin", status_code=202, responses=raises(*_SHARED, ImportUnknown, ImportNotReady))
async def post_begin(site: SiteName, run: RunId, parts: AllParts, who: Moderator) -> ImportView:
    """Begin what was checked. What is here already stays as it is."""
    found = await owned_site(parts, who, site)
    return await _told(parts, await parts.db.transact(runs.start, found.id, number(run), who.account.id))


@imports.post("/{run}/check", status_code=202, responses=raises(*_SHARED, BadMove, ImportUnknown, ImportNotReady))
async def post_check(site: SiteName, run: RunId, draft: MovesDraft, parts: AllParts, who: Moderator) -> ImportView:
    """Check a file again, with rules that say where its pages are now; they replace those it was checked with."""
    found = await owned_site(parts, who, site)
    rules = [rule for line in draft.moves for rule in line.splitlines()]
    read_moves(rules)
    return await _told(parts, await parts.db.transact(runs.check_again, found.id, number(run), who.account.id, rules))


@imports.post("/{run}/undo", status_code=202, responses=raises(*_SHARED, ImportUnknown, ImportUnderWay, ImportNotDone))
async def post_undo(site: SiteName, run: RunId, parts: AllParts, who: Moderator) -> ImportView:
    """Take an import back: what it brought goes, what came since stays. The worker does it; `done` counts up again."""
    found = await owned_site(parts, who, site)
    return await _told(parts, await parts.db.transact(runs.begin_undo, found.id, number(run), who.account.id))


@imports.post("/{run}/cancel", responses=raises(*_SHARED, ImportUnknown))
async def post_cancel(site: SiteName, run: RunId, parts: AllParts, who: Moderator) -> ImportView:
    """Stop an import and delete its file. What it has brought stays; the same file, sent again, brings the rest."""
    found = await owned_site(parts, who, site)
    return await _told(parts, await parts.db.transact(runs.cancel, found.id, number(run), who.account.id))


@exports.get(
    "/export.jsonl",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {}}}, **raises(*_SHARED)},
)
async def get_export(site: SiteName, parts: AllParts, who: Moderator) -> Response:
    """All threads and comments of a site as JSON Lines, hidden ones with their state; for owners, and on record.

    Such a file comes back in by an import. It is whole when its last line says `end`.
    """
    found = await owned_site(parts, who, site)
    await parts.db.transact(runs.note_export, found, who.account.id)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{found.name}-comments.jsonl"',
    }
    return StreamingResponse(export_lines(parts.db, found), media_type="application/jsonl", headers=headers)


async def _sent(request: Request) -> AsyncIterator[bytes]:
    try:
        async for some in request.stream():
            yield some
    except ClientDisconnect:
        raise TooSlow from None  # whom nobody waits for; what was kept goes again


async def _told(parts: Parts, run: Run) -> ImportView:
    known = await parts.db.read(moderation.names, run.site_id, [run.account_id] if run.account_id else [])
    return _view(run, known)


def _view(run: Run, names: Mapping[int, str]) -> ImportView:
    return ImportView(
        id=str(run.id),
        source=run.source,
        file_name=run.file_name,
        bytes=run.bytes,
        state=run.state,
        by=names.get(run.account_id, "Somebody") if run.account_id else None,
        total=run.total,
        done=run.done,
        plan=_report(run.plan),
        report=_report(run.report),
        problem=ImportProblemView.model_validate(run.problem) if run.problem else None,
        created_at=run.started_at,
        started_at=run.begun_at,
        finished_at=run.finished_at,
        expires_at=run.expires_at,
        moves=list(run.moves),
        can_undo=run.state in runs.CAN_UNDO,
    )


def _report(counted: Mapping[str, Any] | None) -> ReportView | None:
    if not counted:
        return None
    told = {name: counted[name] for name in ReportView.model_fields if name in counted}
    for name, words in (("posts_left_out", POSTS_LEFT_OUT), ("threads_left_out", THREADS_LEFT_OUT), ("mended", MENDED)):
        told[name] = [{**count, "words": words.get(count["kind"], count["kind"])} for count in counted.get(name, ())]
    return ReportView.model_validate(told)


router = APIRouter()
router.include_router(imports)
router.include_router(exports)
