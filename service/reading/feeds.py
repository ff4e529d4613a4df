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
from service.pages.atom import Entry, Feed, Pages, urn
from service.pages.words import web_address
from service.sites import Site
from service.threads import CanonicalURL, Thread

MOST = 50
# So many comments are looked at for those of a section, and of somebody's own for what was answered to them.
LOOKED_AT = 1_000
LOOKED_AT_OWN = 200


class FeedUnknown(NotFound):
    """There is no such feed. Its address may be from before its person was erased."""

    type = "feed-unknown"


Form = Literal["atom", "json"]


async def thread_feed(
    tx: ReadTx, site: Site, thread: Thread, origin: str, form: Form = "atom", before: int | None = None
) -> Feed:
    """The newest comments of a thread, those older than the comment `before`. `origin` is Parley's own."""
    looked = await comments.newest_in_thread(tx, thread.id, MOST + 1, before)
    found, further = looked[:MOST], looked[MOST - 1].id if len(looked) > MOST else None
    entries = await _entries(tx, site, found, {thread.id: thread}, origin)
    pages = _pages(f"{origin}/api/v1/threads/{thread.id}/feed.{form}", {}, before, further)
    # The title came with a comment; while none can be seen it cannot either.
    title = thread.title if found and thread.title else thread.url
    return Feed(
        id=urn("thread", site.name, str(thread.id)),
        title=f"Comments: {title}",
        pages=pages,
        about=web_address(thread.url) or f"{origin}/t/{thread.id}",
        updated=max((entry.updated for entry in entries), default=thread.created_at),
        entries=entries,
    )


async def page_feed(
    tx: ReadTx, site: Site, url: CanonicalURL, identifier: str | None, origin: str, form: Form = "atom"
) -> tuple[Feed, int | None]:
    """The feed of the discussion of a page, and which one that is; while nobody has written, one without entries."""
    thread = await threads.find(tx, site, url, identifier)
    if thread is not None:
        return await thread_feed(tx, site, thread, origin, form), thread.id
    asked = {"site": site.name, "url": url.text} | ({"identifier": identifier} if identifier else {})
    feed = Feed(
        id=urn("page", site.name, identifier or url.key),
        title=f"Comments: {url.text}",
        pages=_pages(f"{origin}/api/v1/feed.{form}", asked, None, None),
        about=url.text,
        updated=ids.created_at(site.id),
        entries=[],
    )
    return feed, None


async def site_feed(
    tx: ReadTx,
    site: Site,
    origin: str,
    form: Form = "atom",
    section: str | None = None,
    before: int | None = None,
) -> tuple[Feed, list[int]]:
    """The newest comments of a site, or of one of its sections, and the threads they are of.

    Those older than the comment `before`. Of a section they are those among the site's next 1,000, so a page may be
    empty and name another one all the same.
    """
    found, shown, further = await newest(tx, site, section, MOST, before)
    entries = await _entries(tx, site, found, shown, origin)
    asked = {"section": section} if section is not None else {}
    feed = Feed(
        id=urn("site", site.name) if section is None else urn("section", site.name, section),
        title=f"Comments: {site.title}" if section is None else f"Comments: {site.title}, {section}",
        pages=_pages(f"{origin}/api/v1/sites/{site.name}/feed.{form}", asked, before, further),
        about=None,
        updated=max((entry.updated for entry in entries), default=ids.created_at(site.id)),
        entries=entries,
    )
    return feed, sorted(shown)


def replies_token(keeper: Keeper, person: Person) -> str:
    """What nobody guesses, in the address of the feed of answers to somebody. It opens what all may read, no more."""
    return f"{person.id}.{keeper.sign('replies-feed', f'{person.site_id}.{person.id}')}"


async def replies_feed(
    tx: ReadTx,
    keeper: Keeper,
    site: Site,
    token: str,
    origin: str,
    form: Form = "atom",
    before: int | None = None,
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
    looked = await comments.newest_answers(tx, person.id, LOOKED_AT_OWN, MOST + 1, before)
    found, further = looked[:MOST], looked[MOST - 1].id if len(looked) > MOST else None
    shown = await threads.get_many(tx, [comment.thread_id for comment in found])
    entries = await _entries(tx, site, found, shown, origin)
    feed = Feed(
        id=urn("replies", site.name, number),
        title=f"Answers: {site.title}",
        pages=_pages(f"{origin}/api/v1/sites/{site.name}/replies/{token}/feed.{form}", {}, before, further),
        about=None,
        updated=max((entry.updated for entry in entries), default=person.created_at),
        entries=entries,
    )
    return feed, sorted(shown)


async def newest(
    tx: ReadTx, site: Site, section: str | None, most: int, before: int | None = None
) -> tuple[list[Comment], dict[int, Thread], int | None]:
    """The newest comments of a site or a section, their threads, and the comment to go on behind, None at the end.

    Of a section they are those among the site's next 1,000 comments.
    """
    if section is None:
        looked = await comments.newest_in_site(tx, site.id, most + 1, before)
        found, further = looked[:most], looked[most - 1].id if len(looked) > most else None
        return found, await threads.get_many(tx, [comment.thread_id for comment in found]), further
    new = await comments.newest_threads(tx, site.id, LOOKED_AT, before)
    known = await threads.get_many(tx, sorted({thread for _, thread in new}))
    meant = [number for number, thread in new if thread in known and known[thread].section == section]
    those = await comments.get_many(tx, meant[:most])
    found = [those[number] for number in meant[:most] if number in those and those[number].is_published]
    further = meant[most - 1] if len(meant) > most else new[-1][0] if len(new) == LOOKED_AT else None
    return found, {comment.thread_id: known[comment.thread_id] for comment in found}, further


def _pages(address: str, asked: Mapping[str, str], before: int | None, further: int | None) -> Pages:
    """The addresses of a page of a feed, of its first one and of the next (RFC 5005 section 3)."""

    def at(comment: int | None) -> str:
        query = urlencode(asked if comment is None else {**asked, "before": comment})
        return f"{address}?{query}" if query else address

    return Pages(at(before), at(None) if before is not None else None, at(further) if further is not None else None)


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
