"""The calls of API 3.0 that write. Each goes through everybody's door: same limits, same checks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from service import threads
from service.disqus import finding, shapes
from service.disqus.asked import Asked
from service.disqus.calls import Answer
from service.disqus.faults import FOREIGN_PAGE, Fault
from service.identity import Visitor
from service.kit.db import ReadTx
from service.moderation import ReportReason
from service.posting import NewComment
from service.sites import Site
from service.web import acts
from service.web.parts import Parts

# Disqus numbers why; what there is no reason for of our own goes along in words.
_REASONS: dict[str, tuple[ReportReason, str]] = {
    "0": ("other", "disagrees"),
    "1": ("spam", ""),
    "2": ("abuse", "harassment"),
    "3": ("other", "inappropriate"),
    "4": ("abuse", "a threat"),
    "5": ("other", "impersonation"),
    "6": ("other", "private information"),
}


async def posts_create(parts: Parts, who: Visitor, origin: str | None, asked: Asked) -> Answer:
    """Post as a guest, `author_name` and `author_email`, to a `thread` or below a `parent`."""
    message = asked.needs("message")
    site, thread, parent = await parts.db.read(_target, asked)
    new = NewComment(
        body=message,
        url=None,
        thread=thread,
        identifier=None,
        title=None,
        parent=parent,
        name=asked.one("author_name"),
        email=acts.email_of(asked.one("author_email")),
    )
    _at_home(site, origin, parts)
    posted, _ = await acts.post(parts, site, who, new, None)
    return Answer(shapes.own_post(posted.comment, posted.author, site))


async def posts_report(parts: Parts, who: Visitor, origin: str | None, asked: Asked) -> Answer:
    """Ask a moderator to look at a `post`; `reason` is 0 to 6."""
    reason, detail = _REASONS.get(asked.one("reason") or "0", _REASONS["0"])
    site, comment = await parts.db.read(finding.post, asked)
    _at_home(site, origin, parts)
    await acts.report(parts, site, who, comment.id, reason, detail)
    return Answer({"id": str(comment.id)})


def _at_home(site: Site, origin: str | None, parts: Parts) -> None:
    """A form can be sent by any page, with its reader's address: in a browser only by the site's own pages."""
    if origin is None or origin == parts.settings.origin:
        return
    try:
        split = urlsplit(origin)
        is_home = split.hostname is not None and threads.origin_allows(site.origins, split.hostname, split.port)
    except ValueError:
        is_home = False
    if not is_home:
        raise Fault(FOREIGN_PAGE, "This forum does not take writes from pages of that origin")


async def _target(tx: ReadTx, asked: Asked) -> tuple[Site, int, int | None]:
    """The site, the thread and the comment that is answered. Raises Fault, CommentUnknown, ThreadUnknown."""
    if (above := asked.one("parent")) is not None:
        site, parent = await finding.post(tx, Asked([("post", above), *_of_forum(asked)]))
        return site, parent.thread_id, parent.id
    site, found = await finding.thread(tx, asked)
    return site, found.id, None


def _of_forum(asked: Asked) -> list[tuple[str, str]]:
    name = asked.one("forum")
    return [("forum", name)] if name is not None else []


# Each is given who asks, and the origin of the page that asks where a browser says it.
WRITES: dict[str, Callable[[Parts, Visitor, str | None, Asked], Awaitable[Answer]]] = {
    "posts/create": posts_create,
    "posts/report": posts_report,
}
