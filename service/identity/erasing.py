"""Somebody who is to be forgotten: the row stays, because comments and decisions point to it, and says nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from service.identity.tables import PersonRow
from service.kit.db import ReadTx, WriteTx
from service.kit.seal import Keeper

ERASED = "erased"


async def blank(tx: WriteTx, person_id: int) -> str | None:
    """Take name, address, account and origin from a person; what an import knew them by, None where none brought them.

    Whoever holds their capability is a stranger from now on. Waits for acts of theirs that are under way.
    """
    row = await tx.get_one(PersonRow, person_id, with_for_update=True, populate_existing=True)
    origin = row.origin if row.kind == "imported" else None
    row.kind, row.name, row.email_sealed = ERASED, "", None
    row.account_id = row.origin = row.mark = None
    row.avatar_url = row.profile_url = row.signed_out_at = None
    await tx.flush()
    return origin


async def email(tx: ReadTx, keeper: Keeper, person_id: int) -> str | None:
    """The address somebody gave, for themselves alone; None when they gave none."""
    row = await tx.get(PersonRow, person_id)
    return keeper.unseal("email", row.email_sealed) if row and row.email_sealed else None


async def pictured(tx: ReadTx, person_id: int) -> dict[str, str | None]:
    """Where somebody's picture and page are, as the site that signs them in has said."""
    row = await tx.get(PersonRow, person_id)
    return {"avatar_url": row.avatar_url if row else None, "profile_url": row.profile_url if row else None}


async def by_origin(tx: ReadTx, site_id: int, origin: str) -> int | None:
    """The person an import brought under this origin, such as `disqus:user:ada`; None when there is none."""
    return (await tx.exec(select(PersonRow.id).where(PersonRow.site_id == site_id, PersonRow.origin == origin))).first()


async def everybody(tx: ReadTx, after: int, limit: int) -> Sequence[tuple[int, int]]:
    """Site and id of people who are not forgotten, behind the person `after`."""
    query = select(PersonRow.site_id, PersonRow.id).where(col(PersonRow.id) > after, PersonRow.kind != ERASED)
    return (await tx.exec(query.order_by(col(PersonRow.id)).limit(limit))).all()
