"""The votes of one person: listed for them, and taken back when they are to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, update
from sqlmodel import col, select

from service.kit.db import ReadTx, WriteTx
from service.votes.tables import VoteRow

_VOTES = VoteRow.metadata.tables[str(VoteRow.__tablename__)]


@dataclass(frozen=True)
class OwnVote:
    """How somebody voted on a comment, and when first."""

    comment_id: int
    value: int
    created_at: datetime


async def owned(tx: ReadTx, person_id: int, *, before: int | None = None, limit: int = 20) -> list[OwnVote]:
    """A person's votes, those on the newest comments first, from behind the comment `before`."""
    query = select(VoteRow).where(VoteRow.person_id == person_id, VoteRow.value != 0)
    if before is not None:
        query = query.where(col(VoteRow.comment_id) < before)
    rows = await tx.exec(query.order_by(col(VoteRow.comment_id).desc()).limit(limit))
    return [OwnVote(row.comment_id, row.value, row.created_at) for row in rows]


async def withdraw(tx: WriteTx, person_id: int, most: int) -> int:
    """Take back some of a person's votes; how many there were. Their rows go when they are subtracted (`fold`)."""
    query = select(VoteRow.comment_id).where(VoteRow.person_id == person_id, VoteRow.value != 0)
    some = list(await tx.exec(query.order_by(col(VoteRow.comment_id)).limit(most).with_for_update()))
    mine = (_VOTES.c.person_id == person_id, _VOTES.c.comment_id.in_(some))
    held = func.coalesce(_VOTES.c.counted, _VOTES.c.value)
    await tx.exec(update(_VOTES).where(*mine).values(value=0, counted=case((held == 0, None), else_=held)))
    # Of what no counter holds there is nothing to subtract.
    await tx.exec(delete(_VOTES).where(*mine, _VOTES.c.counted.is_(None)))
    return len(some)


async def has_voted(tx: ReadTx, person_id: int) -> bool:
    """Whether any vote of a person is still there, taken back or not."""
    return (
        await tx.exec(select(VoteRow.comment_id).where(VoteRow.person_id == person_id).limit(1))
    ).first() is not None
