"""What every reader of an export hands on: threads and comments, in one form whatever they were written by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.comments.comment import State
from service.kit.builder import Form


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the forum. Read and counted; Parley has none."""

    line: int


@dataclass(frozen=True, slots=True)
class ExportThread:
    """A page, or one of the many addresses of a page. `identifier` and `link` may be empty.

    `line` is where it begins in the file, or its number where a file has no lines.
    """

    id: str
    identifier: str
    link: str
    title: str
    created_at: datetime
    is_closed: bool
    is_deleted: bool
    line: int
    links: tuple[str, ...] = ()  # further addresses of the same page


@dataclass(frozen=True, slots=True)
class ExportPost:
    """A comment. `message` is as it stands in the export, not to be trusted.

    `username` is empty for guests and for accounts that are gone; `thread` and `parent` are ids, empty when missing.
    `author` is what else the export knows a person by: whoever has the same is one person.
    `state` is set where the export says it in our own words; the text is kept then, whatever the state.
    """

    id: str
    thread: str
    parent: str
    message: str
    created_at: datetime
    name: str
    username: str
    is_anonymous: bool
    is_deleted: bool
    is_spam: bool
    is_approved: bool
    line: int
    form: Form = "html"
    author: str = ""
    author_since: datetime | None = None
    state: State | None = None
    up: int = 0
    down: int = 0
    edited_at: datetime | None = None
    pinned: bool = False
    featured: bool = False
    replies_closed: bool = False
    is_ping: bool = False  # a page that links here, not somebody who wrote


Record = Category | ExportThread | ExportPost


def page_of(
    link: str, title: str, created_at: datetime, line: int, *, number: str = "", is_closed: bool = False
) -> ExportThread:
    """A page that is known by its address, or by a `number` of its own, and by no identifier."""
    return ExportThread(
        id=number or link,
        identifier="",
        link=link,
        title=title,
        created_at=created_at,
        is_closed=is_closed,
        is_deleted=False,
        line=line,
    )
