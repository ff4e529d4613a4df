"""A thread: found by identifier or address, made by the first comment, counted as comments come and go.

A reader's request may name any URL and any identifier, so it proves nothing: it can find a thread and open one, but
it never ties a further address to a thread that exists (see docs/decisions/0004).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, bindparam, func, update
from sqlalchemy import select as select_core
from sqlmodel import col, select

from service import outbox
from service.kit import clock, ids
from service.kit.columns import UTCDateTime
from service.kit.db import ReadTx, WriteTx, changed, shows
from service.kit.errors import Forbidden, Invalid, NotFound
from service.kit.merging import adds
from service.kit.statements import Question, rounded
from service.sites import Site
from service.threads.events import ThreadClosed, ThreadReopened
from service.threads.sections import ThreadRules
from service.threads.tables import ThreadAliasRow, ThreadRow
from service.threads.urls import CanonicalURL, origin_allows

_THREADS = ThreadRow.metadata.tables[str(ThreadRow.__tablename__)]
_ALIASES = ThreadAliasRow.metadata.tables[str(ThreadAliasRow.__tablename__)]

# Whoever asks for a thread that was merged into another gets that one.
_ASKED = _THREADS.alias("asked")
_IS_MEANT = _THREADS.c.id == func.coalesce(_ASKED.c.merged_into, _ASKED.c.id)

# What every page and every post asks, put together once.
_BY_ID = select_core(_THREADS).join(_ASKED, _IS_MEANT).where(_ASKED.c.id == bindparam("thread"))
_BY_IDS = (
    select_core(_THREADS, _ASKED.c.id.label("asked_id"))
    .join(_ASKED, _IS_MEANT)
    .where(_ASKED.c.id.in_(bindparam("threads", expanding=True, type_=BigInteger)))
)
_BY_ADDRESS = (
    select_core(_THREADS, _ASKED.c.identifier.label("asked_identifier"))
    .join(_ASKED, _IS_MEANT)
    .join(_ALIASES, _ALIASES.c.thread_id == _ASKED.c.id)
    .where(_ALIASES.c.site_id == bindparam("site"), _ALIASES.c.key == bindparam("key"))
)
_BY_IDENTIFIER = (
    select_core(_THREADS)
    .join(_ASKED, _IS_MEANT)
    .where(_ASKED.c.site_id == bindparam("site"), _ASKED.c.identifier == bindparam("identifier"))
)
# The same for many at once.
_BY_ADDRESSES = (
    select_core(_THREADS, _ALIASES.c.key.label("asked_key"))
    .join(_ASKED, _IS_MEANT)
    .join(_ALIASES, _ALIASES.c.thread_id == _ASKED.c.id)
    .where(_ALIASES.c.site_id == bindparam("site"), _ALIASES.c.key.in_(bindparam("keys", expanding=True)))
)
_BY_IDENTIFIERS = (
    select_core(_THREADS, _ASKED.c.identifier.label("asked_identifier"))
    .join(_ASKED, _IS_MEANT)
    .where(_ASKED.c.site_id == bindparam("site"), _ASKED.c.identifier.in_(bindparam("identifiers", expanding=True)))
)
_BUMP = adds(
    update(_THREADS)
    .where(_THREADS.c.id == bindparam("thread"))
    .values(
        version=_THREADS.c.version + bindparam("changes"),
        comment_count=_THREADS.c.comment_count + bindparam("published"),
        last_comment_at=func.coalesce(bindparam("at", type_=UTCDateTime), _THREADS.c.last_comment_at),
    ),
    key="thread",
    sums=("changes", "published"),
    latest=("at",),
)


class ThreadUnknown(NotFound):
    """There is no such discussion."""

    type = "thread-unknown"


class ForeignHost(Forbidden):
    """This site does not discuss pages of that host. The publisher can add it to the site's origins."""

    type = "foreign-host"


@dataclass(frozen=True)
class Thread:
    """The discussion of one article."""

    id: int
    site_id: int
    url: str
    identifier: str | None
    title: str | None
    state: str
    comment_count: int
    version: int
    created_at: datetime
    section: str = ""
    slug: str | None = None
    category: str | None = None

    @property
    def is_open(self) -> bool:
        """True while comments can be added."""
        return self.state == "open"

    @property
    def is_locked(self) -> bool:
        """True while nothing of it changes but by moderators."""
        return self.state == "locked"


def page_tag(thread_id: int) -> str:
    """The tag of every page that shows something of a thread."""
    return f"thread-{thread_id}"


def unopened_tag(site_id: int) -> str:
    """The tag of the pages of a site that show that nobody has written yet."""
    return f"unopened-{site_id}"


def talk_tag(site_id: int) -> str:
    """The tag of every page that tells what is new at a site, or how much."""
    return f"talk-{site_id}"


async def get(tx: ReadTx, thread_id: int) -> Thread:
    """A thread by id; of one that was merged into another, that other. Raises ThreadUnknown."""
    shows(tx, page_tag(thread_id))
    found = (await tx.run(_BY_ID, {"thread": thread_id})).first()
    if found is None:
        raise ThreadUnknown(field="thread")
    return thread_of(found)


async def get_many(tx: ReadTx, thread_ids: Sequence[int]) -> dict[int, Thread]:
    """Threads by id, in one statement."""
    if not thread_ids:
        return {}
    rows = await tx.exec(select(ThreadRow).where(col(ThreadRow.id).in_(sorted(set(thread_ids)))))
    return {row.id: thread_of(row) for row in rows}


async def all_of(tx: ReadTx, thread_ids: Collection[int]) -> dict[int, Thread]:
    """Threads by the ids they are asked by, as `get` finds each; in one statement."""
    if not thread_ids:
        return {}
    found = await tx.run(_BY_IDS, {"threads": rounded(thread_ids)})
    return {row.asked_id: thread_of(row) for row in found}


async def find(tx: ReadTx, site: Site, url: CanonicalURL, identifier: str | None = None) -> Thread | None:
    """The thread of a page, or None. An identifier wins over the address.

    An identifier nobody used falls back to the address, but only to a thread that has no identifier of its own.
    """
    if identifier:
        named = {"site": site.id, "identifier": identifier}
        if (found := (await tx.run(_BY_IDENTIFIER, named)).first()) is not None:
            shows(tx, page_tag(found.id))
            return thread_of(found)
    at_address = (await tx.run(_BY_ADDRESS, {"site": site.id, "key": url.key})).first()
    if at_address is None or (identifier and at_address.asked_identifier):
        shows(tx, unopened_tag(site.id))
        return None
    shows(tx, page_tag(at_address.id))
    return thread_of(at_address)


def asking(site: Site, url: CanonicalURL | None, thread_id: int | None) -> list[Question]:
    """What `get`, or `find` without an identifier, asks about a page; to be asked ahead."""
    if thread_id is not None:
        return [Question(_BY_ID, {"thread": thread_id})]
    return [Question(_BY_ADDRESS, {"site": site.id, "key": url.key})] if url is not None else []


async def find_many(tx: ReadTx, site: Site, keys: Sequence[str]) -> dict[str, int]:
    """Published comments by canonical key, for the keys that have a thread."""
    if not keys:
        return {}
    rows = await tx.exec(
        select(ThreadAliasRow.key, _THREADS.c.comment_count)
        .join(_ASKED, _ASKED.c.id == col(ThreadAliasRow.thread_id))
        .join(_THREADS, _IS_MEANT)
        .where(ThreadAliasRow.site_id == site.id, col(ThreadAliasRow.key).in_(keys))
    )
    return dict(rows.all())


async def of_pages(
    tx: ReadTx, site: Site, keys: Sequence[str], identifiers: Sequence[str]
) -> tuple[dict[str, Thread], dict[str, Thread]]:
    """The threads of many pages: by canonical key, and by identifier. At most two statements."""
    at: dict[str, Thread] = {}
    named: dict[str, Thread] = {}
    if keys:
        rows = await tx.run(_BY_ADDRESSES, {"site": site.id, "keys": list(keys)})
        at = {row.asked_key: thread_of(row) for row in rows}
    if identifiers:
        rows = await tx.run(_BY_IDENTIFIERS, {"site": site.id, "identifiers": list(identifiers)})
        named = {row.asked_identifier: thread_of(row) for row in rows}
    for found in (*at.values(), *named.values()):
        shows(tx, page_tag(found.id))
    return at, named


async def count_named(tx: ReadTx, site: Site, identifiers: Sequence[str]) -> dict[str, int]:
    """Published comments by identifier, for those that have a thread."""
    if not identifiers:
        return {}
    rows = await tx.run(_BY_IDENTIFIERS, {"site": site.id, "identifiers": list(identifiers)})
    return {row.asked_identifier: row.comment_count for row in rows}


async def open_thread(
    tx: WriteTx,
    site: Site,
    url: CanonicalURL,
    identifier: str | None,
    title: str | None,
    *,
    slug: str | None = None,
    category: str | None = None,
    created_at: datetime | None = None,
    any_host: bool = False,
) -> Thread:
    """Find the thread of a page, or make it. Raises ForeignHost, Invalid.

    `any_host` is for a publisher's own acts (an import): readers only open threads on the site's origins. `slug` and
    `category` are kept of the page that begins it, as Disqus has it, and change nothing of one that is there.
    """
    if (found := await find(tx, site, url, identifier)) is not None:
        return found
    if not any_host and not origin_allows(site.origins, url.host, url.port):
        raise ForeignHost(field="url")
    if identifier and len(identifier) > 300:
        raise Invalid("an identifier has at most 300 characters", field="identifier")
    at = created_at or clock.now()
    rules = site.section("threads", ThreadRules)
    known = rules.checked(category)
    made = ThreadRow(
        id=ids.new_id(at=created_at),
        site_id=site.id,
        identifier=identifier or None,
        url=url.text,
        title=(title or "").strip()[:500] or None,
        section=rules.section_of(url.text, known),
        slug=slug,
        category=known,
        created_at=at,
    )
    tx.add(made)
    await tx.flush()
    changed(tx, unopened_tag(site.id))
    # With an identifier of its own a thread may share the address with another; the first keeps the alias. Without
    # one the alias is all it is found by: if somebody opened the page between our look and now, this insert collides,
    # the act runs again and finds their thread. To look once more instead would leave a thread nobody can find.
    if not identifier or (await tx.get(ThreadAliasRow, (site.id, url.key))) is None:
        tx.add(ThreadAliasRow(site_id=site.id, key=url.key, thread_id=made.id, created_at=at))
        await tx.flush()
    return thread_of(made)


async def add_alias(tx: WriteTx, thread: Thread, url: CanonicalURL) -> bool:
    """Let a further address lead to the thread; False when it leads somewhere already. For publishers' acts only."""
    if (await tx.get(ThreadAliasRow, (thread.site_id, url.key))) is not None:
        return False
    tx.add(ThreadAliasRow(site_id=thread.site_id, key=url.key, thread_id=thread.id, created_at=clock.now()))
    await tx.flush()
    changed(tx, unopened_tag(thread.site_id))
    return True


async def bump(tx: WriteTx, thread_id: int, *, published: int = 0, at: datetime | None = None) -> None:
    """Note a change readers can see: the version rises, and the count by `published`."""
    await tx.run(_BUMP, {"thread": thread_id, "changes": 1, "published": published, "at": at})
    changed(tx, page_tag(thread_id), grown=published > 0)


async def recounted(tx: WriteTx, thread_id: int, published: int, last: datetime | None) -> None:
    """Store a count made from the comments themselves."""
    await tx.exec(
        update(ThreadRow)
        .where(col(ThreadRow.id) == thread_id)
        .values(comment_count=published, last_comment_at=last, version=ThreadRow.version + 1)
    )
    changed(tx, page_tag(thread_id))


async def set_state(tx: WriteTx, thread_id: int, state: str) -> None:
    """Open, close or lock a thread (`open`, `closed`, `locked`); what is so already stays as it is."""
    made = await tx.exec(
        update(ThreadRow)
        .where(col(ThreadRow.id) == thread_id, col(ThreadRow.state) != state)
        .values(state=state, version=ThreadRow.version + 1)
        .returning(col(ThreadRow.site_id), col(ThreadRow.version))
    )
    if (found := made.first()) is None:
        return
    changed(tx, page_tag(thread_id))
    fact = ThreadReopened if state == "open" else ThreadClosed
    await outbox.add(tx, fact(thread_id, found.site_id, found.version))


async def sort_into_sections(tx: WriteTx, site: Site, after: int = 0, limit: int = 500) -> tuple[int, int | None]:
    """Give the next threads of a site the sections its rules name now; how many changed, and the last one seen.

    The last one is None when there were no more.
    """
    rules = site.section("threads", ThreadRules)
    query = select(ThreadRow).where(ThreadRow.site_id == site.id, col(ThreadRow.id) > after)
    rows = (await tx.exec(query.order_by(col(ThreadRow.id)).limit(limit))).all()
    moved = [(row, section) for row in rows if (section := rules.section_of(row.url, row.category)) != row.section]
    for row, section in moved:
        row.section = section
    await tx.flush()
    return len(moved), rows[-1].id if rows else None


def thread_of(row: ThreadRow | Row[Any]) -> Thread:
    """The thread a row holds."""
    return Thread(
        row.id,
        row.site_id,
        row.url,
        row.identifier,
        row.title,
        row.state,
        row.comment_count,
        row.version,
        row.created_at,
        row.section,
        row.slug,
        row.category,
    )
