"""Ranks move: counters and ranks of many comments of a thread at once, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service import outbox
from service.comments.events import VotesMoved
from service.comments.past import Moment, keep_past, past_rows
from service.comments.tables import CommentRow, RankClockRow
from service.kit import clock
from service.kit.db import WriteTx, changed
from service.threads import page_tag

# (up, down, created_at) to (best, hot, controversy)
Ranking = Callable[[int, int, datetime], tuple[float, float, float]]
Count = tuple[int, int]

# Above every rank there is: `best` ends at 1, `hot` stays below 100,000 until the year 2140.
_PINNED = 1e6

_COMMENTS = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
_CLOCK = RankClockRow.metadata.tables[str(RankClockRow.__tablename__)]


def lift(*, is_pinned: bool) -> float:
    """What a pin adds to `best` and `hot`."""
    return _PINNED if is_pinned else 0.0


async def begin_move(tx: WriteTx, thread_id: int, *, patient: bool = False) -> Moment | None:
    """Begin the next move of a thread's ranks: nobody else moves them before this transaction ends.

    None when somebody does at this moment, unless we are `patient` and wait for them. Otherwise it waits for nobody,
    but for whoever moves them for the first time ever.
    """
    this = {"thread": thread_id}
    tick = _TICK_PATIENTLY if patient else _TICK
    found = (await tx.run(tick, this)).first()
    # Looked for first: ON CONFLICT would wait for whoever is moving them.
    if found is None and (await tx.run(_IS_THERE, this)).first() is None:
        first = {"thread_id": thread_id, "moves": 1, "kept_from": 0}
        found = (await tx.run(_FIRST[tx.dialect], first)).first()
        if found is None and patient:
            found = (await tx.run(tick, this)).first()
    return Moment(found.moves, found.kept_from) if found else None


async def rescore(
    tx: WriteTx, thread_id: int, move: Moment, votes: Mapping[int, Count], ranking: Ranking, *, patient: bool = False
) -> dict[int, Count]:
    """Add votes (comment to up and down) and store the ranks `ranking` makes of them; the (up, down) afterwards.

    `move` is what `begin_move` said. A comment somebody else is changing right now is left out of the answer and
    keeps its counts, unless we are `patient` and wait for it. Four statements, whatever the number of comments.
    """
    these = {"thread": thread_id, "comments": sorted(votes)}
    before = (await tx.run(_LOCK_PATIENTLY if patient else _LOCK, these)).all()
    after = [_moved(row, votes[row.id], ranking, move) for row in before]
    if after:
        await tx.run_each(_STORE, after)
        at = clock.now()
        # Who is not shown is met by no reader.
        past = [past_rows(row, thread_id, move, at) for row in before if row.shown]
        await keep_past(tx, [kept for rows_of_one in past for kept in rows_of_one])
        # The thread's row is left alone: posts and votes would line up behind it.
        changed(tx, page_tag(thread_id), often=True)
        await outbox.add(tx, VotesMoved(thread_id, [new["comment"] for new in after]))
    return {new["comment"]: (new["now_up"], new["now_down"]) for new in after}


# Statements are made once: a vote should not have to write them anew.

_THIS_CLOCK = _CLOCK.c.thread_id == bindparam("thread", type_=BigInteger)
_MOMENT = (_CLOCK.c.moves, _CLOCK.c.kept_from)
_FREE = select(_CLOCK.c.thread_id).where(_THIS_CLOCK).with_for_update(skip_locked=True).scalar_subquery()
_TICK = update(_CLOCK).where(_CLOCK.c.thread_id == _FREE).values(moves=_CLOCK.c.moves + 1).returning(*_MOMENT)
_TICK_PATIENTLY = update(_CLOCK).where(_THIS_CLOCK).values(moves=_CLOCK.c.moves + 1).returning(*_MOMENT)
_IS_THERE = select(_CLOCK.c.thread_id).where(_THIS_CLOCK)
_FIRST = {
    "sqlite": sqlite.insert(_CLOCK).on_conflict_do_nothing().returning(*_MOMENT),
    "postgresql": postgresql.insert(_CLOCK).on_conflict_do_nothing().returning(*_MOMENT),
}

_ROWS = (
    select(*(_COMMENTS.c[name] for name in ("id", "under", "shown", "up", "down", "created_at", "pinned")))
    .add_columns(_COMMENTS.c.best, _COMMENTS.c.hot, _COMMENTS.c.controversy, _COMMENTS.c.moved)
    .where(_COMMENTS.c.id.in_(bindparam("comments", expanding=True, type_=BigInteger)))
    .where(_COMMENTS.c.thread_id == bindparam("thread", type_=BigInteger))
    # From a comment upwards, as everybody takes these locks, where we wait for them at all.
    .order_by(_COMMENTS.c.id.desc())
)
_LOCK = _ROWS.with_for_update(key_share=True, skip_locked=True)
_LOCK_PATIENTLY = _ROWS.with_for_update(key_share=True)

_COUNTS = select(_COMMENTS.c.up, _COMMENTS.c.down).where(_COMMENTS.c.id == bindparam("comment"))
_STORE = (
    update(_COMMENTS)
    .where(_COMMENTS.c.id == bindparam("comment"))
    .values(
        up=bindparam("now_up"),
        down=bindparam("now_down"),
        best=bindparam("now_best"),
        hot=bindparam("now_hot"),
        controversy=bindparam("now_controversy"),
        moved=bindparam("move"),
    )
)


def _moved(row: Any, votes: Count, ranking: Ranking, move: Moment) -> dict[str, Any]:
    up, down = row.up + votes[0], row.down + votes[1]
    best, hot, controversy = ranking(up, down, row.created_at)
    best, hot = best + lift(is_pinned=row.pinned), hot + lift(is_pinned=row.pinned)
    return {
        "comment": row.id,
        "now_up": up,
        "now_down": down,
        "now_best": best,
        "now_hot": hot,
        "now_controversy": controversy,
        "move": move.moves,
    }


async def counts(tx: WriteTx, comment_id: int) -> Count:
    """The stored (up, down) of a comment, as of this statement."""
    up, down = (await tx.run(_COUNTS, {"comment": comment_id})).one()
    return up, down
