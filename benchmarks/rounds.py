"""Alternating rounds: whatever else the machine does hits all contestants alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, and the lowest and highest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int = 0) -> str:
        """`1,234 (1,200 to 1,300)`."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"


def alternate(contestants: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """What each gave in each round; every other round goes backwards, so that nobody always follows the same one."""
    found: dict[str, list[T]] = {name: [] for name in contestants}
    for number in range(rounds):
        order = list(contestants)
        for name in order if number % 2 == 0 else reversed(order):
            found[name].append(contestants[name]())
    return found


def ratios(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Round by round, one to the other: what slowed the machine in a round slowed both."""
    return Spread.of([one / other for one, other in zip(values, base, strict=True)])


def least(values: Sequence[float], base: Sequence[float]) -> float:
    """The lowest to the lowest, where disturbances only ever add: each needs one quiet round."""
    return min(values) / min(base)
