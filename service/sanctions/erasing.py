"""The words of sanctions against somebody who is to be forgotten. What they forbid ends when it ends."""

from __future__ import annotations

from sqlalchemy import or_, update
from sqlmodel import col

from service.kit.db import WriteTx
from service.sanctions.tables import SanctionRow


async def forget_person(tx: WriteTx, site_id: int, person_id: int) -> None:
    """Take the words away, and from sanctions by address or host also whom they were meant for."""
    meant = or_(
        col(SanctionRow.person_id) == person_id,
        (col(SanctionRow.target_type) == "person") & (col(SanctionRow.target) == str(person_id)),
    )
    at_site = col(SanctionRow.site_id) == site_id
    await tx.exec(update(SanctionRow).where(at_site, meant).values(note=""))
    await tx.exec(
        update(SanctionRow)
        .where(at_site, meant, col(SanctionRow.target_type) != "person")
        .values(person_id=None, comment_id=None)
    )
