"""What a hook is told: the text, what it answers, the article, and the author's record. No address, no e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Parent:
    """The comment that is answered, as everybody can read it."""

    id: int
    body: str


@dataclass(frozen=True)
class Article:
    """What is discussed."""

    url: str
    title: str | None


@dataclass(frozen=True)
class Author:
    """Who wrote it, as far as known. `record` counts their comments at this site by state."""

    name: str
    id: int | None = None
    since: datetime | None = None
    record: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A text to be looked at. `comment` is None for one that is not stored yet; `plain` is what spans count in."""

    site: str
    body: str
    plain: str
    links: tuple[str, ...]
    article: Article
    author: Author
    parent: Parent | None = None
    comment: int | None = None
    is_edit: bool = False

    def told(self) -> dict[str, Any]:
        """As JSON says it; ids are strings."""
        author = self.author
        return {
            "site": self.site,
            "comment": {
                "id": str(self.comment) if self.comment is not None else None,
                "body": self.body,
                "plain": self.plain,
                "links": list(self.links),
                "is_edit": self.is_edit,
            },
            "parent": {"id": str(self.parent.id), "body": self.parent.body} if self.parent else None,
            "article": {"url": self.article.url, "title": self.article.title},
            "author": {
                "id": str(author.id) if author.id is not None else None,
                "name": author.name,
                "since": _time(author.since) if author.since else None,
                "record": dict(author.record),
            },
        }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
