"""A page about one comment: a permalink, or further replies of one."""

from __future__ import annotations

from service import comments, threads
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.kit.ids import parse_id
from service.pages.views import PageView, PermalinkView
from service.reading.page import read_level, read_permalink
from service.sites import Site

_ABOVE = 5


async def read_focus(
    tx: ReadTx, site: Site, page: PageView, comment: str, below: str | None = None
) -> PermalinkView | None:
    """The comment a page is to be about, with those around it; None where it is not there, or of another page.

    `below` is a cursor in its replies. Raises InvalidCursor.
    """
    try:
        focus = await _focus(tx, site, parse_id(comment, field="comment"), page.sort)
    except (comments.CommentUnknown, Invalid):
        return None
    if focus.thread.id != page.thread.id:
        return None  # a comment of another article is not shown under this one
    if below is None:
        return focus
    thread = await threads.get(tx, int(focus.comment.thread))
    replies = await read_level(tx, site, thread, int(focus.comment.id), page.sort, below)
    return focus.model_copy(update={"comment": focus.comment.model_copy(update={"replies": replies})})


async def _focus(tx: ReadTx, site: Site, number: int, sort: str) -> PermalinkView:
    """A comment by its id, or by the one it had at Disqus: old links are out in the world. Raises CommentUnknown."""
    try:
        return await read_permalink(tx, site, number, _ABOVE, sort)
    except comments.CommentUnknown:
        origin = f"disqus:{number}"
        brought = (await comments.places(tx, site.id, [origin])).get(origin)
        if brought is None:
            raise
        return await read_permalink(tx, site, brought.id, _ABOVE, sort)
