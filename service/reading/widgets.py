"""Widgets: what `talk` finds, put into words for one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.kit import text
from service.kit.db import ReadTx, shows
from service.kit.errors import NotFound
from service.kit.said import N_
from service.pages.language import Language, chosen
from service.pages.looks import LookRules
from service.pages.widgets import TITLES, Kind, WidgetItem, WidgetView
from service.pages.words import web_address
from service.reading.page import thread_view
from service.reading.rules import ReadingRules
from service.reading.talk import Latest, discussed, latest, top_authors
from service.sites import Site
from service.threads import Thread, page_tag, talk_tag

_NOBODY = N_("No comments.")


class AuthorsNotShown(NotFound):
    """This site does not show who writes most. Its publisher can switch that on (`reading.top_authors`)."""

    type = "authors-not-shown"


@dataclass(frozen=True)
class Wish:
    """What a widget is asked for."""

    kind: Kind
    count: int = 5
    span: timedelta = timedelta(days=7)
    section: str | None = None
    excerpt: int = 120
    lang: str | None = None


def shows_authors(site: Site) -> bool:
    """Whether a site wants to show who writes most there."""
    return site.section("reading", ReadingRules).top_authors


async def draw_widget(tx: ReadTx, site: Site, wish: Wish) -> tuple[WidgetView, list[str]]:
    """A widget, and the tags of what must be gone from it at once. Raises AuthorsNotShown."""
    shows(tx, talk_tag(site.id))
    looks = site.section("looks", LookRules)
    spoken = chosen(wish.lang, looks.lang)
    items, tags = await _items(tx, site, wish, spoken)
    view = WidgetView(
        site=site.name,
        kind=wish.kind,
        title=spoken.text(TITLES[wish.kind]),
        empty=spoken.text(_NOBODY),
        lang=spoken.tag,
        direction=spoken.direction,
        accent=looks.accent,
        accent_dark=looks.accent_dark,
        items=items,
    )
    return view, tags


async def _items(tx: ReadTx, site: Site, wish: Wish, spoken: Language) -> tuple[list[WidgetItem], list[str]]:
    if wish.kind == "latest":
        new = await latest(tx, site, wish.count, section=wish.section)
        # A text that was taken down is gone at once; a number may be a second old.
        return [_comment(each, site, wish, spoken) for each in new], [page_tag(each.thread.id) for each in new]
    if wish.kind == "discussed":
        most = await discussed(tx, site, wish.span, wish.count, wish.section)
        return [_discussion(thread, site, spoken) for thread, _ in most], []
    if not shows_authors(site):
        raise AuthorsNotShown
    people = await top_authors(tx, site, wish.span, wish.count)
    return [
        WidgetItem(url=None, author=person.name, count=count, said=_comments(count, spoken)) for person, count in people
    ], []


def _comment(new: Latest, site: Site, wish: Wish, spoken: Language) -> WidgetItem:
    article, at = web_address(new.thread.url), new.comment.created_at
    return WidgetItem(
        url=f"{article}#comment-{new.comment.id}" if article else None,
        title=_title(new.thread, site),
        author=new.author.name if new.author else "",
        excerpt=text.teaser(new.comment.html or "", wish.excerpt),
        at=at,
        said=spoken.date(at),
    )


def _discussion(thread: Thread, site: Site, spoken: Language) -> WidgetItem:
    return WidgetItem(
        url=web_address(thread.url) or None,
        title=_title(thread, site),
        count=thread.comment_count,
        said=_comments(thread.comment_count, spoken),
    )


def _title(thread: Thread, site: Site) -> str:
    return thread_view(thread, site).title or thread.url


def _comments(number: int, spoken: Language) -> str:
    return spoken.counted("%(num)s comment", "%(num)s comments", number)
