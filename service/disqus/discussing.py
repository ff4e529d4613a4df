"""What a publisher does to discussions: opened, closed, named, moved, made, as in the console."""

from __future__ import annotations

from service import publishing, threads
from service.disqus import finding, shapes
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.calls import Answer
from service.disqus.faults import NO_PERMISSION, Fault
from service.identity import Staff
from service.kit import text
from service.kit.db import ReadTx, WriteTx
from service.publishing import Change
from service.reading import thread_view
from service.record import Actor
from service.sites import Site
from service.threads import State, Thread, ThreadUnknown, canonical
from service.web.parts import Parts


async def threads_close(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Close each `thread`."""
    return await _set(parts, caller, asked, "closed")


async def threads_open(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Open each `thread` again."""
    return await _set(parts, caller, asked, "open")


async def threads_update(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Give a `thread` another `title` or `url`, which owners may."""
    staff = caller.needs("write")
    site, found = await parts.db.read(_reached, staff, caller, asked)
    if not staff.owns(site.id):
        raise Fault(NO_PERMISSION, "You do not have permission: owners of the forum do this")
    title, url = asked.one("title"), asked.one("url")
    change = Change(
        title=text.clean_line(title, field="title", max_chars=500) if title is not None else None,
        url=canonical(url) if url is not None else None,
    )
    after = await parts.db.transact(publishing.change, site, found.id, change, by=Actor.account(staff.account.id))
    parts.relay.poke()
    return _shown(after, site, parts)


async def threads_create(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Open a discussion: `title`, `url`, `identifier`. One that is there already is answered as it is."""
    site = await parts.db.read(finding.forum, asked)
    staff = caller.moderator(site, "write")
    title, url = text.clean_line(asked.needs("title"), field="title", max_chars=500), canonical(asked.needs("url"))
    # Only who owns a site opens discussions of pages that are not its own.
    made = await parts.db.transact(
        threads.open_thread, site, url, asked.one("identifier"), title, any_host=staff.owns(site.id)
    )
    return _shown(made, site, parts)


async def _set(parts: Parts, caller: Caller, asked: Asked, state: State) -> Answer:
    asked.needs("thread")
    staff = caller.needs("write")
    for value in asked.all("thread"):
        one = Asked([("thread", value), *((("forum", name),) if (name := asked.one("forum")) is not None else ())])
        one.home = asked.home
        await parts.db.transact(_change, staff, caller, one, state)
    parts.relay.poke()
    return Answer([{"id": value} for value in asked.all("thread")])


async def _change(tx: WriteTx, staff: Staff, caller: Caller, asked: Asked, state: State) -> None:
    site, found = await _reached(tx, staff, caller, asked)
    await publishing.change(tx, site, found.id, Change(state=state), by=Actor.account(staff.account.id))


async def _reached(tx: ReadTx, staff: Staff, caller: Caller, asked: Asked) -> tuple[Site, Thread]:
    """The discussion a call is about, if somebody moderates its section. Raises Fault, ThreadUnknown."""
    site, found = await finding.thread(tx, asked)
    caller.moderator(site, "write")
    if not staff.may_moderate(site.id, found.section):
        raise ThreadUnknown
    return site, found


def _shown(found: Thread, site: Site, parts: Parts) -> Answer:
    # Readers are told the title once there is a comment to be seen; its publisher gave it.
    view = thread_view(found, site).model_copy(update={"title": found.title})
    return Answer(shapes.thread(found, view, parts.settings.origin))


DISCUSSIONS = {
    "threads/close": threads_close,
    "threads/create": threads_create,
    "threads/open": threads_open,
    "threads/update": threads_update,
}
