"""What a call is about: a forum, a thread by id, identifier or address, a post by its id here or at Disqus."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from service import comments, moderation, reading, sites, threads
from service.comments import Comment, CommentUnknown
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.faults import BAD_ARGUMENT, NOT_FOUND, Fault
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.kit.ids import parse_id
from service.sites import Site
from service.threads import Thread, canonical


async def forum(tx: ReadTx, asked: Asked) -> Site:
    """The site of `forum`, or of the key that came along. Raises Fault without either, SiteUnknown."""
    return await sites.by_name(tx, asked.one("forum") or asked.home or asked.needs("forum"))


async def thread(tx: ReadTx, asked: Asked) -> tuple[Site, Thread]:
    """The site and thread a call is about. Raises Fault."""
    value = asked.needs("thread")
    if value.startswith(("ident:", "link:")):
        site = await forum(tx, asked)
        found = await many(tx, site, [value])
        if not found:
            raise Fault(NOT_FOUND, f"Unable to find thread '{value}'")
        return site, found[0]
    site, one = await reading.site_and_thread(tx, _id(value, "thread"))
    if (name := asked.one("forum")) is not None and name.strip().lower() != site.name:
        raise Fault(NOT_FOUND, f"Unable to find thread '{value}'")
    return site, one


async def many(tx: ReadTx, site: Site, values: Sequence[str]) -> list[Thread]:
    """The threads of a site that are asked for, in that order, those there are: `ident:…`, `link:…` or an id.

    An identifier that is an address, and nobody's identifier, is that address: clients take one for want of another.
    """
    keys = {value: _key(value.partition(":")[2]) for value in values if value.startswith(("link:", "ident:http"))}
    names = [value.removeprefix("ident:") for value in values if value.startswith("ident:")]
    numbers = {value: int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 20}
    at, named = await threads.of_pages(tx, site, sorted({key for key in keys.values() if key}), sorted(set(names)))
    by_id = await threads.get_many(tx, [number for number in numbers.values() if number < 2**63])
    found = (
        named.get(value.removeprefix("ident:"))
        or at.get(keys.get(value) or "")
        or (by_id.get(numbers[value]) if value in numbers else None)
        for value in values
    )
    # Each once, whatever it was asked by.
    return list({each.id: each for each in found if each is not None and each.site_id == site.id}.values())


async def post(tx: ReadTx, asked: Asked, caller: Caller | None = None) -> tuple[Site, Comment]:
    """The site and comment a call is about: an id of ours, or with `forum` one Disqus gave. Raises Fault.

    A comment that waits or was removed is known to a `caller` who may decide about it.
    """
    value = asked.needs("post")
    number = _id(value, "post")
    if caller is not None and caller.site is not None and caller.moderates(caller.site):
        with suppress(CommentUnknown):
            own = await moderation.about(tx, caller.needs("read"), number)
            return caller.site, own
    try:
        found = await comments.get(tx, number)
        return await sites.by_id(tx, found.site_id), found
    except CommentUnknown:
        if asked.one("forum") is None:
            raise
        site = await forum(tx, asked)
        brought = (await comments.places(tx, site.id, [f"disqus:{number}"])).get(f"disqus:{number}")
        if brought is None:
            raise
        return site, await comments.get(tx, brought.id)


def _id(value: str, name: str) -> int:
    try:
        return parse_id(value, field=name)
    except Invalid as error:
        raise Fault(BAD_ARGUMENT, f"Invalid argument, '{name}': an id, or ident:… or link:… for threads") from error


def _key(url: str) -> str | None:
    try:
        return canonical(url).key
    except Invalid:
        return None
