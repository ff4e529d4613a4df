"""`count.js` fills in how many comments there are: one request for a page of links."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.stage import Discussion, Stage
from tests.browser.watch import Watch

_WORDS = 'data-zero="No comments" data-one="1 comment" data-many="{n} comments"'


def _front(stage: Stage, site: str, links: list[str], script: str = "") -> str:
    """A front page with these links; its address."""
    html = "<!doctype html><title>Front</title>" + "".join(links)
    stage.host.put(f"/{site}/front", f"{html}<script async src='{stage.url}/count.js' {script}></script>")
    return f"{stage.host.foreign}/{site}/front"


async def _with(stage: Stage, first: Discussion, count: int) -> Discussion:
    more = stage.article(first.site)
    await more.posts(count)
    return more


async def test_one_request_for_many_links(page: Page, stage: Stage) -> None:
    none = await stage.discussion()
    one, three = await _with(stage, none, 1), await _with(stage, none, 3)
    links = [
        f'<a id="none" class="parley-count" href="{none.address}" {_WORDS}>Comments</a>',
        f'<a id="one" class="parley-count" href="{one.address}" {_WORDS}>Comments</a>',
        f'<a id="three" class="parley-count" href="{three.address}" {_WORDS}>Comments</a>',
        f'<a id="same" data-parley-count href="{three.address}#discussion">Comments</a>',
        f'<span id="span" class="parley-count" data-url="{three.address}" data-many="({{n}})"></span>',
        f'<a id="bare" class="parley-count" href="{one.address}">Comments</a>',
        '<a id="other" href="/elsewhere">Elsewhere</a>',
    ]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(_front(stage, none.site.name, links, f'data-site="{none.site.name}"'))
    shown = {"none": "No comments", "one": "1 comment", "three": "3 comments", "same": "3", "span": "(3)", "bare": "1"}
    for name, words in {**shown, "other": "Elsewhere"}.items():
        await expect(page.locator(f"#{name}")).to_have_text(words)
    assert len([url for url in asked if "/api/v1/counts" in url]) == 1
    assert await page.context.cookies() == []


async def test_hundreds_of_links_come_in_batches(page: Page, stage: Stage) -> None:
    first = await stage.discussion()
    await first.posts(2)
    links = [
        f'<a class="parley-count" data-site="{first.site.name}" href="{first.address}?p={number}" {_WORDS}>…</a> '
        for number in range(120)
    ]
    links.append(f'<a class="parley-count" data-site="{first.site.name}" href="{first.address}" {_WORDS}>…</a>')
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(_front(stage, first.site.name, links))
    await expect(page.locator("a").last).to_have_text("2 comments")
    await expect(page.get_by_text("No comments")).to_have_count(120)
    assert len([url for url in asked if "/api/v1/counts" in url]) == 3


async def test_without_an_answer_links_stay_as_they_are(page: Page, stage: Stage, watch: Watch) -> None:
    watch.explain("/counts", "there is no such site")
    first = await stage.discussion()
    link = f'<a class="parley-count" data-site="nobody" href="{first.address}" {_WORDS}>Comments</a>'
    async with page.expect_event("console"):
        await page.goto(_front(stage, first.site.name, [link]))
    await expect(page.locator("a")).to_have_text("Comments")
