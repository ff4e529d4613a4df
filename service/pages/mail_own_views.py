"""What a person sees of the mail they asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from service.pages.views import MailState, View

SubscriptionKind = Literal["replies", "mentions", "thread", "quiet", "muted"]


class SubscriptionView(View):
    """One thing one is told, or (quiet, muted) not told."""

    id: str
    kind: SubscriptionKind
    thread: str | None = Field(description="Null: all discussions of the site")
    title: str | None = Field(description="Of the article")
    link: str | None = Field(description="Where the discussion stands")
    author: str | None = Field(default=None, description="Whose comments are not told (`muted`)")
    created_at: datetime


class OwnMailView(View):
    """The mail one gets from a site."""

    is_on: bool = Field(description="Whether the site mails its readers at all")
    state: MailState = Field(
        description="`waiting`: a mail with a link was sent, and mail begins when its button is pressed; `ended`: by"
        " oneself; `stopped`: mail could not be delivered, or was complained about"
    )
    why: str | None = Field(default=None, examples=["bounced"], description="Why it stopped")
    email: str | None = Field(default=None, description="Where it goes; shown to nobody else")
    pace: Literal["at-once", "daily"] = "at-once"
    items: list[SubscriptionView]


class SubscribedView(View):
    """What was asked for."""

    subscription: SubscriptionView
    state: MailState = Field(description="`waiting`: the address is asked first. It says nothing of the address")
    guest: str | None = Field(default=None, description="The capability of who was nobody before")
