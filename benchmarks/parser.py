"""The most that a comment of 20 kB costs: every known shape that makes parsers work, alone and mixed, by CPU time.

Each is cleaned and rendered as a post is; the worst of them by its best of three, so that what else the machine does
counts as little as it can. Nesting of more than twenty levels and more than 5,000 tags are refused, which is an answer
too. Texts of letters with marks on them are up to 80,000 characters long, as their normal form may fit.
"""

from __future__ import annotations

import contextlib
import itertools
import statistics
import time

from benchmarks.options import Options
from benchmarks.results import Result, Table, Target
from service.kit.errors import Invalid
from service.kit.intake import clean_source
from service.kit.text import render
from tests.units.kit.shapes import grown, shapes, towers

TITLE = "The worst comment"
_LONG = 20_000


def run(options: Options) -> Result:
    """All shapes, or some of them."""
    mixed = itertools.islice(shapes(_LONG), 0, None, 40 if options.quick else 1)
    found = sorted(
        ((_milliseconds(shape), shape) for shape in itertools.chain(grown(_LONG), towers(_LONG), mixed)), reverse=True
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
