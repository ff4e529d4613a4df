"""What WordPress's plugin for Disqus is told: `POST …/wp-json/disqus/v1/sync/webhook`, and how it wants it.

The plugin finds the article by the first word of the thread's identifier, which it made itself, and what it has by
Disqus's ids. So comments that came from Disqus have the ids they had there, and are not doubled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service import comments, identity, sites, threads
from service.comments import STAFF, Comment, CommentUnknown
from service.delivery import deliveries
from service.delivery.deliveries import Delivery
from service.delivery.payloads import Moot
from service.delivery.webhooks import SYNCED, TEST
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import new_token
from service.threads import Thread

_VERBS = {"comment.posted": "create", "comment.edited": "update", "comment.removed": "update"}
_AT_DISQUS = "disqus:"


def verification(challenge: str) -> dict[str, Any]:
    """The question whose answer is the challenge: whether there is somebody who knows the secret."""
    return {"verb": "verify", "challenge": challenge, "object_type": "subscription"}


async def tell(tx: ReadTx, event: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """An event as the plugin reads it. Raises Moot for what it cannot be told."""
    if event == TEST:
        return verification(new_token())
    if event not in SYNCED:
        raise Moot("WordPress is told of comments only")
    try:
        comment = await comments.get(tx, about["comment"], STAFF)
    except CommentUnknown as unknown:
        raise Moot("the comment is gone") from unknown
    if comment.is_published != (event != "comment.removed"):
        raise Moot("the comment can be read again" if comment.is_published else "the comment cannot be read any more")
    thread = await threads.get(tx, comment.thread_id)
    if not thread.identifier:
        raise Moot("the page has no identifier, by which WordPress knows its articles")
    return {"verb": _VERBS[event], "object_type": "post", "transformed_data": await _post(tx, comment, thread)}


async def tell_parent_first(tx: WriteTx, failed: Delivery) -> None:
    """Of a reply that was not taken, note that what it answers is told once; the reply itself is tried again anyway."""
    if failed.event not in SYNCED:
        return
    try:
        reply = await comments.get(tx, failed.about["comment"])
    except CommentUnknown:
        return
    if reply.parent_id is not None:
        about = {"comment": reply.parent_id}
        await deliveries.add(tx, failed.webhook_id, "comment.posted", about, key=f"parent.{reply.parent_id}")


async def _post(tx: ReadTx, comment: Comment, thread: Thread) -> dict[str, Any]:
    author = await identity.person(tx, comment.person_id) if comment.person_id and comment.is_published else None
    parent = await _parent(tx, comment)
    # Of what was removed no word, as everywhere; WordPress then has none either.
    html = comment.html if comment.is_published else ""
    at = {"id": str(thread.id), "identifiers": [thread.identifier], "link": thread.url, "title": thread.title or ""}
    is_member = author is not None and author.is_member
    site = await sites.by_id(tx, comment.site_id)
    return {
        "id": _id(comment),
        "forum": site.name,
        "thread": at,
        "threadData": at,
        "parent": parent,
        "message": html,
        "raw_message": html,
        "createdAt": comment.created_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "isApproved": comment.is_published,
        "isSpam": comment.state == "spam",
        "isDeleted": comment.state in {"removed", "rejected", "deleted"},
        "ipAddress": "",
        "author": {
            "name": author.name if author is not None else "",
            "isAnonymous": not is_member,
            "url": "",
            **({"id": str(author.id)} if author is not None and is_member else {}),
        },
    }


async def _parent(tx: ReadTx, comment: Comment) -> str | None:
    if comment.parent_id is None:
        return None
    return _id((await comments.get_many(tx, [comment.parent_id], STAFF))[comment.parent_id])


def _id(comment: Comment) -> str:
    """The id at Disqus of what came from there, ours otherwise."""
    return (comment.origin or "").partition(_AT_DISQUS)[2] or str(comment.id)
