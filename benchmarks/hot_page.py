"""A page that is ready: what readers do a thousand times for every post.

The frame of a thread of 1,000 comments (25 roots and their first replies), gzipped, over keep-alive connections, from
one process each: nginx sends these very bytes from a file compressed beforehand; Parley sends them from its ready
pages; `ASGI` is a function that sends bytes it holds, on uvicorn, as little as that interface allows; `framework` is a
route of FastAPI that returns bytes it holds; `no ready pages` is Parley with that layer taken out, so each page is
read and drawn anew (8 connections). Isso's answer is its own JSON of 25 roots of the same thread (one worker, 8 too).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from urllib.parse import quote

import httpx

from benchmarks import isso, load, seed
from benchmarks.floors import floor
from benchmarks.load import Sample
from benchmarks.nginx import nginx
from benchmarks.options import Options
from benchmarks.results import Chart, Result, Table, Target
from benchmarks.rounds import Spread, alternate, ratios
from benchmarks.running import Running

TITLE = "Hot page"
_SIZE = 1_000
_GZIP = {"Accept-Encoding": "gzip"}
_CONNECTIONS = 48
# Who draws each page anew gets as many as keep it busy; with more, a round would be over before its answers.
_FEW = {"no ready pages": 8, "Isso": 8}


def run(options: Options) -> Result:
    """Alternating rounds of all of them."""
    with ExitStack() as stack:
        stores = stack.enter_context(floor("postgresql", options.scratch, [_SIZE]))
        parley = stack.enter_context(stores.serve())
        page = f"/embed?site={seed.SITE}&url={quote(seed.page(_SIZE), safe='')}"
        packed, tag = _fetch(parley.url + page)
        file = stores.folder / "page.gz"
        file.write_bytes(packed)
        os.environ["BENCH_PAGE"] = str(file)
        programs = isso.environment(options.tools)
        servers: Mapping[str, tuple[Running, str]] = {
            "nginx": (stack.enter_context(nginx(stores.folder, packed)), "/page.html"),
            "Parley": (parley, page),
            "ASGI": (stack.enter_context(stores.serve(variant="raw", ready="/embed")), page),
            "framework": (stack.enter_context(stores.serve(variant="framework", ready="/embed")), page),
            "no ready pages": (stack.enter_context(stores.serve(variant="uncached")), page),
            "Isso": (
                stack.enter_context(isso.isso(programs, stores.folder, [_SIZE], small=0, workers=1)),
                f"/?uri=/article/{_SIZE}&limit=25&nested_limit=3",
            ),
        }
        reading = {
            name: _reading(options, *server, connections=_FEW.get(name, _CONNECTIONS))
            for name, server in servers.items()
        }
        found = alternate(reading, options.rounds)
        others = alternate(
            {
                "the frame, HTML": _reading(options, parley, page),
                "the frame, brotli": _reading(options, parley, page, {"Accept-Encoding": "br"}),
                "the same as JSON": _reading(options, parley, page.replace("/embed", "/api/v1/threads")),
                "304, nothing new": _reading(options, parley, page, {**_GZIP, "If-None-Match": tag}),
                "a frame with a browser's headers": _reading(options, parley, page, _BROWSER),
            },
            options.rounds,
        )
    return _result(found, others, len(packed))


# As many as a browser sends: reading them is part of the work.
_BROWSER = {
    **_GZIP,
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Referer": "https://news.test/",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "iframe",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
    "Priority": "u=4",
}


def _fetch(url: str) -> tuple[bytes, str]:
    """The page as it goes over the wire, and its ETag."""
    with httpx.stream("GET", url, headers=_GZIP, trust_env=False) as answer:
        answer.raise_for_status()
        return b"".join(answer.iter_raw()), answer.headers["etag"]


def _reading(
    options: Options,
    server: Running,
    path: str,
    headers: Mapping[str, str] = _GZIP,
    *,
    connections: int = _CONNECTIONS,
) -> Callable[[], Sample]:
    return lambda: load.read(
        server.url + path, server.pids, connections=connections, seconds=options.seconds, headers=headers
    )


def _result(found: Mapping[str, list[Sample]], others: Mapping[str, list[Sample]], size: int) -> Result:
    rates = {name: [sample.per_second for sample in samples] for name, samples in found.items()}
    cpu = {name: [sample.cpu for sample in samples] for name, samples in found.items()}
    shares = {name: ratios(values, rates["nginx"]) for name, values in rates.items()}
    rows = [
        [
            name,
            Spread.of(rates[name]).text(),
            shares[name].text(3),
            Spread.of(cpu[name]).text(1),
            ratios(cpu["nginx"], cpu[name]).text(3),
            f"{found[name][0].bytes:,.0f}",
        ]
        for name in found
    ]
    head = ["One process each", "answers a second", "to nginx", "CPU µs an answer", "to nginx, by CPU", "bytes"]
    peers = max(shares["Isso"].median, 1e-9)
    return Result(
        [
            Table(f"The frame, {size:,} bytes gzipped, {_CONNECTIONS} connections", head, rows),
            Table("Parley's other answers", ["", "answers a second", "CPU µs an answer", "bytes"], _others(others)),
        ],
        [Chart("hot-page", "A hot page, one process", "answers a second", list(found), _bars(rates))],
        [
            Target("hot page, to nginx", shares["Parley"].median, 0.35),
            Target("hot page, to Isso", shares["Parley"].median / peers, 1.0),
        ],
    )


def _others(found: Mapping[str, list[Sample]]) -> list[list[str]]:
    return [
        [
            name,
            Spread.of([sample.per_second for sample in samples]).text(),
            Spread.of([sample.cpu for sample in samples]).text(1),
            f"{samples[0].bytes:,.0f}",
        ]
        for name, samples in found.items()
    ]


def _bars(rates: Mapping[str, list[float]]) -> dict[str, list[float]]:
    return {"": [Spread.of(values).median for values in rates.values()]}
