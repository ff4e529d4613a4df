"""Going on where ranks have moved: a page in the order as of the move its walk began with.

That order is made of two kinds of comments: those that have not moved since stand where they stood, in the index of
present ranks; of the others the rank they had is kept under the spans that hold that move.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Float, Select, bindparam, select, tuple_, union_all

from service.comments.past import Moment
from service.comments.spans import holding
from service.comments.tables import CommentRow, PastRankRow
from service.kit.db import ReadTx
from service.kit.paging import Cursor

RANKS = {"best": "best", "hot": "hot", "controversial": "controversy"}

# So many comments of the present order are looked at for one page, at most. A page ends there when all the rest of
# them have moved since the walk began: it may be short, and goes on with the next.
_LOOKED_AT = 5_000


class Place(NamedTuple):
    """Where a comment stands in a list; places compare as the list is ordered, last first."""

    rank: float
    id: int


@dataclass(frozen=True)
class Walk:
    """The page behind the cursor `after`, in the order as of `move`; the ranks have come to `now` since."""

    move: int
    now: Moment
    after: Cursor
    limit: int


@dataclass(frozen=True)
class PageAsOf:
    """Comments in order, and where the rest begins."""

    ids: list[int]
    rest: Cursor | None


async def page_as_of(tx: ReadTx, walk: Walk) -> PageAsOf:
    """At most `walk.limit` comments behind the cursor, in three statements at most.

    They read 5,000 entries of the index of present ranks and (limit + 1) × (1 + log2(moves)) of past ones at most,
    whatever the size of the thread and however often anything in it moved.
    """
    unmoved = await _places(tx, _unmoved(walk.after.sort), walk)
    spans = _spans(walk)
    moved = await _places(tx, _moved(walk.after.sort, len(spans)), walk, **spans)
    # Few are left of those that stayed: have we seen their end, or only as far as we look?
    end = await _places(tx, _last_looked_at(walk.after.sort), walk) if len(unmoved) <= walk.limit else []
    places = sorted(unmoved + moved, reverse=True)
    if end:
        places = [place for place in places if place >= end[0]]
    ids = [place.id for place in places[: walk.limit]]
    if len(places) > walk.limit:
        return PageAsOf(ids, _behind(walk, places[walk.limit - 1]))
    return PageAsOf(ids, _behind(walk, end[0]) if end else None)


def _behind(walk: Walk, place: Place) -> Cursor:
    at = walk.after
    return Cursor(thread=at.thread, under=at.under, sort=at.sort, rank=place.rank, id=place.id, move=walk.move)


def _spans(walk: Walk) -> dict[str, int]:
    """The spans to look under, by the names the statement has for them."""
    spans = holding(walk.move, walk.now.moves)
    # Few distinct statements: both SQLAlchemy and the server keep the plans of those they have seen. No span is 0.
    spans += [0] * (-len(spans) % 8)
    return {f"span_{number}": span for number, span in enumerate(spans)}


async def _places(tx: ReadTx, query: Select[Any], walk: Walk, **spans: int) -> list[Place]:
    at = walk.after
    asked = {"thread": at.thread, "level": at.under, "last_rank": at.rank, "last_id": at.id}
    more = {"as_of": walk.move, "most": walk.limit + 1}
    return [Place(rank, number) for rank, number in await tx.run(query, asked | more | spans)]


# The statements are made once: to write them anew, with twenty parts, takes longer than to carry them out.

_PRESENT = CommentRow.metadata.tables[str(CommentRow.__tablename__)].c
_PAST = PastRankRow.metadata.tables[str(PastRankRow.__tablename__)].c


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _behind_last(rank: ColumnElement[Any], number: ColumnElement[Any]) -> ColumnElement[bool]:
    return tuple_(rank, number) < tuple_(bindparam("last_rank", type_=Float), _number("last_id"))


def _present(sort: str) -> Select[Any]:
    """All that follow in the present order."""
    row, rank = _PRESENT, _PRESENT[RANKS[sort]]
    return (
        select(rank.label("rank"), row.id.label("id"), row.moved.label("moved"))
        .where(row.thread_id == _number("thread"), row.under == _number("level"), row.shown)
        .where(_behind_last(rank, row.id))
        .order_by(rank.desc(), row.id.desc())
    )


@cache
def _unmoved(sort: str) -> Select[Any]:
    seen = _present(sort).limit(_LOOKED_AT).subquery()
    query = select(seen.c.rank, seen.c.id).where(seen.c.moved <= _number("as_of"))
    return query.order_by(seen.c.rank.desc(), seen.c.id.desc()).limit(_number("most"))


@cache
def _last_looked_at(sort: str) -> Select[Any]:
    seen = _present(sort).offset(_LOOKED_AT - 1).limit(1).subquery()
    return select(seen.c.rank, seen.c.id)


@cache
def _moved(sort: str, spans: int) -> Select[Any]:
    each = [_under_span(sort, number).subquery() for number in range(spans)]
    # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
    found = union_all(*[select(part.c.rank, part.c.id) for part in each]).subquery()
    return select(found.c.rank, found.c.id).order_by(found.c.rank.desc(), found.c.id.desc()).limit(_number("most"))


def _under_span(sort: str, number: int) -> Select[Any]:
    row, rank = _PAST, _PAST[RANKS[sort]]
    return (
        select(rank.label("rank"), row.comment_id.label("id"))
        .where(row.thread_id == _number("thread"), row.under == _number("level"))
        .where(row.span == _number(f"span_{number}"), _behind_last(rank, row.comment_id))
        .order_by(rank.desc(), row.comment_id.desc())
        .limit(_number("most"))
    )
