"""Widgets over HTTP: as JSON, as a document for a frame, and as a piece of HTML for a page's own server."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service import reading, sites, threads
from service.kit.errors import Invalid
from service.pages import draw
from service.pages.widgets import Kind, WidgetView
from service.reading.widgets import AuthorsNotShown, Wish
from service.sites import Site
from service.web.documents import HTML, document_headers, language_tag
from service.web.fragments import frame_settings
from service.web.input import Text
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import LIFE, OPEN, public, public_json
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["widgets"])

WhichKind = Annotated[Kind, Path(description="latest comments, discussions with most of them, who wrote most")]
NamedSite = Annotated[Text, Query(max_length=50, description="The site's shortname", examples=["demo"])]
SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
Count = Annotated[int, Query(ge=1, le=20, description="Lines")]
Window = Annotated[
    Text, Query(max_length=8, description="Of what is most: hours, days or weeks, up to a year", examples=["24h", "7d"])
]
Section = Annotated[Text | None, Query(max_length=60, description="Of one section only; not of authors")]
Excerpt = Annotated[int, Query(ge=20, le=500, description="Characters of a comment")]
Tag = Annotated[Text | None, Query(max_length=35, description="Language; the site's when left out")]
_REFUSALS = raises(sites.SiteUnknown, AuthorsNotShown, Invalid)


@router.get("/api/v1/sites/{site}/widgets/{kind}", response_model=WidgetView, responses=_REFUSALS)
async def get_widget(
    request: Request,
    parts: AllParts,
    _: Anyone,
    site: SiteName,
    kind: WhichKind,
    count: Count = 5,
    window: Window = "7d",
    section: Section = None,
    excerpt: Excerpt = 120,
    lang: Tag = None,
) -> Response:
    """What a page shows beside its articles: plain text and addresses, the same for everybody.

    A new comment may be a second late, and what is most is told by a bounded look (docs/decisions/0052).
    """
    wish = Wish(kind, count, reading.window(window), section, excerpt, language_tag(lang))
    _found, view, tags = await _read(parts, site, wish)
    return public_json(request, view, tags=tags, life=LIFE)


@router.get("/widgets/{kind}", response_class=Response, responses=_REFUSALS)
async def get_document(
    request: Request,
    parts: AllParts,
    _: Anyone,
    kind: WhichKind,
    site: NamedSite,
    count: Count = 5,
    window: Window = "7d",
    section: Section = None,
    excerpt: Excerpt = 120,
    lang: Tag = None,
    theme: Annotated[Literal["light", "dark"] | None, Query(description="Colours; the reader's own without")] = None,
    looks: Annotated[Text | None, Query(max_length=500, description="Looks laid over the site's own")] = None,
) -> Response:
    """The same drawn, as a document for an `<iframe>`: it has no script, and its links lead the page itself."""
    wish = Wish(kind, count, reading.window(window), section, excerpt, language_tag(lang))
    found, view, tags = await _read(parts, site, wish)
    settings = frame_settings(found, looks)
    drawn = draw.widget(view, asset=parts.assets.url, settings=settings, theme=theme)
    headers = document_headers(parts, found.origins, settings.style, sheet="widget.css")
    return public(request, drawn, HTML, headers | {"X-Robots-Tag": "noindex"}, tags=tags, life=LIFE)


@router.get("/widgets/{kind}/piece", response_class=Response, responses=_REFUSALS)
async def get_piece(
    request: Request,
    parts: AllParts,
    _: Anyone,
    kind: WhichKind,
    site: NamedSite,
    count: Count = 5,
    window: Window = "7d",
    section: Section = None,
    excerpt: Excerpt = 120,
    lang: Tag = None,
) -> Response:
    """The same as a piece of HTML without a style, for a page's own server to include (SSI, ESI, or a fetch)."""
    wish = Wish(kind, count, reading.window(window), section, excerpt, language_tag(lang))
    _found, view, tags = await _read(parts, site, wish)
    headers = {**OPEN, "X-Robots-Tag": "noindex"}
    return public(request, draw.widget_piece(view), HTML, headers, tags=tags, life=LIFE)


async def _read(parts: Parts, site: str, wish: Wish) -> tuple[Site, WidgetView, tuple[str, ...]]:
    found = await parts.sites.by_name(site)
    view, tags = await parts.db.read_public(reading.draw_widget, found, wish)
    return found, view, (*dict.fromkeys(tags), sites.tag(found.id), threads.talk_tag(found.id))
