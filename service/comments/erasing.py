"""The comments of somebody who is to be forgotten: what is left of each is its place, for the replies below it."""

from __future__ import annotations

from sqlmodel import col, select

from service.comments.life import set_state
from service.comments.revisions import drop_revisions
from service.comments.tables import CommentRow
from service.kit.db import ReadTx, WriteTx


async def ids_of_person(tx: ReadTx, person_id: int, *, after: int = 0, limit: int = 50) -> list[int]:
    """The ids of a person's comments behind `after`, whatever became of them, the oldest first."""
    query = select(CommentRow.id).where(CommentRow.person_id == person_id, col(CommentRow.id) > after)
    return list(await tx.exec(query.order_by(col(CommentRow.id)).limit(limit)))


async def erase(tx: WriteTx, comment_id: int) -> None:
    """Take text, earlier texts and the address away for good. Twice is the same as once. Raises CommentUnknown."""
    row = await tx.get(CommentRow, comment_id)
    if row is None or row.state != "deleted":
        await set_state(tx, comment_id, None, "deleted")
        row = await tx.get_one(CommentRow, comment_id)
    row.body = row.html = ""
    row.address_hash, row.edited_at = None, None
    await drop_revisions(tx, comment_id)
    await tx.flush()


async def is_left(tx: ReadTx, person_id: int) -> bool:
    """Whether a person has a comment that is not deleted."""
    query = select(CommentRow.id).where(CommentRow.person_id == person_id, CommentRow.state != "deleted")
    return (await tx.exec(query.limit(1))).first() is not None
