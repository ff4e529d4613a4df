"""An author appeals: the comment is a case again, and not for anybody who decided against it."""

from __future__ import annotations

from sqlmodel import col, select

from service import comments, redress
from service.comments import Comment
from service.identity import Person
from service.kit.db import ReadTx, WriteTx
from service.moderation.actions import RESTRICTED
from service.moderation.cases import open_case
from service.moderation.tables import DecisionRow
from service.redress import Appeal, NothingToAppeal, ReasonRules, Statement
from service.screening import Signal
from service.sites import Site

# An author's word presses about as much as a reader's report of an insult.
_PRESSING = 0.4


async def appeal(tx: WriteTx, site: Site, person: Person | None, comment_id: int, text: str) -> Appeal:
    """File the one appeal an author has against a decision about a comment of theirs.

    It becomes a case that is never offered to, and cannot be decided by, whoever decided against the comment. Raises
    CommentUnknown (also to all who are not its author), NothingToAppeal, AppealedAlready, AppealTooLate.
    """
    comment = await comments.get(tx, comment_id, comments.STAFF)
    if person is None or comment.person_id != person.id or comment.site_id != site.id:
        raise comments.CommentUnknown
    against = await _against(tx, comment_id) if comment.state in RESTRICTED else []
    last = against[0] if against else await _hold(tx, comment)
    if last is None:
        raise NothingToAppeal
    rules = site.section("reasons", ReasonRules)
    filed = await redress.file_appeal(
        tx, site.id, comment.id, person.id, last.id, last.created_at, text, rules.appeal_days
    )
    signal = Signal("appealed", _PRESSING, "The author appeals against the decision")
    await open_case(tx, site, comment, "appealed", [signal], not_for={row.account_id for row in against})
    return filed


async def _hold(tx: ReadTx, comment: Comment) -> Statement | None:
    """The statement of a hold by readers' reports, which nobody decided; None where the comment is not held by one."""
    found = await redress.latest_of_comment(tx, comment.id) if comment.state == "held" else None
    return found if found is not None and found.restriction == "held" and found.withdrawn_at is None else None


async def _against(tx: ReadTx, comment_id: int) -> list[DecisionRow]:
    """The decisions against a comment that nobody took back, the newest first."""
    rows = list(
        await tx.exec(
            select(DecisionRow).where(DecisionRow.comment_id == comment_id).order_by(col(DecisionRow.id).desc())
        )
    )
    undone = {row.undoes for row in rows}
    return [row for row in rows if row.state_after in RESTRICTED and row.undoes is None and row.id not in undone]
