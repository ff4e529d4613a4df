"""The life of a comment: added, edited, decided about, voted on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from service import outbox
from service.comments.comment import STAFF, Comment, CommentUnknown, State, gone_reason, seen_by
from service.comments.counters import published_changed, shown_changed
from service.comments.events import CommentEdited, CommentPosted, CommentRemoved, VotesMoved
from service.comments.tables import CommentRow
from service.kit import clock, ids
from service.kit.db import WriteTx, changed
from service.kit.errors import Conflict
from service.kit.text import Rendered
from service.threads import Thread, page_tag

# (up, down, created_at) to (best, hot, controversy)
Ranking = Callable[[int, int, datetime], tuple[float, float, float]]


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
) -> Comment:
    """A new comment, published or held. `ranks` are best, hot and controversy of a comment without votes."""
    row = _row(thread, parent, person_id, body, rendered, state=state, at=clock.now(), ranks=ranks)
    tx.add(row)
    await tx.flush()
    if row.state == "published":
        await shown_changed(tx, row.parent_id, +1)
        await published_changed(tx, row, +1)
        await outbox.add(tx, CommentPosted(row.id, row.site_id, row.version))
    return seen_by(row, STAFF)


async def edit(tx: WriteTx, comment_id: int, version: int, body: str, rendered: Rendered, state: State) -> Comment:
    """Replace the text; `state` is what screening made of the new one. Raises CommentUnknown, VersionPassed."""
    row = await _locked(tx, comment_id, version)
    row.body, row.html, row.body_format, row.edited_at = body, rendered.html, "markdown", clock.now()
    return await _change(tx, row, state, is_rewritten=True)


async def set_state(tx: WriteTx, comment_id: int, version: int | None, state: State) -> Comment:
    """Publish, hold, reject, remove, delete. `version` is the one the decider saw; None when nobody looked.

    A deleted comment loses its text for good. Raises CommentUnknown, VersionPassed.
    """
    row = await _locked(tx, comment_id, version)
    if state == "deleted":
        row.body = row.html = ""
    return await _change(tx, row, state)


async def lock(tx: WriteTx, comment_id: int) -> Comment:
    """A comment that nobody else changes until this act is over, whatever its state. Raises CommentUnknown."""
    return seen_by(await _locked(tx, comment_id, None), STAFF)


async def rescore(tx: WriteTx, comment_id: int, up: int, down: int, ranks: Ranking) -> tuple[int, int]:
    """Add to the votes and store the ranks `ranks(up, down, created_at)` makes of them; (up, down) afterwards."""
    result = await tx.exec(
        update(CommentRow)
        .where(col(CommentRow.id) == comment_id)
        .values(up=CommentRow.up + up, down=CommentRow.down + down)
        .returning(col(CommentRow.up), col(CommentRow.down), col(CommentRow.created_at), col(CommentRow.thread_id))
    )
    # The first update keeps the row locked, so the ranks belong to these very counts.
    now_up, now_down, created_at, thread_id = result.one()
    best, hot, controversy = ranks(now_up, now_down, created_at)
    await tx.exec(
        update(CommentRow).where(col(CommentRow.id) == comment_id).values(best=best, hot=hot, controversy=controversy)
    )
    # A vote does not touch the thread's row: a storm of votes must not line up behind it.
    changed(tx, page_tag(thread_id), often=True)
    await outbox.add(tx, VotesMoved(thread_id, [comment_id]))
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


async def _change(tx: WriteTx, row: CommentRow, state: State, *, is_rewritten: bool = False) -> Comment:
    was_published, was_shown, before = row.state == "published", row.shown, gone_reason(row.state)
    row.state = state
    row.shown = state == "published" or row.reply_count > 0
    row.version += 1
    await tx.flush()
    if row.shown != was_shown:
        await shown_changed(tx, row.parent_id, 1 if row.shown else -1)
    is_told = row.shown and gone_reason(state) != before
    if was_published or state == "published" or row.shown != was_shown or is_told:
        # What readers never see leaves no trace in the thread's version either.
        await published_changed(tx, row, int(state == "published") - int(was_published))
    await _announce(tx, row, was_published=was_published, is_rewritten=is_rewritten)
    return seen_by(row, STAFF)


async def _announce(tx: WriteTx, row: CommentRow, *, was_published: bool, is_rewritten: bool) -> None:
    is_published = row.state == "published"
    if is_published and not was_published:
        await outbox.add(tx, CommentPosted(row.id, row.site_id, row.version))
    elif was_published and not is_published:
        await outbox.add(tx, CommentRemoved(row.id, row.site_id, row.version))
    elif is_published and is_rewritten:
        await outbox.add(tx, CommentEdited(row.id, row.site_id, row.version))
