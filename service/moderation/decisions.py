"""Decisions: what a person with authority does about one version of a comment.

SQL has the last word. A decision names the version it is about and is carried out only while that is the comment's
version; each decision makes a new one. So of two that contradict each other one is made, and the other is told who
made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from service import comments, outbox, record, redress, sites
from service.comments import Comment
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Forbidden
from service.moderation import cases, reporters
from service.moderation.actions import LEADS, MARKS, OF_EDITORS, RESTRICTED, Action, State
from service.moderation.events import CaseDecided
from service.moderation.following import follow
from service.moderation.meanwhile import meanwhile
from service.moderation.reach import moderated
from service.moderation.sanctioning import NewSanction, impose
from service.moderation.tables import DecisionRow
from service.record import Actor
from service.redress import Reason
from service.sites import Site
from service.threads import Thread


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
    undoes: int | None = None
    """The decision that this one took back."""


class EditorNeeded(Forbidden):
    """Only editors feature and pin comments."""

    type = "editor-needed"


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
    batch: int | None = None,
    sanction: NewSanction | None = None,
) -> Decision:
    """Decide about one version of one comment: its state, its open case, the record and what follows change together.

    Whoever decides a `case` does so only while that one is open; `batch` is the job the decision is a part of, and a
    `sanction` is imposed with it. The same decision by the same person about the same version is answered with the one
    that was made. Raises CommentUnknown (also for comments out of `staff`'s reach), EditorNeeded, DecidedMeanwhile,
    DecisionImpossible, FourEyes, ReasonUnknown, and what imposing a sanction may raise.
    """
    comment, thread = await moderated(tx, staff, comment_id)
    if action in OF_EDITORS and not staff.may_feature(comment.site_id, thread.section):
        raise EditorNeeded
    if comment.version != version:
        return await _too_late(tx, staff, comment, version, action)
    site = await sites.by_id(tx, comment.site_id)
    about = _About(staff, comment, thread, version, reason, note, batch)
    try:
        made = await (_mark(tx, about, action) if action in MARKS else _judge(tx, about, site, action, case))
    except comments.VersionPassed:
        return await _too_late(tx, staff, (await moderated(tx, staff, comment_id))[0], version, action)
    if sanction is not None:
        await impose(tx, staff, site, sanction, comment=comment, thread=thread, decision_id=made.id)
    return made


@dataclass(frozen=True)
class _About:
    """Who decides about what, and what they say to it. `comment` is as it was read, which was in this version."""

    staff: Staff
    comment: Comment
    thread: Thread
    version: int
    reason: str
    note: str
    batch: int | None


async def _judge(tx: WriteTx, about: _About, site: Site, action: Action, case: int | None) -> Decision:
    """Decide about the text. Raises VersionPassed."""
    staff, comment = about.staff, about.comment
    appeal = await redress.open_appeal(tx, comment.id)
    state = leads_to(action, comment, is_appealed=appeal is not None)
    chosen = _reason(site, action, about.reason)
    # From here on nobody else changes the comment. Its discussion, which all decisions there want, is locked by
    # `set_state`, as late as can be.
    now = await comments.lock(tx, comment.id)
    if now.version != about.version:
        raise comments.VersionPassed(version=now.version, state=now.state)
    closed = await cases.close(tx, comment.id, "decided", by=staff.account.id)
    if case is not None and (closed is None or closed.id != case):
        # The version is this one, and yet somebody decided the case: it was read between the two.
        raise await meanwhile(tx, staff, comment, about.version - 1)
    await reporters.settle(tx, comment.site_id, comment.id, state, comment.edited_at)
    code = chosen.code if chosen else ""
    made = await record_decision(tx, staff, comment, about.thread, closed, action, state, code, about.note, about.batch)
    await follow(tx, made, comment, about.thread, closed, chosen, appeal)
    await comments.set_state(tx, comment.id, about.version, state)
    return made


def leads_to(action: Action, comment: Comment, *, is_appealed: bool = False) -> State:
    """The state an action leads to. Raises DecisionImpossible.

    Of an appealed comment it may be the state it is in: the decision stands.
    """
    states, state = LEADS[action]
    if comment.state in states:
        return state
    if is_appealed and comment.state in RESTRICTED and (state in {comment.state, "published"}):
        return state
    possible = [name for name, (origins, _) in LEADS.items() if comment.state in origins]
    raise DecisionImpossible(
        f"The comment is {comment.state}: you cannot {action} it.", state=comment.state, possible=possible
    )


def _reason(site: Site, action: Action, code: str) -> Reason | None:
    """The reason of a restriction; an approval needs none, and may have none."""
    if LEADS[action][1] == "published":
        return redress.reason_of(site, code) if code else None
    return redress.reason_of(site, code, otherwise=redress.SPAM if action == "spam" else redress.FALLBACK)


async def _mark(tx: WriteTx, about: _About, action: Action) -> Decision:
    """Set or take a mark; the text stays where it is. Raises VersionPassed."""
    comment, (name, value) = about.comment, MARKS[action]
    if getattr(comment, name) == value:
        is_so = {"featured": "featured", "pinned": "pinned", "replies_closed": "closed for replies"}[name]
        words = f"The comment is {'already' if value else 'not'} {is_so}."
        raise DecisionImpossible(words, state=comment.state)
    if not comment.is_published and value:
        raise DecisionImpossible(f"The comment is {comment.state}: readers do not see it.", state=comment.state)
    await comments.mark(tx, comment.id, about.version, **{name: value})
    return await record_decision(
        tx, about.staff, comment, about.thread, None, action, comment.state, about.reason, about.note, about.batch
    )


async def _too_late(tx: ReadTx, staff: Staff, comment: Comment, version: int, action: Action) -> Decision:
    if (earlier := await _earlier(tx, staff, comment, version, action)) is not None:
        return earlier
    raise await meanwhile(tx, staff, comment, version)


async def record_decision(
    tx: WriteTx,
    staff: Staff,
    before: Comment,
    thread: Thread,
    closed: cases.Closed | None,
    action: str,
    state: str,
    reason: str,
    note: str,
    batch: int | None = None,
    undoes: int | None = None,
) -> Decision:
    """Put a decision into its table, and on record."""
    row = DecisionRow(
        id=ids.new_id(ids.shard_of(before.thread_id)),
        site_id=before.site_id,
        comment_id=before.id,
        case_id=closed.id if closed else None,
        case_reason=closed.reason if closed else "",
        section=closed.section if closed else "",
        waited_seconds=int(closed.waited.total_seconds()) if closed else None,
        batch_id=batch,
        account_id=staff.account.id,
        action=action,
        reason=reason,
        note=note,
        state_before=before.state,
        state_after=state,
        undoes=undoes,
        comment_version=before.version,
        created_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    detail = {
        "decision": str(row.id),
        "version": row.comment_version,
        "state_before": row.state_before,
        "state_after": row.state_after,
        "reason": reason,
        **({"case": str(closed.id)} if closed else {}),
        **({"undoes": str(undoes)} if undoes else {}),
        **({"batch": str(batch)} if batch else {}),
    }
    await record.append(
        tx,
        row.site_id,
        Actor.account(staff.account.id),
        action,
        f"comment:{row.comment_id}",
        detail,
        words={"note": note} if note else None,
        about=before.person_id,
        section=thread.section,
    )
    await outbox.add(tx, CaseDecided(decision=row.id, site=row.site_id))
    return decision_of(row)


async def about(tx: ReadTx, staff: Staff, comment_id: int) -> Comment:
    """A comment that `staff` may decide about. Raises CommentUnknown for any other."""
    return (await moderated(tx, staff, comment_id))[0]


async def decision(tx: ReadTx, decision_id: int) -> Decision | None:
    """One decision, or None."""
    row = await tx.get(DecisionRow, decision_id)
    return decision_of(row) if row else None


async def _earlier(tx: ReadTx, staff: Staff, comment: Comment, version: int, action: Action) -> Decision | None:
    """The decision this one repeats, if it does."""
    query = select(DecisionRow).where(
        DecisionRow.comment_id == comment.id,
        DecisionRow.comment_version == version,
        DecisionRow.account_id == staff.account.id,
        DecisionRow.action == action,
    )
    row = (await tx.exec(query)).first()
    return decision_of(row, is_repeat=True) if row else None


def decision_of(row: DecisionRow, *, is_repeat: bool = False) -> Decision:
    """The decision a row holds."""
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
        row.undoes,
    )
