"""What hooks said of comments whose author is to be forgotten: their words may quote them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlmodel import col

from service.hooks.tables import QuestionRow, is_waiting
from service.kit.db import WriteTx


async def forget_comments(tx: WriteTx, comment_ids: Sequence[int]) -> None:
    """Nobody is asked about them any more; of the answers their outcome stays."""
    about = col(QuestionRow.comment_id).in_(comment_ids)
    await tx.exec(delete(QuestionRow).where(about, is_waiting()))
    await tx.exec(update(QuestionRow).where(about).values(signals=[], fault=""))
