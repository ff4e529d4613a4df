"""The life of a comment: added, edited, decided about."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert

from service import outbox
from service.comments.comment import STAFF, Comment, CommentUnknown, State, gone_reason, seen_by
from service.comments.counters import published_changed, shown_changed
from service.comments.events import CommentEdited, CommentPosted, CommentRemoved
from service.comments.moving import Ranking, begin_move, lift
from service.comments.past import forget_past, keep_past, past_rows
from service.comments.revisions import drop_revisions, keep_revision
from service.comments.tables import CommentRow
from service.kit import clock, ids
from service.kit.db import WriteTx
from service.kit.errors import Conflict
from service.kit.statements import fixed
from service.kit.text import Rendered
from service.threads import Thread

# What a comment begins with, by the table's own word; what of it is the same for each stands in the statement.
_BLANK = {name: field.default for name, field in CommentRow.model_fields.items() if not field.is_required()}
_OWN = {"parent_id", "under", "depth", "shown", "best", "hot", "controversy", "address_hash"}
_SAME = {name: value for name, value in _BLANK.items() if name not in _OWN}
_ADD = insert(CommentRow.metadata.tables[str(CommentRow.__tablename__)]).values(fixed(_SAME))


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
    ranking: Ranking,
    address_hash: str | None = None,
    author_counts: bool = False,
) -> Comment:
    """A new comment, published or held, ranked as one without votes.

    `author_counts`: a published one is counted in its author's number already, as that of somebody new is.
    """
    at = clock.now()
    made = _new(thread, parent, person_id, body, rendered, state=state, at=at, ranks=ranking(0, 0, at))
    await tx.run(_ADD, made | {"address_hash": address_hash})
    row: Any = SimpleNamespace(**_SAME, **made)
    if row.state == "published":
        await shown_changed(tx, row.parent_id, +1)
        await published_changed(tx, row, +1, author_counts=author_counts)
        await outbox.add(tx, CommentPosted(row.id, row.site_id, row.version))
    return seen_by(row, STAFF)


async def edit(tx: WriteTx, comment_id: int, version: int, body: str, rendered: Rendered, state: State) -> Comment:
    """Replace the text; `state` is what screening made of the new one. Raises CommentUnknown, VersionPassed."""
    row = await _locked(tx, comment_id, version)
    await keep_revision(tx, row)
    row.body, row.html, row.body_format, row.edited_at = body, rendered.html, "markdown", clock.now()
    return await _change(tx, row, state, is_rewritten=True)


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


async def lock(tx: WriteTx, comment_id: int) -> Comment:
    """A comment that nobody else changes until this act is over, whatever its state. Raises CommentUnknown."""
    return seen_by(await _locked(tx, comment_id, None), STAFF)


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
    if pinned is not None:
        await _pin(tx, comment_id, pinned=pinned)
    row = await _locked(tx, comment_id, version)
    row.featured = row.featured if featured is None else featured
    row.replies_closed = row.replies_closed if replies_closed is None else replies_closed
    return await _change(tx, row, row.state)


async def _pin(tx: WriteTx, comment_id: int, *, pinned: bool) -> None:
    """A move of ranks like any other: whoever is reading on meets the comment where it stood when they began."""
    known = await tx.get(CommentRow, comment_id)
    if known is None:
        raise CommentUnknown
    # The clock first and then the comment, as whoever folds votes takes them.
    move = await begin_move(tx, known.thread_id, patient=True)
    row = await _locked(tx, comment_id, None)
    if pinned == row.pinned or move is None:
        return
    if row.shown:
        await keep_past(tx, past_rows(row, row.thread_id, move, clock.now()))
    change = lift(is_pinned=pinned) - lift(is_pinned=row.pinned)
    row.pinned, row.moved = pinned, move.moves
    row.best, row.hot = row.best + change, row.hot + change
    await tx.flush()


def _new(
    thread: Thread,
    parent: Comment | None,
    person_id: int,
    body: str,
    rendered: Rendered,
    *,
    state: State,
    at: datetime,
    ranks: tuple[float, float, float],
) -> dict[str, Any]:
    """What a new row has of its own. Not a row: one that is tracked costs as much as writing it."""
    best, hot, controversy = ranks
    return {
        "id": ids.new_id(ids.shard_of(thread.id)),
        "site_id": thread.site_id,
        "thread_id": thread.id,
        "parent_id": parent.id if parent else None,
        "under": parent.id if parent else 0,
        "depth": parent.depth + 1 if parent else 0,
        "person_id": person_id,
        "body": body,
        "html": rendered.html,
        "state": state,
        "shown": state == "published",
        "best": best,
        "hot": hot,
        "controversy": controversy,
        "created_at": at,
    }


async def _locked(tx: WriteTx, comment_id: int, version: int | None) -> CommentRow:
    # Not FOR UPDATE: a vote or a report that points to the comment would wait for us, and we for it.
    row = await tx.get(CommentRow, comment_id, with_for_update={"key_share": True}, populate_existing=True)
    if row is None:
        raise CommentUnknown
    if version is not None and row.version != version:
        raise VersionPassed(version=row.version, state=row.state)
    return row


async def _change(tx: WriteTx, row: CommentRow, state: str, *, is_rewritten: bool = False) -> Comment:
    was_published, was_shown, before = row.state == "published", row.shown, gone_reason(row.state)
    row.state = state
    row.shown = state == "published" or row.reply_count > 0
    row.version += 1
    await tx.flush()
    if row.shown != was_shown:
        if was_shown:
            await forget_past(tx, row.id)
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
