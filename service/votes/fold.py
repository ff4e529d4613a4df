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
from service.kit.statements import rounded
from service.votes.ranks import ranking
from service.votes.tables import VoteRow

_VOTES = VoteRow.metadata.tables[str(VoteRow.__tablename__)]
# What one transaction folds at most: some milliseconds' work.
_BATCH = 500

# Statements are made once: a vote should not have to write them anew.
_WAITING = (
    select(_VOTES.c.comment_id, _VOTES.c.person_id, _VOTES.c.value, _VOTES.c.counted)
    .where(_VOTES.c.thread_id.in_(bindparam("threads", expanding=True, type_=BigInteger)))
    .where(_VOTES.c.counted.is_not(None))
    # As their index has them, or the one by comments might be gone through instead.
    .order_by(_VOTES.c.thread_id, _VOTES.c.comment_id)
    .limit(_BATCH)
    .with_for_update(skip_locked=True)
)
_THIS = (_VOTES.c.comment_id == bindparam("comment"), _VOTES.c.person_id == bindparam("person"))
_HOLD = update(_VOTES).where(*_THIS).values(counted=null())
_DROP = delete(_VOTES).where(*_THIS)


async def fold(tx: WriteTx, thread_ids: Sequence[int], *, patient: bool = False) -> int:
    """Fold votes of these threads that wait, at most 500; how many that were.

    Waits for nobody: a thread whose votes somebody else folds at this moment, a vote that is being changed and a
    comment that somebody holds are left for the next fold. A `patient` fold waits for comments, so that under a storm
    of replies their votes have their turn as well. At most nine statements, however many threads and votes.
    """
    moves = await comments.begin_moves(tx, thread_ids)
    waiting = await _waiting(tx, moves) if moves else ()
    totals = _totals(waiting)
    if not totals:
        return 0
    async with tx.together():
        counts = await comments.rescore(tx, moves, totals, ranking, patient=patient)
        done = [vote for vote in waiting if vote.comment_id in counts]
        await _note(tx, done)
    return len(done)


async def fold_all(tx: WriteTx, thread_ids: Sequence[int]) -> None:
    """Fold all that waits in these threads, for whoever has just voted there."""
    while await fold(tx, thread_ids) == _BATCH:
        pass


async def fold_waiting(db: Database) -> None:
    """Fold whatever waits, thread by thread, each in transactions of its own. For the worker, and after a crash."""
    last = 0
    while threads := await db.read(_threads_waiting, last):
        for thread_id in threads:
            while await db.transact(fold, [thread_id], patient=True) == _BATCH:
                pass
        last = threads[-1]


async def _waiting(tx: WriteTx, thread_ids: Iterable[int]) -> Sequence[Any]:
    return (await tx.run(_WAITING, {"threads": rounded(thread_ids)})).all()


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
