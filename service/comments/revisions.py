"""Texts as they were before they were edited: kept for moderators, for some weeks, and not beyond their comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from service.comments.tables import CommentRow, RevisionRow
from service.kit import clock
from service.kit.db import ReadTx, WriteTx

# What a row's `expires_at` was made with; how long a site keeps it is asked when it is forgotten.
REVISION_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Revision:
    """What a version of a comment said, from `at` on."""

    version: int
    body: str
    html: str
    at: datetime


async def keep_revision(tx: WriteTx, row: CommentRow) -> None:
    """Keep the text a comment has now."""
    now = clock.now()
    at = row.edited_at or row.created_at
    tx.add(
        RevisionRow(
            comment_id=row.id,
            version=row.version,
            body=row.body,
            html=row.html,
            at=at,
            expires_at=now + REVISION_LIFE,
        )
    )
    await tx.flush()


async def revisions(tx: ReadTx, comment_id: int) -> list[Revision]:
    """The earlier texts of a comment, the oldest first; for staff."""
    rows = await tx.exec(
        select(RevisionRow).where(RevisionRow.comment_id == comment_id).order_by(col(RevisionRow.version))
    )
    return [Revision(row.version, row.body, row.html, row.at) for row in rows]


async def drop_revisions(tx: WriteTx, comment_id: int) -> None:
    """Delete the earlier texts of a comment."""
    await tx.exec(delete(RevisionRow).where(col(RevisionRow.comment_id) == comment_id))


async def forget_revisions(tx: WriteTx, site_id: int, before: datetime, most: int) -> int:
    """Delete texts of a site that were replaced before a time, at most so many; how many that were."""
    old = (
        select(RevisionRow.comment_id, RevisionRow.version)
        .join(CommentRow, col(CommentRow.id) == col(RevisionRow.comment_id))
        .where(col(RevisionRow.expires_at) <= before + REVISION_LIFE, CommentRow.site_id == site_id)
        .limit(most)
    )
    some = (await tx.exec(old)).all()
    for comment_id, version in some:
        row = await tx.get(RevisionRow, (comment_id, version))
        if row is not None:
            await tx.delete(row)
    await tx.flush()
    return len(some)
