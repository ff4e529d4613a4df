"""Claims, decisions and bulk at full size, on PostgreSQL with every commit on the disk, and a Redis that is killed.

- 16 workers in 4 processes decide 20,000 cases of 400 discussions while Redis is killed, comes back empty and is
  emptied once more. Then: no case decided twice, none lost, the queues' counts in Redis equal to SQL's.
- A claim at the API's Redis with 20,000 cases waiting, in five queues each: as waited for, and Redis' own time.
- A decision over HTTP while 5 moderators work, without a pause and with a second to read each: a server and a worker
  as processes.
- A bulk decision about 10,000 published comments found by a word, and its undo.

Times are what was waited on a machine that does other things too; CPU is that of the processes named.

    python -m benchmarks.claims [--cases 20000] [--workers 16] [--bulk 10000] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from benchmarks.claims.alone import alone
from benchmarks.claims.in_bulk import in_bulk
from benchmarks.claims.over_http import over_http
from benchmarks.claims.sheet import Sheet
from benchmarks.claims.stage import fill, set_up, stores
from benchmarks.claims.team import at_work
from benchmarks.options import Options
from benchmarks.results import Result
from service.kit import log
from service.kit.settings import Settings

TITLE = "The desk"
WHOLE = 20_000


async def measure(asked: argparse.Namespace) -> Sheet:
    """Everything."""
    log.configure(Settings(log_level="ERROR"))
    sheet = Sheet()
    if asked.cases < WHOLE:
        sheet.say(
            f"no whole run: {asked.cases:,} cases, {asked.decisions:,} decisions over HTTP, {asked.bulk:,} in bulk"
        )
    with stores() as (settings, server):
        stage = await set_up(settings, server)
        try:
            await fill(stage, asked.cases)
            await alone(stage, sheet)
            await at_work(stage, sheet, asked.cases, asked.workers)
            await over_http(stage, sheet, asked.decisions)
            await in_bulk(stage, sheet, asked.bulk)
        finally:
            await stage.redis.close()
            await stage.db.close()
    return sheet


def run(options: Options) -> Result:
    """As a part of `python -m benchmarks`."""
    return asyncio.run(measure(asked_for(["--quick"] if options.quick else []))).result()


def asked_for(line: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says, or `line`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=WHOLE)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--decisions", type=int, default=1_000)
    parser.add_argument("--bulk", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    options = parser.parse_args(line)
    if options.quick:
        options.cases, options.decisions, options.bulk = (
            options.cases // 10,
            options.decisions // 10,
            options.bulk // 10,
        )
    return options
