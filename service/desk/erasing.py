"""Notes about somebody who is to be forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from service.desk.tables import NoteRow
from service.kit.db import WriteTx


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Delete what moderators noted about a person."""
    await tx.exec(delete(NoteRow).where(col(NoteRow.person_id) == person_id))


async def forget_notes(tx: WriteTx, site_id: int, before: datetime, most: int) -> int:
    """Delete notes of a site that were left before a time, at most so many; how many that were."""
    old = select(NoteRow.id).where(NoteRow.site_id == site_id, col(NoteRow.created_at) < before)
    some = list(await tx.exec(old.limit(most)))
    await tx.exec(delete(NoteRow).where(col(NoteRow.id).in_(some)))
    return len(some)
