"""The life of a case: opened, joined, closed. A comment has at most one that is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import update
from sqlmodel import col, select

from service import outbox, threads
from service.comments import Comment
from service.kit import clock, ids
from service.kit.db import WriteTx
from service.kit.errors import Forbidden
from service.moderation import placing
from service.moderation.case import Case, CaseSignal, case_of, signals_of
from service.moderation.events import CaseClosed, CaseOpened, CaseRaised
from service.moderation.goals import ModerationGoals, severity
from service.moderation.priority import Audience, Part, explain, pressure
from service.moderation.tables import CaseRow, is_open
from service.screening import Signal
from service.sites import Site
from service.threads import Thread

Reason = Literal["held", "reported", "reopened", "appealed", "sampled"]
# Of two reasons for one case the stronger is the case's.
_STRENGTH: Mapping[str, int] = {"sampled": 0, "reported": 1, "reopened": 2, "held": 3, "appealed": 4}
_CLOSED = (
    col(CaseRow.id), col(CaseRow.site_id), col(CaseRow.reason), col(CaseRow.section), col(CaseRow.opened_at),
    col(CaseRow.not_for),
)  # fmt: skip

# What readers' reports come to is one signal that is told anew with each report.
REPORTED = "reported"
_MOST_SIGNALS = 50


class FourEyes(Forbidden):
    """You made the decision this is about: somebody else has to look at it."""

    type = "four-eyes"


@dataclass(frozen=True)
class Closed:
    """A case that was closed: why it was one, where, and how long it waited."""

    id: int
    reason: str
    section: str
    waited: timedelta


async def open_case(
    tx: WriteTx,
    site: Site,
    comment: Comment,
    reason: Reason,
    signals: Sequence[Signal],
    *,
    rests_until: datetime | None = None,
    not_for: Collection[int] = (),
) -> Case:
    """Open the case of a comment, or join the one that is open: its signals are added, its pressure never falls.

    A case that rests is due as if it had been opened at `rests_until`; joining it without a rest ends that. It is
    never offered to the accounts it is `not_for`.
    """
    row = await _open_row(tx, comment.id)
    opening = _Opening(
        site.section("moderation", ModerationGoals),
        comment,
        await threads.get(tx, comment.thread_id),
        reason,
        [CaseSignal(s.name, s.score, s.reason, s.span, comment.version) for s in signals],
        rests_until,
        sorted(not_for),
    )
    return await _open(tx, opening) if row is None else await _join(tx, opening, row)


async def withdraw(tx: WriteTx, comment_id: int) -> None:
    """Close the open case of a comment, if there is one, because its author took the comment back.

    Signals quote what they found, so their words go with the text, from decided cases too.
    """
    await close(tx, comment_id, "withdrawn")
    rows = await tx.exec(select(CaseRow).where(CaseRow.comment_id == comment_id).with_for_update())
    for row in rows:
        row.signals = [{**signal, "reason": "", "span": None} for signal in row.signals]
    await tx.flush()


async def close(
    tx: WriteTx, comment_id: int, state: Literal["decided", "withdrawn"], *, by: int | None = None
) -> Closed | None:
    """Close the open case of a comment; None when none was open. Raises FourEyes where it is not for `by` to decide."""
    closed = await tx.exec(
        update(CaseRow)
        .where(col(CaseRow.comment_id) == comment_id, is_open())
        .values(state=state, closed_at=clock.now())
        .returning(*_CLOSED)
    )
    if (found := closed.first()) is None:
        return None
    if found.reason == "appealed" and by in found.not_for:
        raise FourEyes
    await outbox.add(tx, CaseClosed(case=found.id, site=found.site_id))
    return Closed(found.id, found.reason, found.section, clock.now() - found.opened_at)


async def reopen(tx: WriteTx, case_id: int) -> bool:
    """Open a closed case again, because what was decided is undone; False when the comment has another open one."""
    row = await tx.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
    if row is None or await _open_row(tx, row.comment_id) is not None:
        return False
    row.state, row.closed_at = "open", None
    await tx.flush()
    await outbox.add(tx, CaseOpened(case=row.id, site=row.site_id))
    return True


async def _open_row(tx: WriteTx, comment_id: int) -> CaseRow | None:
    query = select(CaseRow).where(CaseRow.comment_id == comment_id, is_open())
    return (await tx.exec(query.with_for_update().execution_options(populate_existing=True))).first()


@dataclass(frozen=True)
class _Opening:
    """What a case is opened with, or joined by."""

    goals: ModerationGoals
    comment: Comment
    thread: Thread
    reason: Reason
    signals: list[CaseSignal]
    rests_until: datetime | None
    not_for: list[int]

    @property
    def audience(self) -> Audience:
        it = self.comment
        return Audience(self.thread.comment_count, it.reply_count, it.up + it.down, it.is_published)


async def _open(tx: WriteTx, new: _Opening) -> Case:
    comment, now = new.comment, clock.now()
    row = CaseRow(
        id=ids.new_id(ids.shard_of(comment.thread_id)),
        site_id=comment.site_id,
        thread_id=comment.thread_id,
        comment_id=comment.id,
        comment_version=comment.version,
        reason=new.reason,
        signals=[],
        section=placing.section_of(new.thread),
        language=placing.language_of(comment),
        opened_at=now,
        due_at=now,
        not_for=new.not_for,
    )
    row.due_at = _weigh(row, new, new.signals)
    tx.add(row)
    # Two that open the case of a comment at once collide here; the second is run again and joins.
    await tx.flush()
    await outbox.add(tx, CaseOpened(case=row.id, site=row.site_id))
    return case_of(row)


async def _join(tx: WriteTx, new: _Opening, row: CaseRow) -> Case:
    was = row.due_at, row.reason, row.not_for
    row.comment_version = new.comment.version
    row.language = placing.language_of(new.comment)
    if _STRENGTH[new.reason] > _STRENGTH[row.reason]:
        # What was only looked at for quality, say, is a real case from now on, and everybody's.
        row.reason, row.not_for = new.reason, new.not_for
    due_at = _weigh(row, new, _merged(signals_of(row), new.signals))
    row.due_at = min(due_at, row.due_at)
    await tx.flush()
    if was != (row.due_at, row.reason, row.not_for):
        await outbox.add(tx, CaseRaised(case=row.id, site=row.site_id))
    return case_of(row)


def _weigh(row: CaseRow, new: _Opening, signals: Sequence[CaseSignal]) -> datetime:
    """Put signals and priority on the row; when it is due by them."""
    strongest = _strongest(signals)
    row.signals = [asdict(signal) for signal in signals]
    row.signal_names = "".join(f"|{name}" for name in sorted(strongest)) + "|"
    # An author must not be able to edit their way down the queue.
    row.severity = max(row.severity or 0.0, severity(strongest.values()))
    row.reach = max(row.reach or 1.0, new.audience.reach)
    row.pressure = pressure(row.severity, row.reach)
    rest = new.rests_until
    told = explain(new.goals, row.severity, strongest.items(), row.reach, new.audience, row.opened_at, rest)
    told[1:1] = [Part("reporters", signal.reason, signal.score) for signal in signals if signal.name == REPORTED]
    row.priority = [asdict(part) for part in told]
    return max(row.opened_at, rest or row.opened_at) + new.goals.target(row.pressure)


def _strongest(signals: Sequence[CaseSignal]) -> dict[str, float]:
    # One voice a name: the same thing noticed ten times, or again after an edit, is still one thing.
    highest: dict[str, float] = {}
    for signal in signals:
        highest[signal.name] = max(signal.score, highest.get(signal.name, 0.0))
    return highest


def _merged(old: Sequence[CaseSignal], new: Sequence[CaseSignal]) -> list[CaseSignal]:
    """Old and new signals, a repeated one in its newest wording."""
    by_key = {_key(signal): signal for signal in (*old, *new)}
    return list(by_key.values())[-_MOST_SIGNALS:]


def _key(signal: CaseSignal) -> tuple[object, ...]:
    if signal.name == REPORTED:
        return (REPORTED,)
    return (signal.name, signal.span, signal.version)
