"""Disqus's side widgets, which are still in sidebars: scripts that write a list where they stand.

What is in them is told by the same looks as Parley's own widgets (`reading.talk`); the markup and the names of classes
are those that sidebars' style sheets have been written for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Literal

from service import reading
from service.disqus.face import FACE
from service.disqus.scripts import literal
from service.identity import Person
from service.kit import text
from service.kit.db import ReadTx
from service.pages.words import web_address
from service.reading import Latest, thread_view
from service.sites import Site
from service.threads import Thread

Colour = Literal["blue", "grey", "green", "red", "orange", "white"]
Tab = Literal["people", "recent", "popular"]
COLOURS: tuple[Colour, ...] = ("blue", "grey", "green", "red", "orange", "white")
TABS: tuple[Tab, ...] = ("people", "recent", "popular")
SIZES = (24, 32, 48, 92, 128)  # of pictures, in pixels

_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Wish:
    """What a widget's address asks for: entries, characters of a comment that are shown, and how it looks."""

    num_items: int = 5
    excerpt_length: int = 100
    has_avatars: bool = True
    avatar_size: int = 32
    has_mods: bool = True
    colour: Colour = "blue"
    default_tab: Tab = "people"


async def recent(tx: ReadTx, site: Site, wish: Wish) -> str:
    """The newest comments of a site."""
    new = await reading.latest(tx, site, wish.num_items, has_team=wish.has_mods)
    return _list([_comment(each, site, wish) for each in new])


async def popular(tx: ReadTx, site: Site, wish: Wish) -> str:
    """The threads with most comments of the last seven days."""
    return _list([_thread(found, site) for found, _ in await reading.discussed(tx, site, _LATELY, wish.num_items)])


async def top(tx: ReadTx, site: Site, wish: Wish) -> str:
    """Who wrote most in the last seven days; nobody where the site does not want that shown."""
    if not reading.shows_authors(site):
        return _list([])
    people = await reading.top_authors(tx, site, _LATELY, wish.num_items, has_team=wish.has_mods)
    return _list(
        [
            f'{_picture(person, wish)}<span class="dsq-widget-user">{escape(person.name)}</span>'
            f'<p class="dsq-widget-meta">{_counted(count)}</p>'
            for person, count in people
        ]
    )


async def combination(tx: ReadTx, site: Site, wish: Wish) -> str:
    """All three behind tabs, the chosen one open. Of a site that shows no top commenters: two."""
    drawn = {"people": top, "recent": recent, "popular": popular}
    tabs = [tab for tab in TABS if tab != "people" or reading.shows_authors(site)]
    chosen = wish.default_tab if wish.default_tab in tabs else tabs[0]
    names = {"people": "People", "recent": "Recent", "popular": "Popular"}
    heads = "".join(
        f'<li id="dsq-combo-tab-{tab}" class="{"dsq-active" if tab == chosen else ""}">'
        f'<a href="#dsq-combo-{tab}" data-tab="{tab}">{names[tab]}</a></li>'
        for tab in tabs
    )
    boxes = [
        f'<div id="dsq-combo-{tab}" class="dsq-combo-box"{"" if tab == chosen else " hidden"}>'
        f"<h3>{names[tab]}</h3>{await drawn[tab](tx, site, wish)}</div>"
        for tab in tabs
    ]
    return (
        f'<div id="dsq-combo-widget" class="{wish.colour}"><ul id="dsq-combo-tabs" class="dsq-clearfix">{heads}</ul>'
        f'<div id="dsq-combo-content">{"".join(boxes)}</div></div>'
    )


def script(html: str) -> str:
    """A script that puts HTML where it stands in the page; a click on a tab opens what it names."""
    written = literal(f'<div class="dsq-widget">{html}</div>')
    turning = (
        "w.addEventListener('click',function(e){var t=e.target.getAttribute&&e.target.getAttribute('data-tab');"
        "if(!t)return;e.preventDefault();"
        "w.querySelectorAll('.dsq-combo-box').forEach(function(b){b.hidden=b.id!=='dsq-combo-'+t});"
        "w.querySelectorAll('#dsq-combo-tabs li').forEach(function(l){"
        "l.className=l.id==='dsq-combo-tab-'+t?'dsq-active':''})})"
    )
    turns = f"var w=s.nextElementSibling;{turning}" if "dsq-combo-widget" in html else ""
    return (
        f"(function(s){{if(!s)return;s.insertAdjacentHTML('afterend',{written});{turns}}})(document.currentScript);\n"
    )


def recommendations(html: str) -> str:
    """A script that fills `#disqus_recommendations`, now and whenever the page asks again."""
    written = literal(f'<div class="dsq-widget">{html}</div>')
    return (
        "(function(){function fill(){var e=document.getElementById('disqus_recommendations');"
        f"if(e)e.innerHTML={written}}}window.DISQUS_RECOMMENDATIONS={{reset:fill}};fill()}})();\n"
    )


def _list(items: Sequence[str]) -> str:
    return (
        f'<ul class="dsq-widget-list">{"".join(f"""<li class="dsq-widget-item">{item}</li>""" for item in items)}</ul>'
    )


def _comment(new: Latest, site: Site, wish: Wish) -> str:
    words = escape(text.teaser(new.comment.html or "", wish.excerpt_length))
    day = new.comment.created_at.date().isoformat()
    name = escape(new.author.name if new.author else "")
    return (
        f'{_picture(new.author, wish)}<span class="dsq-widget-user">{name}</span> '
        f'<span class="dsq-widget-comment"><p>{words}</p></span><p class="dsq-widget-meta">'
        f"{_link(new.thread, site)} · {_link(new.thread, site, f'#comment-{new.comment.id}', day)}</p>"
    )


def _thread(found: Thread, site: Site) -> str:
    count = _counted(found.comment_count)
    return f'<span class="dsq-widget-thread">{_link(found, site)}</span><p class="dsq-widget-meta">{count}</p>'


def _picture(person: Person | None, wish: Wish) -> str:
    """A member's picture, which lies at one of the site's own hosts, or a drawn face: nobody else is asked for one."""
    if not wish.has_avatars:
        return ""
    source, size = escape((person.avatar_url if person else None) or FACE), wish.avatar_size
    return f'<img class="dsq-widget-avatar" src="{source}" width="{size}" height="{size}" alt="" loading="lazy">'


def _counted(count: int) -> str:
    return f"{count} comment{'' if count == 1 else 's'}"


def _link(of: Thread, site: Site, end: str = "", words: str = "") -> str:
    title = words or thread_view(of, site).title or of.url
    return f'<a href="{escape(web_address(of.url) + end)}">{escape(title)}</a>'


WIDGETS: dict[str, Callable[[ReadTx, Site, Wish], Awaitable[str]]] = {
    "combination_widget": combination,
    "popular_threads_widget": popular,
    "recent_comments_widget": recent,
    "recommendations": popular,
    "top_commenters_widget": top,
}
