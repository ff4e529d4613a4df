"""Redress over HTTP: a site's reasons, statements for authors and for the export, appeals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from service import comments, moderation, reading, record, redress, sites
from service.identity import Staff, Visitor
from service.kit import text
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid, NotFound, SignInNeeded
from service.kit.ids import parse_id
from service.limits import LimitReached, LimitRules
from service.pages.views import StatementView, View
from service.reading import statement_view
from service.record import Actor
from service.redress import Reason, ReasonRules
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Anyone, Bearer, MaybeStaff, Moderator, visitor_at

router = APIRouter(prefix="/api/v1", tags=["redress"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
CommentId = Annotated[PublicId, Path(description="A comment's id")]
CursorText = Annotated[Text | None, Query(max_length=19, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="Items on a page")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
_BATCH = 500


class StatementUnknown(NotFound):
    """There is no statement of reasons about this comment that you could see."""

    type = "statement-unknown"


class ReasonsView(View):
    """The reasons of a site, in its own order."""

    items: list[Reason]
    next_cursor: str | None = None
    required: bool = Field(description="Whether every restriction must name one")


class AppealBody(Body):
    """What the author has to say."""

    text: Text = Field(min_length=1, max_length=2_000)


class AppealedView(View):
    """The answer to an appeal."""

    status: str = "received"
    state: str = Field(examples=["open"])


class StatementsView(View):
    """Statements, the newest first."""

    items: list[StatementView]
    next_cursor: str | None = None


@router.get("/moderation/reasons", responses=raises(*_SHARED))
async def get_reasons(response: Response, parts: AllParts, who: Moderator, site: SiteName) -> ReasonsView:
    """The reasons a moderator chooses from."""
    response.headers["Cache-Control"] = "private, no-store"
    rules = (await _site(parts, who, site)).section("reasons", ReasonRules)
    return ReasonsView(items=list(rules.codes), required=rules.required)


@router.get("/comments/{comment}/statement", responses=raises(StatementUnknown))
async def get_statement(
    comment: CommentId,
    response: Response,
    parts: AllParts,
    who: Anyone,
    staff: MaybeStaff,
    authorization: Bearer = None,
) -> StatementView:
    """Why a comment was restricted: for its author, with the capability it was written with, and for moderators."""
    response.headers["Cache-Control"] = "private, no-store"
    try:
        site = await parts.db.read(reading.site_of_comment, number(comment))
    except comments.CommentUnknown as error:
        raise StatementUnknown from error
    visitor = await visitor_at(parts, who, site, authorization, staff)
    return await parts.db.read(_statement, site, visitor, number(comment))


@router.post(
    "/comments/{comment}/appeal",
    status_code=202,
    responses=raises(
        Invalid,
        comments.CommentUnknown,
        redress.NothingToAppeal,
        redress.AppealedAlready,
        redress.AppealTooLate,
        LimitReached,
    ),
)
async def post_appeal(
    comment: CommentId,
    new: AppealBody,
    response: Response,
    parts: AllParts,
    who: Anyone,
    authorization: Bearer = None,
) -> AppealedView:
    """Appeal against a decision about one's own comment, once. Somebody else than who decided answers it."""
    site = await parts.db.read(reading.site_of_comment, number(comment))
    visitor = await visitor_at(parts, who, site, authorization)
    names = {"address": who.address, "author": visitor.person.id if visitor.person else None}
    limits = site.section("limits", LimitRules).report
    standing = await parts.limiter.spend(site.id, "appeal", limits, {**names})  # type: ignore[dict-item]  # its keys are scopes
    if standing is not None:
        response.headers.update(standing.headers())
    words = text.clean_source(new.text, max_chars=2_000)
    filed = await parts.db.transact(moderation.appeal, site, visitor.person, number(comment), words)
    parts.relay.poke()
    return AppealedView(state=filed.state)


@router.get("/moderation/statements", responses=raises(*_SHARED, Invalid))
async def get_statements(
    response: Response, parts: AllParts, who: Moderator, site: SiteName, cursor: CursorText = None, limit: Limit = 50
) -> StatementsView:
    """The statements of a site; for who moderates all of it."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await _site(parts, who, site)
    if who.sections_at(found.id) is not None:
        raise moderation.WholeSiteNeeded
    before = parse_id(cursor, field="cursor") if cursor else None
    items = await parts.db.read(redress.statements, found.id, before=before, limit=limit + 1)
    return StatementsView(
        items=[statement_view(each, None, found) for each in items[:limit]],
        next_cursor=str(items[limit - 1].id) if len(items) > limit else None,
    )


@router.get(
    "/moderation/statements.jsonl",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {}}}, **raises(*_SHARED)},
)
async def get_statement_lines(parts: AllParts, who: Moderator, site: SiteName) -> Response:
    """All statements in the fields of the EU's transparency database, one a line; for owners, and on record."""
    found = await _site(parts, who, site)
    if not who.owns(found.id):
        raise Forbidden
    await parts.db.transact(_note_export, found, who)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{found.name}-statements.jsonl"',
    }
    return StreamingResponse(_lines(parts.db, found), media_type="application/jsonl", headers=headers)


async def _site(parts: Parts, who: Staff, name: str) -> Site:
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    return found


async def _statement(tx: ReadTx, site: Site, who: Visitor, comment_id: int) -> StatementView:
    found = await redress.latest_of_comment(tx, comment_id)
    if found is None or not await _may_see(tx, who, found):
        raise StatementUnknown
    return statement_view(found, await redress.appeal_of(tx, comment_id), site)


async def _may_see(tx: ReadTx, who: Visitor, found: redress.Statement) -> bool:
    if who.person is not None and who.person.id == found.person_id:
        return True
    if who.staff is None or found.thread_id is None:
        return False
    return bool(await moderation.in_reach(tx, who.staff, found.site_id, [found.thread_id]))


async def _note_export(tx: WriteTx, site: Site, who: Staff) -> None:
    await record.append(tx, site.id, Actor.account(who.account.id), "exported", "statements")


async def _lines(db: Database, site: Site) -> AsyncIterator[str]:
    """Batch by batch, each in a read of its own: a slow client holds no connection."""
    rules, after = site.section("reasons", ReasonRules), 0
    while batch := await db.read(redress.statements, site.id, after=after, limit=_BATCH):
        yield "".join(f"{json.dumps(redress.submission(each, rules), ensure_ascii=False)}\n" for each in batch)
        after = batch[-1].id
