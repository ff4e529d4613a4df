"""The calls of API 3.0 that read, by name: what everybody may read, in a fixed number of statements each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from service import comments, identity, moderation, reading, threads
from service.comments import Comment
from service.disqus import finding, shapes
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.faults import BAD_ARGUMENT, Fault
from service.disqus.shapes import Shape
from service.kit.db import ReadTx
from service.kit.seal import Keeper
from service.pages.views import CommentView
from service.reading import ReadingRules, thread_view
from service.sites import Site
from service.threads import Thread

_LOOK_AT = 500  # comments by which it is told what people talk about
_ABOVE = 50
# Which states `include` asks for; `highlighted` and `flagged` are marks of published ones.
_INCLUDE: dict[str, frozenset[str]] = {
    "approved": frozenset({"published"}),
    "unapproved": frozenset({"held", "shadowed"}),
    "spam": frozenset({"spam"}),
    "deleted": frozenset({"removed", "rejected", "deleted"}),
    "highlighted": frozenset({"published"}),
    "flagged": frozenset({"published", "held", "shadowed"}),
}
_ORDERS = {"popular": "best", "asc": "oldest", "desc": "newest"}


@dataclass(frozen=True)
class Answer:
    """What a call is answered; `cursor` for lists that may go on."""

    response: Any
    cursor: Shape | None = None


@dataclass(frozen=True)
class Call:
    """A call under way. `origin` is Parley's own."""

    tx: ReadTx
    asked: Asked
    origin: str
    caller: Caller
    keeper: Keeper

    def first_sort(self, site: Site) -> str:
        """The order a site shows first."""
        return site.section("reading", ReadingRules).sorts[0]

    def thread(self, found: Thread, site: Site) -> Shape:
        """A thread of a site."""
        return shapes.thread(found, thread_view(found, site), self.origin)

    async def posts(self, site: Site, found: Sequence[Comment], *, for_staff: bool = False) -> list[Shape]:
        """Comments of a site with their authors, and with their threads where `related` asks for them.

        `for_staff` tells of each what only moderators see: its state, its text though it waits, and reports.
        """
        people = await identity.people(self.tx, [each.person_id for each in found if each.person_id is not None])
        of: dict[int, Thread] = {}
        if "thread" in self.asked.all("related"):
            of = await threads.get_many(self.tx, [each.thread_id for each in found])
        flagged = await moderation.reported_among(self.tx, [each.id for each in found]) if for_staff else set()
        shape = shapes.staff_post if for_staff else shapes.post
        return [
            {
                **shape(
                    each,
                    shapes.by_id(people, each.person_id),
                    site,
                    self.thread(of[each.thread_id], site) if each.thread_id in of else str(each.thread_id),
                ),
                **({"isFlagged": True} if each.id in flagged else {}),
            }
            for each in found
        ]


async def threads_details(call: Call) -> Answer:
    """One thread."""
    site, found = await finding.thread(call.tx, call.asked)
    return Answer(call.thread(found, site))


async def threads_list(call: Call) -> Answer:
    """The threads asked for; without any, those people talk in now."""
    site = await finding.forum(call.tx, call.asked)
    wanted = call.asked.all("thread")
    if not wanted:
        return await threads_popular(call)
    found = await finding.many(call.tx, site, wanted)
    return Answer([call.thread(each, site) for each in found], shapes.cursor(None, is_further=False))


async def threads_set(call: Call) -> Answer:
    """Many threads at once."""
    site = await finding.forum(call.tx, call.asked)
    found = await finding.many(call.tx, site, call.asked.all("thread"))
    return Answer([call.thread(each, site) for each in found])


async def threads_popular(call: Call) -> Answer:
    """The threads most of the newest comments are in."""
    site = await finding.forum(call.tx, call.asked)
    newest = await comments.places_of_newest(call.tx, site.id, _LOOK_AT)
    most = [number for number, _ in Counter(thread for thread, _ in newest).most_common(call.asked.limit)]
    found = await threads.get_many(call.tx, most)
    shown = [call.thread(found[number], site) for number in most]
    return Answer(shown, shapes.cursor(None, is_further=False))


async def threads_posts(call: Call) -> Answer:
    """The comments of a thread by time."""
    site, found = await finding.thread(call.tx, call.asked)
    return await _by_time(call, site, found)


async def threads_posts_threaded(call: Call) -> Answer:
    """The comments of a thread as they are shown: flat, each with its depth, the first replies below each root."""
    site, found = await finding.thread(call.tx, call.asked)
    sort = _ORDERS.get(call.asked.one("order") or "", "")
    offered = site.section("reading", ReadingRules).sorts
    asked, further = call.asked, call.asked.one("cursor")
    page = await reading.read_thread(
        call.tx, site, found, next((each for each in offered if each == sort), None), further, asked.limit
    )
    shown = list(_flat(page.items))
    rows = await comments.get_many(call.tx, [int(view.id) for view, _ in shown])
    known = [(rows[int(view.id)], has_more) for view, has_more in shown if int(view.id) in rows]
    posts = await call.posts(site, [row for row, _ in known])
    flat = [
        {**post, "depth": row.depth, "hasMore": has_more} for post, (row, has_more) in zip(posts, known, strict=True)
    ]
    return Answer(flat, shapes.cursor(page.next_cursor, is_further=further is not None))


async def posts_list(call: Call) -> Answer:
    """Comments by time, of a thread or of a whole forum."""
    if call.asked.one("thread") is not None:
        return await threads_posts(call)
    return await _by_time(call, await finding.forum(call.tx, call.asked), None)


async def posts_details(call: Call) -> Answer:
    """One comment, by its id here or, with `forum`, by the one it had at Disqus."""
    site, found = await finding.post(call.tx, call.asked, call.caller)
    return Answer((await call.posts(site, [found], for_staff=call.caller.moderates(site)))[0])


async def posts_context(call: Call) -> Answer:
    """A comment and those above it, topmost first."""
    site, found = await finding.post(call.tx, call.asked)
    above, _ = await comments.ancestors(call.tx, found, _ABOVE)
    shown = [*above, found]
    return Answer(
        [{**post, "depth": row.depth} for post, row in zip(await call.posts(site, shown), shown, strict=True)]
    )


async def forums_details(call: Call) -> Answer:
    """A forum."""
    site = await finding.forum(call.tx, call.asked)
    return Answer(shapes.forum(site, call.first_sort(site)))


async def forums_most_active(call: Call) -> Answer:
    """Who wrote most of the newest comments; where the site does not show that, only its moderators are told."""
    site = await finding.forum(call.tx, call.asked)
    if not (reading.shows_authors(site) or call.caller.moderates(site)):
        return Answer([], shapes.cursor(None, is_further=False))
    newest = await comments.places_of_newest(call.tx, site.id, _LOOK_AT)
    most = [number for number, _ in Counter(person for _, person in newest).most_common(call.asked.limit)]
    people = await identity.people(call.tx, most)
    shown = [shapes.user(people[number]) for number in most if number in people]
    return Answer(shown, shapes.cursor(None, is_further=False))


async def _overseen(call: Call, site: Site, of: Thread | None, include: Sequence[str]) -> Answer:
    """The same for who moderates, in the states asked for, of the sections in their reach."""
    staff, asked = call.caller.moderator(site, "read"), call.asked
    if unknown := next((name for name in include if name not in _INCLUDE), None):
        raise Fault(BAD_ARGUMENT, f"Invalid argument, 'include': '{unknown}' is none of {', '.join(_INCLUDE)}")
    page = await comments.overseen(
        call.tx,
        site_id=site.id,
        thread_id=of.id if of is not None else None,
        states=frozenset().union(*(_INCLUDE[name] for name in include)),
        after=asked.after,
        since=asked.since,
        is_ascending=asked.is_ascending,
        limit=asked.limit,
    )
    reach = await moderation.in_reach(call.tx, staff, site.id, [each.thread_id for each in page.found])
    found = [each for each in page.found if each.thread_id in reach]
    shown = await call.posts(site, found, for_staff=True)
    marks = [mark for mark, name in (("isHighlighted", "highlighted"), ("isFlagged", "flagged")) if name in include]
    if len(marks) == len(include):
        shown = [each for each in shown if any(each[mark] for mark in marks)]
    last = f"{page.last}:0:0" if page.last is not None else None
    return Answer(shown, shapes.cursor(last, is_further=asked.after is not None))


async def _by_time(call: Call, site: Site, of: Thread | None) -> Answer:
    asked = call.asked
    include = asked.all("include")
    if include and call.caller.moderates(site):
        return await _overseen(call, site, of, include)
    found = await comments.published_page(
        call.tx,
        site_id=site.id,
        thread_id=of.id if of is not None else None,
        after=asked.after,
        since=asked.since,
        is_ascending=asked.is_ascending,
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    last = f"{shown[-1].id}:0:0" if len(found) > len(shown) else None
    return Answer(await call.posts(site, shown), shapes.cursor(last, is_further=asked.after is not None))


def _flat(views: Sequence[CommentView]) -> list[tuple[CommentView, bool]]:
    """Comments in the order they are drawn in, and whether a comment has replies that are not among them."""
    flat: list[tuple[CommentView, bool]] = []
    for view in views:
        below = view.replies
        flat.append((view, view.reply_count > 0 if below is None else below.next_cursor is not None))
        flat += _flat(below.items if below is not None else [])
    return flat


Reads = dict[str, Callable[[Call], Awaitable[Answer]]]

READS: Reads = {
    "forums/details": forums_details,
    "forums/listMostActiveUsers": forums_most_active,
    "forums/listPosts": posts_list,
    "forums/listThreads": threads_list,
    "posts/details": posts_details,
    "posts/getContext": posts_context,
    "posts/list": posts_list,
    "threads/details": threads_details,
    "threads/list": threads_list,
    "threads/listHot": threads_popular,
    "threads/listPopular": threads_popular,
    "threads/listPosts": threads_posts,
    "threads/listPostsThreaded": threads_posts_threaded,
    "threads/set": threads_set,
    "trends/listThreads": threads_popular,
}
