"""The desk over HTTP: a case with all around it, an author's record, notes."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service import desk, moderation, sites
from service.comments import Comment
from service.desk import AuthorRecord, CaseContext, PersonUnknown
from service.desk.views import (
    AppealView,
    ArticleView,
    AuthorRecordView,
    BranchView,
    CaseContextView,
    CaseHeadView,
    CaseReportView,
    CaseSignalView,
    NoteView,
    RevisionView,
    StaffCommentView,
    decision_view,
    note_view,
    record_view,
)
from service.identity import Person, Staff
from service.kit import text
from service.kit.db import ReadTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.moderation import CaseUnknown
from service.reading import comment_view, statement_view
from service.sites import Site, SiteUnknown
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/moderation", tags=["desk"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
PersonId = Annotated[PublicId, Path(description="An author's id")]
CaseId = Annotated[PublicId, Path(description="A case's id")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown, PersonUnknown)


class NoteBody(Body):
    """A note to colleagues about an author."""

    text: Text = Field(min_length=1, max_length=2_000)


class MarkBody(Body):
    """What an author's comments show: `expert`, or nothing."""

    mark: Literal["expert"] | None


@router.get("/cases/{case}", responses=raises(SignInNeeded, Forbidden, CaseUnknown))
async def get_case(case: CaseId, response: Response, parts: AllParts, who: Moderator) -> CaseContextView:
    """A case with everything that is needed to judge it. That one looked at the author's record is on record."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await parts.db.read(desk.case_context, who, number(case))
    if found.author is not None:
        await parts.db.transact(desk.looked, who, found.case.site_id, found.author.person.id)
    return await parts.db.read(_context_view, found)


@router.get("/authors/{person}", responses=raises(*_SHARED))
async def get_author(
    person: PersonId, site: SiteName, response: Response, parts: AllParts, who: Moderator
) -> AuthorRecordView:
    """What is known of an author at a site. Looking is on record."""
    response.headers["Cache-Control"] = "private, no-store"
    found = await _site(parts, who, site)
    await parts.db.transact(desk.looked, who, found.id, number(person))
    known = await parts.db.read(desk.author_record, who, found.id, number(person))
    return await parts.db.read(_record_view, known)


@router.post("/authors/{person}/notes", status_code=201, responses=raises(*_SHARED, Invalid))
async def post_note(person: PersonId, site: SiteName, new: NoteBody, parts: AllParts, who: Moderator) -> NoteView:
    """Leave a note about an author, for colleagues."""
    found = await _site(parts, who, site)
    words = text.clean_line(new.text, field="text", max_chars=2_000)
    if not words:
        raise Invalid("there is nothing to read in this note", field="text")
    return note_view(await parts.db.transact(desk.add_note, who, found.id, number(person), words))


@router.put("/authors/{person}/mark", status_code=204, responses=raises(*_SHARED, moderation.EditorNeeded))
async def put_mark(person: PersonId, site: SiteName, new: MarkBody, parts: AllParts, who: Moderator) -> None:
    """Mark what an author writes as an expert's, or no more; for editors."""
    found = await _site(parts, who, site)
    await parts.db.transact(desk.set_mark, who, found.id, number(person), new.mark)


async def _site(parts: Parts, who: Staff, name: str) -> Site:
    found = await parts.db.read(sites.by_name, name)
    if not who.is_moderator_at(found.id):
        raise SiteUnknown(field="site")
    return found


async def _record_view(tx: ReadTx, known: AuthorRecord) -> AuthorRecordView:
    accounts = {each.account_id for each in known.sanctions}
    names = await moderation.names(tx, known.person.site_id, accounts)
    return record_view(known, names, [_comment(it, known.person) for it in known.last])


async def _context_view(tx: ReadTx, it: CaseContext) -> CaseContextView:
    people, site = it.people, await sites.by_id(tx, it.case.site_id)
    return CaseContextView(
        case=CaseHeadView(
            id=str(it.case.id),
            site=site.name,
            reason=it.case.reason,
            state=it.case.state,
            severity=it.case.severity,
            opened_at=it.case.opened_at,
            due_at=it.case.due_at,
            closed_at=it.case.closed_at,
        ),
        comment=_comment(it.comment, people.get(it.comment.person_id or 0)),
        article=ArticleView(
            thread=str(it.thread.id),
            url=it.thread.url,
            title=it.thread.title,
            section=it.thread.section,
            state=it.thread.state,
            comment_count=it.thread.comment_count,
        ),
        branch=BranchView(
            ancestors=[_comment(above, people.get(above.person_id or 0)) for above in it.ancestors],
            goes_on_above=it.goes_on_above,
            siblings=[_comment(beside, people.get(beside.person_id or 0)) for beside in it.siblings],
        ),
        author=await _record_view(tx, it.author) if it.author else None,
        signals=[
            CaseSignalView(name=each.name, score=each.score, reason=each.reason, version=each.version)
            for each in it.case.signals
        ],
        reports=[
            CaseReportView(reason=each.reason, count=each.count, details=list(each.details)) for each in it.reports
        ],
        decisions=[decision_view(each) for each in it.decisions],
        revisions=[
            RevisionView(version=each.version, body=each.body, html=each.html, at=each.at) for each in it.revisions
        ],
        statement=statement_view(it.statement, it.appeal, site) if it.statement else None,
        appeal=AppealView(
            text=it.appeal.text,
            state=it.appeal.state,
            answer=it.appeal.answer,
            created_at=it.appeal.created_at,
            decided_at=it.appeal.decided_at,
        )
        if it.appeal
        else None,
    )


def _comment(comment: Comment, author: Person | None) -> StaffCommentView:
    view = comment_view(comment, author, for_staff=True)
    return StaffCommentView(**dict(view), moderation_state=comment.state)
