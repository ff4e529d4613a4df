"""For how long the console stands still, with 20,000 cases in a Chromium four times slower than it is.

What stalls a page is a task of its main thread; the browser itself reports those over 50 ms (PerformanceObserver,
`longtask`). Where other programs want the processors too, these include waiting for one, so the time each task had a
processor for itself is taken from the browser's trace as well; that is what is judged. The list is scrolled, dragged
to its end so that all of it is read, and cases are decided by keys.

    python benchmarks/console.py [--cases 20000] [--slower 4] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.async_api import Browser, Page, async_playwright

from service.kit.redis import Redis
from service.kit.seal import Keeper
from service.moderation import Queue
from tests.browser.chromium import FLAGS, find
from tests.browser.host import host_server
from tests.browser.stage import Stage, staged
from tests.servers.parley import SECRET
from tests.servers.redis import redis_server
from tests.stories.moderation.desk import Desk

STALL = 200  # milliseconds: what one sees as standing still
WATCH = """
window.tasks = [];
new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(entry => entry.duration)))
  .observe({ type: "longtask" });
"""
NEXT = "before => location.search !== before && document.querySelector('.acts .danger')"
DRAG = "part => { const box = document.querySelector('.rows'); box.scrollTop = box.scrollHeight * part; }"
QUIET = {
    "limits": {
        act: {"address": [], "author": [], "thread": [], "site": []} for act in ("post", "edit", "vote", "report")
    },
    "screening": {"pre_moderate": True},
}


@dataclass
class Desktop:
    """One moderator's page."""

    browser: Browser
    page: Page
    worst: float = 0

    async def begin(self) -> None:
        """Watch from here on."""
        await self.page.evaluate("tasks.splice(0)")
        await self.browser.start_tracing(page=self.page, categories=["disabled-by-default-devtools.timeline"])

    async def phase(self, name: str) -> None:
        """Print which long tasks there were since the last phase, and watch on."""
        await self.page.wait_for_timeout(300)
        seen = _line(await self.page.evaluate("tasks.splice(0)"))
        alone = _own(json.loads(await self.browser.stop_tracing()))
        self.worst = max([self.worst, *alone])
        rows = await self.page.locator("[role=option]").count()
        print(
            f"{name:36} on the clock: {seen}   on a processor: {_line(alone)}   {rows} rows in the document", flush=True
        )
        await self.begin()


def _line(tasks: Sequence[float]) -> str:
    counts = [sum(task > limit for task in tasks) for limit in (50, STALL)]
    return f"{counts[0]:3} over 50 ms, {counts[1]:2} over {STALL} ms, longest {max(tasks, default=0):4.0f} ms"


def _own(trace: dict[str, Any]) -> list[float]:
    """Milliseconds each task of a page's main thread had a processor."""
    events = trace["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [event for event in events if event["name"] == "RunTask" and (event["pid"], event["tid"]) in mains]
    return [event.get("tdur", 0) / 1000 for event in tasks]


@asynccontextmanager
async def desktop(link: str, slower: float) -> AsyncIterator[Desktop]:
    """A signed-in moderator in a slow browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.add_init_script(WATCH)
        await page.goto(link)
        await page.get_by_role("button", name="Sign in").click()
        await page.locator(".row").first.wait_for()
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield Desktop(browser, page)
        await browser.close()


async def fill(stage: Stage, desk: Desk, cases: int) -> None:
    """So many held comments."""
    began = time.monotonic()
    for start in range(0, cases, 200):
        bodies = [
            f"Comment {number} of a long day, with some words" for number in range(start, min(start + 200, cases))
        ]
        await stage.db.transact(desk._post, [desk._draft(body, f"a{start}", None, None) for body in bodies])  # noqa: SLF001  # without a drain after each
    print(f"{cases} held comments in {time.monotonic() - began:.0f} s")


async def look(desk: Desktop, cases: int, decisions: int) -> None:
    """Scroll, read all, decide."""
    page = desk.page
    await desk.begin()
    await page.reload()
    await page.locator(".row").first.wait_for()
    await desk.phase("the page is opened")
    await page.locator(".rows").hover()
    for _ in range(100):
        await page.mouse.wheel(0, 400)
        await page.wait_for_timeout(16)
    await desk.phase("scrolled through 500 rows")
    began = time.monotonic()
    await page.locator(".rows").focus()
    await page.keyboard.press("End")
    await page.wait_for_function(
        "n => document.querySelector('.row[data-current]')?.getAttribute('aria-posinset') === String(n)",
        arg=cases,
        timeout=300_000,
    )
    await desk.phase(f"to the end, all read ({time.monotonic() - began:.0f} s)")
    await page.keyboard.press("Home")
    for part in range(60):
        await page.evaluate(DRAG, part / 60)
        await page.wait_for_timeout(30)
    await desk.phase("the bar dragged from end to end")
    await page.keyboard.press("n")
    await page.locator(".facts .tag.mine").wait_for()
    times = []
    for number in range(decisions):
        before = await page.evaluate("location.search")
        began = time.monotonic()
        await page.keyboard.press("a" if number % 2 else "r")
        await page.wait_for_function(NEXT, arg=before, timeout=120_000)
        times.append((time.monotonic() - began) * 1000)
    times.sort()
    await desk.phase(f"{decisions} decisions by key")
    median, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"{'':36} next case lies open after {median:.0f} ms (median), {p95:.0f} ms (p95)")
    await page.locator(".rows").focus()
    for _ in range(100):
        await page.keyboard.press("ArrowDown")
    await desk.phase("100 steps down with the case open")
    await page.get_by_role("searchbox").fill("day")
    await page.wait_for_timeout(600)
    await desk.phase("a word looked for in all of them")


async def main(asked: argparse.Namespace) -> int:
    """Measure; 1 when it stood still."""
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}"
    )
    with redis_server() as server, tempfile.TemporaryDirectory() as folder, host_server() as host:
        async with staged(Path(folder), host, redis_url=server.url) as stage:
            redis = Redis(server.url)
            desk = await Desk.new(stage.db, Queue(redis, stage.db), Keeper(SECRET), QUIET)
            await fill(stage, desk, asked.cases)
            link = await stage.sign_in_link(desk.site, "Mona", "moderator")
            async with desktop(link, asked.slower) as page:
                while not await counted(page.page, asked.cases):  # noqa: ASYNC110  # another process does it
                    await asyncio.sleep(1)
                await look(page, asked.cases, asked.decisions)
            await redis.close()
    print(f"longest of all: {page.worst:.0f} ms")
    return 0 if page.worst <= STALL else 1


async def counted(page: Page, cases: int) -> bool:
    """Whether the queue's index has all of them."""
    found = await page.evaluate("fetch('/api/v1/moderation/counts').then(answer => answer.json())")
    return bool(found["items"][0]["queues"][0]["open"] == cases)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--decisions", type=int, default=60)
    parser.add_argument("--slower", type=float, default=4, help="how much slower the browser's processor is made")
    parser.add_argument("--quick", action="store_true", help="500 cases: to see that it works")
    asked = parser.parse_args()
    if asked.quick:
        asked.cases, asked.decisions = 500, 10
    return asked


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments())))
