"""A comment as somebody may see it: the one door by which text becomes readable.

Outside this room nobody sees a row. What is handed out went through `seen_by`, which takes the text away from
whoever may not read it, so a list, a feed or an export cannot leak what it never got.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from service.comments.tables import CommentRow
from service.kit.errors import NotFound

# A shadowed comment is one its author sees as published, and nobody else sees.
State = Literal["published", "held", "shadowed", "rejected", "spam", "removed", "deleted"]
STATES: tuple[State, ...] = get_args(State)
GoneReason = Literal["deleted", "removed", "held"]


class CommentUnknown(NotFound):
    """There is no such comment."""

    type = "comment-unknown"


@dataclass(frozen=True)
class Audience:
    """Who looks: the public, staff of the comment's site, or one person who sees what is their own."""

    person_id: int | None = None
    is_staff: bool = False

    def may_read(self, row: CommentRow) -> bool:
        """Whether the text may be shown. A deleted comment's text is shown to nobody."""
        if row.state == "published":
            return True
        if row.state == "deleted":
            return False
        return self.is_staff or (self.person_id is not None and row.person_id == self.person_id)


def gone_reason(state: str) -> GoneReason:
    """Why a text is not there, as the public is told: not by which of the moderators' decisions."""
    return "held" if state == "held" else "deleted" if state == "deleted" else "removed"


PUBLIC = Audience()
STAFF = Audience(is_staff=True)


@dataclass(frozen=True)
class Comment:
    """A comment; `body` and `html` are None, and `person_id` too, for those who may not read it."""

    id: int
    site_id: int
    thread_id: int
    parent_id: int | None
    depth: int
    person_id: int | None
    body: str | None
    html: str | None
    state: str
    shown: bool
    reply_count: int
    up: int
    down: int
    best: float
    hot: float
    controversy: float
    version: int
    created_at: datetime
    edited_at: datetime | None
    origin: str | None
    is_markdown: bool
    featured: bool = False
    pinned: bool = False
    replies_closed: bool = False

    @property
    def is_published(self) -> bool:
        """True when everybody can read it."""
        return self.state == "published"


def seen_by(row: CommentRow, audience: Audience) -> Comment:
    """The comment as `audience` may see it."""
    may_read = audience.may_read(row)
    return Comment(
        id=row.id,
        site_id=row.site_id,
        thread_id=row.thread_id,
        parent_id=row.parent_id,
        depth=row.depth,
        person_id=row.person_id if may_read else None,
        body=row.body if may_read else None,
        html=row.html if may_read else None,
        state=row.state,
        shown=row.shown,
        reply_count=row.reply_count,
        up=row.up,
        down=row.down,
        best=row.best,
        hot=row.hot,
        controversy=row.controversy,
        version=row.version,
        created_at=row.created_at,
        edited_at=row.edited_at,
        origin=row.origin,
        is_markdown=row.body_format == "markdown",
        featured=row.featured,
        pinned=row.pinned,
        replies_closed=row.replies_closed,
    )
