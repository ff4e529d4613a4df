"""A site's moderation in numbers, counted by the database from cases and decisions, over at most a quarter of a year.

Times in queue are counted in steps (a second in the first minute, up to an hour beyond a day), so that median and
90th percentile come from a few hundred counts however many decisions there were; they are right to within a tenth.
Bulk decisions count as decisions, and not in the times: nobody looked at those cases one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col

from service import comments
from service.kit import ids
from service.kit.db import ReadTx
from service.kit.errors import Invalid
from service.moderation.access import Sections
from service.moderation.figures import Agreement, quantile
from service.moderation.names import names
from service.moderation.second_looks import ALLOWS, RESTRICTS
from service.moderation.tables import CaseRow, DecisionRow, SecondLookRow, is_open

LONGEST = 92  # days
# (below so many seconds, counted in steps of so many)
_STEPS = ((60, 1), (600, 5), (3_600, 30), (86_400, 300))
_COARSE = 3_600
_QUEUES = {"held": "held", "reported": "reported", "reopened": "reported", "appealed": "appeals", "sampled": "sampled"}


class PeriodTooLong(Invalid):
    """Ask for at most 92 days at a time, the first of them not after the last."""

    type = "period-too-long"


@dataclass(frozen=True)
class Day:
    """One day. `comments` is None for who sees some sections only; cases are those opened, by reason."""

    day: date
    comments: int | None
    cases: Mapping[str, int]
    approvals: int
    rejections: int
    other: int


@dataclass(frozen=True)
class Pace:
    """How many decisions, and how long the cases waited: seconds from opening to decision."""

    key: str
    name: str
    decisions: int
    median: int | None
    p90: int | None


@dataclass(frozen=True)
class Stats:
    """The figures of a period."""

    days: list[Day]
    queues: list[Pace]
    sections: list[Pace]
    moderators: list[Pace]
    reasons: dict[str, int]
    agreement: Agreement
    agreement_by: dict[str, Agreement]
    """By the moderator who decided first (an account's id)."""


@dataclass(frozen=True)
class _Period:
    """Whose figures, and from when to when, as ids."""

    site_id: int
    first: date
    last: date
    sections: Sections

    @property
    def above(self) -> int:
        return ids.first_of(_midnight(self.first))

    @property
    def below(self) -> int:
        return ids.first_of(_midnight(self.last) + timedelta(days=1))

    def of(self, row: type[Any], *, by_section: bool = True) -> list[ColumnElement[bool]]:
        here = [col(row.site_id) == self.site_id, col(row.id) >= self.above, col(row.id) < self.below]
        if by_section and self.sections is not None:
            here.append(col(row.section).in_(sorted(self.sections)))
        return here


async def stats(tx: ReadTx, site_id: int, first: date, last: date, sections: Sections = None) -> Stats:
    """The figures of a site from one day to another, both included, in UTC. Raises PeriodTooLong."""
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        raise PeriodTooLong(field="from")
    period = _Period(site_id, first, last, sections)
    by_account = await _counts(tx, period, col(DecisionRow.account_id))
    times = await _times(tx, period)
    known = await names(tx, site_id, [int(account) for account in by_account])
    agreement = await _agreement(tx, period)
    return Stats(
        await _days(tx, period),
        _paces(times, 1, await _counts(tx, period, _queue()), {}),
        _paces(times, 2, await _counts(tx, period, col(DecisionRow.section)), {}),
        _paces(times, 0, by_account, {str(account): name for account, name in known.items()}),
        {reason: count for reason, count in (await _counts(tx, period, col(DecisionRow.reason))).items() if reason},
        sum(agreement.values(), Agreement()),
        agreement,
    )


async def _days(tx: ReadTx, period: _Period) -> list[Day]:
    written: Mapping[int, int] = {}
    if period.sections is None:
        written = await comments.count_by_day(tx, period.site_id, period.above, period.below)
    opened, decided = await _opened(tx, period), await _decided(tx, period)
    start = (period.first - ids.EPOCH.date()).days
    return [
        Day(
            period.first + timedelta(days=number),
            written.get(start + number, 0) if period.sections is None else None,
            dict(opened[start + number]),
            *_kinds(decided[start + number]),
        )
        for number in range((period.last - period.first).days + 1)
    ]


async def _opened(tx: ReadTx, period: _Period) -> dict[int, Counter[str]]:
    """Cases by the day they were opened and their reason: open ones and closed ones each from their own index."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    day = ids.day_of(col(CaseRow.id)).label("day")
    for which in (is_open(), ~is_open()):
        query: Any = select_columns(day, col(CaseRow.reason), func.count()).where(*period.of(CaseRow), which)
        for at, reason, count in await tx.exec(query.group_by(day, col(CaseRow.reason))):
            found[int(at)][reason] += count
    return found


async def _decided(tx: ReadTx, period: _Period) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    day = ids.day_of(col(DecisionRow.id)).label("day")
    query: Any = select_columns(day, col(DecisionRow.action), func.count()).where(*period.of(DecisionRow))
    for at, action, count in await tx.exec(query.group_by(day, col(DecisionRow.action))):
        found[int(at)][action] += count
    return found


def _kinds(actions: Mapping[str, int]) -> tuple[int, int, int]:
    """(approvals, rejections, other) of counts by action."""
    approvals = sum(actions.get(action, 0) for action in ALLOWS)
    rejections = sum(actions.get(action, 0) for action in RESTRICTS)
    return approvals, rejections, sum(actions.values()) - approvals - rejections


async def _counts(tx: ReadTx, period: _Period, by: Any) -> dict[str, int]:
    query: Any = select_columns(by, func.count()).where(*period.of(DecisionRow)).group_by(by)
    found: Counter[str] = Counter()
    for key, count in await tx.exec(query):
        found[str(key)] += count
    return dict(found)


def _queue() -> Any:
    reason = col(DecisionRow.case_reason)
    return case(*((reason == name, queue) for name, queue in _QUEUES.items()), else_="")


async def _times(tx: ReadTx, period: _Period) -> list[tuple[str, str, str, int, int]]:
    """(account, queue, section, seconds, how many) of cases decided by hand."""
    waited = col(DecisionRow.waited_seconds)
    step = case(*((waited < below, waited // size * size) for below, size in _STEPS), else_=waited // _COARSE * _COARSE)
    by = (col(DecisionRow.account_id), col(DecisionRow.case_reason), col(DecisionRow.section), step.label("step"))
    query: Any = select_columns(*by, func.count()).where(
        *period.of(DecisionRow), waited.is_not(None), col(DecisionRow.batch_id).is_(None)
    )
    rows = await tx.exec(query.group_by(*by))
    return [
        (str(account), _QUEUES.get(reason, ""), section, int(seconds), count)
        for account, reason, section, seconds, count in rows
    ]


def _paces(
    times: Iterable[tuple[str, str, str, int, int]], place: int, counts: Mapping[str, int], called: Mapping[str, str]
) -> list[Pace]:
    histograms: dict[str, Counter[int]] = defaultdict(Counter)
    for row in times:
        histograms[str(row[place])][row[3]] += row[4]
    return [
        Pace(key, called.get(key, key), count, quantile(histograms[key], 0.5), quantile(histograms[key], 0.9))
        for key, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        if key
    ]


async def _agreement(tx: ReadTx, period: _Period) -> dict[str, Agreement]:
    if period.sections is not None:
        return {}  # second looks are drawn from the whole site
    first, second = (
        or_(*(column == action for action in sorted(RESTRICTS)))
        for column in (col(SecondLookRow.first_action), col(SecondLookRow.second_action))
    )
    by = (col(SecondLookRow.first_account_id), first.label("first"), second.label("second"))
    query: Any = select_columns(*by, func.count()).where(
        *period.of(SecondLookRow, by_section=False), col(SecondLookRow.second_action).is_not(None)
    )
    found: dict[str, Agreement] = defaultdict(Agreement)
    for account, one, other, count in await tx.exec(query.group_by(*by)):
        found[str(account)] += _pair(one=bool(one), other=bool(other), count=count)
    return dict(found)


def _pair(*, one: bool, other: bool, count: int) -> Agreement:
    if one and other:
        return Agreement(both_restrict=count)
    if one:
        return Agreement(only_first_restricts=count)
    return Agreement(only_second_restricts=count) if other else Agreement(both_allow=count)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
