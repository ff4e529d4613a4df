"""The scripts of a forum over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from service import sites, threads
from service.disqus import scripts, widgets
from service.disqus.rules import DisqusRules
from service.disqus.scripts import JAVASCRIPT
from service.disqus.widgets import WIDGETS, Wish
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.reading import ReadingRules
from service.sites import Site, SiteUnknown
from service.threads import canonical
from service.web.input import Text
from service.web.respond import LIFE, OPEN, public
from service.web.who import AllParts, Anyone

router = APIRouter(prefix="/forums", tags=["disqus"])

Forum = Annotated[Text, Path(max_length=50, description="A site's shortname", examples=["demo"])]
Widget = Annotated[
    Literal[
        "combination_widget",
        "popular_threads_widget",
        "recent_comments_widget",
        "recommendations",
        "top_commenters_widget",
    ],
    Path(description="Which of them"),
]
# The scripts keep their names for ever, so browsers have to ask again soon.
_SHORT = {**OPEN, "Cache-Control": "public, max-age=300, stale-while-revalidate=86400"}
_NEVER = {**OPEN, "Cache-Control": "no-store"}
_MOST = 100  # pages counted in one call; count.js asks for ten
_JS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/javascript": {"schema": {"type": "string"}}}}}


@router.get("/embed.js", response_class=Response, responses=_JS)
async def get_any_embed(request: Request, parts: AllParts, _: Anyone) -> Response:
    """The loader for pages that name their forum by `data-shortname` or `disqus_shortname`."""
    return public(request, scripts.hand_over(parts.settings.origin, "embed.js"), JAVASCRIPT, _SHORT)


@router.get("/count.js", response_class=Response, responses=_JS)
async def get_any_count(request: Request, parts: AllParts, _: Anyone) -> Response:
    """The same for numbers of comments."""
    return public(request, scripts.hand_over(parts.settings.origin, "count.js"), JAVASCRIPT, _SHORT)


@router.get("/{forum}/embed.js", response_class=Response, responses=_JS)
async def get_embed(request: Request, parts: AllParts, _: Anyone, forum: Forum) -> Response:
    """The loader in Disqus's dialect. Of a forum that is not here it says so where the comments would be."""
    built = parts.assets.body("forum-embed.js")
    here = {"forum": forum.lower(), "origin": parts.settings.origin, "sorts": []}
    try:
        site = await parts.sites.by_name(forum)
    except SiteUnknown:
        problem = f"Comments: there is no forum “{forum}” here. Check the shortname in this page's snippet."
        return public(request, scripts.told(built, {**here, "problem": problem}), JAVASCRIPT, _NEVER)
    here["sorts"] = list(site.section("reading", ReadingRules).sorts)
    return public(request, scripts.told(built, here), JAVASCRIPT, _SHORT, tags=[sites.tag(site.id)], life=LIFE)


@router.get("/{forum}/count.js", response_class=Response, responses=_JS)
async def get_count(request: Request, parts: AllParts, _: Anyone, forum: Forum) -> Response:
    """The script that fills in numbers of comments, in Disqus's dialect. The same whether the forum is here or not."""
    here = {"forum": forum.lower(), "origin": parts.settings.origin}
    return public(request, scripts.told(parts.assets.body("forum-count.js"), here), JAVASCRIPT, _SHORT)


@router.get("/{forum}/count-data.js", response_class=Response, responses=_JS)
async def get_count_data(request: Request, parts: AllParts, _: Anyone, forum: Forum) -> Response:
    """Numbers of comments: `1=` an identifier, `2=` an address, as often as wanted, up to a hundred in all."""
    asked = [(kind, key) for kind, key in parse_qsl(request.url.query, max_num_fields=None) if kind in {"1", "2"}]
    try:
        site = await parts.sites.by_name(forum)
    except SiteUnknown:
        return public(request, scripts.display_count(DisqusRules(), []), JAVASCRIPT, _NEVER)
    counts = await parts.db.read_public(_count, site, asked[:_MOST])
    answer = scripts.display_count(site.section("disqus", DisqusRules), counts)
    # Too many threads to name each: counts are allowed to be two seconds old.
    return public(request, answer, JAVASCRIPT, OPEN, life=2)


@router.get("/{forum}/{widget}.js", response_class=Response, responses=_JS)
async def get_widget(
    request: Request,
    parts: AllParts,
    _: Anyone,
    forum: Forum,
    widget: Widget,
    num_items: Annotated[Text, Query(max_length=20, description="Entries, 1 to 25")] = "",
    excerpt_length: Annotated[Text, Query(max_length=20, description="Characters of a comment, up to 500")] = "",
    hide_avatars: Annotated[Text, Query(max_length=20, description="1: no pictures")] = "",
    avatar_size: Annotated[Text, Query(max_length=20, description="24, 32, 48, 92 or 128 pixels")] = "",
    hide_mods: Annotated[Text, Query(max_length=20, description="1: nothing of the site's staff")] = "",
    color: Annotated[Text, Query(max_length=20, description="A class of the combination: blue, grey, green, …")] = "",
    default_tab: Annotated[Text, Query(max_length=20, description="people, recent or popular")] = "",
) -> Response:
    """A side widget: a script that writes a list where it stands. What is none of its values has no effect."""
    try:
        site = await parts.sites.by_name(forum)
    except SiteUnknown:
        return public(request, f"// There is no forum {scripts.literal(forum)} here.\n", JAVASCRIPT, _NEVER)
    size = _bounded(avatar_size, 32, 128)
    wish = Wish(
        _bounded(num_items, 5, 25),
        _bounded(excerpt_length, 100, 500),
        has_avatars=hide_avatars != "1",
        avatar_size=size if size in widgets.SIZES else 32,
        has_mods=hide_mods != "1",
        colour=next((each for each in widgets.COLOURS if each == color), "blue"),
        default_tab=next((each for each in widgets.TABS if each == default_tab), "people"),
    )
    html = await parts.db.read_public(WIDGETS[widget], site, wish)
    written = widgets.recommendations(html) if widget == "recommendations" else widgets.script(html)
    # Too many threads to name each: a widget is allowed to be two seconds old.
    return public(request, written, JAVASCRIPT, OPEN, tags=[sites.tag(site.id)], life=2)


def _bounded(said: str, otherwise: int, most: int) -> int:
    """A number as widgets' addresses have it, in bounds; what is none is as if it were not there."""
    return max(1, min(int(said), most)) if said.isascii() and said.isdigit() else otherwise


async def _count(tx: ReadTx, site: Site, asked: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """Published comments of each page, by the key it was asked with, in two statements."""
    keys = {key: _key(key) for kind, key in asked if kind == "2"}
    at = await threads.find_many(tx, site, sorted({key for key in keys.values() if key}))
    # PostgreSQL takes no NUL, so nobody's identifier holds one.
    names = {key for kind, key in asked if kind == "1" and "\x00" not in key}
    named = await threads.count_named(tx, site, sorted(names))
    return [(key, named.get(key, 0) if kind == "1" else at.get(keys[key] or "", 0)) for kind, key in asked]


def _key(url: str) -> str | None:
    """The key of an address; None for what is none, which nobody has written about."""
    try:
        return canonical(url).key
    except Invalid:
        return None
