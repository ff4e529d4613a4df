"""Where the CPU time of a post goes, on PostgreSQL, 16 at once: the server's own process, watched from within.

A stranger's post alone is two round trips to PostgreSQL: one that reads the key, the sanctions, the thread and the
stamp of the screening rules, and one that writes the person, the comment, the fact, the thread's counters and the key,
which is the commit. Posts that come while others are under way share both (`kit/gathering.py`), and the limits'
scripts share round trips to Redis. The statements go past SQLAlchemy to the driver; what is left of SQLAlchemy is its
pool. Writers' routes are found and answered past the framework's detours, and commands go to Redis past its client.
Then comes the text itself: cleaning, rendering, screening; text in which nothing is Markdown is not parsed. What the
worker does with the fact afterwards (the live event, webhooks) is in these figures; it is done for many at once. The
rest is Parley's own and flat: no function is a twentieth of it. What would move it: more posts in a flight (at 64 at
once a post costs a sixth less), one relay beside the servers instead of one in each, and more processes, as one uses
one core (`parley serve --share-port`).
"""

from __future__ import annotations

import json
import os
import signal

from benchmarks import load
from benchmarks.floors import floor
from benchmarks.options import Options
from benchmarks.requests import PARLEY_POST
from benchmarks.results import Result, Table

TITLE = "Where a post's time goes"
_SMALL = 50


def run(options: Options) -> Result:
    """Load a server that watches itself."""
    target = options.scratch / "shares.json"
    with floor("postgresql", options.scratch, [100], small=_SMALL) as stores:
        pages = [f"/article/small-{number}" for number in range(1, _SMALL + 1)]
        script = PARLEY_POST.script(options.scratch, pages)
        again = PARLEY_POST.script(options.scratch, pages)
        with stores.serve(module=["-m", "benchmarks.sampled", str(target)]) as server:
            seconds = 5.0 if options.quick else 15.0
            load.write(server.url, server.pids, script, connections=16, seconds=3)
            os.kill(server.pids[0], signal.SIGUSR2)
            found = load.write(server.url, server.pids, again, connections=16, seconds=seconds, stores=stores.stores)
    shares: dict[str, float] = json.loads(target.read_text())
    rows = [[name, f"{share:.0%}", f"{share * found.cpu / 1e3:.2f}"] for name, share in shares.items()]
    rows += [
        ["the server's process together", "100%", f"{found.cpu / 1e3:.2f}"],
        ["PostgreSQL and Redis themselves", "", f"{found.store_cpu / 1e3:.2f}"],
    ]
    return Result([Table("CPU of one post", ["", "share", "ms"], rows)])
