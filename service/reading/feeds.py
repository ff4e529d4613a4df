"""Feeds: the newest published comments of a thread or of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service import comments, identity, threads
from service.comments import Comment
from service.identity import Person
from service.kit import ids
from service.kit.db import ReadTx
from service.pages.atom import Entry, Feed, urn
from service.pages.words import web_address
from service.sites import Site
from service.threads import Thread

MOST = 50


async def thread_feed(tx: ReadTx, site: Site, thread: Thread, origin: str) -> Feed:
    """The newest comments of a thread. `origin` is Parley's own."""
    found = await comments.newest_in_thread(tx, thread.id, MOST)
    entries = await _entries(tx, site, found, {thread.id: thread}, origin)
    # The title came with a comment; while none can be seen it cannot either.
    title = thread.title if found and thread.title else thread.url
    return Feed(
        id=urn("thread", site.name, str(thread.id)),
        title=f"Comments: {title}",
        address=f"{origin}/api/v1/threads/{thread.id}/feed.atom",
        about=web_address(thread.url) or f"{origin}/t/{thread.id}",
        updated=max((entry.updated for entry in entries), default=thread.created_at),
        entries=entries,
    )


async def site_feed(tx: ReadTx, site: Site, origin: str) -> tuple[Feed, list[int]]:
    """The newest comments of a site, and the threads they are of."""
    found = await comments.newest_in_site(tx, site.id, MOST)
    shown = await threads.get_many(tx, [comment.thread_id for comment in found])
    entries = await _entries(tx, site, found, shown, origin)
    feed = Feed(
        id=urn("site", site.name),
        title=f"Comments: {site.title}",
        address=f"{origin}/api/v1/sites/{site.name}/feed.atom",
        about=None,
        updated=max((entry.updated for entry in entries), default=ids.created_at(site.id)),
        entries=entries,
    )
    return feed, sorted(shown)


async def _entries(
    tx: ReadTx, site: Site, found: Sequence[Comment], of: Mapping[int, Thread], origin: str
) -> list[Entry]:
    authors = await identity.people(tx, [comment.person_id for comment in found if comment.person_id])
    return [
        _entry(site, comment, authors.get(comment.person_id or 0), of[comment.thread_id], origin) for comment in found
    ]


def _entry(site: Site, comment: Comment, author: Person | None, thread: Thread, origin: str) -> Entry:
    name, article = author.name if author else "Anonymous", web_address(thread.url)
    return Entry(
        id=urn("comment", site.name, str(comment.id)),
        thread=str(thread.id),
        parent=urn("comment", site.name, str(comment.parent_id)) if comment.parent_id else None,
        author=name,
        title=f"{name} on {thread.title or thread.url}",
        html=comment.html or "",
        address=f"{article}#comment-{comment.id}" if article else f"{origin}/t/{thread.id}?comment={comment.id}",
        published=comment.created_at,
        updated=comment.edited_at or comment.created_at,
    )
