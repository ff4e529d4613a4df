"""Posting over HTTP: post, edit and delete one's own, vote, report."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import AfterValidator, Field

from service import comments, identity, moderation, posting, sanctions, sites, threads, votes
from service.identity import Person, Visitor
from service.kit.db import WriteTx
from service.kit.errors import Invalid, TooLarge
from service.kit.seal import Keeper
from service.limits import LimitReached, Standing
from service.pages.language import Language
from service.pages.views import PostedView, VoteView
from service.posting import NewComment, Posted, PostingRules
from service.reading import comment_view
from service.sites import Site
from service.web import acts
from service.web.fragments import comment_fragment
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.spoken import Spoken
from service.web.straight import Straight
from service.web.who import AllParts, Anyone, Bearer, MaybeStaff, visitor_at

router = APIRouter(prefix="/api/v1", tags=["posting"], route_class=Straight)

_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,189}")


def _address(value: str | None) -> str | None:
    if not value:
        return None
    if not _EMAIL.fullmatch(value):
        raise ValueError("is not an e-mail address")
    return value


class AuthorBody(Body):
    """How a guest signs."""

    name: Text = Field(max_length=400, examples=["Ada"])
    email: Annotated[Text | None, AfterValidator(_address)] = Field(
        default=None, max_length=254, description="Optional; sealed, never shown to anybody"
    )


class NewCommentBody(Body):
    """A new comment. Either `thread` or `url` says which page it is about."""

    site: Text = Field(max_length=50, examples=["demo"])
    url: Text | None = Field(default=None, max_length=4_000, examples=["https://news.example/2026/11/tram"])
    thread: PublicId | None = None
    identifier: Text | None = Field(default=None, max_length=600)
    title: Text | None = Field(default=None, max_length=1_000)
    slug: Text | None = Field(default=None, max_length=400, description="The page's short name, kept with a new thread")
    category: Text | None = Field(
        default=None, max_length=120, description="One of `threads.categories`: the section a new thread begins in"
    )
    parent: PublicId | None = Field(default=None, description="The comment this one answers")
    body: str = Field(description="Markdown", examples=["I *like* trams."])
    author: AuthorBody | None = Field(default=None, description="Needed once; later the capability is enough")
    mail_replies: bool = Field(
        default=False, description="Mail me replies to what I write here; `mail` in the answer says what came of it"
    )


class EditBody(Body):
    """The new text of a comment."""

    body: str = Field(description="Markdown")


class VoteBody(Body):
    """One's own vote: 1, -1, or 0 to take it back."""

    value: Literal[-1, 0, 1]


class ReportBody(Body):
    """Why a comment should be looked at."""

    reason: moderation.ReportReason
    detail: Text = Field(default="", max_length=1_000)


class ReportedView(Body):
    """The answer to a report."""

    status: Literal["received"] = "received"


CommentId = Annotated[PublicId, Path(description="A comment's id")]
Fragment = Annotated[bool, Query(description="Also answer the comment as HTML, for the embed")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Any unguessable text, the same for every try of the same comment: a retry is then harmless",
    ),
]


@router.post(
    "/comments",
    status_code=201,
    responses={
        202: {"model": PostedView, "description": "Held: a moderator looks at it first; `reasons` say why"},
        **raises(
            Invalid,
            posting.ParentUnknown,
            posting.DepthReached,
            posting.RepliesClosed,
            sanctions.Banned,
            sanctions.Suspended,
            sanctions.SlowMode,
            posting.NameNeeded,
            posting.GuestsRefused,
            posting.SiteAccountNeeded,
            posting.KeyReused,
            threads.ForeignHost,
            posting.ThreadClosed,
            posting.OutOfHours,
            posting.Refusal,
            sites.SiteUnknown,
            threads.ThreadUnknown,
            LimitReached,
            TooLarge,
        ),
    },
)
async def post_comment(
    new: NewCommentBody,
    response: Response,
    parts: AllParts,
    who: Anyone,
    staff: MaybeStaff,
    spoken: Spoken,
    authorization: Bearer = None,
    key: IdempotencyKey = None,
    fragment: Fragment = False,
) -> PostedView:
    """Post a comment; the first one under a page opens its thread, if the site's rules allow the address."""
    site = await parts.sites.by_name(new.site)
    visitor = await visitor_at(parts, who, site, authorization, staff)
    posted, standing = await acts.post(parts, site, visitor, _new_comment(new), key)
    _tell(response, standing)
    answer = _posted(parts, response, site, posted, spoken, fragment=fragment, created=201)
    if not new.mail_replies:
        return answer
    email = new.author.email if new.author else None
    return answer.model_copy(update={"mail": await acts.mail_replies(parts, site, who, posted, email, spoken.tag)})


@router.patch(
    "/comments/{comment}",
    responses={
        202: {"model": PostedView, "description": "The new text is held; a moderator looks at it first"},
        **raises(
            Invalid,
            comments.CommentUnknown,
            posting.NotYours,
            posting.EditWindowOver,
            posting.ThreadClosed,
            posting.OutOfHours,
            posting.Refusal,
            posting.GuestsRefused,
            posting.SiteAccountNeeded,
            sanctions.Banned,
            sanctions.Suspended,
            LimitReached,
        ),
    },
)
async def edit_comment(
    comment: CommentId,
    new: EditBody,
    response: Response,
    parts: AllParts,
    who: Anyone,
    staff: MaybeStaff,
    spoken: Spoken,
    authorization: Bearer = None,
    fragment: Fragment = False,
) -> PostedView:
    """Replace the text of one's own comment, within the site's window."""
    site, visitor, _ = await _at_comment(parts, who, number(comment), authorization, staff)
    await _spend(parts, response, site, "edit", visitor)
    asked = await posting.consult_edit(parts.asker, parts.db, site, visitor, number(comment), new.body)
    posted = await parts.db.transact(posting.edit, parts.keeper, site, visitor, number(comment), new.body, asked=asked)
    if asked.later:
        parts.questions.poke()
    return _posted(parts, response, site, posted, spoken, fragment=fragment, created=200)


@router.delete(
    "/comments/{comment}",
    status_code=204,
    responses=raises(
        comments.CommentUnknown, posting.NotYours, posting.EditWindowOver, posting.ThreadLocked, LimitReached
    ),
)
async def delete_comment(
    comment: CommentId, response: Response, parts: AllParts, who: Anyone, authorization: Bearer = None
) -> None:
    """Take one's own comment back, within the site's window. Its text is gone for good."""
    site, visitor, _ = await _at_comment(parts, who, number(comment), authorization)
    await _spend(parts, response, site, "edit", visitor)
    await parts.db.transact(posting.delete, site, visitor, number(comment))


@router.put(
    "/comments/{comment}/vote",
    responses=raises(
        comments.CommentUnknown,
        votes.OwnComment,
        posting.VotesOff,
        posting.ThreadClosed,
        posting.GuestsRefused,
        posting.SiteAccountNeeded,
        sanctions.Banned,
        sanctions.Suspended,
        LimitReached,
    ),
)
async def vote(
    comment: CommentId,
    new: VoteBody,
    response: Response,
    parts: AllParts,
    who: Anyone,
    authorization: Bearer = None,
) -> VoteView:
    """Set one's own vote; the same vote twice counts once. A stranger becomes a guest by it."""
    site, visitor, about = await _at_comment(parts, who, number(comment), authorization)
    await _spend(parts, response, site, "vote", visitor)
    if new.value != 0 and await _is_first_ballot(parts, visitor, number(comment)):
        # Capabilities are had for the asking: whoever takes a new one to vote again meets this bucket, a few per
        # address and comment.
        await _spend(parts, response, site, "ballot", visitor, act=f"ballot.{comment}")
    (up, down), voter = await parts.db.gathered(_vote, parts.keeper, site, visitor, about, new.value)
    guest = identity.capability(parts.keeper, voter) if voter is not None and visitor.person is None else None
    return VoteView(value=new.value, up=up, down=down, score=up - down, guest=guest)


@router.post(
    "/comments/{comment}/reports",
    status_code=202,
    responses=raises(
        Invalid,
        comments.CommentUnknown,
        posting.GuestsRefused,
        posting.SiteAccountNeeded,
        sanctions.Banned,
        sanctions.Suspended,
        LimitReached,
    ),
)
async def report_comment(
    comment: CommentId,
    new: ReportBody,
    response: Response,
    parts: AllParts,
    who: Anyone,
    authorization: Bearer = None,
) -> ReportedView:
    """Ask a moderator to look at a comment. Signing in is needed only where the site says so; twice is as once."""
    site, visitor, _ = await _at_comment(parts, who, number(comment), authorization)
    _tell(response, await acts.report(parts, site, visitor, number(comment), new.reason, new.detail))
    return ReportedView()


async def _vote(
    tx: WriteTx, keeper: Keeper, site: Site, who: Visitor, about: comments.Comment, value: votes.Value
) -> tuple[tuple[int, int], Person | None]:
    posting.refuse_outsiders(site, who)
    voter = who.person or identity.stranger(site.id, "")
    # As it was a moment ago: whatever has changed is asked for again.
    await tx.ask_ahead(
        await sanctions.asking(tx, keeper, site.id, person=who.person, address=who.address),
        comments.asking([about.id]),
        *votes.asking(tx, voter.id, about),
        *threads.asking(site, None, about.thread_id),
    )
    found = await posting.standing(tx, keeper, site, who)
    comment = await _readable(tx, site, about.id)
    posting.refuse_votes(site, await threads.get(tx, comment.thread_id))
    if who.person is None and value == 0:
        return (comment.up, comment.down), None
    if found.is_shadowed and who.person is not None:
        # Seen by nobody but them, as all they do here.
        return (comment.up + (value == 1), comment.down + (value == -1)), who.person
    async with tx.together(last=True):
        if who.person is None:
            await identity.add_guest(tx, keeper, voter, None)
        return await votes.cast(tx, voter, comment, value), voter


async def _is_first_ballot(parts: Parts, who: Visitor, comment_id: int) -> bool:
    """Whether a vote would be a guest's first on a comment."""
    if who.person is None or who.person.is_member:
        return who.person is None
    return await parts.db.glance(votes.vote_of, who.person.id, comment_id) is None


async def _readable(tx: WriteTx, site: Site, comment_id: int) -> comments.Comment:
    comment = await comments.get(tx, comment_id)
    if not comment.is_published or comment.site_id != site.id:
        raise comments.CommentUnknown
    return comment


async def _at_comment(
    parts: Parts, who: Visitor, comment_id: int, authorization: str | None, staff: identity.Staff | None = None
) -> tuple[Site, Visitor, comments.Comment]:
    """The site a comment belongs to, from its row, the visitor as known there, and the comment as staff sees it."""
    comment = await parts.db.glance(comments.get, comment_id, comments.STAFF)
    site = await parts.sites.by_id(comment.site_id)
    return site, await visitor_at(parts, who, site, authorization, staff), comment


async def _spend(
    parts: Parts,
    response: Response,
    site: Site,
    rule: acts.Rule,
    who: Visitor,
    *,
    act: str | None = None,
) -> None:
    _tell(response, await acts.spend(parts, site, rule, who, act=act))


def _tell(response: Response, standing: Standing | None) -> None:
    if standing is not None:
        response.headers.update(standing.headers())


def _posted(
    parts: Parts, response: Response, site: Site, posted: Posted, spoken: Language, *, fragment: bool, created: int
) -> PostedView:
    comment = posted.comment
    if comment.state not in {"published", "held", "shadowed"}:
        # A retry whose comment was taken down meanwhile learns that, and not the text again.
        raise comments.CommentUnknown
    is_out = comment.state != "held"
    response.status_code = created if is_out else 202
    response.headers["Cache-Control"] = "no-store"
    view = comment_view(comment, posted.author)
    rules = site.section("posting", PostingRules)
    return PostedView(
        status="published" if is_out else "held",
        comment=view,
        reasons=[spoken.say(reason) for reason in posted.reasons],
        editable_until=posting.may_change_until(comment, rules),
        guest=identity.capability(parts.keeper, posted.author) if posted.author.kind == "guest" else None,
        fragment=comment_fragment(site, view, spoken.tag) if fragment else None,
    )


def _new_comment(new: NewCommentBody) -> NewComment:
    return NewComment(
        body=new.body,
        url=new.url,
        thread=number(new.thread) if new.thread is not None else None,
        identifier=new.identifier,
        title=new.title,
        slug=new.slug,
        category=new.category,
        parent=number(new.parent) if new.parent is not None else None,
        name=new.author.name if new.author else None,
        email=new.author.email if new.author else None,
    )
