"""Notes about somebody who is to be forgotten."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col

from service.desk.tables import NoteRow
from service.kit.db import WriteTx


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Delete what moderators noted about a person."""
    await tx.exec(delete(NoteRow).where(col(NoteRow.person_id) == person_id))
