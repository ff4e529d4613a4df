"""Nothing is stored before the reader acts, nothing is needed where storing is forbidden, and nobody else is asked."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Frame, Page, expect

from tests.browser.reader import comment, composer, open_article, post, reply, write
from tests.browser.stage import Stage

# What a document can keep on a reader's machine; null where the browser forbids it.
_KEPT = """
async () => {
  const tried = async (look) => { try { return await look() } catch { return null } }
  return {
    local: await tried(() => Object.keys(localStorage)),
    session: await tried(() => Object.keys(sessionStorage)),
    cookies: await tried(() => document.cookie),
    databases: await tried(async () => (await indexedDB.databases()).map(({ name }) => name)),
    caches: await tried(() => caches.keys()),
    workers: await tried(async () => (await navigator.serviceWorker.getRegistrations()).length),
  }
}
"""


async def _kept(frame: Frame | Page) -> dict[str, Any]:
    found: dict[str, Any] = await frame.evaluate(_KEPT)
    return found


async def test_a_reader_who_reads_leaves_nothing_behind(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest", "newest"]}})
    await discussion.posts(7)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    frame = await open_article(page, discussion.sibling)
    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Comment 7")).to_be_visible()
    await frame.get_by_role("link", name="Newest").click()
    await expect(frame.get_by_role("link", name="Newest")).to_have_attribute("aria-current", "true")
    await comment(frame, "Comment 7").get_by_role("button", name="Reply to").click()
    await comment(frame, "Comment 7").get_by_role("button", name="Cancel").click()
    await page.mouse.wheel(0, 2000)

    nothing = {"local": [], "session": [], "cookies": "", "databases": [], "caches": [], "workers": 0}
    assert await _kept(frame) == nothing
    assert await _kept(page) == nothing
    assert await page.context.cookies() == []
    assert {url.partition("?")[0].rsplit("/", 1)[0] for url in asked} <= {
        *(discussion.sibling.rsplit("/", 1)[0], stage.url, f"{stage.url}/embed", f"{stage.url}/static"),
    }
    assert not [url for url in asked if "/api/" in url], "a stranger asks for nothing of their own"


async def test_a_reader_who_acts_keeps_only_what_that_takes(page: Page, stage: Stage) -> None:
    """The test above sees what is stored."""
    discussion = await stage.discussion()
    root = await discussion.post("What is folded")
    await discussion.post("Below it", parent=root)
    frame = await open_article(page, discussion.sibling)
    await post(frame, "Remember me", name="Ida")
    await write(composer(frame), "Half a thought")
    await comment(frame, root).get_by_role("button", name="Hide replies").click()
    kept = await _kept(frame)
    name = discussion.site.name
    assert kept.pop("session") == [f"parley:folded:{name} {discussion.address}"]
    assert sorted(kept.pop("local")) == [f"parley:draft:{name} {discussion.address} ", f"parley:guest:{name}"]
    assert kept == {"cookies": "", "databases": [], "caches": [], "workers": 0}
    assert await page.context.cookies() == []
    assert (await _kept(page))["local"] != kept, "the article's own storage is not touched"


async def test_posting_where_storage_is_forbidden(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.address)
    assert (await _kept(frame))["local"] is None, "this browser lets frames of others store: the test proves nothing"

    first = await post(frame, "Without storage", name="Ida")
    await expect(first.get_by_role("button", name="Edit")).to_be_visible()
    second = await reply(frame, first, "And an answer")
    await expect(second.locator(".name")).to_have_text("Ida")
    await first.get_by_role("button", name="Edit").click()
    await write(first.locator("form.composer"), "Without any storage")
    await first.get_by_role("button", name="Save changes").click()
    await expect(first.locator(".body")).to_have_text("Without any storage")
    await second.get_by_role("button", name="Delete").click()
    await second.locator("[data-sure]").get_by_role("button", name="Delete").click()
    await expect(comment(frame, "And an answer")).to_have_count(0)

    # A stranger's vote is remembered as long as the page is there.
    other = await discussion.post("Vote on me")
    frame = await open_article(page, discussion.address)
    up = comment(frame, other).locator("[data-vote='1']")
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "false")
    assert await page.context.cookies() == []
    assert (await _kept(page))["local"] == []
