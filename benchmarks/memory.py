"""Memory of the server process on SQLite, as it is installed by default, each part of it apart.

Proportional set size: idle after the start; full, when pages nobody asks for again have filled the ready pages'
64 megabytes; warm, when strangers have posted, voted and read as fast as they could until SQLite's page caches, which
take longest of all that has a bound, grew no more; and from then on under a load of the same kind with pauses.
*The server's own* is what is no file's: Python's objects, what malloc has given out, and what malloc holds free.
*Mapped files* are programs and the database, of which up to 256 megabytes are mapped: that grows with the comments, and
the system drops such pages when it needs the room. What leaks grows with the posts, so growth is given for a thousand
of them too. It is the slope of the time after the warming, with its standard error; a leak is what is far above that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks import load, seed
from benchmarks.floors import Floor, floor
from benchmarks.options import Options
from benchmarks.processes import Held, held
from benchmarks.requests import PARLEY_POST, PARLEY_VOTE, Kind
from benchmarks.results import Chart, Result, Table
from benchmarks.running import Running
from benchmarks.slopes import Slope
from benchmarks.told import Heap

TITLE = "Memory"
# So few that each one's last events in Redis are as many as are kept before growth is measured.
_ARTICLES = 40
_LARGE = 10_000  # comments of one more
# Of those who post, vote and read: connections, and milliseconds each waits between two.
_STEADY = ((8, 100), (4, 50), (8, 25))
_HURRIED, _HURRIED_SECONDS = ((8, 0), (8, 0), (4, 25)), 20
_STANDS = 0.5  # megabytes more in such a time: SQLite's caches are full
_PARTS: dict[str, Callable[[Held], float]] = {
    "together": lambda held: held.together,
    "the server's own": lambda held: held.own,
    "the embedded Redis": lambda held: held.children,
    "mapped files": lambda held: held.files,
}
_MADE_OF: dict[str, Callable[[Heap], float]] = {
    "thousand objects of Python's": lambda heap: heap.objects,
    "given out by malloc": lambda heap: heap.malloced,
    "of that to SQLite": lambda heap: heap.sqlite,
    "free in malloc": lambda heap: heap.free,
}


@dataclass(frozen=True)
class Seen:
    """How it stood so many seconds into the load."""

    at: float
    held: Held
    heap: Heap


def run(options: Options) -> Result:
    """Idle, full, warm, and then."""
    told = ["-m", "benchmarks.told"]
    with (
        floor("sqlite", options.scratch, [_LARGE], small=_ARTICLES) as stores,
        stores.serve(module=told) as server,
    ):
        time.sleep(2)
        at_rest = [("idle", _look(stores, server))]
        _fill(options, stores, server)
        at_rest.append(("ready pages full", _look(stores, server)))
        warming = _warmed(options, stores, server)
        seen, posts = _under_load(options.soak_seconds, options, stores, server, _STEADY)
    stood = [*at_rest, ("warm", seen[0]), (f"{seen[-1].at:.0f} s and {posts:,} posts later", seen[-1])]
    all_of_it = [*warming, *(Seen(each.at + warming[-1].at, each.held, each.heap) for each in seen)]
    return Result([_parts(stood, seen, posts), _made_of(stood)], [_chart(all_of_it)])


def _parts(stood: Sequence[tuple[str, Seen]], seen: Sequence[Seen], posts: int) -> Table:
    rows = [[name, *(f"{of(each.held):.0f}" for of in _PARTS.values())] for name, each in stood]
    slopes = [Slope.of([(each.at, of(each.held)) for each in seen]) for of in _PARTS.values()]
    a_post = max(1, posts) / (seen[-1].at or 1)
    rows.append(["growth since, an hour", *(slope.text(3_600) for slope in slopes)])
    rows.append(["the same, for 1,000 posts", *(slope.text(1_000 / a_post) for slope in slopes)])
    return Table("The server and its embedded Redis, MB", ["", *_PARTS], rows)


def _made_of(stood: Sequence[tuple[str, Seen]]) -> Table:
    rows = [[name, *(f"{of(each.heap):,.0f}" for of in _MADE_OF.values())] for name, each in stood]
    return Table("What the server's own is made of, MB where nothing else is said", ["", *_MADE_OF], rows)


def _chart(seen: Sequence[Seen]) -> Chart:
    some = seen[:: max(1, len(seen) // 40)]
    series = {name: [of(each.held) for each in some] for name, of in _PARTS.items()}
    return Chart("memory", "Memory under load", "MB", [f"{each.at:.0f} s" for each in some], series)


def _look(stores: Floor, server: Running, since: float | None = None) -> Seen:
    at = 0.0 if since is None else time.monotonic() - since
    return Seen(at, held(server.pids[0]), Heap.told(stores.folder))


def _fill(options: Options, stores: Floor, server: Running) -> None:
    """Ask for pages that differ in nothing but their address, uncompressed: about 60 kB each."""
    path = f"/embed?site={seed.SITE}&url={quote(seed.page(_LARGE), safe='')}&title={{n}}"
    script = Kind("GET", path, "").script(stores.folder, ["-"])
    load.write(server.url, server.pids, script, connections=8, seconds=5 if options.quick else 20)


def _warmed(options: Options, stores: Floor, server: Running) -> list[Seen]:
    """What was seen until SQLite's caches were full, or there was no more time for it."""
    seen: list[Seen] = []
    while not seen or seen[-1].at < options.warming_seconds:
        before = Heap.told(stores.folder).sqlite
        some, _ = _under_load(5 if options.quick else _HURRIED_SECONDS, options, stores, server, _HURRIED)
        begun = seen[-1].at if seen else 0.0
        seen += [Seen(each.at + begun, each.held, each.heap) for each in some]
        if some[-1].heap.sqlite - before < _STANDS:
            break
    return seen


def _under_load(
    seconds: float, options: Options, stores: Floor, server: Running, those: Sequence[tuple[int, int]]
) -> tuple[list[Seen], int]:
    """What was seen, and how many posts there were."""
    seen: list[Seen] = []
    with _loads(seconds, stores, server, those) as (is_over, posts):
        since = time.monotonic()
        while not is_over():
            seen.append(_look(stores, server, since))
            time.sleep(1 if options.quick else 2)
        return seen, posts()


@contextmanager
def _loads(
    seconds: float, stores: Floor, server: Running, those: Sequence[tuple[int, int]]
) -> Iterator[tuple[Callable[[], bool], Callable[[], int]]]:
    """Strangers who post and vote, and readers: whether it is over, and how many posts there were then."""
    pages = [f"/article/small-{number}" for number in range(1, _ARTICLES + 1)]
    frames = [f"/embed?site={seed.SITE}&url={quote(seed.ORIGIN + page, safe='')}" for page in pages]
    reading = Kind("GET", "{target}", "", {"Accept-Encoding": "gzip"})
    # Votes on a comment each, so that SQLite's pages are as many as in a large installation.
    voted = stores.comments(stores.articles[_LARGE].thread, _LARGE)
    kinds = list(zip([(PARLEY_POST, pages), (PARLEY_VOTE, voted), (reading, frames)], those, strict=True))
    with ThreadPoolExecutor(len(kinds)) as threads:
        running = [
            threads.submit(
                load.write,
                server.url,
                server.pids,
                kind.script(stores.folder, targets, pause=pause),
                connections=connections,
                seconds=seconds,
            )
            for (kind, targets), (connections, pause) in kinds
        ]
        yield lambda: all(each.done() for each in running), lambda: running[0].result().answers
        for each in running:
            each.result()
