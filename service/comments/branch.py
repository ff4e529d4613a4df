"""A branch that was closed: nothing further is hung below a comment, however deep."""

from __future__ import annotations

from sqlalchemy import Select, bindparam, func, select

from service.comments.comment import Comment
from service.comments.tables import CommentRow
from service.kit.db import ReadTx

_COMMENTS = CommentRow.metadata.tables[str(CommentRow.__tablename__)]


def _closed_above() -> Select[int]:
    """How many comments are closed from one upwards."""
    columns = (_COMMENTS.c.id, _COMMENTS.c.parent_id, _COMMENTS.c.replies_closed)
    chain = select(*columns).where(_COMMENTS.c.id == bindparam("comment")).cte("chain", recursive=True)
    chain = chain.union_all(select(*columns).where(_COMMENTS.c.id == chain.c.parent_id))
    return select(func.count()).select_from(chain).where(chain.c.replies_closed)


_CLOSED = _closed_above()


async def is_branch_closed(tx: ReadTx, parent: Comment) -> bool:
    """Whether replies are closed at this comment or at one above it; one statement, a row per level."""
    return int((await tx.run(_CLOSED, {"comment": parent.id})).scalar_one()) > 0
