"""From `parley serve` to the first page that is answered, with a migrated database and a thread of 1,000 comments."""

from __future__ import annotations

from urllib.parse import quote

from benchmarks import seed
from benchmarks.floors import FLOORS, Floor, floor
from benchmarks.options import Options
from benchmarks.results import Result, Table
from benchmarks.rounds import Spread

TITLE = "Start"
_SIZE = 1_000


def run(options: Options) -> Result:
    """Start and stop, several times."""
    rows = []
    for name in FLOORS:
        with floor(name, options.scratch, [_SIZE]) as stores:
            seconds = [_start(stores) for _ in range(max(3, options.rounds))]
        with_what = "SQLite, starts its Redis, looks at migrations" if name == "sqlite" else "PostgreSQL and Redis run"
        rows.append([with_what, Spread.of(seconds).text(2)])
    return Result([Table("From the command to the first page", ["", "seconds"], rows)])


def _start(stores: Floor) -> float:
    page = f"/embed?site={seed.SITE}&url={quote(seed.page(_SIZE), safe='')}"
    with stores.serve(ready=page) as server:
        return server.seconds
