"""What posting holds of somebody who is to be forgotten: the keys of their retries."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import col

from service.kit.db import WriteTx
from service.posting.tables import RetryRow


async def forget_person(tx: WriteTx, person_id: int) -> None:
    """Delete the Idempotency-Keys a person has used; a retry is then a new request, of a stranger."""
    await tx.exec(delete(RetryRow).where(col(RetryRow.person_id) == person_id))
