"""Memory of the server process on SQLite, as it is installed by default, with the embedded Redis beside it.

Proportional set size: idle after the start; full, when pages nobody asks for again have filled the ready pages'
64 megabytes; and over a soak in which readers read and strangers post all the time. Growth is the slope over the
second half of the soak: the first half warms what has bounds. The database's file is mapped, up to 256 megabytes of it,
and grows with the posts; the system drops such pages when it needs the room, so growth without them is given too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import quote

from benchmarks import load, seed
from benchmarks.floors import Floor, floor
from benchmarks.options import Options
from benchmarks.processes import own_megabytes, pss_megabytes
from benchmarks.requests import PARLEY_POST, Kind
from benchmarks.results import Chart, Result, Table
from benchmarks.running import Running

TITLE = "Memory"
_SMALL = 200


def run(options: Options) -> Result:
    """Idle, full, and over a soak."""
    with floor("sqlite", options.scratch, [10_000], small=_SMALL) as stores, stores.serve() as server:
        time.sleep(2)
        idle = pss_megabytes(server.pids)
        _fill(options, stores, server)
        full = pss_megabytes(server.pids)
        seen, own, posts = _soak(options, stores, server)
    hour, own_hour = (_slope(each[len(each) // 2 :]) * 3600 for each in (seen, own))
    rows = [
        ["idle", f"{idle:.0f}"],
        ["ready pages full", f"{full:.0f}"],
        ["at the soak's start", f"{seen[0][1]:.0f}"],
        [f"after {seen[-1][0]:.0f} s and {posts:,} posts", f"{seen[-1][1]:.0f}"],
        ["most of the soak", f"{max(value for _, value in seen):.0f}"],
        ["growth in its second half, an hour", f"{hour:+.0f}"],
        ["the same without mapped files", f"{own_hour:+.0f}"],
    ]
    chart = Chart(
        "memory",
        "Memory over the soak",
        "MB",
        [f"{at:.0f} s" for at, _ in seen],
        {"": [value for _, value in seen]},
    )
    return Result([Table("The server and its embedded Redis", ["", "MB"], rows)], [chart])


def _fill(options: Options, stores: Floor, server: Running) -> None:
    """Ask for pages that differ in nothing but their address, uncompressed: about 60 kB each."""
    path = f"/embed?site={seed.SITE}&url={quote(seed.page(10_000), safe='')}&title={{n}}"
    script = Kind("GET", path, "").script(stores.folder, ["-"])
    load.write(server.url, server.pids, script, connections=8, seconds=5 if options.quick else 30)


Seen = list[tuple[float, float]]


def _soak(options: Options, stores: Floor, server: Running) -> tuple[Seen, Seen, int]:
    """Seconds and megabytes, the same without mapped files, and how many posts there were."""
    pages = [f"/article/small-{number}" for number in range(1, _SMALL + 1)]
    frames = [f"/embed?site={seed.SITE}&url={quote(seed.ORIGIN + page, safe='')}" for page in pages]
    posting = PARLEY_POST.script(stores.folder, pages)
    reading = Kind("GET", "{target}", "", {"Accept-Encoding": "gzip"}).script(stores.folder, frames)
    seconds, start = options.soak_seconds, time.monotonic()
    seen: Seen = []
    own: Seen = []
    with ThreadPoolExecutor(2) as threads:
        posts = threads.submit(load.write, server.url, server.pids, posting, connections=4, seconds=seconds)
        reads = threads.submit(load.write, server.url, server.pids, reading, connections=16, seconds=seconds)
        while not (_is_over(posts) and _is_over(reads)):
            seen.append((time.monotonic() - start, pss_megabytes(server.pids)))
            own.append((time.monotonic() - start, own_megabytes(server.pids)))
            time.sleep(1 if options.quick else 5)
        reads.result()
        return seen, own, posts.result().answers


def _is_over(load: Future[load.Sample]) -> bool:
    return load.done()


def _slope(seen: Sequence[tuple[float, float]]) -> float:
    """Least squares: megabytes a second."""
    at = sum(second for second, _ in seen) / len(seen)
    size = sum(value for _, value in seen) / len(seen)
    spread = sum((second - at) ** 2 for second, _ in seen)
    return sum((second - at) * (value - size) for second, value in seen) / spread if spread else 0.0
