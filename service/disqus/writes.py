"""The calls of API 3.0 that write as somebody. Each goes through everybody's door: same limits, same checks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from service import comments, posting, threads, votes
from service.comments import CommentUnknown
from service.disqus import finding, shapes
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.calls import Answer
from service.disqus.discussing import DISCUSSIONS
from service.disqus.faults import BAD_ARGUMENT, FOREIGN_PAGE, Fault
from service.disqus.lists import LIST_WRITES
from service.disqus.moderating import DECISIONS
from service.identity import Visitor
from service.kit.db import ReadTx, WriteTx
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


_VOTES: dict[str, votes.Value] = {"-1": -1, "0": 0, "1": 1}


async def posts_create(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Post to a `thread` or below a `parent`: as whom the token is of, otherwise as a guest, by `author_name`."""
    message = asked.needs("message")
    site, thread, parent = await parts.db.read(_target, asked)
    who = _at(site, caller)
    if caller.token is not None:
        caller.needs("write")
    name = asked.one("author_name")
    if who.staff is not None:
        name = who.person.name if who.person is not None else who.staff.account.name
    new = NewComment(
        body=message,
        url=None,
        thread=thread,
        identifier=None,
        title=None,
        parent=parent,
        name=name,
        email=acts.email_of(asked.one("author_email")),
    )
    _at_home(site, caller.origin, parts)
    posted, _ = await acts.post(parts, site, who, new, None)
    return Answer(shapes.own_post(posted.comment, posted.author, site))


async def posts_update(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Give one's own `post` another `message`, within the site's window."""
    message, _ = asked.needs("message"), caller.person()
    site, comment = await parts.db.read(finding.post, asked, caller)
    who = _at(site, caller)
    await acts.spend(parts, site, "edit", who)
    opinions = await posting.consult_edit(parts.asker, parts.db, site, who, comment.id, message)
    posted = await parts.db.transact(posting.edit, parts.keeper, site, who, comment.id, message, asked=opinions)
    if opinions.later:
        parts.questions.poke()
    return Answer(shapes.own_post(posted.comment, posted.author, site))


async def posts_vote(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Set one's `vote` on a `post`: 1, -1, or 0 to take it back."""
    value, person = _VOTES.get(asked.needs("vote")), caller.person()
    if value is None:
        raise Fault(BAD_ARGUMENT, "Invalid argument, 'vote': 1, 0 or -1")
    site, comment = await parts.db.read(finding.post, asked)
    who = _at(site, caller)
    await acts.spend(parts, site, "vote", who)
    before = await parts.db.read(votes.vote_of, person.id, comment.id) or 0
    up, down = await parts.db.transact(_vote, parts, site, who, comment.id, value)
    post = shapes.own_post(await parts.db.read(comments.get, comment.id), None, site)
    delta = {
        "delta": value - before,
        "likesDelta": (value == 1) - (before == 1),
        "dislikesDelta": (value == -1) - (before == -1),
    }
    counted = {**post, "likes": up, "dislikes": down, "points": up - down, "userScore": value}
    return Answer({"id": str(comment.id), "vote": value, **delta, "post": counted})


async def posts_report(parts: Parts, caller: Caller, asked: Asked) -> Answer:
    """Ask a moderator to look at a `post`; `reason` is 0 to 6."""
    reason, detail = _REASONS.get(asked.one("reason") or "0", _REASONS["0"])
    site, comment = await parts.db.read(finding.post, asked)
    _at_home(site, caller.origin, parts)
    await acts.report(parts, site, _at(site, caller), comment.id, reason, detail)
    return Answer({"id": str(comment.id)})


def _at(site: Site, caller: Caller) -> Visitor:
    """The visitor as known at a site: whom the token is of is nobody at any other."""
    is_here = caller.site is not None and caller.site.id == site.id
    return caller.visitor if is_here else Visitor(address=caller.visitor.address)


async def _vote(
    tx: WriteTx, parts: Parts, site: Site, who: Visitor, comment_id: int, value: votes.Value
) -> tuple[int, int]:
    posting.refuse_outsiders(site, who)
    found = await posting.standing(tx, parts.keeper, site, who)
    comment = await comments.get(tx, comment_id)
    if not comment.is_published or comment.site_id != site.id or who.person is None:
        raise CommentUnknown
    posting.refuse_votes(site, await threads.get(tx, comment.thread_id))
    if found.is_shadowed:
        return comment.up + (value == 1), comment.down + (value == -1)
    return await votes.cast(tx, who.person, comment, value)


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


Write = Callable[[Parts, Caller, Asked], Awaitable[Answer]]

WRITES: dict[str, Write] = {
    "posts/create": posts_create,
    "posts/report": posts_report,
    "posts/update": posts_update,
    "posts/vote": posts_vote,
    **DECISIONS,
    **DISCUSSIONS,
    **LIST_WRITES,
}
