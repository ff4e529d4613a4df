"""Where an endpoint says that its answer may be kept."""

from __future__ import annotations

from dataclasses import dataclass

SLOT = "parley.page"


@dataclass(slots=True)
class Slot:
    """What the answer shows (tags) and how many seconds it may live; 0 for not at all."""

    tags: tuple[str, ...] = ()
    life: float = 0.0
