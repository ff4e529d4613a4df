"""Appeals: an author's word against a decision about a comment of theirs, once, answered by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import update
from sqlmodel import col, select

from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Conflict, Forbidden
from service.redress.tables import AppealRow


class AppealedAlready(Conflict):
    """You have appealed in this matter before. A decision can be appealed once."""

    type = "appealed-already"


class AppealTooLate(Forbidden):
    """The time to appeal against this decision is over."""

    type = "appeal-too-late"


class NothingToAppeal(Conflict):
    """There is no decision against this comment to appeal against."""

    type = "nothing-to-appeal"


@dataclass(frozen=True)
class Appeal:
    """An appeal and what became of it: `upheld` means that the decision stands."""

    id: int
    site_id: int
    comment_id: int
    person_id: int
    against: int
    text: str
    state: str
    answer: str
    created_at: datetime
    decided_at: datetime | None


async def file_appeal(
    tx: WriteTx, site_id: int, comment_id: int, person_id: int, against: int, decided_at: datetime, text: str, days: int
) -> Appeal:
    """Note an appeal against the decision `against`. Raises AppealedAlready, AppealTooLate.

    Whoever was right may appeal against a later decision; whoever was not has had the answer.
    """
    earlier = await appeal_of(tx, comment_id)
    if earlier is not None and (earlier.state != "reversed" or earlier.against == against):
        raise AppealedAlready
    if decided_at + timedelta(days=days) <= clock.now():
        raise AppealTooLate
    row = AppealRow(
        id=ids.new_id(),
        site_id=site_id,
        comment_id=comment_id,
        person_id=person_id,
        against=against,
        text=text,
        created_at=clock.now(),
    )
    tx.add(row)
    # Two at once collide here; the second is run again and finds the first.
    await tx.flush()
    return appeal_of_row(row)


async def appeal_of(tx: ReadTx, comment_id: int) -> Appeal | None:
    """The newest appeal of a comment's author, decided or not."""
    query = select(AppealRow).where(AppealRow.comment_id == comment_id).order_by(col(AppealRow.id).desc())
    row = (await tx.exec(query.limit(1))).first()
    return appeal_of_row(row) if row else None


async def appeals_of(tx: ReadTx, comment_ids: Sequence[int]) -> dict[int, Appeal]:
    """The newest appeal about each of these comments."""
    if not comment_ids:
        return {}
    query = select(AppealRow).where(col(AppealRow.comment_id).in_(sorted(set(comment_ids)))).order_by(col(AppealRow.id))
    return {row.comment_id: appeal_of_row(row) for row in await tx.exec(query)}


async def open_appeal(tx: ReadTx, comment_id: int) -> Appeal | None:
    """The appeal about a comment that waits for an answer."""
    found = await appeal_of(tx, comment_id)
    return found if found is not None and found.state == "open" else None


async def settle_appeal(
    tx: WriteTx, appeal_id: int, decision_id: int, state: Literal["upheld", "reversed"], answer: str
) -> None:
    """Note what was decided about an appeal."""
    await tx.exec(
        update(AppealRow)
        .where(col(AppealRow.id) == appeal_id)
        .values(state=state, decision_id=decision_id, answer=answer, decided_at=clock.now())
    )


async def reopen_appeal(tx: WriteTx, decision_id: int) -> None:
    """Let an appeal wait again, because what was decided about it was undone."""
    await tx.exec(
        update(AppealRow)
        .where(col(AppealRow.decision_id) == decision_id)
        .values(state="open", decision_id=None, answer="", decided_at=None)
    )


def appeal_of_row(row: AppealRow) -> Appeal:
    """The appeal a row holds."""
    return Appeal(
        row.id,
        row.site_id,
        row.comment_id,
        row.person_id,
        row.against,
        row.text,
        row.state,
        row.answer,
        row.created_at,
        row.decided_at,
    )
