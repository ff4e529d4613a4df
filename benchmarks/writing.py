"""Posts and votes, each answered only when it is on the disk.

Every post is a stranger's: a person is made too, an idempotency key is kept, the text is cleaned, rendered and
screened; every vote is a new voter's. Texts are the corpus's. Limits are set wide and nothing is held, on both sides:
Isso runs without its guard. PostgreSQL runs with fsync on; SQLite with synchronous=FULL. `one` is all on one thread,
`many` spreads over 200. Isso runs under gunicorn with four workers, as its manual says, and for a like comparison with
one; `Parley, 2` are two servers that share a port. Isso stops counting a comment's votes at 142 and keeps a
filter of addresses; Parley keeps each vote with its voter. Of the peers written in Go none is in a package registry
that this command can use, so none is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import isso, load
from benchmarks.floors import Floor, floor
from benchmarks.load import Sample
from benchmarks.options import Options
from benchmarks.requests import ISSO_POST, ISSO_VOTE, PARLEY_POST, PARLEY_VOTE, Kind
from benchmarks.results import Chart, Result, Table, Target
from benchmarks.rounds import Spread, alternate, ratios
from benchmarks.running import Running

TITLE = "Writing"
_SIZE, _SMALL = 1_000, 200
_PG, _PG2, _LITE, _ISSO, _ISSO1 = "Parley, PostgreSQL", "Parley, 2, PostgreSQL", "Parley, SQLite", "Isso, 4", "Isso, 1"


@dataclass(frozen=True)
class Contestant:
    """A server with what to send it, to one thread and to many."""

    server: Running
    stores: tuple[int, ...]
    post: Kind
    vote: Kind
    pages: Mapping[str, Sequence[str]]
    comments: Mapping[str, Sequence[str]]


def run(options: Options) -> Result:
    """Posts, then votes; all contestants in turn."""
    with ExitStack() as stack:
        contestants = _contestants(options, stack)
        posts = _measure(options, contestants, "post", list(contestants))
        votes = _measure(options, contestants, "vote", [_PG, _LITE, _ISSO])
    tables = [_table("Posts", where, posts) for where in ("one", "many")]
    tables += [_table("Votes", where, votes) for where in ("one", "many")]
    charts = [_chart("Posts", posts), _chart("Votes", votes)]
    return Result(tables, charts, _targets(posts))


def _contestants(options: Options, stack: ExitStack) -> dict[str, Contestant]:
    postgresql = stack.enter_context(floor("postgresql", options.scratch, [_SIZE], small=_SMALL))
    sqlite = stack.enter_context(floor("sqlite", options.scratch, [_SIZE], small=_SMALL))
    programs = isso.environment(options.tools)
    found = {
        _PG: _parley(postgresql, stack.enter_context(postgresql.serve())),
        _PG2: _parley(postgresql, stack.enter_context(postgresql.serve_many(2))),
        _LITE: _parley(sqlite, stack.enter_context(sqlite.serve())),
    }
    for name, workers in ((_ISSO, 4), (_ISSO1, 1)):
        place = options.scratch / f"isso-{workers}"
        place.mkdir()
        server = stack.enter_context(isso.isso(programs, place, [_SIZE], small=_SMALL, workers=workers))
        numbers = {"one": [str(n) for n in range(1, 201)], "many": [str(_SIZE + 1 + 5 * n) for n in range(_SMALL)]}
        found[name] = Contestant(server, (), ISSO_POST, ISSO_VOTE, _pages(), numbers)
    return found


def _parley(stores: Floor, server: Running) -> Contestant:
    comments = {"one": stores.comments(stores.articles[_SIZE].thread, 200), "many": stores.comments(None, _SMALL)}
    return Contestant(server, stores.stores, PARLEY_POST, PARLEY_VOTE, _pages(), comments)


def _pages() -> dict[str, list[str]]:
    return {"one": [f"/article/{_SIZE}"], "many": [f"/article/small-{number}" for number in range(1, _SMALL + 1)]}


Found = Mapping[tuple[str, str, int], list[Sample]]


def _measure(options: Options, contestants: Mapping[str, Contestant], act: str, names: Sequence[str]) -> Found:
    """By contestant, where, and how many at once."""
    keys = [(name, where, count) for where in ("one", "many") for count in options.at_once for name in names]
    writing = {str(key): _writing(options, contestants[key[0]], act, key[1], key[2]) for key in keys}
    found = alternate(writing, max(1, options.rounds - 2))
    return {key: found[str(key)] for key in keys}


def _writing(options: Options, one: Contestant, act: str, where: str, count: int) -> Callable[[], Sample]:
    def write() -> Sample:
        kind, targets = (one.post, one.pages[where]) if act == "post" else (one.vote, one.comments[where])
        script = kind.script(options.scratch, targets)
        return load.write(
            one.server.url, one.server.pids, script, connections=count, seconds=options.seconds, stores=one.stores
        )

    return write


def _table(title: str, where: str, found: Found) -> Table:
    rows = []
    for (name, place, count), samples in found.items():
        if place != where:
            continue
        base = [sample.per_second for sample in found[_ISSO, where, count]]
        rows.append(
            [
                f"{name}, {count} at once",
                Spread.of([sample.per_second for sample in samples]).text(),
                ratios([sample.per_second for sample in samples], base).text(2),
                Spread.of([sample.p50 for sample in samples]).text(1),
                Spread.of([sample.p99 for sample in samples]).text(1),
                Spread.of([sample.tail for sample in samples]).text(1),
                f"{max(sample.refused_share for sample in samples):.1%}",
                f"{Spread.of([sample.cpu / 1e3 for sample in samples]).median:.2f}",
                f"{Spread.of([sample.store_cpu / 1e3 for sample in samples]).median:.2f}",
            ]
        )
    head = [
        "",
        "a second",
        "to Isso, 4",
        "p50 ms",
        "p99 ms",
        "p99 to p50",
        "refused",
        "CPU ms, server",
        "CPU ms, stores",
    ]
    return Table(f"{title}, {where} thread{'s' if where == 'many' else ''}", head, rows)


def _chart(title: str, found: Found) -> Chart:
    places = list(dict.fromkeys((where, count) for _, where, count in found))
    series = {
        name: [Spread.of([sample.per_second for sample in found[name, *place]]).median for place in places]
        for name in dict.fromkeys(name for name, _, _ in found)
    }
    labels = [f"{where}, {count}" for where, count in places]
    return Chart(title.lower(), f"{title}: one thread and many, so many at once", "a second", labels, series)


def _targets(posts: Found) -> list[Target]:
    ours, theirs = posts[_PG, "many", 16], posts[_ISSO, "many", 16]
    likes, pair = posts[_ISSO1, "many", 16], posts[_PG2, "many", 16]
    crowd = posts[_ISSO, "many", 64]
    tail = Spread.of([sample.tail for sample in ours]).median
    return [
        Target("posts, to Isso with four workers, 16 at once", _rate(ours, theirs), 3.0),
        Target("posts, to Isso with one worker, 16 at once", _rate(ours, likes), 3.0),
        Target("posts, two servers on a port, to Isso with four workers, 16 at once", _rate(pair, theirs), 3.0),
        Target("posts, to Isso with four workers, 64 at once", _rate(posts[_PG, "many", 64], crowd), 3.0),
        Target("posts, two servers on a port, the same, 64 at once", _rate(posts[_PG2, "many", 64], crowd), 3.0),
        Target("posts, p99 to p50, 16 at once", tail, 4.0, most=True),
    ]


def _rate(ours: Sequence[Sample], theirs: Sequence[Sample]) -> float:
    return ratios([each.per_second for each in ours], [each.per_second for each in theirs]).median
