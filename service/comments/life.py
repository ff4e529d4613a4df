"""The life of a comment: added, edited, decided about, voted on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from service.comments.comment import STAFF, Comment, CommentUnknown, State, seen_by
from service.comments.counters import published_changed, shown_changed
from service.comments.revisions import drop_revisions, keep_revision
from service.comments.tables import CommentRow
from service.kit import clock, ids
from service.kit.db import WriteTx, changed
from service.kit.errors import Conflict
from service.kit.text import Rendered
from service.threads import Thread, page_tag

# (up, down, created_at) to (best, hot, controversy)
Ranking = Callable[[int, int, datetime], tuple[float, float, float]]
# Above every rank there is: `best` ends at 1, `hot` stays below 100,000 until the year 2140.
PINNED = 1e6


class VersionPassed(Conflict):
    """This comment was changed after you loaded it. Look at it again and decide anew."""

    type = "version-passed"


async def add(
    tx: WriteTx,
    thread: Thread,
    parent: Comment | None,
    person_id: int,
    body: str,
    rendered: Rendered,
    *,
    state: State,
    ranks: tuple[float, float, float],
    address_hash: str | None = None,
) -> Comment:
    """A new comment, published or held. `ranks` are best, hot and controversy of a comment without votes."""
    row = _row(thread, parent, person_id, body, rendered, state=state, at=clock.now(), ranks=ranks)
    row.address_hash = address_hash
    tx.add(row)
    await tx.flush()
    if row.state == "published":
        await shown_changed(tx, row.parent_id, +1)
        await published_changed(tx, row, +1)
    return seen_by(row, STAFF)


async def edit(tx: WriteTx, comment_id: int, version: int, body: str, rendered: Rendered, state: State) -> Comment:
    """Replace the text; `state` is what screening made of the new one. Raises CommentUnknown, VersionPassed."""
    row = await _locked(tx, comment_id, version)
    await keep_revision(tx, row)
    row.body, row.html, row.body_format, row.edited_at = body, rendered.html, "markdown", clock.now()
    return await _change(tx, row, state)


async def set_state(tx: WriteTx, comment_id: int, version: int | None, state: State) -> Comment:
    """Publish, hold, reject, remove, delete. `version` is the one the decider saw; None when nobody looked.

    A deleted comment loses its text for good. Raises CommentUnknown, VersionPassed.
    """
    row = await _locked(tx, comment_id, version)
    if state == "deleted":
        row.body = row.html = ""
        row.address_hash = None
        await drop_revisions(tx, row.id)
    return await _change(tx, row, state)


async def mark(
    tx: WriteTx,
    comment_id: int,
    version: int,
    *,
    featured: bool | None = None,
    pinned: bool | None = None,
    replies_closed: bool | None = None,
) -> Comment:
    """Set marks; what is None stays. A pinned comment stands first among its siblings in the orders by rank.

    Raises CommentUnknown, VersionPassed.
    """
    row = await _locked(tx, comment_id, version)
    if pinned is not None and pinned != row.pinned:
        change = PINNED if pinned else -PINNED
        row.best, row.hot = row.best + change, row.hot + change
    row.featured = row.featured if featured is None else featured
    row.pinned = row.pinned if pinned is None else pinned
    row.replies_closed = row.replies_closed if replies_closed is None else replies_closed
    return await _change(tx, row, row.state)


async def rescore(tx: WriteTx, comment_id: int, up: int, down: int, ranks: Ranking) -> tuple[int, int]:
    """Add to the votes and store the ranks `ranks(up, down, created_at)` makes of them; (up, down) afterwards."""
    result = await tx.exec(
        update(CommentRow)
        .where(col(CommentRow.id) == comment_id)
        .values(up=CommentRow.up + up, down=CommentRow.down + down)
        .returning(
            col(CommentRow.up),
            col(CommentRow.down),
            col(CommentRow.created_at),
            col(CommentRow.thread_id),
            col(CommentRow.pinned),
        )
    )
    # The first update keeps the row locked, so the ranks belong to these very counts.
    now_up, now_down, created_at, thread_id, pinned = result.one()
    best, hot, controversy = ranks(now_up, now_down, created_at)
    lift = PINNED if pinned else 0.0
    await tx.exec(
        update(CommentRow)
        .where(col(CommentRow.id) == comment_id)
        .values(best=best + lift, hot=hot + lift, controversy=controversy)
    )
    # A vote does not touch the thread's row: a storm of votes must not line up behind it.
    changed(tx, page_tag(thread_id), often=True)
    return now_up, now_down


def _row(
    thread: Thread,
    parent: Comment | None,
    person_id: int,
    body: str,
    rendered: Rendered,
    *,
    state: State,
    at: datetime,
    ranks: tuple[float, float, float],
) -> CommentRow:
    best, hot, controversy = ranks
    return CommentRow(
        id=ids.new_id(ids.shard_of(thread.id)),
        site_id=thread.site_id,
        thread_id=thread.id,
        parent_id=parent.id if parent else None,
        under=parent.id if parent else 0,
        depth=parent.depth + 1 if parent else 0,
        person_id=person_id,
        body=body,
        html=rendered.html,
        state=state,
        shown=state == "published",
        best=best,
        hot=hot,
        controversy=controversy,
        created_at=at,
    )


async def _locked(tx: WriteTx, comment_id: int, version: int | None) -> CommentRow:
    row = await tx.get(CommentRow, comment_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise CommentUnknown
    if version is not None and row.version != version:
        raise VersionPassed(version=row.version, state=row.state)
    return row


async def _change(tx: WriteTx, row: CommentRow, state: str) -> Comment:
    was_published, was_shown = row.state == "published", row.shown
    row.state = state
    row.shown = state == "published" or row.reply_count > 0
    row.version += 1
    await tx.flush()
    if row.shown != was_shown:
        await shown_changed(tx, row.parent_id, 1 if row.shown else -1)
    if was_published or state == "published" or row.shown != was_shown:
        # What readers never saw leaves no trace in the thread's version either.
        await published_changed(tx, row, int(state == "published") - int(was_published))
    return seen_by(row, STAFF)
