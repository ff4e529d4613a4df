"""What follows from a decision about a text: the statement its author is owed, and the answer to an appeal.

A hold by readers' reports is one as well: nobody decided it, and readers do not see the text any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from service import redress
from service.comments import Comment
from service.kit.db import WriteTx
from service.moderation.actions import RESTRICTED
from service.moderation.cases import Closed
from service.redress import Appeal, Reason
from service.sites import Site
from service.threads import Thread

if TYPE_CHECKING:
    from service.moderation.decisions import Decision

_NOTICED = frozenset({"reported", "reopened"})
# What readers choose from, and the reason of the usual list that is closest to it.
_REASONS: Mapping[str, str] = {"abuse": "insult"}
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
    else:
        # What hid it until somebody had looked is over: from here on the decision does.
        await redress.withdraw(tx, comment.id, made.id, only="held")
        if reason is not None and reason.needs_statement and made.state_after != comment.state:
            await _draw(tx, made, comment, thread, closed, reason)
    if appeal is not None:
        state = "upheld" if made.state_after in RESTRICTED else "reversed"
        await redress.settle_appeal(tx, appeal.id, made.id, "upheld" if state == "upheld" else "reversed", made.note)


async def explain_hold(tx: WriteTx, site: Site, comment: Comment, voices: Iterable[tuple[str, float]]) -> None:
    """Draw the statement of a hold by readers' reports, each given as its reason and what it counts.

    `comment` is as it was before.
    """
    said: dict[str, float] = {}
    for reason, weight in voices:
        said[reason] = said.get(reason, 0.0) + weight
    why = max(said, key=lambda reason: said[reason])
    await redress.draw(
        tx,
        site.id,
        redress.reason_or_fallback(site, _REASONS.get(why, why)),
        "held",
        f"The comment of {_written(comment)} was hidden after readers had reported it, until a moderator has looked.",
        source="notice",
        comment_id=comment.id,
        thread_id=comment.thread_id,
        person_id=comment.person_id,
        content_at=comment.created_at,
    )


def _written(comment: Comment) -> str:
    return f"{comment.created_at.day} {comment.created_at:%B %Y at %H:%M} UTC"


async def _draw(
    tx: WriteTx, made: Decision, comment: Comment, thread: Thread, closed: Closed | None, reason: Reason
) -> None:
    why = closed.reason if closed else ""
    noticed = {"held": " after our screening had held it", **dict.fromkeys(_NOTICED, " after readers had reported it")}
    await redress.draw(
        tx,
        comment.site_id,
        reason,
        made.state_after,
        f"The comment of {_written(comment)} {_VERBS[made.state_after]} by a moderator{noticed.get(why, '')}.",
        note=made.note,
        source="notice" if why in _NOTICED else "own",
        automated_detection=why == "held",
        comment_id=comment.id,
        thread_id=thread.id,
        person_id=comment.person_id,
        decision_id=made.id,
        content_at=comment.created_at,
    )
