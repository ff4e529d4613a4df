"""A branch that was closed: nothing further is hung below a comment, however deep."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as select_rows

from service.comments.comment import Comment
from service.comments.tables import CommentRow
from service.kit.db import ReadTx


async def is_branch_closed(tx: ReadTx, parent: Comment) -> bool:
    """Whether replies are closed at this comment or at one above it; one statement, a row per level."""
    chain = (
        select(col(CommentRow.id), col(CommentRow.parent_id), col(CommentRow.replies_closed))
        .where(col(CommentRow.id) == parent.id)
        .cte("chain", recursive=True)
    )
    above = select(col(CommentRow.id), col(CommentRow.parent_id), col(CommentRow.replies_closed)).where(
        col(CommentRow.id) == chain.c.parent_id
    )
    chain = chain.union_all(above)
    closed = select_rows(func.count()).select_from(chain).where(chain.c.replies_closed)
    return (await tx.exec(closed)).one() > 0
