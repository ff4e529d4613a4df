"""The words of statements and appeals of somebody who is to be forgotten; codes and times stay, to be counted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import col

from service.kit.db import WriteTx
from service.redress.tables import AppealRow, StatementRow


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Take away what was said to a person and what they said against it."""
    await tx.exec(update(StatementRow).where(col(StatementRow.person_id) == person_id).values(note=""))
    await tx.exec(update(AppealRow).where(col(AppealRow.person_id) == person_id).values(text="", answer=""))


async def forget_comments(tx: WriteTx, comment_ids: Sequence[int]) -> None:
    """The same of some comments, whoever it was said to."""
    await tx.exec(update(StatementRow).where(col(StatementRow.comment_id).in_(comment_ids)).values(note=""))
    await tx.exec(update(AppealRow).where(col(AppealRow.comment_id).in_(comment_ids)).values(text="", answer=""))
