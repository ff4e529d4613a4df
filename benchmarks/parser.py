"""The most that a comment of 20 kB costs: every known shape that makes parsers work, alone and mixed, by CPU time.

Each is cleaned and rendered as a post is; the worst of them by its best of three, so that what else the machine does
counts as little as it can. Nesting of more than twenty levels is refused, which is an answer too.
"""

from __future__ import annotations

import contextlib
import statistics
import time

from benchmarks.options import Options
from benchmarks.results import Result, Table, Target
from service.kit.errors import Invalid
from service.kit.intake import clean_source
from service.kit.text import render
from tests.units.kit.shapes import shapes

TITLE = "The worst comment"
_LONG = 20_000


def run(options: Options) -> Result:
    """All shapes, or some of them."""
    found = sorted(
        ((_milliseconds(shape), shape) for shape in list(shapes(_LONG))[:: 40 if options.quick else 1]), reverse=True
    )
    worst = [(min(first, _milliseconds(shape), _milliseconds(shape)), shape) for first, shape in found[:40]]
    worst.sort(reverse=True)
    rows = [[f"`{shape[:24]!r}` …", f"{took:.1f}"] for took, shape in worst[:8]]
    rows.append([f"half of {len(found):,} shapes", f"{statistics.median(took for took, _ in found):.1f}"])
    table = Table("Cleaned and rendered", [f"{_LONG:,} characters of", "CPU ms"], rows)
    return Result(
        [table], targets=[Target("a comment of 20 kB, the worst shape: CPU ms", worst[0][0], 50.0, most=True)]
    )


def _milliseconds(source: str) -> float:
    start = time.thread_time()
    with contextlib.suppress(Invalid):
        render(clean_source(source, max_chars=_LONG))
    return (time.thread_time() - start) * 1e3
