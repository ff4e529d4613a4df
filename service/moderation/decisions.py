"""Decisions: what a person with authority does about one version of a comment.

SQL has the last word. A decision names the version it is about and is carried out only while that is the comment's
version; each decision makes a new one. So of two that contradict each other one is made, and the other is told who
made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlmodel import select

from service import comments, outbox
from service.comments import Comment, CommentUnknown
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict
from service.moderation import cases
from service.moderation.events import CaseDecided
from service.moderation.meanwhile import meanwhile
from service.moderation.tables import DecisionRow

Action = Literal["approve", "reject", "spam", "remove", "restore"]
State = Literal["published", "rejected", "spam", "removed"]
ACTIONS: tuple[Action, ...] = get_args(Action)

# From which states an action leads where. A deleted comment is its author's affair: nothing leads out of that.
LEADS: Mapping[Action, tuple[frozenset[str], State]] = {
    "approve": (frozenset({"held", "published"}), "published"),
    "reject": (frozenset({"held", "published"}), "rejected"),
    "spam": (frozenset({"held", "published", "rejected", "removed"}), "spam"),
    "remove": (frozenset({"held", "published"}), "removed"),
    "restore": (frozenset({"rejected", "spam", "removed"}), "published"),
}


class DecisionImpossible(Conflict):
    """This cannot be done to a comment in its present state."""

    type = "decision-impossible"


@dataclass(frozen=True)
class Decision:
    """What was decided. `version` is the comment's version it was about; `is_repeat`: it had been made before."""

    id: int
    site_id: int
    comment_id: int
    case_id: int | None
    account_id: int
    action: str
    reason: str
    note: str
    state_before: str
    state_after: str
    version: int
    created_at: datetime
    is_repeat: bool = False


async def decide(
    tx: WriteTx,
    staff: Staff,
    comment_id: int,
    version: int,
    action: Action,
    *,
    case: int | None = None,
    reason: str = "",
    note: str = "",
) -> Decision:
    """Decide about one version of one comment: its state, its open case and the log change together.

    Whoever decides a `case` does so only while that one is open. The same decision by the same person about the same
    version is answered with the one that was made. Raises CommentUnknown (also for comments of sites where `staff`
    has no role), DecidedMeanwhile, DecisionImpossible.
    """
    comment = await _moderated(tx, staff, comment_id)
    if comment.version == version:
        state = _leads_to(action, comment)
        try:
            await comments.set_state(tx, comment.id, version, state)
        except comments.VersionPassed:
            comment = await _moderated(tx, staff, comment_id)
        else:
            closed = await cases.close(tx, comment.id, "decided")
            if case is not None and closed != case:
                # The version is this one, and yet somebody decided the case: it was read between the two.
                raise await meanwhile(tx, staff, comment, version - 1)
            return await _record(tx, staff, comment, closed, action, state, reason, note)
    if (earlier := await _earlier(tx, staff, comment, version, action)) is not None:
        return earlier
    raise await meanwhile(tx, staff, comment, version)


async def _moderated(tx: ReadTx, staff: Staff, comment_id: int) -> Comment:
    # The right comes from the comment's own row, and strangers learn nothing: not even that it exists.
    comment = await comments.get(tx, comment_id, comments.STAFF)
    if not staff.may_moderate(comment.site_id):
        raise CommentUnknown
    return comment


def _leads_to(action: Action, comment: Comment) -> State:
    states, state = LEADS[action]
    if comment.state in states:
        return state
    possible = [name for name, (origins, _) in LEADS.items() if comment.state in origins]
    raise DecisionImpossible(
        f"The comment is {comment.state}: you cannot {action} it.", state=comment.state, possible=possible
    )


async def _record(
    tx: WriteTx, staff: Staff, before: Comment, case: int | None, action: Action, state: State, reason: str, note: str
) -> Decision:
    row = DecisionRow(
        id=ids.new_id(ids.shard_of(before.thread_id)),
        site_id=before.site_id,
        comment_id=before.id,
        case_id=case,
        account_id=staff.account.id,
        action=action,
        reason=reason,
        note=note,
        state_before=before.state,
        state_after=state,
        comment_version=before.version,
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    await outbox.add(tx, CaseDecided(decision=row.id, site=row.site_id))
    return _decision(row)


async def about(tx: ReadTx, staff: Staff, comment_id: int) -> Comment:
    """A comment that `staff` may decide about. Raises CommentUnknown for any other."""
    return await _moderated(tx, staff, comment_id)


async def decision(tx: ReadTx, decision_id: int) -> Decision | None:
    """One decision, or None."""
    row = await tx.get(DecisionRow, decision_id)
    return _decision(row) if row else None


async def _earlier(tx: ReadTx, staff: Staff, comment: Comment, version: int, action: Action) -> Decision | None:
    """The decision this one repeats, if it does."""
    query = select(DecisionRow).where(
        DecisionRow.comment_id == comment.id,
        DecisionRow.comment_version == version,
        DecisionRow.account_id == staff.account.id,
        DecisionRow.action == action,
    )
    row = (await tx.exec(query)).first()
    return _decision(row, is_repeat=True) if row else None


def _decision(row: DecisionRow, *, is_repeat: bool = False) -> Decision:
    return Decision(
        row.id,
        row.site_id,
        row.comment_id,
        row.case_id,
        row.account_id,
        row.action,
        row.reason,
        row.note,
        row.state_before,
        row.state_after,
        row.comment_version,
        row.created_at,
        is_repeat,
    )
