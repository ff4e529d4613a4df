"""Setting one's vote: idempotent, a row of one's own, folded at once where nobody else is folding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import Case, ColumnElement, Executable, bindparam, case, func, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from service import comments
from service.identity import Person
from service.kit import clock
from service.kit.db import ReadTx, WriteTx, at_end_for_all
from service.kit.errors import Forbidden
from service.kit.statements import Question
from service.votes.fold import fold_all
from service.votes.ranks import ranking
from service.votes.tables import VoteRow

Value = Literal[-1, 0, 1]

_VOTES = VoteRow.metadata.tables[str(VoteRow.__tablename__)]


class OwnComment(Forbidden):
    """You cannot vote on your own comment."""

    type = "own-comment"


async def cast(tx: WriteTx, who: Person, comment: comments.Comment, value: Value) -> tuple[int, int]:
    """Make `value` this person's vote on a published comment; (up, down) with it. Raises OwnComment.

    Waits for nobody but the same person voting on the same comment at the same moment. At the end of the transaction
    votes of the thread are folded, this one too, unless somebody else is folding there: then it stands in its row and
    is folded by the next one, or by the worker. `asking` is to be asked ahead with the comment, in one moment.

    A first vote of an act that is alone in a thread where nobody else's waits is folded by the very writes it is made
    of, reckoned from what was read: so nothing is read once more, and on PostgreSQL they are the commit.
    """
    if comment.person_id == who.id:
        raise OwnComment
    held = await _held(tx, who, comment)
    standing = await _standing_alone(tx, comment) if value and held is None and tx.may_guess else None
    if standing is not None:
        await _count_alone(tx, who, comment, value, standing)
    elif value or held is not None:
        # One after the other: what a vote was is told by the one before.
        tx.only(("vote", comment.id, who.id))
        await (_set(tx, who, comment, value) if value else _take_back(tx, who, comment))
        at_end_for_all(tx, fold_all, comment.thread_id)
    up = comment.up + int(value == 1) - int(held == 1)
    return up, comment.down + int(value == -1) - int(held == -1)


def asking(tx: WriteTx, person_id: int, comment: comments.Comment) -> list[Question]:
    """What `cast` asks, to be asked ahead."""
    questions = [_ask_held(person_id, comment.id)]
    if tx.may_guess:
        questions += [comments.asking_move(comment.id), _ask_waiting(comment)]
    return questions


def _ask_held(person_id: int, comment_id: int) -> Question:
    return Question(_COUNTED, {"comment": comment_id, "person": person_id})


def _ask_waiting(comment: comments.Comment) -> Question:
    return Question(_ANY_WAITS, {"thread": comment.thread_id})


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


async def _held(tx: WriteTx, who: Person, comment: comments.Comment) -> int | None:
    """What the comment's counters hold of this person's vote; None where there is none."""
    found: int | None = (await tx.run(*_ask_held(who.id, comment.id))).scalar_one_or_none()
    return found


async def _standing_alone(tx: WriteTx, comment: comments.Comment) -> Any:
    """Where the comment's ranks stand; None where there is more to be folded, or a first move to be made."""
    standing = (await tx.run(*comments.asking_move(comment.id))).first()
    waits = (await tx.run(*_ask_waiting(comment))).first()
    return standing if standing is not None and standing.shown and waits is None else None


async def _count_alone(tx: WriteTx, who: Person, comment: comments.Comment, value: Value, standing: Any) -> None:
    # Not `_set`: a vote that came in between is counted already, and the key refuses this one.
    await tx.run(_FIRST, _row(who, comment, value, counted=None))
    await comments.move_alone(tx, standing, (int(value == 1), int(value == -1)), ranking)


async def _set(tx: WriteTx, who: Person, comment: comments.Comment, value: Value) -> None:
    await tx.run(_SET[tx.dialect], _row(who, comment, value, counted=0))


def _row(who: Person, comment: comments.Comment, value: Value, *, counted: int | None) -> dict[str, Any]:
    return {
        "comment_id": comment.id,
        "person_id": who.id,
        "thread_id": comment.thread_id,
        "value": value,
        "counted": counted,
        "created_at": clock.now(),
    }


async def _take_back(tx: WriteTx, who: Person, comment: comments.Comment) -> None:
    """The row goes when the vote is subtracted (`fold`); also where no counter holds it yet."""
    await tx.run(_TAKE_BACK, {"comment": comment.id, "person": who.id})


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
    changed: Executable = new.on_conflict_do_update(index_elements=mine, set_=set_)
    return changed


_SET = {"sqlite": _set_on(sqlite.insert), "postgresql": _set_on(postgresql.insert)}
_TAKE_BACK = update(_VOTES).where(*_MINE).values(value=0, counted=_HELD)
_COUNTED = select(_HELD).where(*_MINE)
_ANY_WAITS = (
    select(_VOTES.c.comment_id).where(_VOTES.c.thread_id == bindparam("thread"), _VOTES.c.counted.is_not(None)).limit(1)
)
_FIRST = insert(_VOTES)
_VALUE = select(_VOTES.c.value).where(*_MINE)
