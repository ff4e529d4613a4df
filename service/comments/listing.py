"""Lists of comments by keyset: the cost of a page does not depend on the size of the thread.

Every list is one range of one index (`thread_id, under[, rank], id` where shown), read from where the last page ended.
A further page of a list whose ranks have moved since its first is put together in walking.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Float,
    Select,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlmodel import col
from sqlmodel import select as select_rows

from service.comments.comment import PUBLIC, STAFF, Audience, Comment, CommentUnknown, seen_by
from service.comments.past import moment
from service.comments.tables import CommentRow, RankClockRow
from service.comments.walking import RANKS, Walk, page_as_of
from service.kit.db import ReadTx
from service.kit.paging import BY_TIME, Cursor
from service.kit.statements import Question, padding, rounded

_COMMENTS = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
_CLOCK = RankClockRow.metadata.tables[str(RankClockRow.__tablename__)].c
_BY_IDS = select(_COMMENTS).where(_COMMENTS.c.id.in_(bindparam("comments", expanding=True)))


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
    asked: dict[str, Any] = {"thread": thread_id, "level_0": under, "most": limit + 1}
    if after is None:
        return _level((await tx.run(_page(sort), asked)).all(), under, sort, limit)
    asked |= {"last_id": after.id} if sort in BY_TIME else {"last_id": after.id, "last_rank": after.rank}
    return _level((await tx.run(_page(sort, is_further=True), asked)).all(), under, sort, limit)


async def _level_as_of(tx: ReadTx, walk: Walk) -> Level:
    page = await page_as_of(tx, walk)
    found = {row.id: row for row in await tx.run(*asking(page.ids))}
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
    padded = [*parents, *[-1] * (padding(len(parents)) - len(parents))]
    asked = {f"level_{number}": parent for number, parent in enumerate(padded)}
    by_parent: dict[int, list[Any]] = {}
    for row in await tx.run(_page(sort, levels=len(padded)), asked | {"thread": thread_id, "most": limit + 1}):
        by_parent.setdefault(row.under, []).append(row)
    return {parent: _level(found, parent, sort, limit) for parent, found in by_parent.items()}


async def get(tx: ReadTx, comment_id: int, audience: Audience = PUBLIC) -> Comment:
    """One comment; CommentUnknown when it does not exist or `audience` may not even know of it."""
    row = (await tx.run(_BY_IDS, {"comments": [comment_id]})).first()
    if row is None or not _may_know(row, audience):
        raise CommentUnknown
    return seen_by(row, audience)


async def get_many(tx: ReadTx, comment_ids: Sequence[int], audience: Audience = PUBLIC) -> dict[int, Comment]:
    """Comments by id, in one statement; those `audience` may not know of are left out."""
    if not comment_ids:
        return {}
    rows = await tx.run(*asking(comment_ids))
    return {row.id: seen_by(row, audience) for row in rows if _may_know(row, audience)}


def asking(comment_ids: Sequence[int]) -> Question:
    """What `get_many` asks, to be asked ahead."""
    return Question(_BY_IDS, {"comments": rounded(comment_ids)})


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


# The statements are made once: to write them anew, with as many parts as a page has roots, takes longer than to carry
# them out.


@cache
def _page(sort: str, *, levels: int = 1, is_further: bool = False) -> Select[Any]:
    """The rows of a page, each with how often the thread's ranks have moved in this very snapshot: cursors carry that.

    From the few ids to their rows and never the other way round: an outer join cannot be turned.
    """
    parts = [_ids(sort, number, is_further=is_further) for number in range(levels)]
    # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
    wrapped = [select(part.subquery().c.id) for part in parts]
    ids = (parts[0] if levels == 1 else union_all(*wrapped)).subquery()
    moves = select(_CLOCK.moves).where(_CLOCK.thread_id == _number("thread")).scalar_subquery()
    query = select(_COMMENTS, func.coalesce(moves, 0).label("moves"))
    return query.select_from(ids.outerjoin(_COMMENTS, ids.c.id == _COMMENTS.c.id)).order_by(*_order(sort))


def _ids(sort: str, level: int, *, is_further: bool) -> Select[Any]:
    """The shown comments of one level, in order, from its beginning or behind the last one seen."""
    row = _COMMENTS.c
    query = select(row.id).where(row.thread_id == _number("thread"), row.under == _number(f"level_{level}"), row.shown)
    if is_further:
        query = query.where(_after(sort))
    return query.order_by(*_order(sort)).limit(_number("most"))


def _order(sort: str) -> list[ColumnElement[Any]]:
    if sort == "oldest":
        return [_COMMENTS.c.id.asc()]
    if sort == "newest":
        return [_COMMENTS.c.id.desc()]
    return [_COMMENTS.c[RANKS[sort]].desc(), _COMMENTS.c.id.desc()]


def _after(sort: str) -> ColumnElement[bool]:
    if sort == "oldest":
        return _COMMENTS.c.id > _number("last_id")
    if sort == "newest":
        return _COMMENTS.c.id < _number("last_id")
    here = tuple_(_COMMENTS.c[RANKS[sort]], _COMMENTS.c.id)
    return here < tuple_(bindparam("last_rank", type_=Float), _number("last_id"))


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _level(rows: Sequence[Any], under: int, sort: str, limit: int) -> Level:
    cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        rank, move = (None, None) if sort in BY_TIME else (getattr(last, RANKS[sort]), last.moves)
        cursor = Cursor(thread=last.thread_id, under=under, sort=sort, rank=rank, id=last.id, move=move).encode()
    return Level(tuple(seen_by(row, PUBLIC) for row in rows[:limit]), cursor)
