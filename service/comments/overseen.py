"""A site's comments by time as its moderators see them, in the states they ask for: looked through piece by piece.

Few comments may be in a state, so a page ends after so many were looked at, and says where to go on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from service.comments.comment import STAFF, Comment
from service.comments.listing import get_many
from service.comments.tables import CommentRow
from service.kit.db import ReadTx

LOOK_AT = 2_000


@dataclass(frozen=True)
class Overseen:
    """What was found, and the comment to go on behind, None at the end."""

    found: tuple[Comment, ...]
    last: int | None


async def overseen(
    tx: ReadTx,
    *,
    site_id: int,
    thread_id: int | None,
    states: Collection[str],
    after: int | None,
    since: int,
    is_ascending: bool,
    limit: int,
) -> Overseen:
    """Comments of a site, or of one of its threads, that are in `states`, those behind the comment `after`.

    Whom they are for must moderate there: they come with their texts.
    """
    number = col(CommentRow.id)
    of = col(CommentRow.site_id) == site_id if thread_id is None else col(CommentRow.thread_id) == thread_id
    query = select(number, col(CommentRow.state)).where(of, number >= since)
    if after is not None:
        query = query.where(number > after if is_ascending else number < after)
    rows = (
        await (await tx.connection()).execute(query.order_by(number if is_ascending else number.desc()).limit(LOOK_AT))
    ).all()
    meant = [one for one, state in rows if state in states]
    if len(meant) > limit:
        meant = meant[:limit]
        last: int | None = meant[-1]
    else:
        last = rows[-1][0] if len(rows) == LOOK_AT else None
    known = await get_many(tx, meant, STAFF)
    return Overseen(tuple(known[one] for one in meant if one in known), last)
