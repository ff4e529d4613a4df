"""What hooks were asked about comments, and what they answered; also what is still to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from service.hooks.hook import Hook, hook_of
from service.hooks.opinion import Opinion
from service.hooks.tables import HookRow, QuestionRow, is_waiting
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.screening import Signal

_CLAIM = timedelta(seconds=60)
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Question:
    """One hook, asked or to be asked about one text of a comment."""

    id: int
    hook_id: int
    hook: str
    comment_id: int
    comment_version: int
    is_edit: bool
    outcome: str
    attempts: int
    action: str
    signals: tuple[Signal, ...]
    fault: str
    milliseconds: int
    is_shadow: bool
    created_at: datetime


async def record(
    tx: WriteTx,
    comment_id: int,
    version: int,
    opinions: Sequence[Opinion],
    later: Sequence[Hook] = (),
    *,
    is_edit: bool = False,
) -> None:
    """Keep what was answered about a text, and note whom to ask about it once it is there."""
    if not opinions and not later:
        return
    known = await _still_there(tx, [each.hook for each in opinions] + [hook.id for hook in later])
    for opinion in opinions:
        if opinion.hook in known:
            row = _row(comment_id, version, opinion.hook, is_edit=is_edit, is_shadow=opinion.is_shadow)
            _write(row, opinion)
            tx.add(row)
    for hook in later:
        if hook.id in known:
            tx.add(_row(comment_id, version, hook.id, is_edit=is_edit, is_shadow=hook.shadow))
    await tx.flush()


async def due_hooks(tx: ReadTx) -> Sequence[int]:
    """Hooks with a question that is due."""
    waits = select(QuestionRow.id).where(
        QuestionRow.hook_id == HookRow.id, is_waiting(), col(QuestionRow.due_at) <= clock.now()
    )
    return (await tx.exec(select(HookRow.id).where(waits.exists()))).all()


async def claim(tx: WriteTx, hook_id: int, most: int) -> Sequence[int]:
    """Questions of one hook that are due, kept from others for a minute."""
    now = clock.now()
    due = (
        select(QuestionRow.id)
        .where(col(QuestionRow.hook_id) == hook_id, is_waiting(), col(QuestionRow.due_at) <= now)
        .order_by(col(QuestionRow.due_at), col(QuestionRow.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = (await tx.exec(due)).all()
    await tx.exec(update(QuestionRow).where(col(QuestionRow.id).in_(claimed)).values(due_at=now + _CLAIM))
    return claimed


async def open_question(tx: ReadTx, question_id: int) -> tuple[Question, Hook] | None:
    """A question that still waits, with whom it is for; None when it does not any more."""
    row = await tx.get(QuestionRow, question_id)
    hook = await tx.get(HookRow, row.hook_id) if row else None
    if row is None or hook is None or row.outcome != "waiting":
        return None
    return _question(row, hook.name), hook_of(hook)


async def put_off(tx: WriteTx, question_id: int, wait: timedelta, *, tried: bool) -> None:
    """Ask again after a while; `tried` counts as an attempt."""
    await tx.exec(
        update(QuestionRow)
        .where(col(QuestionRow.id) == question_id, is_waiting())
        .values(due_at=clock.now() + wait, attempts=QuestionRow.attempts + int(tried))
    )


async def answered(tx: WriteTx, question_id: int, opinion: Opinion) -> bool:
    """Keep what came of it; False when that was kept before, and nothing is to follow again."""
    row = await tx.get(QuestionRow, question_id, with_for_update=True, populate_existing=True)
    if row is None or row.outcome != "waiting":
        return False
    row.attempts += 1
    _write(row, opinion)
    await tx.flush()
    return True


async def of_comment(tx: ReadTx, comment_id: int) -> list[Question]:
    """All that hooks said of a comment, the first first."""
    rows = await tx.exec(
        select(QuestionRow, HookRow.name)
        .join(HookRow, col(HookRow.id) == col(QuestionRow.hook_id))
        .where(QuestionRow.comment_id == comment_id)
        .order_by(col(QuestionRow.id))
        .limit(200)
    )
    return [_question(row, name) for row, name in rows]


async def of_hook(tx: ReadTx, hook: Hook, *, after: int | None = None, limit: int = 50) -> list[Question]:
    """What one hook said, newest first; `after` is the id of the last one seen."""
    query = select(QuestionRow).where(QuestionRow.hook_id == hook.id)
    if after is not None:
        query = query.where(col(QuestionRow.id) < after)
    return [_question(row, hook.name) for row in await tx.exec(query.order_by(col(QuestionRow.id).desc()).limit(limit))]


async def tally(tx: ReadTx, hook_id: int) -> dict[tuple[str, str], int]:
    """How often a hook's questions ended how: (outcome, action) to a number."""
    rows = await tx.exec(
        select(QuestionRow.outcome, QuestionRow.action, func.count())
        .where(QuestionRow.hook_id == hook_id)
        .group_by(col(QuestionRow.outcome), col(QuestionRow.action))
    )
    return {(outcome, action): count for outcome, action, count in rows}


async def hurry(tx: WriteTx) -> None:
    """Make due what a clock that ran ahead has put off: no question waits for a day."""
    now = clock.now()
    late = col(QuestionRow.due_at) > now + timedelta(hours=23)
    await tx.exec(update(QuestionRow).where(is_waiting(), late).values(due_at=now))


async def forget_old(tx: WriteTx) -> None:
    """Delete answers that are not kept any longer."""
    await tx.exec(delete(QuestionRow).where(col(QuestionRow.created_at) < clock.now() - KEPT))


async def _still_there(tx: WriteTx, hook_ids: Sequence[int]) -> set[int]:
    """Those hooks that were not deleted while they were asked; the others' answers have nowhere to go."""
    if not hook_ids:
        return set()
    return set(await tx.exec(select(HookRow.id).where(col(HookRow.id).in_(sorted(set(hook_ids))))))


def _row(comment_id: int, version: int, hook_id: int, *, is_edit: bool, is_shadow: bool) -> QuestionRow:
    now = clock.now()
    return QuestionRow(
        id=ids.new_id(),
        hook_id=hook_id,
        comment_id=comment_id,
        comment_version=version,
        is_edit=is_edit,
        outcome="waiting",
        is_shadow=is_shadow,
        due_at=now,
        created_at=now,
    )


def _write(row: QuestionRow, opinion: Opinion) -> None:
    row.outcome, row.action, row.fault = opinion.outcome, opinion.action, opinion.fault
    row.signals, row.milliseconds = [asdict(signal) for signal in opinion.signals], opinion.milliseconds
    row.is_shadow = opinion.is_shadow


def _question(row: QuestionRow, hook: str) -> Question:
    signals = tuple(
        Signal(each["name"], each["score"], each["reason"], tuple(each["span"]) if each["span"] else None)
        for each in row.signals
    )
    return Question(
        row.id,
        row.hook_id,
        hook,
        row.comment_id,
        row.comment_version,
        row.is_edit,
        row.outcome,
        row.attempts,
        row.action,
        signals,
        row.fault,
        row.milliseconds,
        row.is_shadow,
        row.created_at,
    )
