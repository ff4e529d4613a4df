"""A case with everything around it that a judgement needs, in a bounded number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service import comments, identity, moderation, redress, threads
from service.comments import Comment, Revision
from service.desk.authors import AuthorRecord, author_record
from service.identity import Person, Staff
from service.kit.db import ReadTx
from service.moderation import Case, CaseUnknown, PastDecision
from service.moderation.desk import ReportCount, reports_of
from service.redress import Appeal, Statement
from service.threads import Thread

_ABOVE = 20
_BESIDE = 5


@dataclass(frozen=True)
class CaseContext:
    """What lies around a case. `author` is None when the comment's author took it back."""

    case: Case
    comment: Comment
    thread: Thread
    ancestors: Sequence[Comment]
    goes_on_above: bool
    siblings: Sequence[Comment]
    people: Mapping[int, Person]
    author: AuthorRecord | None
    reports: Sequence[ReportCount]
    decisions: Sequence[PastDecision]
    revisions: Sequence[Revision]
    statement: Statement | None
    appeal: Appeal | None


async def case_context(tx: ReadTx, staff: Staff, case_id: int) -> CaseContext:
    """Everything about one case, open or not. Raises CaseUnknown, also for what is out of `staff`'s reach.

    A second look is blind: it is told nothing of what was decided.
    """
    case = await moderation.get(tx, case_id)
    if not await moderation.in_reach(tx, staff, case.site_id, [case.thread_id]):
        raise CaseUnknown
    comment = await comments.get(tx, case.comment_id, comments.STAFF)
    is_blind = case.reason == "sampled" and case.is_open
    above, more = await comments.ancestors(tx, comment, _ABOVE, comments.STAFF)
    beside = await comments.level(tx, comment.thread_id, comment.parent_id or 0, "newest", limit=_BESIDE + 1)
    siblings = [it for it in beside.items if it.id != comment.id][:_BESIDE]
    everybody = [it.person_id for it in (comment, *above, *siblings) if it.person_id is not None]
    past = [] if is_blind else await moderation.decisions_about(tx, case.site_id, [comment.id])
    return CaseContext(
        case,
        comment,
        await threads.get(tx, case.thread_id),
        above,
        more,
        siblings,
        await identity.people(tx, everybody),
        await _author(tx, staff, comment, is_blind=is_blind),
        (await reports_of(tx, [comment.id])).get(comment.id, []),
        past,
        await _texts(tx, comment),
        None if is_blind else await redress.latest_of_comment(tx, comment.id),
        None if is_blind else await redress.appeal_of(tx, comment.id),
    )


async def _author(tx: ReadTx, staff: Staff, comment: Comment, *, is_blind: bool) -> AuthorRecord | None:
    if comment.person_id is None:
        return None
    without = comment.id if is_blind else None
    return await author_record(tx, staff, comment.site_id, comment.person_id, without=without)


async def _texts(tx: ReadTx, comment: Comment) -> list[Revision]:
    """What the comment said over time, the present text last; nothing of what its author deleted."""
    if comment.body is None or comment.html is None:
        return []
    at = comment.edited_at or comment.created_at
    return [*await comments.revisions(tx, comment.id), Revision(comment.version, comment.body, comment.html, at)]
