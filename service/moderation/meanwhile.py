"""What happened meanwhile: why a decision about an earlier version of a comment is not made, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from service.comments import Comment
from service.identity import Staff
from service.kit.db import ReadTx
from service.kit.errors import Conflict
from service.moderation.actions import DONE
from service.moderation.names import names
from service.moderation.tables import DecisionRow


class DecidedMeanwhile(Conflict):
    """This comment is not what you saw any more. Look at it again and decide anew."""

    type = "decided-meanwhile"


def deleted(**now: Any) -> DecidedMeanwhile:
    """That the author took the comment back; `now` is what is known of its present version and state."""
    return DecidedMeanwhile("Its author deleted it meanwhile.", what="deleted", **now)


async def meanwhile(tx: ReadTx, staff: Staff, comment: Comment, version: int) -> DecidedMeanwhile:
    """What happened to the comment since `version`, told to `staff`."""
    now: dict[str, Any] = {"version": comment.version, "state": comment.state}
    if comment.state == "deleted":
        return deleted(**now)
    last = (
        await tx.exec(
            select(DecisionRow)
            .where(DecisionRow.comment_id == comment.id, col(DecisionRow.comment_version) >= version)
            .order_by(col(DecisionRow.comment_version).desc())
            .limit(1)
        )
    ).first()
    if last is not None:
        return await _decided(tx, staff, last, now)
    if comment.edited_at is not None:
        detail = f"Its author edited it, last {told(comment.edited_at)}. Read it again."
        return DecidedMeanwhile(detail, what="edited", at=public(comment.edited_at), **now)
    return DecidedMeanwhile(what="changed", **now)


async def _decided(tx: ReadTx, staff: Staff, last: DecisionRow, now: Mapping[str, Any]) -> DecidedMeanwhile:
    known = await names(tx, last.site_id, [last.account_id])
    by = known.get(last.account_id, "Somebody")
    subject = "You" if last.account_id == staff.account.id else by
    return DecidedMeanwhile(
        f"{subject} {DONE.get(last.action, last.action)} {told(last.created_at)}.",
        what="decided",
        by=by,
        action=last.action,
        reason=last.reason,
        at=public(last.created_at),
        **now,
    )


def public(at: datetime) -> str:
    """A time for programs."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def told(at: datetime) -> str:
    """A time for people."""
    return f"on {at.day} {at:%B %Y} at {at:%H:%M:%S} UTC"
