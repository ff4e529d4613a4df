"""What other rooms keep beside a comment: found in the tables themselves, so that none is forgotten, none that is new.

Whoever keeps the thread of a comment beside its number has it kept true here when the comment goes to another thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, update
from sqlmodel import SQLModel

from service.kit.db import WriteTx

# Ranks that were belong to a thread's own moves; comments.rehome forgets them.
_OF_THE_THREAD = {"past_rank"}


def tables_beside() -> list[Table]:
    """Tables that name a comment and its thread."""
    return [
        table
        for name, table in sorted(SQLModel.metadata.tables.items())
        if {"comment_id", "thread_id"} <= set(table.columns.keys()) and name not in _OF_THE_THREAD
    ]


async def rehome(tx: WriteTx, comment_ids: Sequence[int], thread_id: int, section: str) -> None:
    """Let what is kept beside these comments name the thread they are in now, and its section."""
    connection = await tx.connection()
    for table in tables_beside():
        values: dict[str, Any] = {"thread_id": thread_id}
        if "section" in table.columns:
            values["section"] = section
        await connection.execute(update(table).where(table.c.comment_id.in_(comment_ids)).values(values))
