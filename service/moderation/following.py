"""What follows from a decision about a text: the statement its author is owed, and the answer to an appeal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import redress
from service.comments import Comment
from service.kit.db import WriteTx
from service.moderation.actions import RESTRICTED
from service.moderation.cases import Closed
from service.redress import Appeal, Reason
from service.threads import Thread

if TYPE_CHECKING:
    from service.moderation.decisions import Decision

_NOTICED = frozenset({"reported", "reopened"})
_VERBS = {"rejected": "was not published", "removed": "was removed", "spam": "was marked as spam"}


async def follow(
    tx: WriteTx,
    made: Decision,
    comment: Comment,
    thread: Thread,
    closed: Closed | None,
    reason: Reason | None,
    appeal: Appeal | None,
) -> None:
    """Draw or end statements, and answer the appeal if there is one. `comment` is as it was before."""
    if made.state_after == "published":
        await redress.withdraw(tx, comment.id, made.id)
    elif reason is not None and reason.needs_statement and made.state_after != comment.state:
        await _draw(tx, made, comment, thread, closed, reason)
    if appeal is not None:
        state = "upheld" if made.state_after in RESTRICTED else "reversed"
        await redress.settle_appeal(tx, appeal.id, made.id, "upheld" if state == "upheld" else "reversed", made.note)


async def _draw(
    tx: WriteTx, made: Decision, comment: Comment, thread: Thread, closed: Closed | None, reason: Reason
) -> None:
    why = closed.reason if closed else ""
    written = f"{comment.created_at.day} {comment.created_at:%B %Y at %H:%M} UTC"
    noticed = {"held": " after our screening had held it", **dict.fromkeys(_NOTICED, " after readers had reported it")}
    await redress.draw(
        tx,
        comment.site_id,
        reason,
        made.state_after,
        f"The comment of {written} {_VERBS[made.state_after]} by a moderator{noticed.get(why, '')}.",
        note=made.note,
        source="notice" if why in _NOTICED else "own",
        automated_detection=why == "held",
        comment_id=comment.id,
        thread_id=thread.id,
        person_id=comment.person_id,
        decision_id=made.id,
        content_at=comment.created_at,
    )
