"""The life of a case: opened, joined, closed. A comment has at most one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from sqlalchemy import update
from sqlmodel import col, select

from service import outbox
from service.comments import Comment
from service.kit import clock, ids
from service.kit.db import WriteTx
from service.moderation.case import Case, CaseSignal, case_of, signals_of
from service.moderation.events import CaseClosed, CaseOpened, CaseRaised
from service.moderation.goals import ModerationGoals, severity
from service.moderation.tables import CaseRow, is_open
from service.screening import Signal
from service.sites import Site

Reason = Literal["held", "reported"]

# What readers' reports come to is one signal that is told anew with each report.
REPORTED = "reported"
_MOST_SIGNALS = 50


async def open_case(
    tx: WriteTx,
    site: Site,
    comment: Comment,
    reason: Reason,
    signals: Sequence[Signal],
    *,
    rests_until: datetime | None = None,
) -> Case:
    """Open the case of a comment, or join the one that is open: its signals are added, its severity never falls.

    A case that rests is due as if it had been opened at `rests_until`; joining it without a rest ends that.
    """
    goals = site.section("moderation", ModerationGoals)
    row = await _open_row(tx, comment.id)
    found = [CaseSignal(s.name, s.score, s.reason, s.span, comment.version) for s in signals]
    if row is None:
        return await _open(tx, goals, comment, reason, found, rests_until)
    return await _join(tx, goals, row, comment, found, rests_until)


async def withdraw(tx: WriteTx, comment_id: int) -> None:
    """Close the open case of a comment, if there is one, because its author took the comment back.

    Signals quote what they found, so their words go with the text, from decided cases too.
    """
    await close(tx, comment_id, "withdrawn")
    rows = await tx.exec(select(CaseRow).where(CaseRow.comment_id == comment_id).with_for_update())
    for row in rows:
        row.signals = [{**signal, "reason": "", "span": None} for signal in row.signals]
    await tx.flush()


async def close(tx: WriteTx, comment_id: int, state: Literal["decided", "withdrawn"]) -> int | None:
    """Close the open case of a comment; its id, or None when none was open."""
    closed = await tx.exec(
        update(CaseRow)
        .where(col(CaseRow.comment_id) == comment_id, is_open())
        .values(state=state, closed_at=clock.now())
        .returning(col(CaseRow.id), col(CaseRow.site_id))
    )
    if (found := closed.first()) is None:
        return None
    await outbox.add(tx, CaseClosed(case=found.id, site=found.site_id))
    return int(found.id)


async def _open_row(tx: WriteTx, comment_id: int) -> CaseRow | None:
    query = select(CaseRow).where(CaseRow.comment_id == comment_id, is_open())
    return (await tx.exec(query.with_for_update().execution_options(populate_existing=True))).first()


async def _open(
    tx: WriteTx,
    goals: ModerationGoals,
    comment: Comment,
    reason: Reason,
    found: list[CaseSignal],
    rests_until: datetime | None,
) -> Case:
    now, severe = clock.now(), _severity(found)
    row = CaseRow(
        id=ids.new_id(ids.shard_of(comment.thread_id)),
        site_id=comment.site_id,
        thread_id=comment.thread_id,
        comment_id=comment.id,
        comment_version=comment.version,
        reason=reason,
        signals=[asdict(signal) for signal in found],
        severity=severe,
        opened_at=now,
        due_at=max(now, rests_until or now) + goals.target(severe),
    )
    tx.add(row)
    # Two that open the case of a comment at once collide here; the second is run again and joins.
    await tx.flush()
    await outbox.add(tx, CaseOpened(case=row.id, site=row.site_id))
    return case_of(row)


async def _join(
    tx: WriteTx,
    goals: ModerationGoals,
    row: CaseRow,
    comment: Comment,
    found: list[CaseSignal],
    rests_until: datetime | None,
) -> Case:
    signals = _merged(signals_of(row), found)
    row.signals = [asdict(signal) for signal in signals]
    row.comment_version = comment.version
    # An author must not be able to edit their way down the queue.
    row.severity = max(row.severity, _severity(signals))
    due_at = max(row.opened_at, rests_until or row.opened_at) + goals.target(row.severity)
    is_raised = due_at < row.due_at
    row.due_at = min(due_at, row.due_at)
    await tx.flush()
    if is_raised:
        await outbox.add(tx, CaseRaised(case=row.id, site=row.site_id))
    return case_of(row)


def _severity(signals: Sequence[CaseSignal]) -> float:
    # One voice a name: the same thing noticed ten times, or again after an edit, is still one thing.
    highest: dict[str, float] = {}
    for signal in signals:
        highest[signal.name] = max(signal.score, highest.get(signal.name, 0.0))
    return severity(highest.values())


def _merged(old: Sequence[CaseSignal], new: Sequence[CaseSignal]) -> list[CaseSignal]:
    """Old and new signals, a repeated one in its newest wording."""
    by_key = {_key(signal): signal for signal in (*old, *new)}
    return list(by_key.values())[-_MOST_SIGNALS:]


def _key(signal: CaseSignal) -> tuple[object, ...]:
    if signal.name == REPORTED:
        return (REPORTED,)
    return (signal.name, signal.span, signal.version)
