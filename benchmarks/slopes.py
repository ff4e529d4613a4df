"""How fast something grows, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_PIECES = 12
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Slope:
    """So much more with each second, by least squares, and the standard error of that."""

    a_second: float
    error: float

    @classmethod
    def of(cls, points: Points) -> Slope:
        """Of (second, value), in order.

        Memory a second later is nearly what it was: what lies together is taken as one, or the error comes out too
        small.
        """
        means = [_mean(piece) for piece in _pieces(points)]
        if len(means) < 3:
            return cls(0.0, math.inf)
        middle, level = _mean(means)
        spread = sum((at - middle) ** 2 for at, _ in means)
        slope = sum((at - middle) * (value - level) for at, value in means) / spread
        left = sum((value - level - slope * (at - middle)) ** 2 for at, value in means)
        return cls(slope, math.sqrt(left / (len(means) - 2) / spread))

    def text(self, seconds: float) -> str:
        """`+3.1 ± 2.0`: in so many seconds."""
        return f"{self.a_second * seconds:+.1f} ± {self.error * seconds:.1f}"


def _pieces(points: Points) -> list[Points]:
    size = max(1, math.ceil(len(points) / _PIECES))
    return [points[begin : begin + size] for begin in range(0, len(points), size)]


def _mean(points: Points) -> tuple[float, float]:
    return sum(at for at, _ in points) / len(points), sum(value for _, value in points) / len(points)
