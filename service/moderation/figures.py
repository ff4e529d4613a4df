"""Figures made of counts: a quantile of a histogram, and how far two judges agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


def quantile(histogram: Mapping[int, int], share: float) -> int | None:
    """The value that `share` of the counted ones do not exceed (nearest rank); None of nothing."""
    total = sum(histogram.values())
    rank, seen = math.ceil(share * total), 0
    for value, count in sorted(histogram.items()):
        seen += count
        if seen >= max(rank, 1):
            return value
    return None


@dataclass(frozen=True)
class Agreement:
    """Two judges of the same things, each saying yes or no: how often each pair of answers was given."""

    both_allow: int = 0
    both_restrict: int = 0
    only_first_restricts: int = 0
    only_second_restricts: int = 0

    @property
    def looked_at(self) -> int:
        """How many things both have judged."""
        return self.both_allow + self.both_restrict + self.only_first_restricts + self.only_second_restricts

    @property
    def share(self) -> float | None:
        """The share on which they agree; None of nothing."""
        return (self.both_allow + self.both_restrict) / self.looked_at if self.looked_at else None

    @property
    def kappa(self) -> float | None:
        """Agreement beyond chance: 1 is perfect, 0 is chance.

        After J. Cohen, "A coefficient of agreement for nominal scales", 1960. None where chance alone would agree
        always, as when nobody ever restricts anything.
        """
        if (observed := self.share) is None:
            return None
        first = (self.both_restrict + self.only_first_restricts) / self.looked_at
        second = (self.both_restrict + self.only_second_restricts) / self.looked_at
        chance = first * second + (1 - first) * (1 - second)
        return (observed - chance) / (1 - chance) if chance < 1 else None

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(*(getattr(self, name) + getattr(other, name) for name in vars(self)))
