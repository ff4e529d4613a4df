"""Disqus's side widgets, which are still in sidebars: scripts that write a list where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from html import escape

from service import comments, identity, threads
from service.comments import Comment
from service.disqus.scripts import literal
from service.kit import text
from service.kit.db import ReadTx
from service.pages.words import web_address
from service.reading import thread_view
from service.sites import Site
from service.threads import Thread

_LOOK_AT = 500  # comments by which it is told what people talk about, and who


@dataclass(frozen=True)
class Wish:
    """What a widget's address asks for: entries, and characters of a comment that are shown."""

    num_items: int = 5
    excerpt_length: int = 100


async def recent(tx: ReadTx, site: Site, wish: Wish) -> str:
    """The newest comments of a site."""
    found = await comments.newest_in_site(tx, site.id, wish.num_items)
    of = await threads.get_many(tx, [each.thread_id for each in found])
    people = await identity.people(tx, [each.person_id for each in found if each.person_id is not None])
    names = {number: person.name for number, person in people.items()}
    return _list([_comment(each, names.get(each.person_id or 0, ""), site, of[each.thread_id], wish) for each in found])


async def popular(tx: ReadTx, site: Site, wish: Wish) -> str:
    """The threads most of the newest comments are in."""
    newest = await comments.places_of_newest(tx, site.id, _LOOK_AT)
    most = Counter(thread for thread, _ in newest).most_common(wish.num_items)
    found = await threads.get_many(tx, [number for number, _ in most])
    return _list([_thread(found[number], site) for number, _ in most])


async def top(tx: ReadTx, site: Site, wish: Wish) -> str:
    """Who wrote most of the newest comments."""
    newest = await comments.places_of_newest(tx, site.id, _LOOK_AT)
    most = Counter(person for _, person in newest).most_common(wish.num_items)
    people = await identity.people(tx, [number for number, _ in most])
    return _list(
        [
            f'<span class="dsq-widget-user">{escape(people[number].name)}</span>'
            f'<p class="dsq-widget-meta">{count} comment{"" if count == 1 else "s"}</p>'
            for number, count in most
            if number in people
        ]
    )


async def combination(tx: ReadTx, site: Site, wish: Wish) -> str:
    """All three, one below the other."""
    return "".join([await top(tx, site, wish), await recent(tx, site, wish), await popular(tx, site, wish)])


def script(html: str) -> str:
    """A script that puts HTML where it stands in the page."""
    written = literal(f'<div class="dsq-widget">{html}</div>')
    return f"(function(s){{if(s)s.insertAdjacentHTML('afterend',{written})}})(document.currentScript);\n"


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


def _comment(comment: Comment, name: str, site: Site, of: Thread, wish: Wish) -> str:
    words = escape(text.excerpt(comment.html or "", wish.excerpt_length))
    day = comment.created_at.date().isoformat()
    return (
        f'<span class="dsq-widget-user">{escape(name)}</span>'
        f'<span class="dsq-widget-comment"><p>{words}</p></span>'
        f'<p class="dsq-widget-meta">{_link(of, site)} · {_link(of, site, f"#comment-{comment.id}", day)}</p>'
    )


def _thread(found: Thread, site: Site) -> str:
    count = found.comment_count
    said = f"{count} comment{'' if count == 1 else 's'}"
    return f'<span class="dsq-widget-thread">{_link(found, site)}</span><p class="dsq-widget-meta">{said}</p>'


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
