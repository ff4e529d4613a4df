"""Going on where ranks have moved: a page in the order as of the move its walk began with.

That order is made of two kinds of comments: those that have not moved since stand where they stood, in the index of
present ranks; of the others the rank they had is kept under the spans that hold that move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, literal, select, tuple_, union_all

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
    unmoved = await _places(tx, _unmoved(walk))
    moved = await _places(tx, _moved(walk))
    # Few are left of those that stayed: have we seen their end, or only as far as we look?
    end = await _places(tx, _last_looked_at(walk)) if len(unmoved) <= walk.limit else []
    places = sorted(unmoved + moved, reverse=True)
    if end:
        places = [place for place in places if place >= end[0]]
    ids = [place.id for place in places[: walk.limit]]
    if len(places) > walk.limit:
        return PageAsOf(ids, _behind(walk, places[walk.limit - 1]))
    return PageAsOf(ids, _behind(walk, end[0]) if end else None)


async def _places(tx: ReadTx, query: Select[Any]) -> list[Place]:
    return [Place(rank, number) for rank, number in await (await tx.connection()).execute(query)]


def _behind(walk: Walk, place: Place) -> Cursor:
    at = walk.after
    return Cursor(thread=at.thread, under=at.under, sort=at.sort, rank=place.rank, id=place.id, move=walk.move)


def _present(walk: Walk) -> Select[Any]:
    """All that follow in the present order."""
    row, at = CommentRow.__table__.c, walk.after  # type: ignore[attr-defined]  # SQLModel does not type it
    rank = row[RANKS[at.sort]]
    return (
        select(rank.label("rank"), row.id.label("id"), row.moved.label("moved"))
        .where(row.thread_id == at.thread, row.under == at.under, row.shown, _follows(at, rank, row.id))
        .order_by(rank.desc(), row.id.desc())
    )


def _unmoved(walk: Walk) -> Select[Any]:
    seen = _present(walk).limit(_LOOKED_AT).subquery()
    query = select(seen.c.rank, seen.c.id).where(seen.c.moved <= walk.move)
    return query.order_by(seen.c.rank.desc(), seen.c.id.desc()).limit(walk.limit + 1)


def _last_looked_at(walk: Walk) -> Select[Any]:
    seen = _present(walk).offset(_LOOKED_AT - 1).limit(1).subquery()
    return select(seen.c.rank, seen.c.id)


def _moved(walk: Walk) -> Select[Any]:
    spans = holding(walk.move, walk.now.moves)
    # Few distinct statements: both SQLAlchemy and the server keep the plans of those they have seen. No span is 0.
    spans += [0] * (-len(spans) % 8)
    each = [_under_span(walk, span).subquery() for span in spans]
    # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
    found = union_all(*[select(part.c.rank, part.c.id) for part in each]).subquery()
    return select(found.c.rank, found.c.id).order_by(found.c.rank.desc(), found.c.id.desc()).limit(walk.limit + 1)


def _under_span(walk: Walk, span: int) -> Select[Any]:
    past, at = PastRankRow.__table__.c, walk.after  # type: ignore[attr-defined]  # SQLModel does not type it
    rank = past[RANKS[at.sort]]
    return (
        select(rank.label("rank"), past.comment_id.label("id"))
        .where(past.thread_id == at.thread, past.under == at.under, past.span == span)
        .where(_follows(at, rank, past.comment_id))
        .order_by(rank.desc(), past.comment_id.desc())
        .limit(walk.limit + 1)
    )


def _follows(at: Cursor, rank: ColumnElement[Any], number: ColumnElement[Any]) -> ColumnElement[bool]:
    return tuple_(rank, number) < tuple_(literal(at.rank), literal(at.id))
