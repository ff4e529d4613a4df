"""Ranks move: counters and ranks of many comments of a thread at once, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Executable, Select, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service import outbox
from service.comments.events import VotesMoved
from service.comments.past import Moment, keep_past, past_rows
from service.comments.tables import CommentRow, PastRankRow, RankClockRow
from service.kit import clock
from service.kit.db import WriteTx, changed
from service.kit.statements import Question, rounded
from service.threads import page_tag

# (up, down, created_at) to (best, hot, controversy)
Ranking = Callable[[int, int, datetime], tuple[float, float, float]]
Count = tuple[int, int]

# Above every rank there is: `best` ends at 1, `hot` stays below 100,000 until the year 2140.
_PINNED = 1e6

_COMMENTS = CommentRow.metadata.tables[str(CommentRow.__tablename__)]
_CLOCK = RankClockRow.metadata.tables[str(RankClockRow.__tablename__)]
_PAST = PastRankRow.metadata.tables[str(PastRankRow.__tablename__)]


def lift(*, is_pinned: bool) -> float:
    """What a pin adds to `best` and `hot`."""
    return _PINNED if is_pinned else 0.0


async def begin_move(tx: WriteTx, thread_id: int, *, patient: bool = False) -> Moment | None:
    """Begin the next move of one thread's ranks; see `begin_moves`."""
    return (await begin_moves(tx, [thread_id], patient=patient)).get(thread_id)


async def begin_moves(tx: WriteTx, thread_ids: Sequence[int], *, patient: bool = False) -> dict[int, Moment]:
    """Begin the next move of each thread's ranks: nobody else moves them before this transaction ends.

    A thread is left out when somebody does at this moment, unless we are `patient` and wait for them. Otherwise it
    waits for nobody, but for whoever moves ranks of a thread for the first time ever. One to four statements.
    """
    tick = _TICK_PATIENTLY if patient else _TICK
    moves = await _ticked(tx, tick, thread_ids)
    missing = sorted(set(thread_ids) - moves.keys())
    # Looked for first: ON CONFLICT would wait for whoever is moving them.
    known = (await tx.run(_ARE_THERE, {"threads": rounded(missing)})).scalars() if missing else ()
    if new := sorted(set(missing) - set(known)):
        await tx.run_each(_FIRST[tx.dialect], [{"thread_id": thread, "moves": 0, "kept_from": 0} for thread in new])
        moves |= await _ticked(tx, tick, new)
    return moves


async def _ticked(tx: WriteTx, tick: Executable, thread_ids: Sequence[int]) -> dict[int, Moment]:
    rows = await tx.run(tick, {"threads": rounded(thread_ids)})
    return {row.thread_id: Moment(row.moves, row.kept_from) for row in rows}


async def rescore(
    tx: WriteTx, moves: Mapping[int, Moment], votes: Mapping[int, Count], ranking: Ranking, *, patient: bool = False
) -> dict[int, Count]:
    """Add votes (comment to up and down) and store the ranks `ranking` makes of them; the (up, down) afterwards.

    `moves` is what `begin_moves` said. A comment somebody else is changing right now, or one of another thread, is
    left out of the answer and keeps its counts; we wait for it if we are `patient`. Four statements, whatever the
    number of comments and threads.
    """
    locked = await tx.run(_LOCK_PATIENTLY if patient else _LOCK, {"comments": rounded(votes)})
    before = [row for row in locked if row.thread_id in moves]
    after = [_moved(row, votes[row.id], ranking, moves[row.thread_id]) for row in before]
    if after:
        await tx.run_each(_STORE, after)
        await _keep_ranks(tx, before, moves)
        await _tell(tx, before)
    return {new["comment"]: (new["now_up"], new["now_down"]) for new in after}


def asking_move(comment_id: int) -> Question:
    """What `move_alone` has to know, to be asked ahead: a row, or none where this thread's ranks never moved."""
    return Question(_STANDING, {"comment": comment_id})


async def move_alone(tx: WriteTx, standing: Any, votes: Count, ranking: Ranking) -> None:
    """Add votes to one shown comment, whose row `asking_move` read a moment ago, by writes that wait for nobody.

    For the last writes of an act that is alone and may be run again. If anybody has moved the thread's ranks
    meanwhile, or holds its clock or the comment at this moment, nothing of the transaction is written: the database
    raises an error after which the act is run again.
    """
    move = Moment(standing.moves + 1, standing.kept_from)
    first, *others = past_rows(standing, standing.thread_id, move, clock.now())
    known = {"comment": standing.id, "thread": standing.thread_id, "moves": standing.moves, "move": standing.moved}
    known |= {"was_up": standing.up, "was_down": standing.down}
    await tx.run(_KEEP_IF_STILL, {f"past_{name}": value for name, value in first.items()} | known)
    await keep_past(tx, others)
    await tx.run(_TICK_ONE, {"thread": standing.thread_id})
    await tx.run(_STORE, _moved(standing, votes, ranking, move))
    await _tell(tx, [standing])


async def _keep_ranks(tx: WriteTx, before: Sequence[Any], moves: Mapping[int, Moment]) -> None:
    at = clock.now()
    # Who is not shown is met by no reader.
    past = [past_rows(row, row.thread_id, moves[row.thread_id], at) for row in before if row.shown]
    await keep_past(tx, [kept for rows_of_one in past for kept in rows_of_one])


async def _tell(tx: WriteTx, moved: Sequence[Any]) -> None:
    threads: dict[int, list[int]] = {}
    for row in moved:
        threads.setdefault(row.thread_id, []).append(row.id)
    for thread_id in threads:
        # The thread's row is left alone: posts and votes would line up behind it.
        changed(tx, page_tag(thread_id), often=True)
    await outbox.add_all(tx, [VotesMoved(thread_id, comments) for thread_id, comments in threads.items()])


# Statements are made once: a vote should not have to write them anew.

_THESE = _CLOCK.c.thread_id.in_(bindparam("threads", expanding=True, type_=BigInteger))
_MOMENT = (_CLOCK.c.thread_id, _CLOCK.c.moves, _CLOCK.c.kept_from)
# In one order, as everybody takes several of them.
_FREE = select(_CLOCK.c.thread_id).where(_THESE).order_by(_CLOCK.c.thread_id).with_for_update(skip_locked=True)
_ALL = select(_CLOCK.c.thread_id).where(_THESE).order_by(_CLOCK.c.thread_id).with_for_update()


def _ticking(clocks: Select[Any]) -> Executable:
    return update(_CLOCK).where(_CLOCK.c.thread_id.in_(clocks)).values(moves=_CLOCK.c.moves + 1).returning(*_MOMENT)


_TICK, _TICK_PATIENTLY = _ticking(_FREE), _ticking(_ALL)
_ARE_THERE = select(_CLOCK.c.thread_id).where(_THESE)
_FIRST = {
    "sqlite": sqlite.insert(_CLOCK).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_CLOCK).on_conflict_do_nothing(),
}

_RANKED = select(
    *(_COMMENTS.c[name] for name in ("id", "thread_id", "under", "shown", "up", "down", "created_at", "pinned"))
).add_columns(_COMMENTS.c.best, _COMMENTS.c.hot, _COMMENTS.c.controversy, _COMMENTS.c.moved)
_ROWS = (
    _RANKED.where(_COMMENTS.c.id.in_(bindparam("comments", expanding=True, type_=BigInteger)))
    # From a comment upwards, as everybody takes these locks, where we wait for them at all.
    .order_by(_COMMENTS.c.id.desc())
)
_LOCK = _ROWS.with_for_update(key_share=True, skip_locked=True)
_LOCK_PATIENTLY = _ROWS.with_for_update(key_share=True)

_STANDING = (
    _RANKED.add_columns(_CLOCK.c.moves, _CLOCK.c.kept_from)
    .join(_CLOCK, _CLOCK.c.thread_id == _COMMENTS.c.thread_id)
    .where(_COMMENTS.c.id == bindparam("comment"))
)
# The comment's id, if all stands as it was read and nobody holds it: locked, the clock first and then the comment.
_STILL = (
    select(_COMMENTS.c.id)
    .join(_CLOCK, _CLOCK.c.thread_id == _COMMENTS.c.thread_id)
    .where(_CLOCK.c.thread_id == bindparam("thread"), _CLOCK.c.moves == bindparam("moves"))
    .where(_COMMENTS.c.id == bindparam("comment"), _COMMENTS.c.moved == bindparam("move"), _COMMENTS.c.shown)
    .where(_COMMENTS.c.up == bindparam("was_up"), _COMMENTS.c.down == bindparam("was_down"))
    .with_for_update(key_share=True, skip_locked=True)
    .scalar_subquery()
)
# Nothing is put into a key's column otherwise, and that is an error.
_KEEP_IF_STILL = (
    insert(_PAST)
    .values(
        {each.name: bindparam(f"past_{each.name}") for each in _PAST.c if each.name != "comment_id"}
        | {"comment_id": _STILL}
    )
    # Or SQLAlchemy asks which key it became, and writes that return something go alone.
    .inline()
)
_TICK_ONE = update(_CLOCK).where(_CLOCK.c.thread_id == bindparam("thread")).values(moves=_CLOCK.c.moves + 1)

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
