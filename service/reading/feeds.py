"""Feeds: the newest published comments of a thread, of a site, of a section; answers to somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

from service import comments, identity, threads
from service.comments import Comment
from service.identity import Person
from service.kit import ids
from service.kit.db import ReadTx
from service.kit.errors import NotFound
from service.kit.seal import Keeper
from service.pages.atom import Entry, Feed, urn
from service.pages.words import web_address
from service.sites import Site
from service.threads import Thread

MOST = 50
# So many comments are looked at for those of a section, and of somebody's own for what was answered to them.
LOOKED_AT = 1_000
LOOKED_AT_OWN = 200


class FeedUnknown(NotFound):
    """There is no such feed. Its address may be from before its person was erased."""

    type = "feed-unknown"


Form = Literal["atom", "json"]


async def thread_feed(tx: ReadTx, site: Site, thread: Thread, origin: str, form: Form = "atom") -> Feed:
    """The newest comments of a thread. `origin` is Parley's own."""
    found = await comments.newest_in_thread(tx, thread.id, MOST)
    entries = await _entries(tx, site, found, {thread.id: thread}, origin)
    # The title came with a comment; while none can be seen it cannot either.
    title = thread.title if found and thread.title else thread.url
    return Feed(
        id=urn("thread", site.name, str(thread.id)),
        title=f"Comments: {title}",
        address=f"{origin}/api/v1/threads/{thread.id}/feed.{form}",
        about=web_address(thread.url) or f"{origin}/t/{thread.id}",
        updated=max((entry.updated for entry in entries), default=thread.created_at),
        entries=entries,
    )


async def site_feed(
    tx: ReadTx, site: Site, origin: str, form: Form = "atom", section: str | None = None
) -> tuple[Feed, list[int]]:
    """The newest comments of a site, or of one of its sections, and the threads they are of.

    Of a section they are those among the site's newest 1,000: a feed is of what is new.
    """
    found, shown = await _newest(tx, site, section)
    entries = await _entries(tx, site, found, shown, origin)
    asked = f"?{urlencode({'section': section})}" if section is not None else ""
    feed = Feed(
        id=urn("site", site.name) if section is None else urn("section", site.name, section),
        title=f"Comments: {site.title}" if section is None else f"Comments: {site.title}, {section}",
        address=f"{origin}/api/v1/sites/{site.name}/feed.{form}{asked}",
        about=None,
        updated=max((entry.updated for entry in entries), default=ids.created_at(site.id)),
        entries=entries,
    )
    return feed, sorted(shown)


def replies_token(keeper: Keeper, person: Person) -> str:
    """What nobody guesses, in the address of the feed of answers to somebody. It opens what all may read, no more."""
    return f"{person.id}.{keeper.sign('replies-feed', f'{person.site_id}.{person.id}')}"


async def replies_feed(
    tx: ReadTx, keeper: Keeper, site: Site, token: str, origin: str, form: Form = "atom"
) -> tuple[Feed, list[int]]:
    """The newest published answers to what somebody wrote last, by the token, and the threads they are of.

    Their own answers are left out, and nothing in it says whose feed it is. Raises FeedUnknown.
    """
    number, _, signature = token.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 20):
        raise FeedUnknown
    if not keeper.is_signed("replies-feed", f"{site.id}.{number}", signature):
        raise FeedUnknown
    person = (await identity.people(tx, [int(number)])).get(int(number))
    if person is None or person.site_id != site.id:
        raise FeedUnknown
    found = await comments.newest_answers(tx, person.id, LOOKED_AT_OWN, MOST)
    shown = await threads.get_many(tx, [comment.thread_id for comment in found])
    entries = await _entries(tx, site, found, shown, origin)
    feed = Feed(
        id=urn("replies", site.name, number),
        title=f"Answers: {site.title}",
        address=f"{origin}/api/v1/sites/{site.name}/replies/{token}/feed.{form}",
        about=None,
        updated=max((entry.updated for entry in entries), default=person.created_at),
        entries=entries,
    )
    return feed, sorted(shown)


async def _newest(tx: ReadTx, site: Site, section: str | None) -> tuple[list[Comment], dict[int, Thread]]:
    if section is None:
        found = await comments.newest_in_site(tx, site.id, MOST)
        return found, await threads.get_many(tx, [comment.thread_id for comment in found])
    newest = await comments.newest_threads(tx, site.id, LOOKED_AT)
    known = await threads.get_many(tx, sorted({thread for _, thread in newest}))
    meant = [number for number, thread in newest if thread in known and known[thread].section == section][:MOST]
    those = await comments.get_many(tx, meant)
    found = [those[number] for number in meant if number in those and those[number].is_published]
    return found, {comment.thread_id: known[comment.thread_id] for comment in found}


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
