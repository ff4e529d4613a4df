"""How fast an export comes in, and in how much memory: `parley import` on a generated one.

The importer is a process of its own, as operators start it; its CPU seconds and largest resident set are the
system's. The database's CPU seconds are those of all its processes. Every commit is on the disk before it counts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import exports
from benchmarks.floors import FLOORS, Floor, floor
from benchmarks.options import Options
from benchmarks.results import Result, Table, Target
from benchmarks.seed import SITE
from tests.servers.home import home
from tests.servers.parley import ROOT

TITLE = "Imports"
WANTED_PER_SECOND, MOST_MEGABYTES = 3_000, 300


@dataclass(frozen=True)
class Seen:
    """One import."""

    name: str
    comments: int
    wall: float
    cpu: float
    store_cpu: float
    megabytes: float

    @property
    def per_second(self) -> float:
        """Comments of the file for each second from the command to its end."""
        return self.comments / self.wall

    @property
    def row(self) -> list[str]:
        """For a table."""
        return [
            self.name,
            f"{self.comments:,}",
            f"{self.wall:.0f}",
            f"{self.per_second:,.0f}",
            f"{self.cpu:.0f}",
            f"{self.store_cpu:.0f}",
            f"{self.megabytes:.0f}",
        ]


def run(options: Options) -> Result:
    """Both floors; a million comments on PostgreSQL, a tenth on SQLite."""
    large = 20_000 if options.quick else 1_000_000
    seen = [_measure(options.scratch, "postgresql", large), _measure(options.scratch, "sqlite", large // 10)]
    head = ["floor", "comments", "seconds", "a second", "importer's CPU s", "database's CPU s", "most MB"]
    return Result(
        [Table("`parley import` of a generated Disqus export", head, [each.row for each in seen])],
        targets=[
            Target("comments a second, PostgreSQL", seen[0].per_second, WANTED_PER_SECOND),
            Target("resident MB, PostgreSQL", seen[0].megabytes, MOST_MEGABYTES, most=True),
        ],
    )


def _measure(scratch: Path, name: str, count: int, *, again: bool = False) -> Seen:
    export = scratch / f"export-{count}.xml"
    kinds = exports.write(export, count)
    with floor(name, scratch, ()) as there:
        seen = _import(there, export, count)
        report = _reported(there, export) if again else None
    export.unlink()
    if report is not None and (report["changed"] or report["unchanged"] < kinds["live"]):
        raise RuntimeError(f"a second run changed something: {report}")
    return seen


def _import(there: Floor, export: Path, count: int) -> Seen:
    before, began = _store_cpu(), time.monotonic()
    # A child of its own for each, so that the largest of all children is this one.
    script = (
        "import json, resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr);"
        " used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        " print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, *_command(export)],
        env=_env(there),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=3_600,
    )
    wall = time.monotonic() - began
    cpu, megabytes = json.loads(told.stdout)
    return Seen(there.name, count, wall, cpu, _store_cpu() - before, megabytes)


def _store_cpu() -> float:
    """Of everything this process has started, with what ended below it: a server process ends with its client."""
    found = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += sum(process.cpu_times()[:4])
    return found


def _reported(there: Floor, export: Path) -> dict[str, int]:
    told = subprocess.run(
        [*_command(export), "--json"], env=_env(there), stdout=subprocess.PIPE, check=True, text=True, timeout=3_600
    )
    found: dict[str, int] = json.loads(told.stdout)
    return found


def _command(export: Path) -> list[str]:
    return [sys.executable, "-m", "service.cli", "import", "disqus", str(export), "--site", SITE]


def _env(there: Floor) -> dict[str, str]:
    return {**os.environ, **there.env(), "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("floor", choices=FLOORS)
    asked.add_argument("count", type=int)
    asked.add_argument("--again", action="store_true", help="a second run, which must change nothing")
    given = asked.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with home("imports") as folder:
        folder.chmod(0o711)
        print(_measure(folder, given.floor, given.count, again=given.again))
