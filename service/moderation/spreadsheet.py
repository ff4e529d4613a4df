"""Figures as CSV for spreadsheets, in which no name becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from service.moderation.figures import Agreement
from service.moderation.stats import Pace, Stats

# What a spreadsheet takes for the beginning of a formula, or skips before it looks for one.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones count too
Cell = str | int | float | None


def safe(cell: Cell) -> Cell:
    """A cell that is shown as it is; numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULAS):
        return f"'{cell}"
    return cell


def as_csv(figures: Stats) -> str:
    """All figures in one table: what they are about, which one of those, its name, the figure, its value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("about", "key", "name", "figure", "value"))
    for row in _rows(figures):
        writer.writerow([safe(cell) for cell in row])
    return out.getvalue()


def _rows(figures: Stats) -> Iterator[tuple[Cell, ...]]:
    for day in figures.days:
        key = day.day.isoformat()
        told = {"comments": day.comments, "approvals": day.approvals, "rejections": day.rejections, "other": day.other}
        yield from (("day", key, key, figure, value) for figure, value in told.items())
        yield from (("day", key, key, f"cases {reason}", count) for reason, count in sorted(day.cases.items()))
    yield from _paces("queue", figures.queues)
    yield from _paces("section", figures.sections)
    yield from _paces("moderator", figures.moderators)
    yield from (("reason", reason, reason, "decisions", count) for reason, count in sorted(figures.reasons.items()))
    yield from _agreement("all", "all", figures.agreement)
    called = {pace.key: pace.name for pace in figures.moderators}
    for account, agreement in sorted(figures.agreement_by.items()):
        yield from _agreement(account, called.get(account, account), agreement)


def _paces(about: str, paces: Iterable[Pace]) -> Iterator[tuple[Cell, ...]]:
    for pace in paces:
        yield (about, pace.key, pace.name, "decisions", pace.decisions)
        yield (about, pace.key, pace.name, "median seconds in queue", pace.median)
        yield (about, pace.key, pace.name, "p90 seconds in queue", pace.p90)


def _agreement(key: str, name: str, agreement: Agreement) -> Iterator[tuple[Cell, ...]]:
    yield ("agreement", key, name, "second looks", agreement.looked_at)
    yield ("agreement", key, name, "share agreed", agreement.share)
    yield ("agreement", key, name, "Cohen's kappa", agreement.kappa)
