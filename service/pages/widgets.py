"""What stands beside articles: the latest comments, what is discussed most, who writes most. Views, and their words."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from service.kit.said import N_
from service.pages.language import Direction
from service.pages.views import View

Kind = Literal["latest", "discussed", "authors"]

TITLES: dict[Kind, str] = {
    "latest": N_("Latest comments"),
    "discussed": N_("Most discussed"),
    "authors": N_("Who writes most"),
}


class WidgetItem(View):
    """One line of a widget. Everything in it is plain text."""

    url: str | None = Field(description="Where it leads: the comment's or the article's address; null of an author")
    title: str | None = Field(default=None, description="The article's title, or its address")
    author: str | None = Field(default=None, description="Who wrote the comment, or who writes most")
    excerpt: str | None = Field(default=None, description="The beginning of the comment, without what it veils")
    count: int | None = Field(default=None, description="Comments of the discussion, or of the author in the window")
    at: datetime | None = Field(default=None, description="When the comment was written")
    said: str = Field(description="`count` or `at` in words", examples=["12 comments"])


class WidgetView(View):
    """A widget: the same for everybody, and in one language."""

    site: str
    kind: Kind
    title: str = Field(examples=["Latest comments"])
    empty: str = Field(description="What to say when there are no items")
    lang: str = Field(examples=["en"])
    direction: Direction
    accent: str | None = Field(default=None, description="The site's colour of links on light pages")
    accent_dark: str | None = Field(default=None, description="The same on dark pages")
    items: list[WidgetItem]
