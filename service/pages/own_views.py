"""What a person sees on their own page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import Field

from service.pages.mail_own_views import OwnMailView
from service.pages.views import View

OwnState = Literal["published", "held", "removed", "deleted"]


class ErasureView(View):
    """That one is to be forgotten, and until when that may be called off."""

    state: Literal["waiting", "running"]
    asked_at: datetime
    due_at: datetime = Field(description="Until then `POST /api/v1/me/keep` calls it off")


class MeView(View):
    """Who one is at a site."""

    id: str
    site: str = Field(examples=["demo"])
    name: str
    email: str | None = Field(description="As it was given; shown to nobody else")
    kind: str = Field(examples=["guest"])
    since: datetime
    has_account: bool = Field(
        default=False, description="Whether one signs in with an account of one's own, which has ways in and sessions"
    )
    erasure: ErasureView | None = None


class MyCommentView(View):
    """A comment of one's own, and what became of it."""

    id: str
    thread: str
    url: str = Field(description="The article's address")
    title: str | None
    link: str = Field(description="Where it stands in the discussion")
    state: OwnState
    html: str | None = Field(description="Null when it is deleted")
    created_at: datetime
    edited_at: datetime | None
    up: int
    down: int
    reply_count: int
    reason: str | None = Field(default=None, description="Why it was restricted, when that was said")
    rule: str | None = None
    note: str | None = Field(default=None, description="What the moderator added")
    appeal: str | None = Field(default=None, examples=["open"])


class MyCommentsView(View):
    """One's own comments, the newest first."""

    items: list[MyCommentView]
    next_cursor: str | None = None


class ReplyView(View):
    """An answer to a comment of one's own."""

    id: str
    parent: str
    author: str
    url: str
    title: str | None
    link: str
    html: str
    created_at: datetime


class RepliesView(View):
    """Answers to one's own comments, the newest first."""

    items: list[ReplyView]
    next_cursor: str | None = None


class MyVoteView(View):
    """A vote of one's own."""

    comment: str
    value: Literal[-1, 1]
    at: datetime
    link: str
    title: str | None
    excerpt: str | None = Field(description="How the comment begins; null when it cannot be read any more")


class MyVotesView(View):
    """One's own votes, those on the newest comments first."""

    items: list[MyVoteView]
    next_cursor: str | None = None


class OwnSessionView(View):
    """A browser that has one's own page open."""

    id: str
    created_at: datetime
    expires_at: datetime
    is_this: bool = Field(description="Whether it is the one that asks")


class OwnSessionsView(View):
    """The open ones, the newest first."""

    items: list[OwnSessionView]


class OwnLinkView(View):
    """Where one's own page opens, once."""

    url: str
    expires_at: datetime


class ExportView(View):
    """An export of everything held about one."""

    id: str
    state: Literal["waiting", "running", "ready"]
    asked_at: datetime
    expires_at: datetime
    url: str | None = Field(description="Where it is fetched when it is ready, by whoever has this address")


OwnPart = Literal["comments", "replies", "votes", "mail", "data"]


@dataclass(frozen=True)
class OwnPage:
    """A person's own page with one of its parts."""

    title: str
    me: MeView
    part: OwnPart
    is_continued: bool = False
    comments: MyCommentsView = field(default_factory=lambda: MyCommentsView(items=[]))
    replies: RepliesView = field(default_factory=lambda: RepliesView(items=[]))
    votes: MyVotesView = field(default_factory=lambda: MyVotesView(items=[]))
    sessions: OwnSessionsView = field(default_factory=lambda: OwnSessionsView(items=[]))
    mail: OwnMailView | None = None
    export: ExportView | None = None
    forgotten_on: datetime | None = None
    """When an erasure that is asked for now would be carried out; None for at once."""


@dataclass(frozen=True)
class OwnMessage:
    """A page about one's own data that says one thing; `action` is where its button leads."""

    title: str
    says: str
    lines: tuple[str, ...] = ()
    action: str = ""
    button: str = ""
    token: str = ""
    back: bool = False
    back_to: str = "/me"
    is_refused: bool = False


@dataclass(frozen=True)
class KeptView:
    """A line of what is kept: `number` of CLDR's `unit`, or in words `until` when."""

    what: str
    why: str
    number: int
    unit: str
    until: str


@dataclass(frozen=True)
class PrivacyNotice:
    """What a site keeps about its readers."""

    title: str
    kept: tuple[KeptView, ...]
    cooling_days: int
    contact: str
