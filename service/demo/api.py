"""The demo newspaper: pages with the snippet a publisher pastes, and nothing a real site could not do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as PathParam
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.responses import Response

from service.demo.seed import ARTICLES, SITE, Article
from service.kit.errors import NotFound
from service.web.parts import Parts
from service.web.problem import raises
from service.web.respond import public
from service.web.who import AllParts, Anyone

router = APIRouter(tags=["demo"], include_in_schema=False)
_FOLDER = Path(__file__).parent


@router.get("/demo/article.css")
async def get_style(request: Request, _: Anyone) -> Response:
    """The newspaper's looks."""
    return public(request, _style(), "text/css; charset=utf-8")


@router.get("/demo")
async def get_front(request: Request, parts: AllParts, _: Anyone) -> Response:
    """The article a newcomer sees first."""
    return _page(request, parts, ARTICLES[0])


@router.get("/demo/{slug}", responses=raises(NotFound))
async def get_article(
    request: Request, parts: AllParts, _: Anyone, slug: Annotated[str, PathParam(max_length=100)]
) -> Response:
    """An article of the invented newspaper, with its discussion under it."""
    for article in ARTICLES:
        if article.slug == slug:
            return _page(request, parts, article)
    raise NotFound


def _page(request: Request, parts: Parts, article: Article) -> Response:
    origin = parts.settings.origin
    page = _template().render(
        css_url="/demo/article.css",
        origin=origin,
        site=SITE,
        article=article,
        more=[other for other in ARTICLES if other is not article],
    )
    policy = (
        f"default-src 'none'; script-src {origin}; style-src 'self'; img-src 'self' data:; connect-src {origin};"
        f" frame-src {origin}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    return public(request, page, "text/html; charset=utf-8", {"Content-Security-Policy": policy})


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("article.html")


@cache
def _style() -> bytes:
    return (_FOLDER / "article.css").read_bytes()
