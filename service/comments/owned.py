"""What is one person's own at a site: what they wrote, and what was answered to it."""

from __future__ import annotations

from sqlmodel import col, select

from service.comments.comment import PUBLIC, Audience, Comment, seen_by
from service.comments.tables import CommentRow
from service.kit.db import ReadTx

# Answers are looked for below so many of a person's newest comments: the work does not grow with a life's.
_LATELY = 1_000


async def owned(tx: ReadTx, person_id: int, *, before: int | None = None, limit: int = 20) -> list[Comment]:
    """A person's comments as they see them themselves, the newest first, from behind `before`."""
    query = select(CommentRow).where(CommentRow.person_id == person_id)
    if before is not None:
        query = query.where(col(CommentRow.id) < before)
    rows = await tx.exec(query.order_by(col(CommentRow.id).desc()).limit(limit))
    return [seen_by(row, Audience(person_id=person_id)) for row in rows]


async def answers_to(tx: ReadTx, person_id: int, *, before: int | None = None, limit: int = 20) -> list[Comment]:
    """Published replies of others to a person's newest thousand comments, the newest first, from behind `before`."""
    own = select(CommentRow.id).where(CommentRow.person_id == person_id)
    own = own.order_by(col(CommentRow.id).desc()).limit(_LATELY)
    query = select(CommentRow).where(
        col(CommentRow.parent_id).in_(own), CommentRow.state == "published", CommentRow.person_id != person_id
    )
    if before is not None:
        query = query.where(col(CommentRow.id) < before)
    rows = await tx.exec(query.order_by(col(CommentRow.id).desc()).limit(limit))
    return [seen_by(row, PUBLIC) for row in rows]
