"""How fast the frame draws and answers on a slow phone: `python -m benchmarks.interactions`; needs Chromium.

The processor is slowed four times (`Emulation.setCPUThrottlingRate`). Times of interactions are those of the browser's
own Event Timing, from the press to the next picture; of several tries the worst is told, as INP does for less than 50.
A machine that has other work adds that to them, so what the main thread computed is told too: script, style, layout.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Frame, Page, async_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.host import host_server
from tests.browser.reader import composer, open_article
from tests.browser.stage import Discussion, Stage, staged

SLOWER = 4
TRIES = 5
# All 500 on one page, which takes settings at their most; usually a page has 60 at most.
ALL_AT_ONCE = {"reading": {"page_size": 25, "replies": 20, "most": 500, "sorts": ["oldest"]}}

# From the press of a key or button to the picture after it, in milliseconds: all interactions since this began.
_WATCH = """
() => {
  window.told = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.told.push([entry.name, entry.duration])
  }).observe({ type: "event", durationThreshold: 16 })
}
"""
_DRAWN = """
() => new Promise((tell) => {
  const seen = () => requestAnimationFrame(() => setTimeout(() => tell(performance.now())))
  if (document.readyState === "complete") seen()
  else addEventListener("load", seen)
})
"""


async def main() -> None:
    """Measure and print."""
    program = find()
    if program is None:
        sys.exit("there is no Chromium")
    with host_server() as host, tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder), host) as stage, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
            await _measure(browser, stage)
            await browser.close()


async def _measure(browser: Browser, stage: Stage) -> None:
    small, large = await _filled(stage, 24), await _filled(stage, 499)
    drawn = {count: await _draw(browser, at) for count, at in ((25, small), (500, large))}
    print(f"drawn, 25 comments: {drawn[25]:.0f} ms; 500: {drawn[500]:.0f} ms; {drawn[500] / drawn[25]:.1f} times")
    for name, (worst, computed) in (await _interact(browser, large)).items():
        print(f"{name}: {worst:.0f} ms; computed {computed:.0f} ms")


async def _filled(stage: Stage, answers: int) -> Discussion:
    """A discussion of 25 roots, and replies below them up to so many more comments."""
    roots = 25 if answers > 25 else answers + 1
    discussion = await stage.discussion(ALL_AT_ONCE)
    words = "Words that fill some lines of a narrow screen, as comments do when somebody means what they say. " * 3
    made = [await discussion.post(f"Root {number}. {words}") for number in range(roots)]
    for number in range(answers + 1 - roots):
        await discussion.post(f"Reply {number}. {words}", parent=made[number % roots])
    return discussion


async def _slow(page: Page) -> None:
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


async def _draw(browser: Browser, discussion: Discussion) -> float:
    """Milliseconds from the beginning of the document to its picture with all comments, scripts run."""
    times = []
    for _ in range(TRIES):
        page = await browser.new_page(viewport={"width": 400, "height": 800})
        await page.goto("about:blank")
        await _slow(page)
        await page.goto(discussion.frame(), wait_until="commit")
        times.append(float(await page.evaluate(_DRAWN)))
        await page.close()
    return statistics.median(times)


async def _interact(browser: Browser, discussion: Discussion) -> dict[str, tuple[float, float]]:
    page = await browser.new_page(viewport={"width": 400, "height": 800})
    frame = await open_article(page, discussion.sibling)
    await _slow(page)
    await frame.evaluate(_WATCH)
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    found: dict[str, tuple[float, float]] = {}

    async def timed(name: str, acts: Any) -> None:
        await frame.evaluate("window.told.length = 0")
        computed = []
        for act in acts:
            before = await _computed(session)
            await act()
            await page.wait_for_timeout(400)
            computed.append(await _computed(session) - before)
        told = await frame.evaluate("window.told")
        found[name] = max((duration for _, duration in told), default=0.0), max(computed)

    votes = frame.locator("[data-vote='1']")
    await timed("voting", [votes.nth(number).click for number in range(TRIES)])
    folds = frame.locator("[data-act=fold]")
    await timed("folding a branch", [folds.nth(number).click for number in range(TRIES)])
    replies = frame.locator("[data-list] > li > article [data-act=reply]")
    await timed("opening a reply", [replies.nth(number).click for number in range(TRIES)])
    body = composer(frame).locator("[name=body]")
    await timed("entering the composer", [body.click])
    await body.press("End")
    await timed("typing", [lambda: page.keyboard.type("Some words typed. ")] * TRIES)
    await composer(frame).locator("[name=name]").fill("Ida")
    await timed("posting", [_post(frame, number) for number in range(TRIES)])
    await timed("posting by key", [_post(frame, number, by_key=True) for number in range(2)])
    await page.close()
    found["showing more"] = await _more(browser, discussion)
    return found


async def _computed(session: CDPSession) -> float:
    """Milliseconds the main thread computed so far: script, style and layout, without painting."""
    told = await session.send("Performance.getMetrics")
    wanted = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
    return 1000 * sum(float(each["value"]) for each in told["metrics"] if each["name"] in wanted)


def _post(frame: Frame, number: int, *, by_key: bool = False) -> Any:
    async def act() -> None:
        await composer(frame).locator("[name=body]").fill(f"Posted {number} {by_key}")
        if by_key:
            await composer(frame).locator("[name=body]").press("Control+Enter")
        else:
            await composer(frame).locator("[data-send]").click()
        await frame.locator("article.comment:focus").wait_for()

    return act


async def _more(browser: Browser, discussion: Discussion) -> tuple[float, float]:
    """A page of 60 comments that is shown 25 roots more, three times."""
    page = await browser.new_page(viewport={"width": 400, "height": 800})
    other = await discussion.stage.discussion({"reading": {"page_size": 25, "sorts": ["oldest"]}})
    await other.posts(100)
    frame = await open_article(page, other.sibling)
    await _slow(page)
    await frame.evaluate(_WATCH)
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    computed = []
    for _ in range(3):
        before = await _computed(session)
        count = await frame.locator("article.comment").count()
        await frame.locator("[data-list] > .more a").click()
        await frame.locator("article.comment").nth(count).wait_for()
        await page.wait_for_timeout(400)
        computed.append(await _computed(session) - before)
    told = await frame.evaluate("window.told")
    await page.close()
    return max((duration for _, duration in told), default=0.0), max(computed)


if __name__ == "__main__":
    asyncio.run(main())
