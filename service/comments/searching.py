"""A site's comments looked through from the newest on, in bounded pieces, for its staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from service.comments.comment import STAFF, Comment, seen_by
from service.comments.tables import CommentRow
from service.kit.db import ReadTx


@dataclass(frozen=True)
class Criteria:
    """Which comments: all that is said must be so. `above` and `below` are ids, which sort by time; texts never."""

    person_id: int | None = None
    address: str | None = None
    thread_id: int | None = None
    states: tuple[str, ...] = ()
    above: int | None = None
    below: int | None = None
    min_score: int | None = None
    max_score: int | None = None
    host: str | None = None  # a first look only: the caller reads the links themselves


async def newest(tx: ReadTx, site_id: int, criteria: Criteria, limit: int) -> list[Comment]:
    """The newest comments of a site that fit, at most `limit`; what their authors deleted is never among them."""
    query = select(CommentRow).where(col(CommentRow.site_id) == site_id, *_conditions(criteria))
    rows = await tx.exec(query.order_by(col(CommentRow.id).desc()).limit(limit))
    return [seen_by(row, STAFF) for row in rows]


async def versions(tx: ReadTx, site_id: int, criteria: Criteria, limit: int) -> Sequence[tuple[int, int, int]]:
    """The same without the texts: (id, version, thread's id)."""
    query = select(CommentRow.id, CommentRow.version, CommentRow.thread_id)
    query = query.where(col(CommentRow.site_id) == site_id, *_conditions(criteria))
    return (await tx.exec(query.order_by(col(CommentRow.id).desc()).limit(limit))).all()


def _conditions(asked: Criteria) -> list[ColumnElement[bool]]:
    score = col(CommentRow.up) - col(CommentRow.down)
    found: list[Any] = [col(CommentRow.state) != "deleted"]
    if asked.person_id is not None:
        found.append(col(CommentRow.person_id) == asked.person_id)
    if asked.address is not None:
        found.append(col(CommentRow.address_hash) == asked.address)
    if asked.thread_id is not None:
        found.append(col(CommentRow.thread_id) == asked.thread_id)
    if asked.states:
        found.append(col(CommentRow.state).in_(asked.states))
    if asked.above is not None:
        found.append(col(CommentRow.id) > asked.above)
    if asked.below is not None:
        found.append(col(CommentRow.id) < asked.below)
    if asked.min_score is not None:
        found.append(score >= asked.min_score)
    if asked.max_score is not None:
        found.append(score <= asked.max_score)
    if asked.host is not None:
        # A host has no `%`, and that its `_` matches any sign does no harm to a first look.
        found.append(col(CommentRow.html).like(f"%{asked.host}%"))
    return found
