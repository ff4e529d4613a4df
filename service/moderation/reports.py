"""Readers' reports: one of each reader about each text, together one signal on one case.

A person's approval starts the count anew, and does not end it: later reports open a new case, at once when several
readers are of that mind, after a cool-off when they are few. So none of them is lost, and one stubborn reader cannot
keep a desk busy with what it has just looked at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlmodel import col, select

from service import comments
from service.comments import Comment
from service.kit import clock
from service.kit.db import WriteTx
from service.moderation import reporters
from service.moderation.case import Case
from service.moderation.cases import REPORTED, Reason, open_case
from service.moderation.following import explain_hold
from service.moderation.goals import ModerationGoals
from service.moderation.standing import APPROVING, last_standing
from service.moderation.tables import ReportRow
from service.screening import Policy, Signal
from service.sites import Site

ReportReason = Literal["spam", "abuse", "hate", "off-topic", "misinformation", "illegal", "other"]
REPORT_REASONS: tuple[ReportReason, ...] = get_args(ReportReason)

# How much one report says by itself; several add up as signals do.
_WEIGHTS: dict[str, float] = {
    "illegal": 0.6,
    "hate": 0.5,
    "abuse": 0.4,
    "spam": 0.3,
    "misinformation": 0.3,
    "other": 0.2,
    "off-topic": 0.15,
}
# More says a crowd does not: a crowd can be called together.
_MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Voice:
    """One reader's report: why, and how much this reader's word counts (1 for a stranger)."""

    reason: str
    weight: float


async def report(
    tx: WriteTx,
    site: Site,
    comment: Comment,
    reporter: str,
    reason: ReportReason,
    detail: str = "",
    *,
    person_id: int | None = None,
) -> Case | None:
    """A reader says that a comment should be looked at; `reporter` is a pseudonym that stays the same.

    `person_id` is whose capability came along.

    The case this opened or joined; None for what is no news: the same reader about the same text again, or a comment
    that is not to be seen any more. At the number of reporters the site's screening policy names, each counted
    by how often they were right, the comment is held until somebody has looked. Raises CommentUnknown.
    """
    # Locked before the report refers to it: a crowd that reports one comment waits in line, and does not hold shares of
    # the comment that each of them must give up for another to hold it. And nobody decides about it meanwhile, so a
    # report cannot open a case on what was taken down at the same moment.
    current = await comments.lock(tx, comment.id)
    if not await _note(tx, current, reporter, reason, detail, person_id) or not current.is_published:
        return None
    approved_at = await _approved_at(tx, current)
    voices = await _voices(tx, current, approved_at)
    signal, counted = _signal(voices), sum(voice.weight for voice in voices)
    if _is_to_be_held(site, signal, counted):
        shown, current = current, await comments.set_state(tx, current.id, current.version, "held")
        await explain_hold(tx, site, shown, [(voice.reason, voice.weight) for voice in voices])
    why: Reason = "reported" if approved_at is None else "reopened"
    return await open_case(tx, site, current, why, [signal], rests_until=_rest(site, approved_at, counted))


async def _note(
    tx: WriteTx, comment: Comment, reporter: str, reason: ReportReason, detail: str, person_id: int | None
) -> bool:
    """Keep the report; False when this reader has said so about this very text."""
    known = await tx.get(ReportRow, (comment.id, reporter))
    if known is not None:
        if comment.edited_at is None or comment.edited_at <= known.created_at:
            return False
        await tx.delete(known)
        await tx.flush()
    tx.add(
        ReportRow(
            comment_id=comment.id,
            reporter=reporter,
            site_id=comment.site_id,
            reason=reason,
            detail=detail,
            comment_version=comment.version,
            person_id=person_id,
            created_at=clock.now(),
        )
    )
    await tx.flush()
    return True


async def _approved_at(tx: WriteTx, comment: Comment) -> datetime | None:
    """When somebody last found this text fit to be seen, or None; what was taken back does not count."""
    last = await last_standing(tx, comment.id, APPROVING)
    if last is None or (comment.edited_at is not None and comment.edited_at > last.created_at):
        return None
    return last.created_at


async def _voices(tx: WriteTx, comment: Comment, approved_at: datetime | None) -> list[Voice]:
    """This text's reporters, one voice each, since it was last approved."""
    query = select(ReportRow.reporter, ReportRow.reason).where(ReportRow.comment_id == comment.id)
    if (since := approved_at or comment.edited_at) is not None:
        query = query.where(col(ReportRow.created_at) > since)
    told = (await tx.exec(query.limit(_MOST_COUNTED))).all()
    known = await reporters.weights(tx, comment.site_id, [reporter for reporter, _ in told])
    return [Voice(reason, known[reporter]) for reporter, reason in told]


def _signal(voices: Sequence[Voice]) -> Signal:
    score = 1.0 - math.prod(1.0 - min(_WEIGHTS.get(voice.reason, 0.2) * voice.weight, 0.95) for voice in voices)
    told = ", ".join(f"{reason} {count}" for reason, count in Counter(v.reason for v in voices).most_common())
    readers = "a reader" if len(voices) == 1 else f"{len(voices)} readers"
    counted = sum(voice.weight for voice in voices)
    rest = f"; counted as {counted:.1f}, by how often these readers were right" if counted != len(voices) else ""
    return Signal(REPORTED, min(score, 0.95), f"Reported by {readers}: {told}{rest}")


def _is_to_be_held(site: Site, signal: Signal, counted: float) -> bool:
    policy = site.section("screening", Policy)
    return 0 < policy.reports_to_hold <= counted and policy.action_for(signal) != "publish"


def _rest(site: Site, approved_at: datetime | None, counted: float) -> datetime | None:
    """Until when the case of an approved comment rests; None when it does not."""
    goals = site.section("moderation", ModerationGoals)
    if approved_at is None or counted >= goals.reopen_after:
        return None
    return approved_at + goals.cool_off
