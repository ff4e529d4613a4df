"""Ranks that were: written down when ranks move, forgotten after an hour or when the comment vanishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy import select as select_columns
from sqlmodel import select

from service.comments.spans import cover
from service.comments.tables import PastRankRow, RankClockRow
from service.kit.db import ReadTx, WriteTx

_PAST = PastRankRow.metadata.tables[str(PastRankRow.__tablename__)]
_CLOCK = RankClockRow.metadata.tables[str(RankClockRow.__tablename__)]
_MOMENT = select_columns(_CLOCK.c.moves, _CLOCK.c.kept_from).where(_CLOCK.c.thread_id == bindparam("thread"))
_KEEP = insert(_PAST)
_FORGET = delete(_PAST).where(_PAST.c.comment_id == bindparam("comment"))
_BATCH = 2_000

# As long a reader may take over one walk and still meet every comment once.
RANKS_KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Moment:
    """A state of a thread's ranks: after so many `moves`. What they were is known back to the move `kept_from`."""

    moves: int
    kept_from: int = 0

    def knows(self, move: int) -> bool:
        """Whether the ranks as of `move` can still be told."""
        return self.kept_from <= move <= self.moves


async def moment(tx: ReadTx, thread_id: int) -> Moment:
    """How far the ranks of a thread have come, in this transaction's snapshot."""
    found = (await tx.run(_MOMENT, {"thread": thread_id})).first()
    return Moment(*found) if found else Moment(0)


def past_rows(row: Any, thread_id: int, now: Moment, at: datetime) -> list[dict[str, Any]]:
    """What to keep of a comment whose ranks are moved by the move `now`: at most 2 log2(moves kept) rows.

    `row` has the comment as it was: `id`, `under`, the ranks and `moved`.
    """
    return [
        {
            "comment_id": row.id,
            "span": span,
            "thread_id": thread_id,
            "under": row.under,
            "best": row.best,
            "hot": row.hot,
            "controversy": row.controversy,
            "until": now.moves,
            "moved_at": at,
        }
        for span in cover(max(row.moved, now.kept_from), now.moves)
    ]


async def keep_past(tx: WriteTx, rows: Sequence[dict[str, Any]]) -> None:
    """Write them down, in one statement."""
    if rows:
        await tx.run_each(_KEEP, rows)


async def forget_past(tx: WriteTx, comment_id: int) -> None:
    """The comment is not shown any more: whoever is reading does not come by it again."""
    await tx.run(_FORGET, {"comment": comment_id})


async def forget_old_ranks(tx: WriteTx, before: datetime) -> bool:
    """Forget a batch of what moved before a time; True when there may be more.

    A cursor from further back goes on with present ranks. Waits for nobody: a thread whose ranks are being moved has
    its turn next time.
    """
    connection = await tx.connection()
    oldest = (
        select(_PAST.c.comment_id, _PAST.c.span, _PAST.c.thread_id, _PAST.c.until)
        .where(_PAST.c.moved_at < before)
        .order_by(_PAST.c.moved_at)
        .limit(_BATCH)
    )
    rows = (await connection.execute(oldest)).all()
    free = (
        select(_CLOCK.c.thread_id)
        .where(_CLOCK.c.thread_id.in_(sorted({row.thread_id for row in rows})))
        .with_for_update(skip_locked=True)
    )
    threads = set((await connection.execute(free)).scalars()) if rows else set()
    gone = [row for row in rows if row.thread_id in threads]
    if not gone:
        return False
    await connection.execute(
        delete(_PAST).where(_PAST.c.comment_id == bindparam("comment"), _PAST.c.span == bindparam("over")),
        [{"comment": row.comment_id, "over": row.span} for row in gone],
    )
    known_from: dict[int, int] = {}
    for row in gone:
        known_from[row.thread_id] = max(row.until, known_from.get(row.thread_id, 0))
    await connection.execute(
        update(_CLOCK)
        .where(_CLOCK.c.thread_id == bindparam("thread"), _CLOCK.c.kept_from < bindparam("known_from"))
        .values(kept_from=bindparam("known_from")),
        [{"thread": thread, "known_from": move} for thread, move in sorted(known_from.items())],
    )
    return len(rows) == _BATCH
