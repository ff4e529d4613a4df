"""The snippet puts the discussion under an article and does the article no harm."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Frame, Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.reader import comment, frame_of, holds, open_article
from tests.browser.stage import Stage
from tests.browser.watch import Watch

_CONTENT = "document.getElementById('parley').getBoundingClientRect().height"


async def _frame_height(page: Page) -> float:
    return float(await page.locator("#parley iframe").evaluate("frame => frame.getBoundingClientRect().height"))


async def _fits(page: Page, frame: Frame) -> float:
    """Wait until the frame is as high as what is in it; that height."""
    await page.wait_for_function(
        "height => Math.abs(document.querySelector('#parley iframe').getBoundingClientRect().height - height) < 1.5",
        arg=await frame.evaluate(_CONTENT),
    )
    return await _frame_height(page)


async def _painted(page: Page) -> None:
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def _moved(page: Page) -> list[dict[str, Any]]:
    await _painted(page)
    shifts: list[dict[str, Any]] = await page.evaluate("window.shifts")
    return shifts


async def test_the_frame_comes_when_the_reader_comes_near(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion(above="400rem")
    await discussion.post("Worth the way")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with page.expect_response(f"{stage.url}/embed.js"):
        await page.goto(discussion.address)
    await page.wait_for_function("window.Parley")
    await page.mouse.wheel(0, 800)
    await page.wait_for_function("scrollY > 700")
    assert await page.locator("#parley iframe").count() == 0
    assert [url for url in asked if url.startswith(stage.url)] == [f"{stage.url}/embed.js"]

    await page.locator("#parley").scroll_into_view_if_needed()
    frame = await frame_of(page)
    await expect(comment(frame, "Worth the way")).to_be_visible()


async def test_the_frame_says_what_it_is(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion(title="Lids for gulls")
    await discussion.post(title="Lids for gulls")
    frame = await open_article(page, discussion.address)
    await expect(page.locator("#parley iframe")).to_have_attribute("title", "Comments")
    assert await frame.title() == "Comments: Lids for gulls"
    await expect(frame.get_by_role("heading", name="Comments 1", level=2)).to_be_visible()
    await expect(frame.get_by_role("region", name="Comments 1")).to_have_count(1)
    await expect(frame.get_by_role("form", name="Write a comment")).to_be_visible()
    assert await frame.evaluate("document.documentElement.lang") == "en"
    assert ["count", 1] in await page.evaluate("window.heard")
    assert ["ready", None] in await page.evaluate("window.heard")


async def test_the_frame_is_as_high_as_the_discussion(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest"]}})
    first = (await discussion.posts(8))[0]
    for number in range(3):
        await discussion.post(f"Answer {number}", parent=first)
    frame = await open_article(page, discussion.address)
    before = await _fits(page, frame)

    await frame.get_by_text("Show more comments").click()
    await expect(comment(frame, "Comment 8")).to_be_visible()
    longer = await _fits(page, frame)
    assert longer > before + 100

    await comment(frame, first).get_by_role("button", name="Hide replies").click()
    await expect(comment(frame, "Answer 0")).to_be_hidden()
    assert await _fits(page, frame) < longer - 100

    await frame.locator("textarea").fill("line\n" * 12)
    await page.set_viewport_size({"width": 400, "height": 700})
    await _fits(page, frame)
    await holds(frame, "document.scrollingElement.scrollHeight <= innerHeight")  # it does not scroll within itself


async def test_what_moves_is_noticed(page: Page, stage: Stage) -> None:
    """The test above can fail."""
    discussion = await stage.discussion()
    await open_article(page, discussion.address)
    # At the top, where the browser holds on to nothing that it would keep in place.
    await page.evaluate("scrollTo(0, 0)")
    await _painted(page)
    await page.evaluate("document.getElementById('above').style.height = '20rem'")
    await page.wait_for_function("window.shifts.length > 0")
    assert "below" in (await _moved(page))[0]["moved"] or "parley" in (await _moved(page))[0]["moved"]


async def test_a_link_to_a_comment_leads_there(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["newest"]}}, above="300rem")
    deep = await discussion.post("The one that is meant", parent=await discussion.post("An old root"))
    await discussion.posts(20)
    await page.goto(f"{discussion.address}#comment-{deep}")
    frame = await frame_of(page)
    meant = comment(frame, deep)
    await expect(meant).to_be_visible()
    await expect(meant).to_be_focused()
    await expect(meant).to_have_css("outline-style", "solid")
    await expect(comment(frame, "An old root")).to_be_visible()
    await page.wait_for_function("scrollY > 3000")
    assert await _in_view(page, frame, deep)

    await frame.get_by_text("View all").click()
    await expect(comment(frame, "Comment 20")).to_be_visible()


async def test_a_link_followed_later_leads_there_too(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["newest"]}}, above="10rem")
    old = await discussion.post("On no first page")
    ids = await discussion.posts(20)
    frame = await open_article(page, discussion.address)
    await _fits(page, frame)
    await page.evaluate("scrollTo(0, 0)")
    await page.evaluate("hash => { location.hash = hash }", f"#comment-{ids[-4]}")
    await expect(comment(frame, ids[-4])).to_be_focused()
    assert await _in_view(page, frame, ids[-4])

    await page.evaluate("hash => { location.hash = hash }", f"#comment-{old}")
    await expect(comment(frame, old)).to_be_focused()
    assert await _in_view(page, frame, old)
    await page.go_back()
    assert page.url.endswith(ids[-4])


async def test_a_link_to_a_comment_that_is_gone_says_so(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion(above="100rem")
    await discussion.post("Still here")
    await discussion.delete(gone := await discussion.post("Soon gone"))
    await page.goto(f"{discussion.address}#comment-{gone}")
    frame = await frame_of(page)
    await expect(frame.get_by_text("is not here any more")).to_be_visible()
    await expect(comment(frame, "Still here")).to_be_visible()


async def test_the_time_of_a_comment_is_its_address(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Link me")
    frame = await open_article(page, discussion.address)
    link = comment(frame, number).locator("a.at")
    assert await link.get_attribute("href") == f"{discussion.address}#comment-{number}"
    await link.click()
    await page.wait_for_function("hash => location.hash === hash", arg=f"#comment-{number}")


async def test_the_frame_follows_the_colours_of_the_page(new_page: NewPage, stage: Stage) -> None:
    dark = await stage.discussion(colours="background: #111; color: #eee")
    page = await new_page(color_scheme="light")
    frame = await open_article(page, dark.address)
    assert await frame.evaluate("document.documentElement.dataset.theme") == "dark"
    await page.evaluate("document.getElementById('parley').dataset.theme = 'light'")
    await holds(frame, "document.documentElement.dataset.theme === 'light'")


async def test_a_page_that_changes_without_loading(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("Here again")
    await open_article(page, discussion.address)
    await page.evaluate("Parley.destroy()")
    assert await page.locator("#parley iframe").count() == 0
    await page.evaluate("Parley.mount()")
    await expect(comment(await frame_of(page), "Here again")).to_be_visible()
    await page.evaluate("Parley.mount()")
    assert await page.locator("#parley iframe").count() == 1


async def _in_view(page: Page, frame: Frame, number: str) -> bool:
    """Whether the comment's upper edge is in the window of the article, below a header of 70 px."""
    within = await frame.evaluate("id => document.getElementById('comment-' + id).getBoundingClientRect().top", number)
    above = await page.locator("#parley iframe").evaluate("frame => frame.getBoundingClientRect().top")
    height = await page.evaluate("innerHeight")
    return bool(70 <= above + within < height - 50)


@pytest.mark.parametrize("above", ["2rem", "20rem", "100rem"])
@pytest.mark.parametrize("count", [0, 12])
async def test_the_article_does_not_move(page: Page, stage: Stage, above: str, count: int) -> None:
    discussion = await stage.discussion(above=above)
    await discussion.posts(count)
    painted = asyncio.Event()

    async def slowly(route: Route) -> None:
        await painted.wait()
        await route.continue_()

    # The page is on the screen before the discussion is there, as on every real network.
    await page.route("**/embed?*", slowly)
    await page.goto(discussion.address, wait_until="domcontentloaded")
    await page.locator("#parley").scroll_into_view_if_needed()
    await page.wait_for_selector("#parley iframe", state="attached")
    await _painted(page)
    painted.set()
    await frame_of(page)
    await page.wait_for_function("document.querySelector('#parley iframe').style.height.endsWith('px')")
    while not await page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1"):
        before = await page.evaluate("scrollY")
        await page.mouse.wheel(0, 500)
        await page.wait_for_function("before => scrollY > before", arg=before)
    assert await _moved(page) == []


async def test_a_frame_that_failed_leaves_no_hole(page: Page, stage: Stage, watch: Watch) -> None:
    watch.explain("frame-ancestors", "the frame refuses to be shown on a page that is not the site's")
    discussion = await stage.discussion(origins=["https://news.example"])
    await page.clock.install()
    await page.goto(discussion.address, wait_until="domcontentloaded")
    await page.wait_for_selector("#parley iframe", state="attached")
    await page.clock.fast_forward(16_000)
    await expect(page.locator("#parley a")).to_have_text("Comments did not load here. Open them")
    await expect(page.locator("#parley iframe")).to_be_hidden()
    assert (await page.locator("#parley").bounding_box() or {"height": 999})["height"] < 100
