"""What a run is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """How long and how large: `quick` is to see that everything works, its numbers say little."""

    quick: bool
    scratch: Path  # for data; gone when the run ends
    tools: Path  # for what is made once: the peer's environment

    @property
    def rounds(self) -> int:
        """Alternating rounds of each measurement."""
        return 2 if self.quick else 5

    @property
    def seconds(self) -> float:
        """Of one measurement in one round."""
        return 1.0 if self.quick else 3.0

    @property
    def at_once(self) -> tuple[int, ...]:
        """How many write at once."""
        return (16,) if self.quick else (1, 16, 64)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Comments of the threads, on both databases."""
        return (100, 10_000) if self.quick else (100, 1_000, 10_000, 100_000)

    @property
    def largest(self) -> tuple[int, ...]:
        """Further sizes, on PostgreSQL only."""
        return () if self.quick else (1_000_000,)

    @property
    def soak_seconds(self) -> float:
        """How long memory is watched under load."""
        return 15.0 if self.quick else 180.0

    @property
    def warming_seconds(self) -> float:
        """How long before that, at most, a load of the same kind fills what has a bound."""
        return 5.0 if self.quick else 100.0
