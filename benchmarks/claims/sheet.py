"""What was found, as it is printed and as the document has it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.results import Result, Table, Target


@dataclass
class Sheet:
    """What was found so far."""

    times: list[tuple[str, ...]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def show(self, what: str, took: Sequence[float], cpu: float | None = None) -> tuple[float, float]:
        """Note times; `cpu` is milliseconds of it for each. Median and 95th percentile in milliseconds."""
        ordered = sorted(took)
        p50, p95, p99 = (
            ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000 for share in (0.5, 0.95, 0.99)
        )
        load = f"{os.getloadavg()[0]:.1f}"
        row = (what, f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f}", "" if cpu is None else f"{cpu:.2f}", load)
        self.times.append((*row, f"{len(ordered):,}"))
        print(f"{what}: p50 {p50:.2f} ms, p95 {p95:.2f}, p99 {p99:.2f} ({len(ordered)}), CPU {row[4]} ms, load {load}")
        return p50, p95

    def say(self, words: str) -> None:
        """Note a sentence."""
        self.said.append(f"- {words}.")
        print(words)

    def result(self) -> Result:
        """As the document has it."""
        head = ("", "p50 ms", "p95 ms", "p99 ms", "CPU ms each", "load", "times")
        return Result([Table("Waited", head, self.times)], targets=self.targets, notes=["\n".join(self.said)])
