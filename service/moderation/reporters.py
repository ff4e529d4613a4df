"""How much a reader's report counts: by how often that reader was right.

    weight = (right + 2) / (right + wrong + 4) / ½

The share of reports that were followed, after two right and two wrong ones that everybody starts with (a Beta(2, 2)
prior), over the share of who is new: 1 for a stranger, towards 2 for who is always right, towards 0 for who never is.
A reporter is a keyed pseudonym; two counts and a day are all that is kept of one, and `forget` deletes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.moderation.tables import ReporterRow, ReportRow

Outcome = Literal["right", "wrong"]

_PRIOR = 2.0
_KEPT = timedelta(days=400)
_MOST = 1_000  # reports of one comment that a decision judges
_SLICE = 200


@dataclass(frozen=True)
class Record:
    """How a reporter's reports were judged."""

    right: int = 0
    wrong: int = 0

    @property
    def weight(self) -> float:
        """What a report counts, between 0 and 2; 1 for a stranger."""
        return (self.right + _PRIOR) / (self.right + self.wrong + 2 * _PRIOR) / 0.5


async def weights(tx: ReadTx, site_id: int, reporters: Iterable[str]) -> dict[str, float]:
    """What each reporter's word counts at this site."""
    found = await records(tx, site_id, reporters)
    return {reporter: record.weight for reporter, record in found.items()}


async def records(tx: ReadTx, site_id: int, reporters: Iterable[str]) -> dict[str, Record]:
    """The records of reporters; one who has none is a stranger."""
    wanted = sorted(set(reporters))
    found = dict.fromkeys(wanted, Record())
    for start in range(0, len(wanted), _SLICE):
        rows = await tx.exec(
            select(ReporterRow).where(
                ReporterRow.site_id == site_id, col(ReporterRow.reporter).in_(wanted[start : start + _SLICE])
            )
        )
        found |= {row.reporter: Record(row.right_count, row.wrong_count) for row in rows}
    return found


async def settle(
    tx: WriteTx, site_id: int, comment_id: int, state: str, since: datetime | None, *, until: datetime | None = None
) -> None:
    """Judge the reports about a text by what it came to: taken down they were right, left up they were wrong.

    Judged anew by each further decision. `since` is when the text became what it is: reports about an earlier one are
    not judged by it; nor are those after `until`.
    """
    await _judge(tx, site_id, comment_id, outcome_of(state), since, until)


async def take_back(
    tx: WriteTx, site_id: int, comment_id: int, since: datetime | None, before: tuple[str, datetime] | None
) -> None:
    """Judge as before a decision that is undone: what stood `before`, as state and time, judges what it had judged."""
    if before is not None and (since is None or before[1] >= since):
        await settle(tx, site_id, comment_id, before[0], since, until=before[1])
        since = before[1]
    await _judge(tx, site_id, comment_id, None, since, None)


async def _judge(
    tx: WriteTx,
    site_id: int,
    comment_id: int,
    outcome: Outcome | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    query = select(ReportRow.reporter, ReportRow.outcome).where(ReportRow.comment_id == comment_id)
    query = query.where(col(ReportRow.outcome).is_distinct_from(outcome))
    if since is not None:
        query = query.where(col(ReportRow.created_at) > since)
    if until is not None:
        query = query.where(col(ReportRow.created_at) <= until)
    judged = (await tx.exec(query.order_by(col(ReportRow.reporter)).limit(_MOST))).all()
    for start in range(0, len(judged), _SLICE):
        await _note(tx, site_id, comment_id, judged[start : start + _SLICE], outcome)


def outcome_of(state: str) -> Outcome | None:
    """What a comment's state says of those who reported it; None when nobody has decided."""
    if state in {"rejected", "spam", "removed"}:
        return "right"
    return "wrong" if state == "published" else None


async def forget(tx: WriteTx, site_id: int, reporter: str) -> None:
    """Delete what is known of a reporter: the record, and the reports themselves."""
    await tx.exec(delete(ReporterRow).where(col(ReporterRow.site_id) == site_id, col(ReporterRow.reporter) == reporter))
    await tx.exec(delete(ReportRow).where(col(ReportRow.site_id) == site_id, col(ReportRow.reporter) == reporter))


async def forget_stale(tx: WriteTx) -> None:
    """Delete the records of who has not been judged for more than a year."""
    before = (clock.now() - _KEPT).date()
    await tx.exec(delete(ReporterRow).where(col(ReporterRow.touched_on) < before))


async def _note(
    tx: WriteTx, site_id: int, comment_id: int, judged: Sequence[tuple[str, str | None]], outcome: Outcome | None
) -> None:
    names = [reporter for reporter, _ in judged]
    await tx.exec(
        update(ReportRow)
        .where(col(ReportRow.comment_id) == comment_id, col(ReportRow.reporter).in_(names))
        .values(outcome=outcome)
        .execution_options(synchronize_session=False)
    )
    await _count(tx, site_id, {reporter: _change(before, outcome) for reporter, before in judged})


def _change(before: str | None, after: Outcome | None) -> tuple[int, int]:
    """What a judgement adds to (right, wrong)."""
    return (after == "right") - (before == "right"), (after == "wrong") - (before == "wrong")


async def _count(tx: WriteTx, site_id: int, changes: Mapping[str, tuple[int, int]]) -> None:
    connection = await tx.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    today = clock.now().date()
    # Sorted, so that two decisions about comments with the same reporters do not wait for each other in a circle.
    for name, (right, wrong) in sorted(changes.items()):
        # Nobody is right less often than never.
        new = insert(ReporterRow).values(
            site_id=site_id, reporter=name, right_count=max(right, 0), wrong_count=max(wrong, 0), touched_on=today
        )
        added = {
            "right_count": col(ReporterRow.right_count) + right,
            "wrong_count": col(ReporterRow.wrong_count) + wrong,
            "touched_on": today,
        }
        await tx.exec(new.on_conflict_do_update(index_elements=["site_id", "reporter"], set_=added))
