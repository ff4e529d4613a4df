"""Views as the drawing gets them, made up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import html as parser

from service.pages import FrameSettings, draw
from service.pages.views import AuthorView, CommentsView, CommentView, PageView, ThreadView

NOW = datetime(2026, 11, 24, 18, 20, tzinfo=UTC)
URL = "https://courier.example/2026/11/seafront-tram"
THREAD = ThreadView(id="1734301234567000001", site="demo", url=URL, title="The tram", comment_count=3, version=1)
SETTINGS = FrameSettings()
_ids = itertools.count(1734301234567890000)


def comment(
    name: str = "Ada", text: str = "Words", replies: Sequence[CommentView] = (), cursor: str | None = None, **more: Any
) -> CommentView:
    """A published comment; `more` replaces any field."""
    fields: dict[str, Any] = {
        "id": str(next(_ids)),
        "thread": "1734301234567000001",
        "parent": None,
        "depth": 0,
        "state": "published",
        "author": AuthorView(name=name),
        "html": f"<p>{text}</p>",
        "created_at": NOW - timedelta(hours=3),
        "version": 1,
        "reply_count": len(replies),
        "replies": CommentsView(items=list(replies), next_cursor=cursor) if replies else None,
    }
    return CommentView(**{**fields, **more})


def page(*items: CommentView, thread: ThreadView = THREAD, cursor: str | None = None) -> PageView:
    """A page in the order `best`, where `best` and `newest` are offered."""
    return PageView(thread=thread, sort="best", sorts=["best", "newest"], items=list(items), next_cursor=cursor)


def frame(view: PageView, **more: Any) -> Any:
    """The drawn frame, parsed."""
    return parser.document_fromstring(draw.frame(view, **{"asset": "/static/{}".format, "settings": SETTINGS, **more}))


def has_class(name: str) -> str:
    """An XPath predicate."""
    return f"contains(concat(' ', @class, ' '), ' {name} ')"
