"""What an event tells, read from the rows when it is sent.

Events about comments tell what everybody can read at that moment, and of what was removed no word. Events about cases
are for staff and carry the text in question. Nothing about a person is told but a name and an id of this installation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from service import comments, identity, moderation, threads
from service.comments import PUBLIC, STAFF, Comment, CommentUnknown
from service.delivery.webhooks import TEST
from service.identity import Person
from service.kit.db import ReadTx
from service.moderation import CaseUnknown
from service.threads import Thread

Told = dict[str, Any]


class Moot(Exception):
    """There is nothing to tell any more; the message says why."""


async def tell(tx: ReadTx, event: str, about: Mapping[str, Any]) -> Told:
    """The `data` of an event. Raises Moot."""
    return await _TELLS[event](tx, about)


async def _readable(tx: ReadTx, about: Mapping[str, Any]) -> Told:
    try:
        comment = await comments.get(tx, about["comment"], PUBLIC)
    except CommentUnknown as unknown:
        raise Moot("the comment cannot be read any more") from unknown
    if not comment.is_published:
        raise Moot("the comment cannot be read any more")
    return {"comment": await _comment(tx, comment)}


async def _removed(tx: ReadTx, about: Mapping[str, Any]) -> Told:
    try:
        comment = await comments.get(tx, about["comment"], STAFF)
    except CommentUnknown:
        return {"comment": {"id": str(about["comment"])}}
    if comment.is_published:
        raise Moot("the comment can be read again")
    thread = await threads.get(tx, comment.thread_id)
    return {
        "comment": {
            "id": str(comment.id),
            "thread": str(comment.thread_id),
            "url": thread.url,
            "state": comment.state,
            "version": comment.version,
        }
    }


async def _opened(tx: ReadTx, about: Mapping[str, Any]) -> Told:
    try:
        case = await moderation.get(tx, about["case"])
        comment = await comments.get(tx, case.comment_id, STAFF)
    except (CaseUnknown, CommentUnknown) as unknown:
        raise Moot("the case is gone") from unknown
    if not case.is_open:
        raise Moot("the case is closed again")
    return {
        "case": {
            "id": str(case.id),
            "reason": case.reason,
            "severity": case.severity,
            "level": case.level,
            "opened_at": _time(case.opened_at),
            "due_at": _time(case.due_at),
            "signals": [{"name": each.name, "score": each.score, "reason": each.reason} for each in case.signals],
        },
        "comment": await _comment(tx, comment),
    }


async def _decided(tx: ReadTx, about: Mapping[str, Any]) -> Told:
    made = await moderation.decision(tx, about["decision"])
    if made is None:
        raise Moot("the decision is gone")
    by = (await moderation.names(tx, made.site_id, [made.account_id])).get(made.account_id, "")
    try:
        comment: Told = await _comment(tx, await comments.get(tx, made.comment_id, STAFF))
    except CommentUnknown:
        comment = {"id": str(made.comment_id)}
    return {
        "decision": {
            "id": str(made.id),
            "case": str(made.case_id) if made.case_id else None,
            "action": made.action,
            "reason": made.reason,
            "by": by,
            "at": _time(made.created_at),
            "version": made.version,
            "state_before": made.state_before,
            "state_after": made.state_after,
        },
        "comment": comment,
    }


async def _closed(tx: ReadTx, about: Mapping[str, Any]) -> Told:
    thread = await threads.get(tx, about["thread"])
    if thread.is_open:
        raise Moot("the discussion is open again")
    return {
        "thread": {"id": str(thread.id), "url": thread.url, "title": thread.title, "comments": thread.comment_count}
    }


async def _test(_: ReadTx, __: Mapping[str, Any]) -> Told:
    return {"message": "This is a test of Parley's. Nothing happened."}


async def _comment(tx: ReadTx, comment: Comment) -> Told:
    thread = await threads.get(tx, comment.thread_id)
    author = await identity.person(tx, comment.person_id) if comment.person_id else None
    return _told(comment, thread, author)


def _told(comment: Comment, thread: Thread, author: Person | None) -> Told:
    return {
        "id": str(comment.id),
        "thread": str(comment.thread_id),
        "parent": str(comment.parent_id) if comment.parent_id else None,
        "url": thread.url,
        "title": thread.title,
        "state": comment.state,
        "version": comment.version,
        "author": {"id": str(author.id), "name": author.name} if author else None,
        "body": comment.body,
        "html": comment.html,
        "created_at": _time(comment.created_at),
        "edited_at": _time(comment.edited_at) if comment.edited_at else None,
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_TELLS: Mapping[str, Callable[[ReadTx, Mapping[str, Any]], Awaitable[Told]]] = {
    "comment.posted": _readable,
    "comment.edited": _readable,
    "comment.removed": _removed,
    "case.opened": _opened,
    "case.decided": _decided,
    "thread.closed": _closed,
    TEST: _test,
}
