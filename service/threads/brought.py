"""What an import adds to a thread's figures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, or_, update
from sqlmodel import col

from service.kit.db import WriteTx
from service.threads.tables import ThreadRow


async def brought(tx: WriteTx, thread_id: int, *, published: int, last: datetime | None) -> None:
    """Count comments an import brought, the newest of them of time `last`; one that is newer stays the last."""
    change: dict[str, object] = {"version": ThreadRow.version + 1, "comment_count": ThreadRow.comment_count + published}
    if last is not None:
        before = col(ThreadRow.last_comment_at)
        change["last_comment_at"] = case((or_(before.is_(None), before < last), last), else_=before)
    await tx.exec(update(ThreadRow).where(col(ThreadRow.id) == thread_id).values(**change))
