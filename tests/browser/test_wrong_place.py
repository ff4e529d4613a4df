"""Pages that are not the site's, messages that are not ours: the article is unharmed and nothing listens."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Frame, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.reader import comment, frame_of, holds, open_article
from tests.browser.stage import Stage
from tests.browser.watch import Watch
from tests.servers.parley import free_port

# A page of somebody else's, embedded beside the discussion, that says whatever it is told to.
_STRANGER = """<!doctype html><script>
addEventListener("message", ({ data }) => {
  if (data.to === "host") parent.postMessage(data.say, "*")
  else if (data.to) for (let at = 0; at < parent.length; at++) parent[at].postMessage(data.say, "*")
})
</script>"""


async def _gives_up(page: Page, address: str) -> None:
    """Open an article and let the loader's patience pass."""
    await page.clock.install()
    await page.goto(address, wait_until="domcontentloaded")
    await page.wait_for_selector("#parley iframe", state="attached")
    await page.clock.fast_forward(16_000)


async def test_a_site_nobody_knows(page: Page, stage: Stage, watch: Watch) -> None:
    """A mistyped `data-site`, the newcomer's first mistake: the article stays whole."""
    watch.explain("status of 404|frame-ancestors", "there is no such site")
    discussion = await stage.discussion()
    address = stage.host.article("/mistyped", parley=stage.url, site="mistyped", url=discussion.address)
    await _gives_up(page, address)
    await expect(page.locator("#parley a")).to_have_text("Comments did not load here. Open them")
    await expect(page.locator("#below")).to_be_visible()


async def test_a_snippet_without_a_site(page: Page, stage: Stage) -> None:
    address = stage.host.article("/nameless", parley=stage.url, site="")
    await page.goto(address)
    await page.wait_for_function("window.Parley")
    await expect(page.locator("#below")).to_be_visible()
    assert await page.locator("iframe").count() == 0


async def test_nobody_is_home(page: Page, stage: Stage, watch: Watch) -> None:
    """Parley itself is away: the article neither waits for it nor breaks."""
    watch.explain("ERR_CONNECTION_REFUSED.*/embed.js", "nobody listens there")
    address = stage.host.article("/alone", parley=f"http://127.0.0.1:{free_port()}", site="any")
    await page.goto(address)
    await expect(page.locator("#below")).to_be_visible()


async def test_slow_is_not_gone(page: Page, stage: Stage) -> None:
    """An answer that comes after the apology takes its place."""
    discussion = await stage.discussion()
    await discussion.post("Better late")
    there_again = asyncio.Event()

    async def wait(route: Route) -> None:
        await there_again.wait()
        await route.continue_()

    await page.route("**/static/frame.*.js", wait)
    await _gives_up(page, discussion.address)
    await expect(page.locator("#parley a")).to_have_text("Comments did not load here. Open them")
    there_again.set()
    await expect(comment(await frame_of(page), "Better late")).to_be_visible()
    await expect(page.locator("#parley > p")).to_have_count(0)


async def _with_a_stranger(page: Page, stage: Stage) -> tuple[Frame, Frame]:
    """An article that embeds its discussion and a stranger: their frames. Both windows count what they are told."""
    stage.host.put("/stranger", _STRANGER)
    discussion = await stage.discussion(more=f'<iframe id="stranger" src="{stage.host.sibling}/stranger"></iframe>')
    await discussion.post("Do not disturb")
    frame = await open_article(page, discussion.address)
    element = await page.query_selector("#stranger")
    stranger = await element.content_frame() if element else None
    assert stranger is not None
    for window in (page, frame):
        await window.evaluate("addEventListener('message', () => { window.told = (window.told || 0) + 1 })")
    return frame, stranger


async def _says(stranger: Frame, at: Page | Frame, message: Any) -> None:
    """Let the stranger say it, and wait until it was heard there."""
    told = await at.evaluate("window.told || 0")
    to = "host" if isinstance(at, Page) else "frame"
    await stranger.evaluate("data => dispatchEvent(new MessageEvent('message', { data }))", {"to": to, "say": message})
    await holds(at, "told => window.told > told", told)


async def test_the_article_listens_to_its_frame_alone(page: Page, stage: Stage) -> None:
    frame, stranger = await _with_a_stranger(page, stage)
    before = await _seen(page)
    for message in (
        {"v": 1, "type": "size", "height": 7},
        {"v": 1, "type": "scroll", "y": 500},
        {"v": 1, "type": "link", "comment": "1234567890123456789"},
        {"v": 1, "type": "count", "count": 666},
    ):
        await _says(stranger, page, message)
        # From the article's own window, which is not the frame's.
        await page.evaluate("message => postMessage(message, '*')", message)
    odds: list[Any] = [None, 7, "size", {"v": 2, "type": "size", "height": 7}, {"v": 1, "type": "constructor"}, []]
    for odd in odds:
        await _says(stranger, page, odd if odd is not None else {"none": True})
        await frame.evaluate("odd => parent.postMessage(odd, '*')", odd)
    told = await page.evaluate("window.told")
    await frame.evaluate("parent.postMessage({ v: 1, type: 'size', height: 1e9 }, '*')")
    await frame.evaluate("parent.postMessage({ v: 1, type: 'link', comment: '1/../../evil' }, '*')")
    await page.wait_for_function("told => window.told > told + 1", arg=told)
    assert await _seen(page) == before

    # And it does listen to its frame.
    await frame.evaluate("parent.postMessage({ v: 1, type: 'size', height: 777 }, '*')")
    await page.wait_for_function("document.querySelector('#parley iframe').style.height === '777px'")


async def test_the_frame_listens_to_the_article_alone(page: Page, stage: Stage) -> None:
    frame, stranger = await _with_a_stranger(page, stage)
    for message in ({"v": 1, "type": "theme", "theme": "dark"}, {"v": 1, "type": "comment", "comment": "1"}):
        await _says(stranger, frame, message)
    assert await frame.evaluate("document.documentElement.dataset.theme") == "light"
    await expect(comment(frame, "Do not disturb")).to_be_visible()
    await page.locator("#parley iframe").evaluate(
        "frame => frame.contentWindow.postMessage({ v: 1, type: 'theme', theme: 'dark' }, '*')"
    )
    await holds(frame, "document.documentElement.dataset.theme === 'dark'")


async def test_the_frame_talks_only_to_an_origin_of_the_site(new_page: NewPage, stage: Stage) -> None:
    """Whatever the address claims: `host` is printed only for an origin the publisher named."""
    discussion = await stage.discussion()
    page = await new_page()
    for host in ("https://evil.example", "null", "*", f"{stage.host.foreign}.evil.example", "javascript:alert(1)"):
        await page.goto(discussion.frame(host=host))
        assert await page.evaluate("document.documentElement.dataset.host") is None, host
    await page.goto(discussion.frame(host=stage.host.foreign))
    assert await page.evaluate("document.documentElement.dataset.host") == stage.host.foreign


async def _seen(page: Page) -> Any:
    return await page.evaluate(
        """() => [document.querySelector('#parley iframe').style.height, scrollY, location.href,
                  window.heard.filter(([name]) => name === 'count').length]"""
    )
