"""Taking a decision back: what it changed is as before, if nothing has happened since; otherwise it says what has."""

from __future__ import annotations

from typing import cast

from service import comments
from service.comments import CommentUnknown
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import WriteTx
from service.kit.errors import Conflict, NotFound
from service.moderation import cases, reporters
from service.moderation.decisions import Decision, decision_of
from service.moderation.meanwhile import meanwhile
from service.moderation.reach import moderated
from service.moderation.tables import DecisionRow


class DecisionUnknown(NotFound):
    """There is no such decision."""

    type = "decision-unknown"


class UndoImpossible(Conflict):
    """This cannot be undone. Look at the comment and decide anew."""

    type = "undo-impossible"


async def undo(tx: WriteTx, staff: Staff, decision_id: int, *, note: str = "", batch: int | None = None) -> Decision:
    """Take a decision back; its case is open again. By whoever could have made it.

    Raises DecisionUnknown (also for what is out of reach), UndoImpossible, DecidedMeanwhile when the comment changed.
    """
    made = await tx.get(DecisionRow, decision_id)
    if made is None:
        raise DecisionUnknown
    try:
        comment, _ = await moderated(tx, staff, made.comment_id)
    except CommentUnknown as error:
        raise DecisionUnknown from error
    if made.action == "undo":
        raise UndoImpossible("An undoing is not undone: decide anew.", what="undo")
    if comment.version != made.comment_version + 1:
        raise await meanwhile(tx, staff, comment, made.comment_version + 1)
    try:
        await comments.set_state(tx, comment.id, comment.version, cast("comments.State", made.state_before))
    except comments.VersionPassed as error:
        raise await meanwhile(tx, staff, comment, made.comment_version + 1) from error
    if made.case_id is not None:
        await cases.reopen(tx, made.case_id)
    await reporters.settle(tx, comment.site_id, comment.id, made.state_before, comment.edited_at)
    row = DecisionRow(
        id=ids.new_id(ids.shard_of(comment.thread_id)),
        site_id=made.site_id,
        comment_id=made.comment_id,
        account_id=staff.account.id,
        action="undo",
        reason=made.reason,
        note=note,
        batch_id=batch,
        state_before=comment.state,
        state_after=made.state_before,
        comment_version=comment.version,
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    return decision_of(row)
