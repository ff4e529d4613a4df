"""Axe finds nothing wrong: the frame in its looks and states, the demo, the API's documents."""

from __future__ import annotations

import pytest
from playwright.async_api import Frame, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, composer, open_article, post, write
from tests.browser.stage import Discussion, Stage


@pytest.fixture
async def lively(stage: Stage) -> Discussion:
    """A discussion with every kind of thing a comment can be, and more below."""
    settings = {
        "reading": {"page_size": 5, "replies": 2, "depth_shown": 2},
        "screening": {"suspect_words": ["casino"]},
    }
    discussion = await stage.discussion(settings)
    texts = [
        "Plain words.\n\nTwo paragraphs.",
        "*Emphasis*, **strength**, ~~not this~~, `code`, https://news.example/a and ||a spoiler||",
        "> A quote\n\nand an answer\n\n- one\n- two\n\n1. first\n2. second",
        "```\nlong code\n```\n\n# A heading\n\n---",
        "نص باللغة العربية يقرأ من اليمين إلى اليسار",
    ]
    for text in texts:
        root = await discussion.post(text, name="ידידיה" if "نص" in text else "Ada Fallowdene")
    above: str = root
    for depth in range(4):
        above = await discussion.post(f"Depth {depth}", parent=above)
    for number in range(4):
        last = await discussion.post(f"Answer {number}", parent=root)
    await discussion.delete(last)
    await discussion.posts(3)
    return discussion


async def test_axe_sees_what_is_wrong(page: Page) -> None:
    await page.set_content("<html><body><img src='data:,'><button style='width: 9px'></button><a href='/x'></a>")
    found = "\n".join(await faults(page))
    for rule in ("html-has-lang", "image-alt", "button-name", "link-name", "document-title"):
        assert f"{rule}:" in found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
async def test_the_frame(new_page: NewPage, lively: Discussion, theme: str, width: int) -> None:
    colours = {"light": "background: #fff; color: #111", "dark": "background: #111; color: #eee"}[theme]
    site = lively.site.name
    path = lively.address.removeprefix(lively.stage.host.foreign)
    lively.stage.host.article(path, parley=lively.stage.url, site=site, colours=colours)
    page = await new_page(viewport={"width": width, "height": 800})
    frame = await open_article(page, lively.address)
    assert await frame.evaluate("document.documentElement.dataset.theme") == theme
    # The ground is the article's, which axe cannot see from within.
    await frame.evaluate(
        "ground => { document.body.style.background = ground }", "#fff" if theme == "light" else "#111"
    )
    assert await faults(frame) == []
    await _every_state(frame)
    assert await faults(frame) == []
    assert await frame.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than its frame"


async def _every_state(frame: Frame) -> None:
    """Composer open with a complaint, an own and a held comment, a reply, an edit, a report and a deletion begun."""
    own = await post(frame, "My own", name="Ida Wetherlam")
    await post(frame, "Come to my casino")
    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Plain words")).to_be_visible()
    for body, opener in (("Comment 3", "Reply to"), ("Comment 2", "Report"), ("My own", "Edit")):
        await comment(frame, body).get_by_role("button", name=opener).click()
    await comment(frame, "Comment 2").get_by_role("button", name="Send report").click()
    await comment(frame, "Come to my casino").get_by_role("button", name="Delete").click()
    await comment(frame, "Comment 1").locator("[data-vote='1']").click()
    await expect(comment(frame, "Comment 1").locator("[data-vote='1']")).to_have_text("1")
    await expect(own.locator("form.composer")).to_be_visible()
    await write(composer(frame), "x" * 5_010)
    await composer(frame).locator("[data-send]").click()
    await expect(composer(frame).locator("[data-problem]")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_frame_from_right_to_left(page: Page, lively: Discussion, theme: str) -> None:
    await page.set_viewport_size({"width": 700, "height": 800})
    await page.goto(lively.frame(lang="ar", theme=theme))
    # No setting of a site turns it yet; the styles are ready for the day one does.
    await page.evaluate("document.documentElement.dir = 'rtl'")
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_an_empty_discussion(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.address)
    assert await faults(frame) == []
    await composer(frame).locator("textarea").focus()
    await expect(composer(frame).locator("[name=name]")).to_be_visible()
    assert await faults(frame) == []


async def test_one_conversation(page: Page, lively: Discussion) -> None:
    parent = (await lively.read(sort="newest"))["items"][3]
    await page.goto(lively.frame(comment=parent["replies"]["items"][0]["id"]))
    await expect(page.get_by_role("link", name="View all")).to_be_visible()
    assert await faults(page) == []


async def test_a_closed_discussion(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.posts(2)
    await discussion.close()
    await page.goto(discussion.frame())
    assert await faults(page) == []


@pytest.mark.parametrize("path", ["/demo", "/demo/gull-chips"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_other_pages(new_page: NewPage, stage: Stage, demo: str, path: str, scheme: str) -> None:
    page = await new_page(color_scheme=scheme)
    await page.goto(stage.url + path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await faults(page) == []


async def test_the_documents_of_the_api(page: Page, stage: Stage) -> None:
    await page.goto(f"{stage.url}/docs")
    assert await faults(page) == []
