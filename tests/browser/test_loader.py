"""The loader in pages that change: the element, the calls, the events; and in pages that mean it ill."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.reader import comment, frame_of, holds, open_article, post
from tests.browser.stage import Stage

# Counts what a page holds on to: listeners whose signal was not aborted, observers that observe, timers.
_COUNTED = """
window.held = { listeners: new Set(), observers: new Set(), timers: new Set() }
const add = EventTarget.prototype.addEventListener
EventTarget.prototype.addEventListener = function (name, listener, options) {
  const entry = { name }
  const signal = options?.signal
  if (this === window && signal && !signal.aborted) {
    held.listeners.add(entry)
    add.call(signal, "abort", () => held.listeners.delete(entry))
  }
  return add.call(this, name, listener, options)
}
for (const kind of ["MutationObserver", "IntersectionObserver", "ResizeObserver"]) {
  window[kind] = class extends window[kind] {
    observe(...args) {
      // Playwright observes too.
      if (new Error().stack.includes("/embed.js")) held.observers.add(this)
      return super.observe(...args)
    }
    disconnect() { held.observers.delete(this); return super.disconnect() }
  }
}
const { setTimeout: set, clearTimeout: clear } = window
window.setTimeout = (...args) => { const id = set(...args); if (args[1] >= 10000) held.timers.add(id); return id }
window.clearTimeout = (id) => { held.timers.delete(id); clear(id) }
"""
_HELD = "[held.listeners.size, held.observers.size, held.timers.size, window.length]"


async def test_an_element_in_a_page_of_many_views(new_page: NewPage, stage: Stage) -> None:
    one = await stage.discussion()
    other = stage.article(one.site)
    await one.post("Under the first")
    await other.post("Under the second")
    page = await new_page()
    await page.add_init_script(_COUNTED)
    await page.goto(one.address)
    await page.wait_for_function("window.Parley")
    await page.evaluate("document.getElementById('parley').remove()")
    await page.wait_for_function(f"JSON.stringify({_HELD}) === '[0,0,0,0]'")

    # A view comes, with its element; the next one changes its address in place, another its language and order.
    await page.evaluate(
        """([site, url]) => {
          const element = document.createElement("discussion-thread")
          document.querySelector("#above").after(element)
          element.setAttribute("url", url)
          element.setAttribute("site", site)
        }""",
        [one.site.name, one.address],
    )
    frame = await frame_of(page, "discussion-thread")
    await expect(comment(frame, "Under the first")).to_be_visible()
    held = await page.evaluate(_HELD)
    assert held[3] == 1
    await page.evaluate("url => Parley.update({ url, lang: 'fr', sort: 'newest' })", other.address)
    moved = page.frame_locator("discussion-thread iframe")
    await expect(moved.get_by_text("Under the second")).to_be_visible()
    await expect(moved.get_by_role("link", name="Plus récents")).to_have_attribute("aria-current", "true")
    await expect(page.locator("discussion-thread iframe")).to_have_attribute("title", "Commentaires")
    assert len(await page.evaluate("history.length.toString()")) < 2, "the reader's Back still leads out of the article"

    # Moved within the document, taken out, put back, all of it again: nothing piles up.
    for _ in range(3):
        await page.evaluate(
            """() => {
              const element = document.querySelector("discussion-thread")
              document.querySelector("#below").before(element)
              element.remove()
            }"""
        )
        assert await page.evaluate(_HELD) == [0, 0, 0, 0]
        await page.evaluate(
            """([site, url]) => {
              const element = document.createElement("discussion-thread")
              Object.entries({ site, url }).forEach(([name, value]) => element.setAttribute(name, value))
              document.querySelector("#below").before(element)
            }""",
            [one.site.name, one.address],
        )
        await expect(comment(await frame_of(page, "discussion-thread"), "Under the first")).to_be_visible()
        assert await page.evaluate(_HELD) == held


async def test_the_page_hears_what_happens(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"screening": {"suspect_words": ["casino"]}})
    frame = await open_article(page, discussion.address)
    await page.evaluate(
        "addEventListener('parley:posted', ({ detail, target }) => heard.push(['posted', detail.status, target.id]))"
    )
    await post(frame, "Heard", name="Ida")
    await post(frame, "Held in the casino")
    await page.wait_for_function("heard.filter(([name]) => name === 'posted').length === 2")
    heard = await page.evaluate("heard")
    assert [each for each in heard if each[0] == "posted"] == [
        ["posted", "published", "parley"],
        ["posted", "held", "parley"],
    ]
    assert [name for name, *_ in heard if name == "failed"] == []
    # Somebody else's window says the same, and is not heard.
    await page.evaluate("postMessage({ v: 1, type: 'size', height: 99999 }, '*')")
    await page.evaluate("postMessage({ v: 1, type: 'posted', comment: '1', status: 'published' }, '*')")
    await frame.evaluate("parent.postMessage({ v: 2, type: 'size', height: 88888 }, '*')")
    await frame.evaluate("parent.postMessage({ v: 1, type: 'constructor' }, '*')")
    await frame.evaluate("parent.postMessage({ v: 1, type: 'size', height: Infinity }, '*')")
    await page.wait_for_function("new Promise((done) => setTimeout(done, 100, true))")
    assert await page.locator("#parley iframe").evaluate("frame => frame.offsetHeight") < 5_000
    assert len([each for each in await page.evaluate("heard") if each[0] == "posted"]) == 2


_ILL = """
<style>
iframe, div, #parley * {
  display: none !important; width: 3px !important; height: 1px !important; opacity: 0 !important;
  position: fixed !important; transform: rotate(30deg) !important; pointer-events: none !important;
}
#parley {
  display: block !important; width: auto !important; height: auto !important; opacity: 1 !important;
  position: static !important; transform: none !important; background: oklch(0.2 0.02 250) !important;
}
</style>
<form id="Parley"><input name="mount"></form>
<script>
Object.prototype.v = 1; Object.prototype.type = "size"; Object.prototype.height = 7; Object.prototype.signal = null;
delete Object.prototype.signal;
Array.prototype.each = () => {}; Array.prototype.toJSON = () => "no"; String.prototype.toJSON = () => "no";
JSON.stringify = () => { throw new Error("no") }; window.alert = window.console.error = () => {};
</script>
"""


async def test_a_page_that_means_it_ill(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion(more=_ILL)
    await discussion.posts(3)
    await page.goto(discussion.address)
    frame = await frame_of(page)
    await expect(comment(frame, "Comment 2")).to_be_visible()
    box = await page.locator("#parley iframe").bounding_box()
    assert box
    assert box["width"] > 300
    assert box["height"] > 300
    await expect(page.locator("#parley iframe")).to_have_css("opacity", "1")
    assert await frame.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("ground", ["rgb(20, 20, 20)", "oklch(0.2 0.02 250)"])
async def test_the_ground_of_the_page_decides_and_may_change(new_page: NewPage, stage: Stage, ground: str) -> None:
    discussion = await stage.discussion()
    page = await new_page(color_scheme="dark")
    frame = await open_article(page, discussion.address)
    assert await frame.evaluate("document.documentElement.dataset.theme") == "light", "a page without colours is light"
    await page.evaluate(
        """ground => {
          const style = document.createElement("style")
          style.textContent = `body.night { background: ${ground}; color: #eee; transition: background 50ms }`
          document.head.append(style)
          document.body.className = "night"
        }""",
        ground,
    )
    await holds(frame, "document.documentElement.dataset.theme === 'dark'")
    await page.evaluate("document.body.className = ''")
    await holds(frame, "document.documentElement.dataset.theme === 'light'")
