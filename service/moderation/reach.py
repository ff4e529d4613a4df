"""What of a site is in a moderator's reach: all of it, or some sections.

The right comes from the rows of comment and thread, and strangers learn nothing: not even that a comment exists.
"""

from __future__ import annotations

from collections.abc import Sequence

from service import comments, threads
from service.comments import Comment, CommentUnknown
from service.identity import Staff
from service.kit.db import ReadTx
from service.threads import Thread


async def moderated(tx: ReadTx, staff: Staff, comment_id: int) -> tuple[Comment, Thread]:
    """A comment somebody may decide about, and its thread. Raises CommentUnknown."""
    comment = await comments.get(tx, comment_id, comments.STAFF)
    if not staff.is_moderator_at(comment.site_id):
        raise CommentUnknown
    thread = await threads.get(tx, comment.thread_id)
    if not staff.may_moderate(comment.site_id, thread.section):
        raise CommentUnknown
    return comment, thread


async def in_reach(tx: ReadTx, staff: Staff, site_id: int, thread_ids: Sequence[int]) -> set[int]:
    """Those of these threads of a site whose comments somebody may decide about."""
    if staff.sections_at(site_id) is None:
        return set(thread_ids) if staff.is_moderator_at(site_id) else set()
    found = await threads.get_many(tx, thread_ids)
    return {number for number, thread in found.items() if staff.may_moderate(thread.site_id, thread.section)}
