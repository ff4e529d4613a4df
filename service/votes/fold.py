"""Votes folded into counters and ranks: many at once, by one transaction at a time in each thread.

The rule that keeps the counters true: a vote's row says what the counters hold of it, and both change in one
transaction that has locked both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, null, update
from sqlmodel import col, select

from service import comments
from service.kit.db import Database, ReadTx, WriteTx
from service.votes.ranks import ranking
from service.votes.tables import VoteRow

_VOTES = VoteRow.metadata.tables[str(VoteRow.__tablename__)]
# What one transaction folds at most: some milliseconds' work.
_BATCH = 500
Key = tuple[int, int]

# Statements are made once: a vote should not have to write them anew.
_WAITING = (
    select(_VOTES.c.comment_id, _VOTES.c.person_id, _VOTES.c.value, _VOTES.c.counted)
    .where(_VOTES.c.thread_id == bindparam("thread", type_=BigInteger), _VOTES.c.counted.is_not(None))
    .order_by(_VOTES.c.comment_id)
    .limit(_BATCH)
    .with_for_update(skip_locked=True)
)
_THIS = (_VOTES.c.comment_id == bindparam("comment"), _VOTES.c.person_id == bindparam("person"))
_HOLD = update(_VOTES).where(*_THIS).values(counted=null())
_DROP = delete(_VOTES).where(*_THIS)


class Folded:
    """What a fold has done: comments' counts after it, and whose votes are in them, by (comment, person)."""

    def __init__(self, counts: dict[int, tuple[int, int]], votes: Iterable[Key] = (), *, more: bool = False) -> None:
        self.counts = counts
        self.votes = frozenset(votes)
        self.more = more


async def fold(tx: WriteTx, thread_id: int, *, patient: bool = False) -> Folded:
    """Fold votes of a thread that wait, at most 500; none when somebody else folds there at this moment.

    Waits for nobody: a vote that is being changed and a comment that somebody holds are left for the next fold. A
    `patient` fold waits for comments, so that under a storm of replies their votes have their turn as well.
    """
    move = await comments.begin_move(tx, thread_id)
    if move is None:
        return Folded({})
    waiting = await _waiting(tx, thread_id)
    totals = _totals(waiting)
    if not totals:
        return Folded({})
    async with tx.together():
        counts = await comments.rescore(tx, thread_id, move, totals, ranking, patient=patient)
        done = [vote for vote in waiting if vote.comment_id in counts]
        await _note(tx, done)
    return Folded(counts, ((vote.comment_id, vote.person_id) for vote in done), more=len(done) == _BATCH)


async def fold_waiting(db: Database) -> None:
    """Fold whatever waits, thread by thread, each in transactions of its own. For the worker, and after a crash."""
    last = 0
    while threads := await db.read(_threads_waiting, last):
        for thread_id in threads:
            while (await db.transact(fold, thread_id, patient=True)).more:
                pass
        last = threads[-1]


async def _waiting(tx: WriteTx, thread_id: int) -> Sequence[Any]:
    return (await tx.run(_WAITING, {"thread": thread_id})).all()


def _totals(waiting: Iterable[Any]) -> dict[int, tuple[int, int]]:
    """What each comment gets, up and down."""
    up: dict[int, int] = defaultdict(int)
    down: dict[int, int] = defaultdict(int)
    for vote in waiting:
        up[vote.comment_id] += int(vote.value == 1) - int(vote.counted == 1)
        down[vote.comment_id] += int(vote.value == -1) - int(vote.counted == -1)
    return {comment_id: (up[comment_id], down[comment_id]) for comment_id in up}


async def _note(tx: WriteTx, done: Iterable[Any]) -> None:
    """The counters hold these votes now; those that were taken back are gone."""
    stay = [{"comment": vote.comment_id, "person": vote.person_id} for vote in done if vote.value]
    gone = [{"comment": vote.comment_id, "person": vote.person_id} for vote in done if not vote.value]
    if stay:
        await tx.run_each(_HOLD, stay)
    if gone:
        await tx.run_each(_DROP, gone)


async def _threads_waiting(tx: ReadTx, after: int) -> list[int]:
    """Some threads in which votes wait, behind the thread `after`; looks at a thousand votes at most."""
    first = (
        select(VoteRow.thread_id)
        .where(col(VoteRow.counted).is_not(None), VoteRow.thread_id > after)
        .order_by(col(VoteRow.thread_id))
        .limit(1_000)
        .subquery()
    )
    return list((await tx.exec(select(first.c.thread_id).distinct().order_by(first.c.thread_id))).all())
