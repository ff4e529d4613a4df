"""Setting one's vote: idempotent, a row of one's own, folded at once where nobody else is folding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import Case, ColumnElement, Executable, bindparam, case, delete, func, literal, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from service import comments
from service.identity import Person
from service.kit import clock
from service.kit.db import ReadTx, WriteTx
from service.kit.errors import Forbidden
from service.votes.fold import fold
from service.votes.tables import VoteRow

Value = Literal[-1, 0, 1]

_VOTES = VoteRow.metadata.tables[str(VoteRow.__tablename__)]


class OwnComment(Forbidden):
    """You cannot vote on your own comment."""

    type = "own-comment"


async def cast(tx: WriteTx, who: Person, comment: comments.Comment, value: Value) -> tuple[int, int]:
    """Make `value` this person's vote on a published comment; (up, down) with it. Raises OwnComment.

    Waits for nobody but the same person voting on the same comment at the same moment. When somebody else is folding
    votes of this thread, the vote stands in its row and is folded by the next one, or by the worker.
    """
    if comment.person_id == who.id:
        raise OwnComment
    held = await (_set(tx, who, comment, value) if value else _take_back(tx, who, comment))
    if held is None:
        return await comments.counts(tx, comment.id)
    folded = await fold(tx, comment.thread_id)
    # Our vote's row is locked by now: what the counters hold of it does not change under us.
    up, down = folded.counts.get(comment.id) or await comments.counts(tx, comment.id)
    if (comment.id, who.id) not in folded.votes:
        up, down = up + int(value == 1) - int(held == 1), down + int(value == -1) - int(held == -1)
    return up, down


async def vote_of(tx: ReadTx, person_id: int, comment_id: int) -> int | None:
    """A person's vote on a comment: -1, 1, or None."""
    found = (await tx.run(_VALUE, {"comment": comment_id, "person": person_id})).scalar_one_or_none()
    return found or None


async def votes_in_thread(tx: ReadTx, person_id: int, thread_id: int, *, limit: int = 500) -> dict[int, int]:
    """A person's votes in one thread, the newest comments' first: comment id to -1 or 1."""
    rows = await tx.exec(
        select(VoteRow.comment_id, VoteRow.value)
        .where(VoteRow.person_id == person_id, VoteRow.thread_id == thread_id, VoteRow.value != 0)
        .order_by(col(VoteRow.comment_id).desc())
        .limit(limit)
    )
    return dict(rows.all())


async def _set(tx: WriteTx, who: Person, comment: comments.Comment, value: Value) -> int | None:
    """Write the vote down; what the counters hold of it, None when that is the vote itself."""
    new = {
        "comment_id": comment.id,
        "person_id": who.id,
        "thread_id": comment.thread_id,
        "value": value,
        "counted": 0,
        "created_at": clock.now(),
    }
    held: int | None = (await tx.run(_SET[tx.dialect], new)).scalar_one()
    return held


async def _take_back(tx: WriteTx, who: Person, comment: comments.Comment) -> int | None:
    """Take the vote back, if there is one; what the counters hold of it, None for nothing."""
    mine = {"comment": comment.id, "person": who.id}
    found = (await tx.run(_TAKE_BACK, mine)).first()
    if found is None or found.counted is not None:
        return found.counted if found else None
    # Never folded: nothing is to be subtracted, and nothing to be kept.
    await tx.run(_DROP, mine)
    return None


# Statements are made once: a vote should not have to write them anew.

# What the counters hold of a vote.
_HELD = func.coalesce(_VOTES.c.counted, _VOTES.c.value)
_MINE = (_VOTES.c.comment_id == bindparam("comment"), _VOTES.c.person_id == bindparam("person"))


def _still_held(value: ColumnElement[int]) -> Case[Any]:
    return case((_HELD == value, None), else_=_HELD)  # noqa: SIM300  # SQL, and read from left to right


def _set_on(insert: Callable[..., Any]) -> Executable:
    new = insert(_VOTES)
    value = new.excluded.value
    set_ = {"value": value, "counted": _still_held(value)}
    mine = [_VOTES.c.comment_id, _VOTES.c.person_id]
    changed: Executable = new.on_conflict_do_update(index_elements=mine, set_=set_).returning(_VOTES.c.counted)
    return changed


_SET = {"sqlite": _set_on(sqlite.insert), "postgresql": _set_on(postgresql.insert)}
_TAKE_BACK = update(_VOTES).where(*_MINE).values(value=0, counted=_still_held(literal(0))).returning(_VOTES.c.counted)
_DROP = delete(_VOTES).where(*_MINE)
_VALUE = select(_VOTES.c.value).where(*_MINE)
