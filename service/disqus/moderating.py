"""The verbs of moderation: decisions like those of the console, about the version of this moment.

Cases, versions, the log and statements of reasons are `moderation`'s, which does not know by which door it was asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from service import moderation
from service.comments import Comment
from service.disqus import finding
from service.disqus.asked import Asked
from service.disqus.callers import Caller
from service.disqus.calls import Answer
from service.identity import Staff
from service.kit.db import ReadTx
from service.moderation import LEADS, MARKS, Action, Item
from service.web.parts import Parts

_RESTRICTED = frozenset({"rejected", "spam", "removed"})


async def _decide(parts: Parts, caller: Caller, asked: Asked, wanted: Callable[[Comment], Action]) -> Answer:
    """Decide about each `post`. What is so already stays as it is; the first refusal is told, what was done stays."""
    asked.needs("post")
    staff = caller.needs("write")
    for number in asked.all("post"):
        comment = await parts.db.read(_about, staff, caller, asked, number)
        action = wanted(comment)
        if _is_so(comment, action):
            continue
        seen = Item(comment.id, version=comment.version)
        outcome = (await moderation.decide_each(parts.db, parts.queue, staff, [seen], action))[0]
        if outcome.refusal is not None:
            raise outcome.refusal
    parts.relay.poke()
    return Answer([{"id": number} for number in asked.all("post")])


async def _about(tx: ReadTx, staff: Staff, caller: Caller, asked: Asked, number: str) -> Comment:
    """The comment of an id of ours or of Disqus's. Raises Fault, CommentUnknown for one out of reach."""
    forum = asked.one("forum") or asked.home or ""
    _, found = await finding.post(tx, Asked([("post", number), ("forum", forum)]), caller)
    return await moderation.about(tx, staff, found.id)


def _is_so(comment: Comment, action: Action) -> bool:
    if action in MARKS:
        name, value = MARKS[action]
        return bool(getattr(comment, name) == value)
    # Approving what is published closes its case, so that is a decision.
    return action != "approve" and comment.state == LEADS[action][1]


def _approve(comment: Comment) -> Action:
    return "restore" if comment.state in _RESTRICTED else "approve"


def _remove(comment: Comment) -> Action:
    # Gone is gone: what is spam already needs no second decision.
    return "spam" if comment.state == "spam" else "remove"


_WANTED: dict[str, Callable[[Comment], Action]] = {
    "posts/approve": _approve,
    "posts/restore": _approve,
    "posts/remove": _remove,
    "posts/spam": lambda _: "spam",
    "posts/highlight": lambda _: "feature",
    "posts/unhighlight": lambda _: "unfeature",
}


def _verb(wanted: Callable[[Comment], Action]) -> Callable[[Parts, Caller, Asked], Awaitable[Answer]]:
    async def act(parts: Parts, caller: Caller, asked: Asked) -> Answer:
        return await _decide(parts, caller, asked, wanted)

    return act


DECISIONS = {name: _verb(wanted) for name, wanted in _WANTED.items()}
