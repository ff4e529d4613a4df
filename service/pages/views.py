"""The one shape of everything public: JSON answers, HTML pages and the OpenAPI document are drawn from it.

A view holds nothing that depends on who looks; what is the viewer's own is in `ViewerView`.
Ids are strings, times are RFC 3339 in UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Sort = Literal["best", "hot", "newest", "oldest", "controversial"]
SORTS: tuple[Sort, ...] = ("best", "hot", "newest", "oldest", "controversial")

# `gone` is a tombstone: the text is not there, the place is, because replies hang on it.
MailState = Literal["none", "waiting", "confirmed", "ended", "stopped"]
CommentState = Literal["published", "held", "gone"]
Badge = Literal["expert", "moderator", "editor", "owner"]
BADGES: tuple[Badge, ...] = ("expert", "moderator", "editor", "owner")
GoneReason = Literal["deleted", "removed", "held"]


class View(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class AuthorView(View):
    """Who wrote a comment, as everybody may see it."""

    name: str = Field(examples=["Ada"])
    badge: Badge | None = Field(default=None, description="A role at this site that the author shows")
    avatar: str | None = Field(default=None, description="A picture at one of the site's own hosts, of its members")


class CommentView(View):
    """A comment in its place in the tree."""

    id: str = Field(examples=["1734301234567890123"])
    thread: str
    parent: str | None = Field(description="The comment this one answers; null for a root")
    depth: int = Field(ge=0, description="0 for a root; true depth, however deep it is drawn")
    state: CommentState
    gone: GoneReason | None = Field(default=None, description="Why there is no text, when state is `gone`")
    author: AuthorView | None = Field(description="Null when the comment is gone")
    html: str | None = Field(description="Safe HTML made from the Markdown source; null when gone")
    created_at: datetime
    edited_at: datetime | None = None
    version: int = Field(description="Rises with every edit and decision; 0 for a tombstone")
    up: int = 0
    down: int = 0
    score: int = Field(default=0, description="up - down")
    reply_count: int = Field(default=0, description="Replies shown directly below")
    featured: bool = Field(default=False, description="Picked by the editors")
    pinned: bool = Field(default=False, description="Stands first among its siblings in the orders best and hot")
    replies_closed: bool = Field(default=False, description="Nothing further is taken below this comment")
    replies: CommentsView | None = Field(
        default=None, description="The first replies; null when none were loaded (ask with `parent`)"
    )


class CommentsView(View):
    """One page of comments at one level."""

    items: list[CommentView]
    next_cursor: str | None = Field(
        default=None, description="Hand back as `cursor` for the next page; null at the end"
    )


class ThreadView(View):
    """The discussion of one article. `id` is null while nobody has posted and no row exists."""

    id: str | None
    site: str = Field(examples=["demo"])
    url: str = Field(description="Canonical address of the article")
    title: str | None = None
    state: Literal["open", "closed"] = "open"
    opens_at: datetime | None = Field(
        default=None, description="When comments are taken again, where it is the hour that keeps it closed"
    )
    comment_count: int = 0
    version: int = Field(default=0, description="Rises with every change that can be seen")


class PageView(View):
    """What a reader gets first: the thread and the first page of its comments."""

    thread: ThreadView
    sort: Sort
    sorts: list[Sort] = Field(description="The orders this site offers, the default first")
    items: list[CommentView]
    next_cursor: str | None = None


class PermalinkView(View):
    """One comment with the comments above it (oldest first, at most `context`) and the first replies below it."""

    thread: ThreadView
    ancestors: list[CommentView]
    comment: CommentView
    more_ancestors: bool = Field(default=False, description="True when the chain goes on above the first ancestor")


class CountView(View):
    """How many comments readers can see under one address."""

    url: str = Field(description="As it was asked for")
    count: int


class CountsView(View):
    """Counts for many pages, in the order asked."""

    items: list[CountView]


class OwnCommentView(View):
    """A comment of the viewer's own and what may still be done to it."""

    id: str
    state: CommentState
    body: str = Field(description="Markdown source, to edit")
    editable_until: datetime | None
    comment: CommentView
    fragment: str | None = Field(default=None, description="The comment as HTML, when `fragment=true`")


class StatementView(View):
    """Why something was restricted: a statement of reasons, as its author sees it."""

    id: str
    comment: str | None = Field(description="The comment it is about; null where it is about the author")
    restriction: str = Field(
        examples=["removed"], description="What it came to; `held`: hidden until a moderator has looked"
    )
    reason: str = Field(description="A code of the site's list", examples=["insult"])
    title: str
    rule: str = Field(description="The rule, or the law, it stands on")
    ground: Literal["illegal", "terms"]
    dsa_category: str
    facts: str
    note: str = Field(description="What the moderator added")
    source: Literal["own", "notice"] = Field(description="Found by the site itself, or after readers' reports")
    automated_detection: bool
    automated_decision: bool = Field(
        default=False, description="Nobody decided it: enough readers reported the comment, and it was hidden"
    )
    created_at: datetime
    ends_at: datetime | None
    withdrawn_at: datetime | None = Field(description="Since when it does not hold any more")
    appeal: Literal["open", "upheld", "reversed"] | None = Field(
        default=None, description="What became of the appeal; `upheld`: the decision stands"
    )
    appeal_answer: str = ""
    appeal_until: datetime | None = Field(default=None, description="Until when one may appeal; null: not (any more)")


class RestrictionView(View):
    """What keeps a reader from taking part."""

    kind: Literal["ban", "suspend"]
    reason: str
    title: str
    until: datetime | None


class ViewerView(View):
    """What belongs to one viewer in one thread; empty for somebody who has not acted."""

    name: str | None = None
    votes: dict[str, int] = Field(default_factory=dict, description="Comment id to -1 or 1")
    own: list[OwnCommentView] = Field(default_factory=list)
    may_moderate: bool = False
    statements: list[StatementView] = Field(
        default_factory=list, description="Why comments of the viewer's in this thread, or the viewer, were restricted"
    )
    restriction: RestrictionView | None = None


class PostedView(View):
    """The answer to a post or an edit."""

    status: Literal["published", "held"]
    comment: CommentView
    reasons: list[str] = Field(default_factory=list, description="Why it is held, in words for the author")
    editable_until: datetime | None = None
    guest: str | None = Field(
        default=None,
        description="Capability of a guest, for `Authorization: Bearer …`: edits, deletes, votes as the same person",
    )
    fragment: str | None = Field(default=None, description="The comment as HTML, when `fragment=true`")
    mail: MailState | None = Field(
        default=None, description="With `mail_replies`: `waiting` when the address is asked first, `none` without one"
    )


class VoteView(View):
    """A vote after it was set."""

    value: Literal[-1, 0, 1]
    up: int
    down: int
    score: int
    guest: str | None = None
