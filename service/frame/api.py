"""The embed frame over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from service import comments, reading, sites, threads
from service.kit import text
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.kit.paging import InvalidCursor
from service.limits import LimitReached
from service.pages import draw
from service.pages.views import PageView, PermalinkView
from service.reading import PageKey
from service.sites import Site
from service.threads import canonical
from service.web import acts
from service.web.documents import HTML, document_headers, language_tag
from service.web.fragments import comment_fragment, frame_settings
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import LIFE, public, thread_tags
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["embed"])

SiteName = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
SortBy = Annotated[Text | None, Query(max_length=20, description="Order; the site's default when left out")]
CursorText = Annotated[Text | None, Query(max_length=400, description="`next_cursor` of the page before")]
Tag = Annotated[Text | None, Query(max_length=35, description="Language of the article; the site's when left out")]
Level = Annotated[int, Query(ge=0, le=20, description="How deep the list is drawn, 0 for roots")]


@router.get("/embed", response_class=Response, responses=raises(sites.SiteUnknown, Invalid, InvalidCursor))
async def get_frame(
    request: Request,
    parts: AllParts,
    _: Anyone,
    site: SiteName,
    url: Annotated[Text, Query(max_length=4_000, description="The article's address")],
    identifier: Annotated[Text | None, Query(max_length=300, description="The page's own id")] = None,
    _title: Annotated[
        Text | None,
        Query(
            alias="title",
            max_length=1_000,
            description="The article's title; the frame's scripts send it with a first post",
        ),
    ] = None,
    sort: SortBy = None,
    cursor: CursorText = None,
    parent: Annotated[Text | None, Query(max_length=19, description="Show the replies of one comment")] = None,
    comment: Annotated[Text | None, Query(max_length=19, description="Show one comment with those around it")] = None,
    host: Annotated[Text | None, Query(max_length=300, description="Origin of the embedding page")] = None,
    lang: Tag = None,
    theme: Annotated[
        Literal["light", "dark"] | None, Query(description="Colours; the reader's own when left out")
    ] = None,
    looks: Annotated[
        Text | None,
        Query(max_length=500, description="Looks laid over the site's own", examples=["accent: #8a1538; radius: 8"]),
    ] = None,
) -> Response:
    """The frame's document: the first comments are in it, readable without a script."""
    found = await parts.sites.by_name(site)
    named = text.clean_line(identifier, field="identifier", max_chars=300) if identifier else None
    key = PageKey(canonical(url), named, sort, cursor if parent is None else None)
    below = cursor if parent is not None else None
    page, focus = await parts.db.read_public(_read, found, key, comment or parent, below)
    settings = frame_settings(found, looks)
    drawn = draw.frame(
        page,
        asset=parts.assets.url,
        settings=settings,
        host=_host(parts, found, host),
        lang=language_tag(lang),
        theme=theme,
        looks=looks,
        identifier=named,
        focus=focus,
        is_missing=(comment or parent) is not None and focus is None,
        is_continued=cursor is not None,
    )
    tags = thread_tags(page.thread.id, found.id)
    return public(request, drawn, HTML, _headers(parts, found, settings.style), tags=tags, life=LIFE)


@router.get(
    "/embed/comments",
    response_class=Response,
    responses=raises(threads.ThreadUnknown, comments.CommentUnknown, Invalid, InvalidCursor),
)
async def get_fragment(
    request: Request,
    parts: AllParts,
    _: Anyone,
    thread: Annotated[PublicId, Query(description="The thread's id")],
    parent: Annotated[PublicId | None, Query(description="Replies of this comment instead of roots")] = None,
    sort: SortBy = None,
    cursor: CursorText = None,
    level: Level = 0,
    lang: Tag = None,
) -> Response:
    """Further comments as HTML, for the frame's scripts to put in."""
    site, found = await parts.db.read_public(reading.site_and_thread, number(thread))
    under = number(parent) if parent is not None else None
    items = await parts.db.read_public(reading.read_level, site, found, under, sort, cursor)
    drawn = draw.comments(
        items,
        thread=reading.thread_view(found, site),
        sort=reading.sort_of(site, sort),
        settings=frame_settings(site),
        parent=str(under) if under else None,
        level=level,
        lang=language_tag(lang),
    )
    tags = thread_tags(found.id, site.id)
    return public(request, drawn, HTML, {"X-Robots-Tag": "noindex"}, tags=tags, life=LIFE)


@router.get("/embed/pieces", response_class=Response, responses=raises(threads.ThreadUnknown, Invalid))
async def get_pieces(
    request: Request,
    parts: AllParts,
    _: Anyone,
    thread: Annotated[PublicId, Query(description="The thread's id")],
    comment: Annotated[list[PublicId], Query(min_length=1, max_length=50, description="Comments' ids")],
    lang: Tag = None,
) -> Response:
    """Some comments as HTML, by time: those that can be seen now. For what was told live."""
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    views = await parts.db.read(reading.read_some, found, [number(each) for each in comment])
    drawn = "".join(comment_fragment(site, view, language_tag(lang)) for view in views)
    tags = thread_tags(found.id, site.id)
    return public(request, drawn, HTML, {"X-Robots-Tag": "noindex"}, tags=tags, life=LIFE)


@router.get(
    "/embed/search",
    response_class=Response,
    responses=raises(threads.ThreadUnknown, Invalid, InvalidCursor, LimitReached),
)
async def get_found(
    request: Request,
    parts: AllParts,
    who: Anyone,
    thread: Annotated[PublicId, Query(description="The thread's id")],
    q: Annotated[Text, Query(min_length=1, max_length=100, description="Words that have to stand in a comment")],
    cursor: CursorText = None,
    lang: Tag = None,
) -> Response:
    """What a search finds, as HTML: comments, and the control that looks further back."""
    site, found = await parts.db.read(reading.site_and_thread, number(thread))
    await acts.spend(parts, site, "search", who)
    items = await parts.db.read(reading.search, found, q, cursor)
    drawn = draw.found(
        items,
        query=q,
        thread=reading.thread_view(found, site),
        settings=frame_settings(site),
        lang=language_tag(lang),
    )
    return public(request, drawn, HTML, {"X-Robots-Tag": "noindex"})


async def _read(
    tx: ReadTx, site: Site, key: PageKey, comment: str | None, below: str | None
) -> tuple[PageView, PermalinkView | None]:
    """The page, and the comment it is about if it is about one; `below` is a cursor in that one's replies."""
    page = await reading.read_page(tx, site, key)
    return page, await reading.read_focus(tx, site, page, comment, below) if comment is not None else None


def _host(parts: Parts, site: Site, host: str | None) -> str | None:
    """The embedding origin, if it is one this site knows: messages are sent to it and to nobody else."""
    if host is None:
        return None
    try:
        split = urlsplit(host)
        is_known = (
            split.scheme in {"http", "https"}
            and split.hostname is not None
            and threads.origin_allows(site.origins, split.hostname, split.port)
        )
    except ValueError:
        return None
    origin = f"{split.scheme}://{split.netloc}"
    return origin if origin == host and (is_known or origin == parts.settings.origin) else None


def _headers(parts: Parts, site: Site, style: str) -> dict[str, str]:
    # A crawler takes the comments as part of the article that embeds them, not as a page of their own.
    return document_headers(parts, site.origins, style, site.origins) | {"X-Robots-Tag": "noindex, indexifembedded"}
