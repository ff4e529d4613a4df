"""Reading over HTTP, as JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service import comments, reading, sites, threads
from service.kit import text
from service.kit.errors import Invalid
from service.kit.paging import InvalidCursor
from service.limits import LimitReached
from service.pages.jsonld import embedded, of_article
from service.pages.views import CommentsView, CountsView, OwnCommentView, PageView, PermalinkView, ViewerView
from service.reading import PageKey
from service.threads import canonical
from service.web import acts
from service.web.fragments import comment_fragment
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import LIFE, OPEN, public, public_json, thread_tags
from service.web.spoken import Spoken
from service.web.who import AllParts, Anyone, Bearer, MaybeStaff, visitor_at

router = APIRouter(prefix="/api/v1", tags=["reading"])

JSONLD = "application/ld+json"
_JSONLD: dict[int | str, dict[str, Any]] = {200: {"content": {JSONLD: {"schema": {"type": "object"}}}}}
_IN_JSONLD = 25  # comments at the top level

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
PageURL = Annotated[
    Text,
    Query(
        max_length=4_000,
        description="The article's address",
        examples=["https://courier.example/2026/11/seafront-tram"],
    ),
]
Identifier = Annotated[Text | None, Query(max_length=300, description="The page's own id; wins over the address")]
SortBy = Annotated[
    Text | None,
    Query(max_length=20, description="best, hot, newest, oldest, controversial; the site's default when left out"),
]
CursorText = Annotated[Text | None, Query(max_length=400, description="`next_cursor` of the page before")]
Limit = Annotated[int | None, Query(ge=1, le=100, description="Comments at the top level of the answer")]
SearchWords = Annotated[Text, Query(min_length=1, max_length=100, description="Words that have to stand in a comment")]
ThreadId = Annotated[PublicId, Path(description="A thread's id")]
CommentId = Annotated[PublicId, Path(description="A comment's id")]


@router.get("/threads", response_model=PageView, responses=raises(sites.SiteUnknown, Invalid, InvalidCursor))
async def get_thread(
    request: Request,
    parts: AllParts,
    _: Anyone,
    site: SiteName,
    url: PageURL,
    identifier: Identifier = None,
    sort: SortBy = None,
    limit: Limit = None,
    cursor: CursorText = None,
) -> Response:
    """The thread of a page and its first comments. A thread nobody wrote in yet reads as empty; no row is made."""
    key = PageKey(
        canonical(url),
        identifier=text.clean_line(identifier, field="identifier", max_chars=300) if identifier else None,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await parts.sites.by_name(site)
    page = await parts.db.read_public(reading.read_page, found, key)
    return public_json(request, page, tags=thread_tags(page.thread.id, found.id), life=LIFE)


@router.get(
    "/threads/{thread}/comments",
    response_model=CommentsView,
    responses=raises(threads.ThreadUnknown, comments.CommentUnknown, Invalid, InvalidCursor),
)
async def get_comments(
    request: Request,
    parts: AllParts,
    _: Anyone,
    thread: ThreadId,
    parent: Annotated[PublicId | None, Query(description="Replies of this comment instead of roots")] = None,
    sort: SortBy = None,
    limit: Limit = None,
    cursor: CursorText = None,
) -> Response:
    """Further roots of a thread, or further replies of one comment."""
    site, found = await parts.db.read_public(reading.site_and_thread, number(thread))
    under = number(parent) if parent is not None else None
    items = await parts.db.read_public(reading.read_level, site, found, under, sort, cursor, limit)
    return public_json(request, items, tags=thread_tags(found.id, site.id), life=LIFE)


@router.get("/threads/{thread}/viewer", responses=raises(threads.ThreadUnknown))
async def get_viewer(
    response: Response,
    parts: AllParts,
    who: Anyone,
    staff: MaybeStaff,
    thread: ThreadId,
    spoken: Spoken,
    authorization: Bearer = None,
    fragment: Annotated[bool, Query(description="Also answer own comments as HTML, for the embed")] = False,
) -> ViewerView:
    """What is the viewer's own in a thread: votes, comments (held ones too), rights. Private, never cached."""
    response.headers["Cache-Control"] = "private, no-store"
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    visitor = await visitor_at(parts, who, site, authorization, staff)
    view = await parts.db.read(reading.read_viewer, site, found, visitor)
    if not fragment:
        return view
    drawn = ((item, comment_fragment(site, item.comment, spoken.tag)) for item in view.own)
    own = [OwnCommentView(**{**dict(item), "fragment": piece}) for item, piece in drawn]
    return view.model_copy(update={"own": own})


@router.get("/comments/{comment}", response_model=PermalinkView, responses=raises(comments.CommentUnknown, Invalid))
async def get_comment(
    request: Request,
    parts: AllParts,
    _: Anyone,
    comment: CommentId,
    context: Annotated[int, Query(ge=0, le=50, description="How many comments above it")] = 5,
    sort: SortBy = None,
) -> Response:
    """A permalink: the comment, those above it, and the first replies below it."""
    site = await parts.db.read_public(reading.site_of_comment, number(comment))
    link = await parts.db.read_public(reading.read_permalink, site, number(comment), context, sort)
    return public_json(request, link, tags=thread_tags(link.thread.id, site.id), life=LIFE)


@router.get(
    "/threads/{thread}/search",
    response_model=CommentsView,
    responses=raises(threads.ThreadUnknown, Invalid, InvalidCursor, LimitReached),
)
async def get_search(
    request: Request, parts: AllParts, who: Anyone, thread: ThreadId, q: SearchWords, cursor: CursorText = None
) -> Response:
    """Published comments in which all words stand, newest first; an empty page with a `next_cursor` goes on."""
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    await acts.spend(parts, site, "search", who)
    return public_json(request, await parts.db.read(reading.search, found, q, cursor))


@router.get(
    "/threads/{thread}/jsonld",
    response_class=Response,
    status_code=200,
    responses=_JSONLD | raises(threads.ThreadUnknown),
)
async def get_thread_jsonld(request: Request, parts: AllParts, _: Anyone, thread: ThreadId) -> Response:
    """The first comments of a thread as schema.org's `Article` with `comment`, for the publisher's own page."""
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    page = await parts.db.read(reading.read_thread, site, found, None, None, _IN_JSONLD)
    return _jsonld(request, parts, site, page)


@router.get("/jsonld", response_class=Response, status_code=200, responses=_JSONLD | raises(sites.SiteUnknown, Invalid))
async def get_jsonld(
    request: Request, parts: AllParts, _: Anyone, site: SiteName, url: PageURL, identifier: Identifier = None
) -> Response:
    """The same by the article's address, as its publisher knows it."""
    named = text.clean_line(identifier, field="identifier", max_chars=300) if identifier else None
    found = await parts.db.read(sites.by_name, site)
    key = PageKey(canonical(url), identifier=named, limit=_IN_JSONLD)
    return _jsonld(request, parts, found, await parts.db.read(reading.read_page, found, key))


def _jsonld(request: Request, parts: Parts, site: sites.Site, page: PageView) -> Response:
    # Escaped as for a script element: publishers put it into one as it comes.
    told = embedded(of_article(page, origin=parts.settings.origin))
    return public(request, told, JSONLD, OPEN, tags=thread_tags(page.thread.id, site.id), life=LIFE)


@router.get("/counts", response_model=CountsView, responses=raises(sites.SiteUnknown, Invalid))
async def get_counts(
    request: Request,
    parts: AllParts,
    _: Anyone,
    site: SiteName,
    url: Annotated[list[Text], Query(description="Pages to count; up to 100")],
) -> Response:
    """How many comments readers see on each of many pages, in one call."""
    found = await parts.sites.by_name(site)
    # Too many threads to name each: counts are allowed to be two seconds old.
    return public_json(request, await parts.db.read_public(reading.count_pages, found, url), life=2)
