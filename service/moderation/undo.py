"""Taking a decision back: what it changed is as before, if nothing has happened since; otherwise it says what has."""

from __future__ import annotations

from sqlmodel import select

from service import comments, redress
from service.comments import Comment, CommentUnknown
from service.identity import Staff
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, NotFound
from service.moderation import cases, reporters, sanctioning
from service.moderation.actions import MARKS, OF_EDITORS, RESTRICTED
from service.moderation.decisions import Decision, EditorNeeded, decision_of, record_decision
from service.moderation.meanwhile import meanwhile, public, told
from service.moderation.names import names
from service.moderation.reach import moderated
from service.moderation.standing import OF_TEXTS, last_standing
from service.moderation.tables import DecisionRow


class DecisionUnknown(NotFound):
    """There is no such decision."""

    type = "decision-unknown"


class UndoImpossible(Conflict):
    """This cannot be undone. Look at the comment and decide anew."""

    type = "undo-impossible"


async def undo(tx: WriteTx, staff: Staff, decision_id: int, *, note: str = "", batch: int | None = None) -> Decision:
    """Take a decision back, with its statement, its sanction, its answer to an appeal and what it said of reporters.

    Its case is open again.

    By whoever could have made it. Raises DecisionUnknown (also for what is out of reach), EditorNeeded, FourEyes,
    UndoImpossible when it was undone before or is itself an undoing, DecidedMeanwhile when the comment has changed.
    """
    made = await _made(tx, decision_id)
    try:
        comment, thread = await moderated(tx, staff, made.comment_id)
    except CommentUnknown as error:
        raise DecisionUnknown from error
    if made.action in OF_EDITORS and not staff.may_feature(made.site_id, thread.section):
        raise EditorNeeded
    await _check(tx, staff, made, comment)
    if made.action in OF_TEXTS:
        # Reporters before the discussion, as a decision takes them: two that want both never wait in a circle.
        earlier = await last_standing(tx, comment.id, before=made.id)
        stood = (earlier.state_after, earlier.created_at) if earlier is not None else None
        await reporters.take_back(tx, comment.site_id, comment.id, comment.edited_at, stood)
    state = await _take_back(tx, staff, made, comment)
    if made.case_id is not None:
        await cases.reopen(tx, made.case_id)
    await redress.withdraw_of_decision(tx, made.id)
    await redress.reinstate(tx, made.id)
    await redress.reopen_appeal(tx, made.id)
    await sanctioning.lift_of_decision(tx, staff, made.id)
    return await record_decision(
        tx, staff, comment, thread, None, "undo", state, made.reason, note, batch, undoes=made.id
    )


async def _made(tx: ReadTx, decision_id: int) -> Decision:
    row = await tx.get(DecisionRow, decision_id)
    if row is None:
        raise DecisionUnknown
    return decision_of(row)


async def _check(tx: ReadTx, staff: Staff, made: Decision, comment: Comment) -> None:
    if made.action == "undo":
        raise UndoImpossible("An undoing is not undone: decide anew.", what="undo")
    undone = (await tx.exec(select(DecisionRow).where(DecisionRow.undoes == made.id))).first()
    if undone is not None:
        by = (await names(tx, undone.site_id, [undone.account_id])).get(undone.account_id, "Somebody")
        subject = "You" if undone.account_id == staff.account.id else by
        raise UndoImpossible(
            f"{subject} undid it {told(undone.created_at)}.",
            what="undone",
            by=by,
            at=public(undone.created_at),
            version=comment.version,
            state=comment.state,
        )
    if comment.version != made.version + 1:
        raise await meanwhile(tx, staff, comment, made.version + 1)
    appeal = await redress.open_appeal(tx, comment.id)
    if appeal is not None and made.account_id == staff.account.id and made.state_after in RESTRICTED:
        # To take back what is appealed against is to decide the appeal.
        raise cases.FourEyes


async def _take_back(tx: WriteTx, staff: Staff, made: Decision, comment: Comment) -> str:
    try:
        for action, (name, value) in MARKS.items():
            if action == made.action:
                await comments.mark(tx, comment.id, comment.version, **{name: not value})
                return comment.state
        before = next(state for state in comments.STATES if state == made.state_before)
        await comments.set_state(tx, comment.id, comment.version, before)
    except comments.VersionPassed:
        comment, _ = await moderated(tx, staff, comment.id)
        raise await meanwhile(tx, staff, comment, made.version + 1) from None
    return before
