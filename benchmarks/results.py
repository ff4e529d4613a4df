"""What a part found: tables, charts and the few numbers that have a target; kept as JSON until the report is made."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Table:
    """Rows of words; the first column says what, the others are numbers."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The table as GitHub draws it."""
        lines = [self.head, ["---", *["--:"] * (len(self.head) - 1)], *self.rows]
        return f"**{self.title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


@dataclass(frozen=True)
class Chart:
    """Bars: one group for each label, one bar in it for each series."""

    name: str
    title: str
    unit: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Target:
    """A number to hold: what was seen, and the limit it must keep (`most`) or reach."""

    what: str
    seen: float
    limit: float
    most: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it holds in this run."""
        return self.seen <= self.limit if self.most else self.seen >= self.limit

    @property
    def wanted(self) -> str:
        """The limit in words."""
        return f"at {'most' if self.most else 'least'} {self.limit:g}"


@dataclass(frozen=True)
class Result:
    """All that one part found."""

    tables: Sequence[Table]
    charts: Sequence[Chart] = ()
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()
    machine: Mapping[str, Any] = field(default_factory=dict)

    def save(self, part: str) -> None:
        """Keep it until the report is written, with where and when it was found."""
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{part}.json").write_text(json.dumps(asdict(self) | {"machine": machine()}, indent=1))

    @classmethod
    def load(cls, part: str) -> Result | None:
        """What the part found last; None when it has not run."""
        path = FOLDER / f"{part}.json"
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        return cls(
            [Table(**each) for each in kept["tables"]],
            [Chart(**each) for each in kept["charts"]],
            [Target(**each) for each in kept["targets"]],
            kept["notes"],
            kept["machine"],
        )


def machine() -> dict[str, Any]:
    """Where and when; `load` is the load average of the last minute, so that a busy machine can be told."""
    return {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cores": os.cpu_count(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "commit": _commit(),
        "load": round(os.getloadavg()[0], 1),
    }


def _commit() -> str:
    git = shutil.which("git")
    command = [git or "git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False) if git else None
    return done.stdout.strip() if done is not None and done.returncode == 0 else "unknown"
