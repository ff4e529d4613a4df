"""Comments on their way out with everything they are: for the publisher's own export, whatever their state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from service.comments.tables import CommentRow
from service.kit.bulk import one_of
from service.kit.db import ReadTx

_TABLE = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
_COLUMNS = (
    "id",
    "thread_id",
    "parent_id",
    "person_id",
    "body",
    "body_format",
    "state",
    "created_at",
    "edited_at",
    "up",
    "down",
    "pinned",
    "featured",
    "replies_closed",
    "origin",
)
_PAGE = (
    select(*(_TABLE.c[name] for name in _COLUMNS))
    .where(_TABLE.c.site_id == bindparam("site"), _TABLE.c.id > bindparam("after"))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most"))
)


async def carried(tx: ReadTx, site_id: int, after: int, most: int) -> Sequence[Any]:
    """Comments of a site by id, those behind `after`: rows of what is carried out."""
    return (await tx.run(_PAGE, {"site": site_id, "after": after, "most": most})).all()


async def origins(tx: ReadTx, numbers: Sequence[int]) -> dict[int, str | None]:
    """What an import knew these comments by, for those that are there."""
    if not numbers:
        return {}
    query = select(_TABLE.c.id, _TABLE.c.origin).where(await one_of(tx, _TABLE.c.id, sorted(set(numbers))))
    return {row.id: row.origin for row in await (await tx.connection()).execute(query)}
