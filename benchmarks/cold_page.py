"""A page that is not ready: read from the database and drawn, by the size of the thread.

Parley without its ready pages, asked by one reader after the other for the frame of the first page in the order
`best`, the same as JSON, and a page deep in the thread, which a reader reaches by cursor: in the middle, or behind
5,000 roots. Each round asks for all sizes; ratios are to the thread of 100 comments in the same round. What a page
holds differs a little between threads, so the comments on it are given.

A page that is ready takes some twenty microseconds, and what else happens (the worker's rounds, a page drawn anew, the
machine's other work) only ever adds to that. So it is asked for in many short rounds, and the least CPU of each size is
compared: what is left is what the size costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

import httpx

from benchmarks import load, seed
from benchmarks.floors import FLOORS, Floor, floor
from benchmarks.load import Sample
from benchmarks.options import Options
from benchmarks.results import Chart, Result, Table, Target
from benchmarks.rounds import Spread, alternate, least, ratios
from benchmarks.running import Running

TITLE = "Cold page, by the size of the thread"
_LEAST = 100
_KINDS = ("first page, HTML", "first page, JSON", "deep in the thread, JSON")
# By size of the thread and kind of page.
Found = Mapping[tuple[int, str], list[Sample]]


def run(options: Options) -> Result:
    """Both databases, one after the other; the sizes in turn."""
    tables, charts, targets = [], [], []
    for name in FLOORS:
        sizes = [*options.sizes, *(options.largest if name == "postgresql" else ())]
        with floor(name, options.scratch, sizes) as stores:
            found, held = _cold(options, stores, sizes)
            warm = _warm(options, stores, sizes)
        tables += [_table(name, kind, sizes, found, held) for kind in _KINDS]
        tables.append(_warm_table(name, sizes, warm))
        charts.append(_chart(name, sizes, found))
        targets += _targets(name, sizes, found, warm)
    return Result(tables, charts, targets)


def _cold(options: Options, stores: Floor, sizes: Sequence[int]) -> tuple[Found, dict[tuple[int, str], int]]:
    with stores.serve(variant="uncached") as server:
        pages = {(size, kind): page for size in sizes for kind, page in _pages(server, stores, size).items()}
        held = {key: _count(server, page) for key, page in pages.items() if "HTML" not in key[1]}
        reading = {key: _reading(stores, server, page) for key, page in pages.items()}
        for read in reading.values():
            read()  # once for plans and buffers
        names = {f"{size} {kind}": (size, kind) for size, kind in reading}
        by_name = alternate({name: reading[key] for name, key in names.items()}, options.rounds)
    return {key: by_name[name] for name, key in names.items()}, held


def _warm(options: Options, stores: Floor, sizes: Sequence[int]) -> Mapping[str, list[Sample]]:
    with stores.serve() as server:
        reading = {str(size): _reading(stores, server, _frame(size)) for size in sizes}
        for read in reading.values():
            read()  # once to have them ready
        return alternate(reading, options.rounds * 3)


def _frame(size: int) -> str:
    return f"/embed?site={seed.SITE}&url={quote(seed.page(size), safe='')}"


def _pages(server: Running, stores: Floor, size: int) -> dict[str, str]:
    first = _frame(size)
    below = f"/api/v1/threads/{stores.articles[size].thread}/comments"
    deep = f"{below}?cursor={quote(_deep_cursor(server, below, size), safe='')}"
    return dict(zip(_KINDS, (first, first.replace("/embed", "/api/v1/threads"), deep), strict=True))


def _deep_cursor(server: Running, below: str, size: int) -> str:
    """Walk there as a reader would: nearly half of the comments are roots."""
    limit = 100 if size > 1_000 else 10
    cursor = ""
    with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client:
        for _ in range(min(50, max(1, int(size * 0.45) // 2 // limit))):
            answer = client.get(below, params={"limit": limit, "cursor": cursor or None})
            cursor = answer.raise_for_status().json()["next_cursor"]
    return cursor


def _count(server: Running, page: str) -> int:
    items = httpx.get(server.url + page, timeout=30, trust_env=False).raise_for_status().json()["items"]
    return sum(_comments(item) for item in items)


def _comments(item: dict[str, object]) -> int:
    replies = item.get("replies")
    below = replies["items"] if isinstance(replies, dict) else []
    return 1 + sum(_comments(each) for each in below)


def _reading(stores: Floor, server: Running, page: str) -> Callable[[], Sample]:
    return lambda: load.read(
        server.url + page,
        server.pids,
        connections=1,
        seconds=1.0,
        headers={"Accept-Encoding": "gzip"},
        stores=stores.stores,
    )


def _ratios(sizes: Sequence[int], kind: str, found: Found, measure: Callable[[Sample], float]) -> dict[int, Spread]:
    base = [measure(sample) for sample in found[_LEAST, kind]]
    return {size: ratios([measure(sample) for sample in found[size, kind]], base) for size in sizes}


def _table(name: str, kind: str, sizes: Sequence[int], found: Found, held: Mapping[tuple[int, str], int]) -> Table:
    by_clock = _ratios(sizes, kind, found, lambda sample: sample.p50)
    by_cpu = _ratios(sizes, kind, found, lambda sample: sample.whole_cpu)
    rows = [
        [
            f"{size:,}",
            Spread.of([sample.p50 for sample in found[size, kind]]).text(1),
            by_clock[size].text(2),
            Spread.of([sample.cpu / 1e3 for sample in found[size, kind]]).text(1),
            Spread.of([sample.store_cpu / 1e3 for sample in found[size, kind]]).text(2)
            if name == "postgresql"
            else "–",
            by_cpu[size].text(2),
            str(held[size, kind.replace("HTML", "JSON")]),
        ]
        for size in sizes
    ]
    head = ["Comments", "median ms", "to 100", "CPU ms, server", "CPU ms, stores", "to 100, by CPU", "comments on it"]
    return Table(f"{_name(name)}, {kind}", head, rows)


def _warm_table(name: str, sizes: Sequence[int], found: Mapping[str, list[Sample]]) -> Table:
    rows = [
        [
            f"{size:,}",
            Spread.of([sample.p50 * 1e3 for sample in found[str(size)]]).text(),
            Spread.of([sample.cpu for sample in found[str(size)]]).text(1),
            f"{_ready_share(found, size):.2f}",
            f"{found[str(size)][0].bytes:,.0f}",
        ]
        for size in sizes
    ]
    head = ["Comments", "median µs", "CPU µs", "to 100, by least CPU", "bytes"]
    return Table(f"{_name(name)}, first page, HTML, ready", head, rows)


def _chart(name: str, sizes: Sequence[int], found: Found) -> Chart:
    series = {kind: [Spread.of([each.p50 for each in found[size, kind]]).median for size in sizes] for kind in _KINDS}
    return Chart(f"cold-page-{name}", f"A cold page, {_name(name)}", "ms", [f"{size:,}" for size in sizes], series)


def _targets(name: str, sizes: Sequence[int], found: Found, warm: Mapping[str, list[Sample]]) -> list[Target]:
    """By CPU, which other work on the machine moves least; by the clock it stands in the tables."""
    size = max(each for each in sizes if each <= 100_000)
    shares = {kind: _ratios(sizes, kind, found, lambda sample: sample.whole_cpu)[size].median for kind in _KINDS}
    shares["first page, ready"] = _ready_share(warm, size)
    return [
        Target(f"{_name(name)}, {kind}: {size:,} to 100, by CPU", share, 1.3, most=True)
        for kind, share in shares.items()
    ]


def _ready_share(found: Mapping[str, list[Sample]], size: int) -> float:
    """What a ready page of this size costs, to one of the smallest thread."""
    return least([s.cpu for s in found[str(size)]], [s.cpu for s in found[str(_LEAST)]])


def _name(floor: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[floor]
