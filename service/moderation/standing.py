"""What somebody found of a text, and nobody took back: the decisions that stand."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from service.kit.db import ReadTx
from service.moderation.actions import LEADS
from service.moderation.tables import DecisionRow

# Neither a mark nor an undoing says that somebody found the text fit, whatever state they leave it in.
APPROVING = frozenset(action for action, (_, state) in LEADS.items() if state == "published")
OF_TEXTS = frozenset(LEADS)


async def last_standing(
    tx: ReadTx, comment_id: int, actions: Collection[str] = OF_TEXTS, *, before: int | None = None
) -> DecisionRow | None:
    """The newest decision about a comment's text that was not undone; of those before the decision `before`."""
    undone = aliased(DecisionRow)
    query = select(DecisionRow).where(
        DecisionRow.comment_id == comment_id,
        col(DecisionRow.action).in_(sorted(actions)),
        ~select(undone.id).where(col(undone.undoes) == col(DecisionRow.id)).exists(),
    )
    if before is not None:
        query = query.where(col(DecisionRow.id) < before)
    return (await tx.exec(query.order_by(col(DecisionRow.id).desc()).limit(1))).first()
