"""From the frame to one's own page, and being forgotten: on a phone and a desk, by keys and eyes, one long story."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, open_article, post
from tests.browser.stage import Stage
from tests.browser.watch import Watch


@pytest.mark.parametrize("width", [360, 1100])
async def test_from_the_frame_to_ones_own_page(new_page: NewPage, stage: Stage, watch: Watch, width: int) -> None:
    watch.explain(r"status of 401 .*/me\)", "the page was closed")
    discussion = await stage.discussion({"privacy": {"cooling_days": 2}})
    page = await new_page(viewport={"width": width, "height": 800})
    frame = await open_article(page, discussion.address)
    mine = frame.get_by_role("button", name="Your comments, votes and data")
    # Who only reads has none.
    await expect(mine).to_be_hidden()
    written = await post(frame, "I will regret this", name="Ida")
    number = (await written.get_attribute("id") or "").removeprefix("comment-")
    await discussion.post("An answer to Ida", name="Bob", parent=number)
    async with page.context.expect_page() as opened:
        await mine.click()
    own = await opened.value
    await expect(own.get_by_role("heading", name="Your page", level=1)).to_be_visible()
    await looks_right(own)
    await own.get_by_role("button", name="Open my page").click()
    await expect(own.get_by_text("I will regret this")).to_be_visible()
    assert "token" not in own.url
    await looks_right(own)
    await own.get_by_role("link", name="Replies to you").click()
    await expect(own.get_by_text("An answer to Ida")).to_be_visible()
    await looks_right(own)

    await own.get_by_role("link", name="Your data").click()
    await looks_right(own)
    await own.get_by_role("button", name="Make the file").click()
    download = own.get_by_role("link", name="Download the file")
    async with asyncio.timeout(30):
        while not await download.count():
            await own.get_by_role("link", name="Look again").click()
    async with own.expect_download() as fetched:
        await download.click()
    assert (await fetched.value).suggested_filename == "my-data.json"

    # Without saying that one is sure nothing happens.
    await own.get_by_role("button", name="Forget me").click()
    await expect(own.get_by_role("heading", name="Be forgotten")).to_be_visible()
    await own.get_by_label("Yes, forget everything").check()
    await own.get_by_role("button", name="Forget me").click()
    await expect(own.get_by_role("status")).to_contain_text("You asked to be forgotten")
    await looks_right(own)
    await own.get_by_role("button", name="No, keep everything").click()
    await expect(own.get_by_role("status")).to_have_count(0)
    await own.get_by_role("button", name="Close this page").click()
    await expect(own.get_by_role("heading", name="Your page is closed")).to_be_visible()
    await own.goto(f"{stage.url}/me")
    await expect(own.get_by_role("alert")).to_contain_text("not open in this browser")
    await expect(comment(frame, "I will regret this")).to_be_visible()


async def looks_right(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    assert not await faults(page)
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
