"""What hooks said of a comment whose author is to be forgotten: their words may quote it."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import col

from service.hooks.tables import QuestionRow, is_waiting
from service.kit.db import WriteTx


async def forget_comment(tx: WriteTx, comment_id: int) -> None:
    """Nobody is asked about it any more; of the answers their outcome stays."""
    about = col(QuestionRow.comment_id) == comment_id
    await tx.exec(delete(QuestionRow).where(about, is_waiting()))
    await tx.exec(update(QuestionRow).where(about).values(signals=[], fault=""))
