"""Pages: a fixed number of statements and a bounded number of comments, whatever the shape of the thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service import comments, identity, posting, sites, threads
from service.comments import Comment, Level
from service.identity import Person
from service.kit.db import ReadTx, shows
from service.kit.errors import Invalid
from service.kit.paging import Cursor
from service.pages.views import CommentsView, CommentView, PageView, PermalinkView, Sort, ThreadView
from service.reading.rules import ReadingRules
from service.reading.views import comment_view
from service.sites import Site
from service.threads import CanonicalURL, Thread

_CONTEXT = 50  # the most ancestors one answer carries


@dataclass(frozen=True)
class PageKey:
    """Which first page."""

    url: CanonicalURL
    identifier: str | None = None
    sort: str | None = None
    cursor: str | None = None
    limit: int | None = None


async def read_page(tx: ReadTx, site: Site, key: PageKey) -> PageView:
    """The thread of a page with its first comments, or, with a cursor, further roots. Makes no row.

    Raises Invalid for a sort this site does not offer or a foreign cursor.
    """
    rules = site.section("reading", ReadingRules)
    sort = _sort(rules, key.sort)
    thread = await threads.find(tx, site, key.url, key.identifier)
    if thread is None:
        opens = posting.closed_until(site)
        return PageView(
            thread=ThreadView(
                id=None,
                site=site.name,
                url=key.url.text,
                state="closed" if (posting.is_over(site, None) or opens) else "open",
                opens_at=opens,
            ),
            sort=sort,
            sorts=list(rules.sorts),
            items=[],
        )
    return await read_thread(tx, site, thread, key.sort, key.cursor, key.limit)


async def read_thread(
    tx: ReadTx, site: Site, thread: Thread, sort_by: str | None, cursor: str | None, limit: int | None = None
) -> PageView:
    """The same for a thread that is known already. Raises Invalid as `read_page` does."""
    rules = site.section("reading", ReadingRules)
    sort = _sort(rules, sort_by)
    page = await _read(tx, rules, thread.id, 0, sort, cursor, limit)
    return PageView(
        thread=thread_view(thread, site),
        sort=sort,
        sorts=list(rules.sorts),
        items=page.items,
        next_cursor=page.next_cursor,
    )


async def read_level(
    tx: ReadTx,
    site: Site,
    thread: Thread,
    parent: int | None,
    sort: str | None,
    cursor: str | None,
    limit: int | None = None,
) -> CommentsView:
    """Further roots of a thread, or further replies of one parent, with the first replies below each.

    Raises CommentUnknown when the parent is not one readers see, Invalid for a bad sort or cursor.
    """
    shows(tx, threads.page_tag(thread.id))
    rules = site.section("reading", ReadingRules)
    if parent is not None and (await comments.get(tx, parent)).thread_id != thread.id:
        raise comments.CommentUnknown(field="parent")
    return await _read(tx, rules, thread.id, parent or 0, _sort(rules, sort), cursor, limit)


async def read_permalink(tx: ReadTx, site: Site, comment_id: int, context: int, sort: str | None) -> PermalinkView:
    """One comment, at most `context` comments above it and the first replies below. Raises CommentUnknown."""
    rules = site.section("reading", ReadingRules)
    comment = await comments.get(tx, comment_id)
    if comment.site_id != site.id:
        raise comments.CommentUnknown
    above, more = await comments.ancestors(tx, comment, min(context, _CONTEXT)) if context else ([], False)
    thread = await threads.get(tx, comment.thread_id)
    branch = await _branch(tx, rules, thread.id, [comment], _sort(rules, sort))
    authors = await _authors(tx, [*above, comment, *_all(branch)])
    return PermalinkView(
        thread=thread_view(thread, site),
        ancestors=[comment_view(item, authors.get(item.person_id or 0)) for item in above],
        comment=_drawn(comment, branch, authors),
        more_ancestors=more,
    )


async def read_some(tx: ReadTx, thread: Thread, comment_ids: Sequence[int]) -> list[CommentView]:
    """Those of some comments of a thread that readers see, or whose place they see, by time and without replies."""
    found = await comments.get_many(tx, comment_ids)
    here = [found[number] for number in sorted(found) if found[number].thread_id == thread.id]
    authors = await _authors(tx, here)
    return [comment_view(item, authors.get(item.person_id or 0)) for item in here]


async def site_of_comment(tx: ReadTx, comment_id: int) -> Site:
    """The site a comment belongs to, from its row, whoever asks. Raises CommentUnknown."""
    return await sites.by_id(tx, (await comments.get(tx, comment_id, comments.STAFF)).site_id)


async def site_and_thread(tx: ReadTx, thread_id: int) -> tuple[Site, Thread]:
    """A thread and its site, from the row. Raises ThreadUnknown."""
    thread = await threads.get(tx, thread_id)
    return await sites.by_id(tx, thread.site_id), thread


def thread_view(thread: Thread, site: Site) -> ThreadView:
    """The public face of a thread."""
    opens = None if posting.is_over(site, thread) else posting.closed_until(site)
    return ThreadView(
        id=str(thread.id),
        site=site.name,
        url=thread.url,
        # The title came with a comment; while none can be seen it cannot either.
        title=thread.title if thread.comment_count else None,
        state="closed" if opens or posting.is_over(site, thread) else "open",
        opens_at=opens,
        comment_count=thread.comment_count,
        version=thread.version,
    )


def sort_of(site: Site, wanted: str | None) -> Sort:
    """The order asked for, or the site's default. Raises Invalid for one the site does not offer."""
    return _sort(site.section("reading", ReadingRules), wanted)


def _sort(rules: ReadingRules, wanted: str | None) -> Sort:
    for sort in rules.sorts:
        if wanted is None or sort == wanted:
            return sort
    raise Invalid(f"this site offers {', '.join(rules.sorts)}", field="sort")


async def _read(
    tx: ReadTx, rules: ReadingRules, thread_id: int, under: int, sort: Sort, cursor: str | None, limit: int | None
) -> CommentsView:
    after = Cursor.decode(cursor, thread=thread_id, under=under, sort=sort) if cursor else None
    size = min(limit or rules.page_size, 100)
    top = await comments.level(tx, thread_id, under, sort, limit=size, after=after)
    branch = await _branch(tx, rules, thread_id, top.items, sort)
    authors = await _authors(tx, [*top.items, *_all(branch)])
    return CommentsView(items=[_drawn(item, branch, authors) for item in top.items], next_cursor=top.next_cursor)


async def _branch(
    tx: ReadTx, rules: ReadingRules, thread_id: int, tops: Iterable[Comment], sort: Sort
) -> dict[int, Level]:
    """The first replies below `tops`, level by level: one statement per level, at most `rules.most` comments."""
    found: dict[int, Level] = {}
    above = list(tops)
    room = max(0, rules.most - len(above))
    for _ in range(rules.depth_shown):
        # A parent whose replies do not fit any more keeps its count and is asked for by the reader.
        parents = [item.id for item in above if item.reply_count > 0][: room // rules.replies]
        if not parents:
            break
        levels = await comments.first_replies(tx, thread_id, parents, sort, limit=rules.replies)
        found.update(levels)
        above = [item for parent in parents if parent in levels for item in levels[parent].items]
        room -= len(above)
    return found


async def _authors(tx: ReadTx, items: Iterable[Comment]) -> dict[int, Person]:
    return await identity.people(tx, [item.person_id for item in items if item.person_id is not None])


def _all(branch: Mapping[int, Level]) -> list[Comment]:
    return [item for level in branch.values() for item in level.items]


def _drawn(comment: Comment, branch: Mapping[int, Level], authors: Mapping[int, Person]) -> CommentView:
    below = branch.get(comment.id)
    replies = None
    if below is not None:
        replies = CommentsView(
            items=[_drawn(reply, branch, authors) for reply in below.items], next_cursor=below.next_cursor
        )
    return comment_view(comment, authors.get(comment.person_id or 0), replies)
