"""Blind second looks: some decided comments are shown to somebody else, without what the first one decided.

What the second one says is compared and counted, and changes nothing that readers see. Where the two differ the
comment becomes a case again, for anybody, with both opinions on it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select

from service import comments, sites
from service.identity import Staff
from service.kit import clock, ids
from service.kit.db import WriteTx
from service.moderation import cases
from service.moderation.decisions import Decision
from service.moderation.goals import ModerationGoals
from service.moderation.reach import moderated
from service.moderation.tables import CaseRow, SecondLookRow, is_open
from service.screening import Signal

# What takes a text from readers, and what leaves or puts it before them. Other actions are no opinion about the text.
RESTRICTS = frozenset({"reject", "spam", "remove"})
ALLOWS = frozenset({"approve", "restore"})
# More would mean that nobody takes second looks; they must not bury the queue.
_MOST_OPEN = 200


@dataclass(frozen=True)
class SecondLook:
    """What came of a second look."""

    site_id: int
    case_id: int
    agrees: bool


async def sample(tx: WriteTx, made: Decision) -> None:
    """Perhaps ask somebody else about a comment that was just decided: as often as the site's goals have it."""
    site = await sites.by_id(tx, made.site_id)
    goals = site.section("moderation", ModerationGoals)
    if made.action not in RESTRICTS | ALLOWS or random.random() * 100 >= goals.second_look_percent:
        return
    if await _open_looks(tx, made.site_id) >= _MOST_OPEN:
        return
    comment = await comments.get(tx, made.comment_id, comments.STAFF)
    case = await cases.open_case(
        tx,
        site,
        comment,
        "sampled",
        [],
        rests_until=clock.now() + timedelta(hours=goals.second_look_hours),
        not_for=[made.account_id],
    )
    tx.add(
        SecondLookRow(
            id=ids.new_id(ids.shard_of(comment.thread_id)),
            site_id=site.id,
            case_id=case.id,
            decision_id=made.id,
            first_account_id=made.account_id,
            first_action=made.action,
            created_at=clock.now(),
        )
    )
    await tx.flush()


async def look(
    tx: WriteTx, staff: Staff, comment_id: int, version: int, case_id: int, action: str
) -> SecondLook | None:
    """Say what one would have decided. None when the case is no second look, or the text is not what it was.

    Raises CommentUnknown for who is not of the site's team, FourEyes for who decided first.
    """
    case = await tx.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
    if case is None or case.comment_id != comment_id or case.reason != "sampled" or action not in RESTRICTS | ALLOWS:
        return None
    comment, _ = await moderated(tx, staff, comment_id)
    row = (await tx.exec(select(SecondLookRow).where(SecondLookRow.case_id == case_id))).first()
    if row is None or comment.version != version:
        return None
    if case.state != "open":
        is_repeat = (row.second_account_id, row.second_action) == (staff.account.id, action)
        return SecondLook(case.site_id, case_id, bool(row.agrees)) if is_repeat else None
    if staff.account.id in case.not_for:
        raise cases.FourEyes
    row.second_account_id, row.second_action, row.looked_at = staff.account.id, action, clock.now()
    row.agrees = (row.first_action in RESTRICTS) == (action in RESTRICTS)
    await cases.close(tx, comment_id, "decided")
    if not row.agrees:
        words = f"Two moderators judge it differently: {row.first_action}, and {action}"
        site = await sites.by_id(tx, comment.site_id)
        await cases.open_case(tx, site, comment, "reopened", [Signal("second-look", 0.5, words)])
    await tx.flush()
    return SecondLook(case.site_id, case_id, row.agrees)


async def _open_looks(tx: WriteTx, site_id: int) -> int:
    query = select(func.count()).where(col(CaseRow.site_id) == site_id, is_open(), col(CaseRow.reason) == "sampled")
    return (await tx.exec(query)).one()
