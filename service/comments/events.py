"""Facts comments announce, about what everybody can read; what was never readable leaves no trace in them."""

from __future__ import annotations

from dataclasses import dataclass

from service.outbox import Fact


@dataclass(frozen=True)
class CommentPosted(Fact):
    """A comment can be read by everybody: it was published, approved or restored."""

    comment: int
    site: int
    version: int


@dataclass(frozen=True)
class CommentEdited(Fact):
    """The text of a readable comment was replaced, and can be read."""

    comment: int
    site: int
    version: int


@dataclass(frozen=True)
class CommentRemoved(Fact):
    """A comment cannot be read any more: deleted by its author, decided about, or held for a closer look."""

    comment: int
    site: int
    version: int


@dataclass(frozen=True)
class VotesMoved(Fact):
    """Counts and ranks of some comments of a thread are others."""

    thread: int
    comments: list[int]
