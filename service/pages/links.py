"""The links of a discussion to itself: each is an address that works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from service.pages.views import Sort, ThreadView


@dataclass(frozen=True)
class Links:
    """Addresses of further parts of one discussion."""

    thread: ThreadView
    sort: Sort
    default_sort: Sort | None
    """The order that needs no mention in an address; None: mention every order."""
    asked: Mapping[str, str | None]
    """What the frame was asked with besides the discussion: identifier, host, lang, theme."""
    is_standing: bool = False
    """The discussion is a page of its own (`/t/…`) and not a frame."""

    @property
    def is_whole(self) -> bool:
        """Links of a whole document, not of a piece that a script asked for."""
        return self.default_sort is not None

    def here(self, sort: Sort | None = None, **more: str | None) -> str:
        """`/embed?…` or `/t/…` of this discussion; `more` are `cursor`, `parent`, `comment`, `q`."""
        return _address(self.path, {**self._here(sort or self.sort), **more})

    @property
    def path(self) -> str:
        """What all of these begin with."""
        return f"/t/{self.thread.id}" if self.is_standing else "/embed"

    def of_a_comment(self) -> dict[str, str]:
        """What goes along with `comment` in a form that leads to one."""
        return {name: value for name, value in self._here(self.sort).items() if value is not None}

    def _here(self, order: Sort) -> dict[str, str | None]:
        place = {} if self.is_standing else {"site": self.thread.site, "url": self.thread.url}
        return {**place, **self.asked, "sort": order if order != self.default_sort else None}

    def found(self, query: str, cursor: str | None) -> str:
        """`/embed/search?…`: further results of a search."""
        return _address("/embed/search", {"thread": self.thread.id, "q": query, "cursor": cursor})

    def fragment(self, level: int, parent: str | None = None, cursor: str | None = None) -> str:
        """`/embed/comments?…`: a page of roots, or of replies of `parent`, to be drawn `level` deep."""
        asked = {"thread": self.thread.id, "parent": parent, "sort": self.sort, "cursor": cursor}
        return _address("/embed/comments", {**asked, "level": str(level) if level else None})


def _address(path: str, params: Mapping[str, str | None]) -> str:
    query = urlencode({name: value for name, value in params.items() if value is not None})
    return f"{path}?{query}" if query else path
