"""Lists of comments by keyset: the cost of a page does not depend on the size of the thread.

Every list is one range of one index (`thread_id, under[, rank], id` where shown), read from where the last page ended.
A further page of a list whose ranks have moved since its first is put together in walking.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, literal, select, tuple_, union_all
from sqlmodel import col
from sqlmodel import select as select_rows

from service.comments.comment import PUBLIC, STAFF, Audience, Comment, CommentUnknown, seen_by
from service.comments.past import moment
from service.comments.tables import CommentRow, RankClockRow
from service.comments.walking import RANKS, Walk, page_as_of
from service.kit.db import ReadTx
from service.kit.paging import BY_TIME, Cursor

# A comment, and how often the ranks of its thread have moved.
_Row = tuple[CommentRow, int]


@dataclass(frozen=True)
class Level:
    """Some replies of one parent (or some roots), in order, and where the rest begins."""

    items: tuple[Comment, ...]
    next_cursor: str | None


async def level(
    tx: ReadTx,
    thread_id: int,
    under: int,
    sort: str,
    *,
    limit: int,
    after: Cursor | None = None,
) -> Level:
    """One page of the shown replies of `under` (0 for roots).

    One statement; behind a cursor of an order by rank two, or five when the ranks have moved since that walk began.
    Such a page is in the order as of then, so that a walk to the end meets every comment once, whatever moves
    meanwhile. Of a walk that takes longer than ranks are kept the rest is in the order of now.
    """
    if after is not None and after.move is not None:
        now = await moment(tx, thread_id)
        if after.move != now.moves and now.knows(after.move):
            return await _level_as_of(tx, Walk(after.move, now, after, limit))
    ids = _ids(thread_id, under, sort, limit + 1, after).subquery()
    return _level(await _rows(tx, ids, thread_id, sort), under, sort, limit)


async def _level_as_of(tx: ReadTx, walk: Walk) -> Level:
    page = await page_as_of(tx, walk)
    found = {row.id: row for row in await tx.exec(select_rows(CommentRow).where(col(CommentRow.id).in_(page.ids)))}
    rows = [found[number] for number in page.ids if number in found and found[number].shown]
    return Level(tuple(seen_by(row, PUBLIC) for row in rows), page.rest.encode() if page.rest else None)


async def first_replies(
    tx: ReadTx, thread_id: int, parents: Sequence[int], sort: str, *, limit: int
) -> dict[int, Level]:
    """The first shown replies of several parents, in one statement whose cost is bounded by parents × limit."""
    if not parents:
        return {}
    # Few distinct statements: both SQLAlchemy and the server keep the plans of those they have seen. No comment
    # lies under -1.
    padded = [*parents, *[-1] * (_padding(len(parents)) - len(parents))]
    ids = union_all(*[_wrapped(_ids(thread_id, parent, sort, limit + 1, None)) for parent in padded]).subquery()
    by_parent: dict[int, list[_Row]] = {}
    for row, moves in await _rows(tx, ids, thread_id, sort):
        by_parent.setdefault(row.under, []).append((row, moves))
    return {parent: _level(found, parent, sort, limit) for parent, found in by_parent.items()}


async def get(tx: ReadTx, comment_id: int, audience: Audience = PUBLIC) -> Comment:
    """One comment; CommentUnknown when it does not exist or `audience` may not even know of it."""
    row = await tx.get(CommentRow, comment_id, populate_existing=True)
    if row is None or not _may_know(row, audience):
        raise CommentUnknown
    return seen_by(row, audience)


async def get_many(tx: ReadTx, comment_ids: Sequence[int], audience: Audience = PUBLIC) -> dict[int, Comment]:
    """Comments by id, in one statement; those `audience` may not know of are left out."""
    if not comment_ids:
        return {}
    rows = await tx.exec(select_rows(CommentRow).where(col(CommentRow.id).in_(sorted(set(comment_ids)))))
    return {row.id: seen_by(row, audience) for row in rows if _may_know(row, audience)}


async def ancestors(
    tx: ReadTx, comment: Comment, limit: int, audience: Audience = PUBLIC
) -> tuple[list[Comment], bool]:
    """The nearest `limit` comments above one, topmost first, and whether the chain goes on above them."""
    if comment.parent_id is None:
        return [], False
    chain = (
        select(col(CommentRow.id), col(CommentRow.parent_id), literal(1).label("step"))
        .where(col(CommentRow.id) == comment.parent_id)
        .cte("chain", recursive=True)
    )
    above = select(col(CommentRow.id), col(CommentRow.parent_id), chain.c.step + 1).where(
        col(CommentRow.id) == chain.c.parent_id, chain.c.step < limit
    )
    chain = chain.union_all(above)
    rows = await tx.exec(
        select_rows(CommentRow).join(chain, chain.c.id == col(CommentRow.id)).order_by(col(CommentRow.depth))
    )
    found = [seen_by(row, audience) for row in rows]
    return found, bool(found) and found[0].parent_id is not None


async def by_person(tx: ReadTx, thread_id: int, person_id: int, limit: int) -> list[Comment]:
    """A person's newest comments in one thread, as that person sees them: held ones too."""
    rows = await tx.exec(
        select_rows(CommentRow)
        .where(CommentRow.person_id == person_id, CommentRow.thread_id == thread_id, CommentRow.state != "deleted")
        .order_by(col(CommentRow.id).desc())
        .limit(limit)
    )
    return [seen_by(row, Audience(person_id=person_id)) for row in rows]


async def written_by(tx: ReadTx, site_id: int, person_id: int, limit: int) -> list[Comment]:
    """A person's newest comments at a site, as staff sees them."""
    rows = await tx.exec(
        select_rows(CommentRow)
        .where(CommentRow.person_id == person_id, CommentRow.site_id == site_id)
        .order_by(col(CommentRow.id).desc())
        .limit(limit)
    )
    return [seen_by(row, STAFF) for row in rows]


async def records(tx: ReadTx, person_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many comments people have in which state, in one statement; for staff."""
    if not person_ids:
        return {}
    rows = await tx.exec(
        select_rows(CommentRow.person_id, CommentRow.state, func.count())
        .where(col(CommentRow.person_id).in_(sorted(set(person_ids))))
        .group_by(col(CommentRow.person_id), col(CommentRow.state))
    )
    found: dict[int, dict[str, int]] = {}
    for person_id, state, count in rows:
        found.setdefault(person_id, {})[state] = count
    return found


def _may_know(row: CommentRow, audience: Audience) -> bool:
    """Staff may know of every comment, whose text may still be nobody's: what was deleted is on record."""
    return row.shown or audience.is_staff or audience.may_read(row)


def _ids(thread_id: int, under: int, sort: str, limit: int, after: Cursor | None) -> Select[int]:
    query = select(col(CommentRow.id)).where(
        col(CommentRow.thread_id) == thread_id, col(CommentRow.under) == under, col(CommentRow.shown)
    )
    if after is not None:
        query = query.where(_after(sort, after))
    return query.order_by(*_order(sort, CommentRow)).limit(limit)


async def _rows(tx: ReadTx, ids: Subquery, thread_id: int, sort: str) -> list[_Row]:
    """Comments, each with how often the thread's ranks have moved in this very snapshot: cursors carry that."""
    moves = select(col(RankClockRow.moves)).where(col(RankClockRow.thread_id) == thread_id).scalar_subquery()
    table = CommentRow.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
    query: Any = select_rows(CommentRow, func.coalesce(moves, 0))
    # From the few ids to their rows and never the other way round: an outer join cannot be turned.
    query = query.select_from(ids.outerjoin(table, ids.c.id == table.c.id)).order_by(*_order(sort, CommentRow))
    return [(row, moves) for row, moves in await tx.exec(query)]


def _wrapped(query: Select[int]) -> Select[int]:
    # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
    return select(query.subquery().c.id)


def _order(sort: str, row: type[CommentRow]) -> list[ColumnElement[Any]]:
    if sort == "oldest":
        return [col(row.id).asc()]
    if sort == "newest":
        return [col(row.id).desc()]
    return [_rank(sort).desc(), col(row.id).desc()]


def _after(sort: str, cursor: Cursor) -> ColumnElement[bool]:
    if sort == "oldest":
        return col(CommentRow.id) > cursor.id
    if sort == "newest":
        return col(CommentRow.id) < cursor.id
    return tuple_(_rank(sort), col(CommentRow.id)) < tuple_(literal(cursor.rank), literal(cursor.id))


def _rank(sort: str) -> ColumnElement[float]:
    column: ColumnElement[float] = getattr(CommentRow, RANKS[sort])
    return column


def _level(rows: Sequence[_Row], under: int, sort: str, limit: int) -> Level:
    cursor = None
    if len(rows) > limit:
        last, moves = rows[limit - 1]
        rank, move = (None, None) if sort in BY_TIME else (getattr(last, RANKS[sort]), moves)
        cursor = Cursor(thread=last.thread_id, under=under, sort=sort, rank=rank, id=last.id, move=move).encode()
    return Level(tuple(seen_by(row, PUBLIC) for row, _ in rows[:limit]), cursor)


def _padding(count: int) -> int:
    size = 4
    while size < count:
        size *= 2
    return size
