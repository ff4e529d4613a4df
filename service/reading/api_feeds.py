"""Feeds over HTTP, each as Atom and as JSON Feed: of a discussion, a site, a section, and of answers to somebody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from service import reading, sites, threads
from service.kit import text
from service.kit.errors import Invalid, SignInNeeded
from service.pages import atom, json_feed
from service.pages.atom import Feed
from service.pages.views import View
from service.reading.feeds import Form
from service.threads import canonical
from service.web.input import PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import LIFE, OPEN, public, thread_tags
from service.web.team import private
from service.web.who import AllParts, Anyone, Bearer, visitor_at

router = APIRouter(prefix="/api/v1", tags=["feeds"])

ATOM = "application/atom+xml; charset=utf-8"
_ATOM: dict[int | str, dict[str, Any]] = {200: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}}}
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {json_feed.MEDIA_TYPE: {"schema": {"type": "object"}}}}}
# Of one person: kept by nobody on the way, and found by no search engine.
_OWN = {**OPEN, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}

NamedSite = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
ThreadId = Annotated[PublicId, Path(description="A thread's id")]
Section = Annotated[Text | None, Query(max_length=60, description="Of one section only")]
Before = Annotated[
    PublicId | None, Query(description="Of those older than this comment; a page names the next one by it")
]
PageURL = Annotated[Text, Query(max_length=4_000, description="The article's address")]
Identifier = Annotated[Text | None, Query(max_length=300, description="The page's own id; wins over the address")]
Token = Annotated[Text, Path(max_length=200, description="What `replies-feed` answers; a secret of whoever has it")]


class RepliesView(View):
    """Where one reads what others answer. Whoever knows these addresses does; they hold public comments only."""

    atom: str = Field(description="As Atom")
    json_feed: str = Field(description="As JSON Feed 1.1")


@router.get("/threads/{thread}/feed.atom", response_class=Response, responses=_ATOM | raises(threads.ThreadUnknown))
async def get_thread_feed(
    request: Request, parts: AllParts, _: Anyone, thread: ThreadId, before: Before = None
) -> Response:
    """The newest comments of a thread, as an Atom feed."""
    return await _of_thread(request, parts, number(thread), "atom", before)


@router.get("/threads/{thread}/feed.json", response_class=Response, responses=_JSON | raises(threads.ThreadUnknown))
async def get_thread_json(
    request: Request, parts: AllParts, _: Anyone, thread: ThreadId, before: Before = None
) -> Response:
    """The newest comments of a thread, as JSON Feed 1.1."""
    return await _of_thread(request, parts, number(thread), "json", before)


@router.get("/feed.atom", response_class=Response, responses=_ATOM | raises(sites.SiteUnknown, Invalid))
async def get_page_feed(
    request: Request, parts: AllParts, _: Anyone, site: NamedSite, url: PageURL, identifier: Identifier = None
) -> Response:
    """The feed of an article's discussion by the address its template knows; empty while nobody has written."""
    return await _of_page(request, parts, site, url, identifier, "atom")


@router.get("/feed.json", response_class=Response, responses=_JSON | raises(sites.SiteUnknown, Invalid))
async def get_page_json(
    request: Request, parts: AllParts, _: Anyone, site: NamedSite, url: PageURL, identifier: Identifier = None
) -> Response:
    """The same as JSON Feed 1.1."""
    return await _of_page(request, parts, site, url, identifier, "json")


@router.get("/sites/{site}/feed.atom", response_class=Response, responses=_ATOM | raises(sites.SiteUnknown))
async def get_site_feed(
    request: Request, parts: AllParts, _: Anyone, site: SiteName, section: Section = None, before: Before = None
) -> Response:
    """The newest comments of a whole site or a section, as an Atom feed."""
    return await _of_site(request, parts, site, section, "atom", before)


@router.get("/sites/{site}/feed.json", response_class=Response, responses=_JSON | raises(sites.SiteUnknown))
async def get_site_json(
    request: Request, parts: AllParts, _: Anyone, site: SiteName, section: Section = None, before: Before = None
) -> Response:
    """The newest comments of a whole site or a section, as JSON Feed 1.1."""
    return await _of_site(request, parts, site, section, "json", before)


@router.get("/sites/{site}/replies-feed", responses=raises(sites.SiteUnknown, SignInNeeded))
async def get_replies_addresses(
    response: Response, parts: AllParts, who: Anyone, site: SiteName, authorization: Bearer = None
) -> RepliesView:
    """Where to read what is answered to whoever asks: addresses nobody guesses, for a feed reader."""
    private(response)
    found = await parts.db.read(sites.by_name, site)
    visitor = await visitor_at(parts, who, found, authorization)
    if visitor.person is None:
        raise SignInNeeded
    token = reading.replies_token(parts.keeper, visitor.person)
    address = f"{parts.settings.origin}/api/v1/sites/{found.name}/replies/{token}/feed"
    return RepliesView(atom=f"{address}.atom", json_feed=f"{address}.json")


@router.get(
    "/sites/{site}/replies/{token}/feed.atom",
    response_class=Response,
    responses=_ATOM | raises(sites.SiteUnknown, reading.FeedUnknown),
)
async def get_replies_feed(
    request: Request, parts: AllParts, _: Anyone, site: SiteName, token: Token, before: Before = None
) -> Response:
    """The newest answers to somebody's comments, as an Atom feed; no name of theirs is in it."""
    return await _of_replies(request, parts, site, token, "atom", before)


@router.get(
    "/sites/{site}/replies/{token}/feed.json",
    response_class=Response,
    responses=_JSON | raises(sites.SiteUnknown, reading.FeedUnknown),
)
async def get_replies_json(
    request: Request, parts: AllParts, _: Anyone, site: SiteName, token: Token, before: Before = None
) -> Response:
    """The newest answers to somebody's comments, as JSON Feed 1.1; no name of theirs is in it."""
    return await _of_replies(request, parts, site, token, "json", before)


async def _of_thread(request: Request, parts: Parts, thread: int, form: Form, before: str | None) -> Response:
    site, found = await parts.db.read(reading.site_and_thread, thread)
    feed = await parts.db.read(reading.thread_feed, site, found, parts.settings.origin, form, _behind(before))
    return _told(request, feed, form, OPEN, tags=thread_tags(found.id, site.id), life=LIFE)


async def _of_page(request: Request, parts: Parts, site: str, url: str, identifier: str | None, form: Form) -> Response:
    named = text.clean_line(identifier, field="identifier", max_chars=300) if identifier else None
    found = await parts.sites.by_name(site)
    feed, thread = await parts.db.read(reading.page_feed, found, canonical(url), named, parts.settings.origin, form)
    return _told(request, feed, form, OPEN, tags=thread_tags(thread, found.id), life=LIFE)


async def _of_site(
    request: Request, parts: Parts, site: str, section: str | None, form: Form, before: str | None
) -> Response:
    found = await parts.db.read(sites.by_name, site)
    feed, shown = await parts.db.read(reading.site_feed, found, parts.settings.origin, form, section, _behind(before))
    tags = (*(threads.page_tag(thread) for thread in shown), sites.tag(found.id), threads.talk_tag(found.id))
    return _told(request, feed, form, OPEN, tags=tags, life=LIFE)


async def _of_replies(
    request: Request, parts: Parts, site: str, token: str, form: Form, before: str | None
) -> Response:
    found = await parts.db.read(sites.by_name, site)
    feed, _ = await parts.db.read(
        reading.replies_feed, parts.keeper, found, token, parts.settings.origin, form, _behind(before)
    )
    return _told(request, feed, form, _OWN)


def _behind(before: str | None) -> int | None:
    return number(before) if before is not None else None


def _told(
    request: Request, feed: Feed, form: Form, headers: dict[str, str], *, tags: tuple[str, ...] = (), life: float = 0.0
) -> Response:
    written, kind = (atom.write(feed), ATOM) if form == "atom" else (json_feed.write(feed), json_feed.MEDIA_TYPE)
    return public(request, written, kind, headers, tags=tags, life=life)
