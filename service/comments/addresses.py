"""The pseudonyms of addresses that comments came from: asked for by moderators, gone after some days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import col, func, select

from service.comments.tables import CommentRow
from service.kit.db import ReadTx, WriteTx

_BATCH = 1_000


async def address_of(tx: ReadTx, comment_id: int) -> str | None:
    """The pseudonym of the address a comment came from; None when it is gone or never was."""
    return (await tx.exec(select(CommentRow.address_hash).where(CommentRow.id == comment_id))).first()


async def last_written(
    tx: ReadTx, site_id: int, *, person_id: int | None = None, addresses: Collection[str] = ()
) -> datetime | None:
    """When a person last wrote at a site, or somebody from one of these addresses."""
    whose = [] if person_id is None else [col(CommentRow.person_id) == person_id]
    if addresses:
        whose.append(col(CommentRow.address_hash).in_(sorted(addresses)))
    if not whose:
        return None
    query = select(func.max(CommentRow.created_at)).where(CommentRow.site_id == site_id, or_(*whose))
    return (await tx.exec(query)).one()


async def forget_addresses(tx: WriteTx, before: datetime) -> int:
    """Delete the pseudonyms of comments older than that, a batch at a time; how many were deleted."""
    old = (
        select(CommentRow.id)
        .where(col(CommentRow.address_hash).is_not(None), col(CommentRow.created_at) < before)
        .limit(_BATCH)
    )
    ids = (await tx.exec(old)).all()
    if ids:
        await tx.exec(update(CommentRow).where(col(CommentRow.id).in_(ids)).values(address_hash=None))
    return len(ids)
