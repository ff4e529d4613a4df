"""A site's discussions for its publisher, over HTTP: looked through, closed, locked, named, moved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, Field

from service import threads
from service.identity import Staff
from service.kit import text
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden, Invalid, SignInNeeded
from service.kit.ids import parse_id
from service.pages.views import View
from service.publishing import acts, jobs
from service.record import Actor
from service.sites import Site, SiteUnknown
from service.threads import AddressTaken, State, Thread, ThreadUnknown, Wanted, canonical
from service.web.input import Body, PublicId, Text, number
from service.web.parts import Parts
from service.web.problem import raises
from service.web.team import CursorText, Limit, private, site_named
from service.web.who import AllParts, Moderator

router = APIRouter(prefix="/api/v1/sites/{site}/threads", tags=["publishers"])

SiteName = Annotated[Text, Path(max_length=50, description="The site's shortname", examples=["demo"])]
ThreadId = Annotated[PublicId, Path(description="A thread's id")]
_SHARED = (SignInNeeded, Forbidden, SiteUnknown)
_STATES = Annotated[Literal["open", "closed", "locked"] | None, Query(description="Only those in this state")]


class OwnThreadView(View):
    """A discussion as its publisher sees it."""

    id: str
    url: str
    title: str | None
    identifier: str | None = Field(description="The page's own id, when it names one")
    section: str
    state: Literal["open", "closed", "locked"]
    comment_count: int
    created_at: datetime


class OwnThreadsView(View):
    """Discussions, those begun last first. A page looks at 2,000 at most: an empty one may have a `next_cursor`."""

    items: list[OwnThreadView]
    next_cursor: str | None = None


class WholeThreadView(OwnThreadView):
    """One discussion, with everything that leads to it."""

    addresses: list[str] = Field(description="Without scheme and what tells no articles apart; 100 at most")


class ThreadBody(Body):
    """What is to change; what is left out stays."""

    state: Literal["open", "closed", "locked"] | None = Field(
        default=None, description="`locked`: as closed, and authors cannot take anything back"
    )
    title: Text | None = Field(default=None, max_length=500, description="Empty for none")
    url: Text | None = Field(default=None, max_length=4_000, description="The page it is about from now on")


@router.get("", responses=raises(*_SHARED, Invalid))
async def get_threads(
    site: SiteName,
    response: Response,
    parts: AllParts,
    who: Moderator,
    q: Annotated[Text, Query(max_length=200, description="Words in the title, the address or the identifier")] = "",
    url: Annotated[Text | None, Query(max_length=4_000, description="Exactly the page at this address")] = None,
    state: _STATES = None,
    section: Annotated[Text | None, Query(max_length=60, description="Only those of this section")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Begun at this time or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Begun before this time")] = None,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> OwnThreadsView:
    """The discussions of a site; for who moderates some sections only, of those."""
    private(response)
    found = await site_named(parts, who, site)
    wanted = Wanted(q, state, section, since, until, who.sections_at(found.id))
    if url is not None:
        one = await parts.db.read(_at, found, url)
        return OwnThreadsView(items=[_view(thread) for thread in one if wanted.fits(thread)])
    before = parse_id(cursor, field="cursor") if cursor else None
    page = await parts.db.read(threads.look_through, found.id, wanted, before=before, limit=limit)
    return OwnThreadsView(
        items=[_view(thread) for thread in page.threads],
        next_cursor=str(page.following) if page.following is not None else None,
    )


@router.get("/{thread}", responses=raises(*_SHARED, ThreadUnknown))
async def get_thread(
    site: SiteName, thread: ThreadId, response: Response, parts: AllParts, who: Moderator
) -> WholeThreadView:
    """One discussion, also by the id of one that was merged into it."""
    private(response)
    _, known = await _reached(parts, who, site, number(thread))
    return await _whole(parts, known)


@router.patch("/{thread}", responses=raises(*_SHARED, ThreadUnknown, Invalid, AddressTaken))
async def patch_thread(
    site: SiteName, thread: ThreadId, wanted: ThreadBody, parts: AllParts, who: Moderator
) -> WholeThreadView:
    """Close, open or lock a discussion, which moderators may; give it another title or address, which owners may."""
    found, known = await _reached(parts, who, site, number(thread))
    if (wanted.title is not None or wanted.url is not None) and not who.owns(found.id):
        raise Forbidden("Only owners of the site may do this.")
    change = acts.Change(
        state=wanted.state,
        title=text.clean_line(wanted.title, field="title", max_chars=500) if wanted.title is not None else None,
        url=canonical(wanted.url) if wanted.url is not None else None,
    )

    async def act(tx: WriteTx) -> Thread:
        return await acts.change(tx, found, known.id, change, by=Actor.account(who.account.id))

    after = await parts.db.transact(act)
    parts.relay.poke()
    return await _whole(parts, after)


async def _at(tx: ReadTx, site: Site, url: str) -> list[Thread]:
    found = await threads.at_key(tx, site.id, canonical(url).key)
    return list((await threads.get_many(tx, [found])).values()) if found is not None else []


async def _reached(parts: Parts, who: Staff, name: str, thread_id: int) -> tuple[Site, Thread]:
    """A discussion of a section one moderates; any other is unknown. Raises SiteUnknown, ThreadUnknown."""
    site = await site_named(parts, who, name)
    thread = await parts.db.read(jobs.own, site, thread_id)
    if not who.may_moderate(site.id, thread.section):
        raise ThreadUnknown(field="thread")
    return site, thread


async def _whole(parts: Parts, thread: Thread) -> WholeThreadView:
    leading = await parts.db.read(threads.addresses, thread.id)
    return WholeThreadView(**_view(thread).model_dump(), addresses=leading)


def _view(thread: Thread) -> OwnThreadView:
    states: dict[str, State] = {"open": "open", "closed": "closed", "locked": "locked"}
    return OwnThreadView(
        id=str(thread.id),
        url=thread.url,
        title=thread.title,
        identifier=thread.identifier,
        section=thread.section,
        state=states[thread.state],
        comment_count=thread.comment_count,
        created_at=thread.created_at,
    )
