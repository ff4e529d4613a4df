"""Four times as much as the server can do, and what of it is still done.

The peak is what a growing number of clients gets out of one process when each asks again once it was answered, before
the storm and after it: the mean of both. Then four times that is offered (open loop: nobody waits for anybody), of
pages that have to be read and drawn, or of first comments. *Goodput* is what is answered well within two seconds, a
second, once the storm has gone on for two; all else is refused (503 with `Retry-After`) or comes too late. Afterwards
half of the peak is offered: normal is the first second in which all of it is answered well and 19 in 20 within a
quarter of a second or three times what they took before.

Generator and stores share the machine with the server, and so does whatever else is going on there: four times the
requests take processor time that the server had at its peak. So goodput is also given *by CPU*: for each second of
processor time that the server got, to the same at the peak. That is what the server itself makes of overload.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks import corpus, seed
from benchmarks.floors import FLOORS, floor
from benchmarks.offered import Offer, Request, in_turn, offer
from benchmarks.options import Options
from benchmarks.processes import cpu_seconds
from benchmarks.results import Result, Table, Target
from benchmarks.rounds import Spread
from benchmarks.running import Running

TITLE = "Overload"
_SIZE, _TIMES, _WITHIN, _LEAD, _AFTER = 1_000, 4, 2.0, 2.0, 15
_AT_ONCE = (8, 16, 32, 64)


@dataclass(frozen=True)
class Storm:
    """What one round saw. Rates are a second, times seconds."""

    peak: float
    good: float
    refused: float  # share of what was offered
    late: float  # share that was answered well, and too late, or not at all
    p99: float  # of good answers
    refusal: float  # median of refusals
    normal: float
    by_cpu: float  # good answers a CPU second, to those at the peak

    @property
    def share(self) -> float:
        """Goodput to the peak."""
        return self.good / self.peak


@dataclass(frozen=True)
class Calm:
    """As many as are answered well in a second, and for each second of processor time."""

    rate: float
    by_cpu: float


def run(options: Options) -> Result:
    """Reads and posts on both floors."""
    found: dict[tuple[str, str], list[Storm]] = {}
    for name in FLOORS:
        with floor(name, options.scratch, [_SIZE], small=50) as stores, stores.serve() as server:
            for what, request in (("pages drawn", _page), ("posts", _post)):
                best = 0
                for _ in range(max(1, options.rounds - 2)):
                    storm, best = asyncio.run(_storm(server, request, 2 * options.seconds, best))
                    found.setdefault((what, name), []).append(storm)
    return Result([_table(found)], targets=list(_targets(found)))


async def _storm(server: Running, request: Request, seconds: float, best: int) -> tuple[Storm, int]:
    port = int(server.url.rpartition(":")[2])
    calm = {count: await _calm(server, request, count, seconds / 2) for count in ([best] if best else _AT_ONCE)}
    best = max(calm, key=lambda count: calm[count].rate)
    peak = calm[best].rate
    before = await offer(port, request, rate=peak / 2, seconds=seconds / 2)
    storm = asyncio.create_task(offer(port, request, rate=_TIMES * peak, seconds=_LEAD + seconds, patience=0.0))
    await asyncio.sleep(_LEAD)
    cpu = cpu_seconds(server.pids)
    await asyncio.sleep(seconds)
    cpu = cpu_seconds(server.pids) - cpu
    much = await storm
    after = await offer(port, request, rate=peak / 2, seconds=_AFTER)
    again = await _calm(server, request, best, seconds / 2)
    good, every = much.good(_WITHIN, since=_LEAD), len(much.answers)
    refusals, well = much.times(good=False), much.times(good=True)
    frugal = (calm[best].by_cpu + again.by_cpu) / 2
    return (
        Storm(
            peak=(peak + again.rate) / 2,
            good=good / seconds,
            refused=len(refusals) / every,
            late=(every - len(refusals) - much.good(_WITHIN)) / every,
            p99=well[int(len(well) * 0.99)] if well else 0.0,
            refusal=statistics.median(refusals) if refusals else 0.0,
            normal=_normal(after, max(0.25, 3 * _p95(before.times(good=True)))),
            by_cpu=good / max(0.01, cpu) / frugal,
        ),
        best,
    )


async def _calm(server: Running, request: Request, at_once: int, seconds: float) -> Calm:
    cpu = cpu_seconds(server.pids)
    calm = await in_turn(int(server.url.rpartition(":")[2]), request, at_once=at_once, seconds=seconds)
    good = calm.good(_WITHIN)
    return Calm(good / calm.seconds, good / max(0.01, cpu_seconds(server.pids) - cpu))


def _normal(after: Offer, most: float) -> float:
    """Seconds from the storm's end to the first second of which everything was well."""
    for second in range(_AFTER):
        there = [one for one in after.answers if second <= one.due - after.begun < second + 1]
        if there and all(one.is_good for one in there) and _p95(sorted(one.seconds for one in there)) <= most:
            return float(second)
    return float(_AFTER)


def _p95(times: list[float]) -> float:
    return times[int(len(times) * 0.95)] if times else 0.0


def _page(number: int) -> bytes:
    """A page that nobody asked for before: it is read and drawn."""
    path = f"/embed?site={seed.SITE}&url={quote(seed.page(_SIZE), safe='')}&title={number}"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()


_TEXTS = corpus.texts()


def _post(number: int) -> bytes:
    """Somebody's first comment, from an address of its own."""
    new = {
        "site": seed.SITE,
        "url": seed.page(f"small-{number % 50 + 1}"),
        "body": f"{_TEXTS[number % len(_TEXTS)]} {number}",
        "author": {"name": "Ada"},
    }
    body = json.dumps(new).encode()
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    head = (
        f"POST /api/v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Forwarded-For: {address}\r\nIdempotency-Key: overload-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _table(found: Mapping[tuple[str, str], list[Storm]]) -> Table:
    rows = [
        [
            f"{what}, {name}",
            Spread.of([each.peak for each in storms]).text(),
            Spread.of([each.good for each in storms]).text(),
            Spread.of([each.share for each in storms]).text(2),
            Spread.of([each.by_cpu for each in storms]).text(2),
            f"{statistics.median(each.refused for each in storms):.0%}",
            f"{statistics.median(each.late for each in storms):.1%}",
            f"{statistics.median(each.p99 for each in storms) * 1e3:,.0f}",
            f"{statistics.median(each.refusal for each in storms) * 1e3:,.0f}",
            Spread.of([each.normal for each in storms]).text(),
        ]
        for (what, name), storms in found.items()
    ]
    head = ["", "peak a second", "goodput a second", "to the peak", "by CPU", "refused", "late or none", "p99 ms, good"]
    head += ["p50 ms, refused", "normal after s"]
    return Table(f"{_TIMES} times the peak offered to one process", head, rows)


def _targets(found: Mapping[tuple[str, str], list[Storm]]) -> list[Target]:
    return [
        target
        for (what, name), storms in found.items()
        for target in (
            Target(
                f"{_TIMES} times the peak of {what} on {name}: goodput to the peak",
                statistics.median(each.share for each in storms),
                0.8,
            ),
            Target(
                f"{_TIMES} times the peak of {what} on {name}: goodput to the peak, by CPU",
                statistics.median(each.by_cpu for each in storms),
                0.8,
            ),
            Target(
                f"{_TIMES} times the peak of {what} on {name}: seconds until normal",
                max(each.normal for each in storms),
                10.0,
                most=True,
            ),
        )
    ]
