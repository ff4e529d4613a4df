"""What those are told who write without scripts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlainAnswer:
    """What became of it, in words; `comment` is where it can be seen."""

    title: str
    lines: tuple[str, ...]
    comment: str | None = None
    is_refused: bool = False


@dataclass(frozen=True)
class Filled:
    """What somebody had written; `field` is what they are asked to change, as errors name it."""

    body: str
    name: str
    email: str
    field: str | None = None
