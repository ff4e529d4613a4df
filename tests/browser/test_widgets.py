"""Lists beside articles: brought by the loader where a page has them, with scripts and without."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.stage import Discussion, Stage
from tests.browser.watch import Watch

_SHIFTS = """
window.shift = 0
new PerformanceObserver((list) => { for (const each of list.getEntries()) window.shift += each.value })
  .observe({ type: "layout-shift", buffered: true })
"""


def _front(stage: Stage, site: str, body: str) -> str:
    """A front page; its address."""
    head = (
        '<!doctype html><html lang="de"><meta charset="utf-8"><title>Front</title><style>body{font:16px serif}</style>'
    )
    stage.host.put(f"/{site}/lists", f"{head}<main><h1>Heute</h1>{body}</main><p id=below>Below</p>")
    return f"{stage.host.foreign}/{site}/lists"


async def _talk(stage: Stage) -> Discussion:
    first = await stage.discussion()
    await first.post("<img src=x onerror=alert(1)> ||secret|| *fine*", "Ada <b>")
    await stage.article(first.site).posts(2, "Elsewhere")
    return first


async def test_lists_come_where_a_page_has_them(page: Page, stage: Stage) -> None:
    first = await _talk(stage)
    site, asked = first.site.name, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    await page.add_init_script(_SHIFTS)
    element = f'data-site="{site}" data-count="3" style="min-height: 18rem"'
    lists = (
        f'<div id="latest" data-parley-widget="latest" {element}></div>'
        f'<discussion-widget id="most" kind="discussed" site="{site}" count="3" title=""'
        ' style="display: block; min-height: 16rem"></discussion-widget>'
        f"<script async src='{stage.url}/embed.js'></script>"
    )
    await page.goto(_front(stage, site, lists))
    latest = page.get_by_role("region", name="Neueste Kommentare")
    await expect(latest.get_by_role("listitem")).to_have_count(3)
    await expect(latest.get_by_role("heading", level=2)).to_have_text("Neueste Kommentare")
    oldest = latest.get_by_role("listitem").last
    await expect(oldest).to_contain_text("Ada <b>")
    await expect(oldest).to_contain_text("<img src=x onerror=alert(1)> … fine")
    await expect(oldest.get_by_role("time")).to_have_text("in dieser Minute")
    most = page.get_by_role("region", name="Meistdiskutiert")
    await expect(most.get_by_role("listitem").first).to_contain_text("2 Kommentare")
    await expect(most.get_by_role("heading")).to_have_count(0)
    assert await page.evaluate("window.shift") == 0
    assert await faults(page) == []
    # One part more, once, and one question for each list; nothing of a discussion, of which there is none here.
    paths = [url.partition("?")[0].removeprefix(stage.url) for url in asked[1:]]
    assert paths[:2] == ["/embed.js", "/widgets.js"]
    # Both are asked at once, and none waits for the other.
    assert sorted(paths[2:]) == [f"/api/v1/sites/{site}/widgets/{kind}" for kind in ("discussed", "latest")]
    assert await page.context.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    # A page of many views: an attribute that changes brings another list, a place that goes takes it along.
    await page.evaluate("latest.dataset.count = 1")
    await expect(latest.get_by_role("listitem")).to_have_count(1)
    await page.evaluate("most.remove(); latest.remove()")
    await page.evaluate(f"below.innerHTML = '<div data-parley-widget=latest data-site={site} data-lang=en></div>'")
    await page.evaluate("Parley.mount()")
    await expect(page.get_by_role("region", name="Latest comments").get_by_role("listitem")).to_have_count(3)
    await page.get_by_role("link", name="fine").click()
    await page.wait_for_url(f"{first.address}#comment-*")


async def test_a_list_without_scripts_and_one_that_does_not_come(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    watch.explain("503", "the list is refused")
    first = await _talk(stage)
    site = first.site.name
    plain = await new_page(java_script_enabled=False)
    frame = f"<iframe id=list src='{stage.url}/widgets/latest?site={site}&theme=dark' height=400></iframe>"
    await plain.goto(_front(stage, site, frame))
    listed = plain.frame_locator("#list")
    await expect(listed.get_by_role("listitem")).to_have_count(3)
    await listed.get_by_role("link", name="fine").click()
    # The link leads the page, not the frame in it.
    await plain.wait_for_url(f"{first.address}#comment-*")
    scripted = await new_page()
    await scripted.route("**/api/v1/sites/*/widgets/*", lambda route: route.fulfill(status=503))
    kept = f'<div data-parley-widget="latest" data-site="{site}"><a href="/all">All comments</a></div>'
    loader = f"<script async src='{stage.url}/embed.js'></script>"
    failed = "document.addEventListener('parley:failed', () => { document.title = 'failed' })"
    await scripted.goto(_front(stage, site, f"{kept}<script>{failed}</script>{loader}"))
    await expect(scripted).to_have_title("failed")
    await expect(scripted.get_by_role("link", name="All comments")).to_be_visible()
