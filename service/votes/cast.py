"""Setting one's vote: idempotent, counted in the same transaction."""

from __future__ import annotations

from typing import Literal

from sqlmodel import col, select

from service import comments
from service.identity import Person
from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.votes.ranks import ranking
from service.votes.tables import VoteRow

Value = Literal[-1, 0, 1]


class OwnComment(Forbidden):
    """You cannot vote on your own comment."""

    type = "own-comment"


async def cast(tx: WriteTx, who: Person, comment: comments.Comment, value: Value) -> tuple[int, int]:
    """Make `value` this person's vote on a published comment; (up, down) afterwards. Raises OwnComment."""
    if comment.person_id == who.id:
        raise OwnComment
    # Locked, so that two clicks of the same person at once count once.
    before = await tx.get(VoteRow, (comment.id, who.id), with_for_update=True)
    had = before.value if before else 0
    if had == value:
        return comment.up, comment.down
    if before is None:
        tx.add(
            VoteRow(
                comment_id=comment.id,
                person_id=who.id,
                thread_id=comment.thread_id,
                value=value,
                created_at=clock.now(),
            )
        )
    elif value == 0:
        await tx.delete(before)
    else:
        before.value = value
    await tx.flush()
    up, down = int(value == 1) - int(had == 1), int(value == -1) - int(had == -1)
    return await comments.rescore(tx, comment.id, up, down, ranking)


async def vote_of(tx: ReadTx, person_id: int, comment_id: int) -> int | None:
    """A person's vote on a comment: -1, 1, or None."""
    row = await tx.get(VoteRow, (comment_id, person_id))
    return row.value if row else None


async def votes_in_thread(tx: ReadTx, person_id: int, thread_id: int, *, limit: int = 500) -> dict[int, int]:
    """A person's votes in one thread, the newest comments' first: comment id to -1 or 1."""
    rows = await tx.exec(
        select(VoteRow.comment_id, VoteRow.value)
        .where(VoteRow.person_id == person_id, VoteRow.thread_id == thread_id)
        .order_by(col(VoteRow.comment_id).desc())
        .limit(limit)
    )
    return dict(rows.all())
