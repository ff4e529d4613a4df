"""The discussion in every look: a site's own, dark, right to left, in forced colours, in large type, on paper."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, composer, open_article
from tests.browser.stage import Stage

LOOKS = {
    "accent": "#8a1538",
    "font": "Georgia, serif",
    "radius": 8,
    "density": "airy",
    "width": 640,
    "style": "#parley-title { text-transform: uppercase } .comment > .meta { letter-spacing: 0.02em }",
}
_WIDE = "document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize(
    ("lang", "context"),
    [
        ("en", {"color_scheme": "light"}),
        ("de", {"color_scheme": "dark", "viewport": {"width": 360, "height": 800}}),
        ("ar", {"forced_colors": "active"}),
        ("he", {"color_scheme": "dark", "viewport": {"width": 800, "height": 800}}),
    ],
)
async def test_a_site_s_own_looks(new_page: NewPage, stage: Stage, lang: str, context: dict[str, Any]) -> None:
    is_dark = context.get("color_scheme") == "dark"
    ground = "#111" if is_dark else "#fff"
    colours = f"background: {ground}; color: {'#eee' if is_dark else '#111'}"
    discussion = await stage.discussion({"looks": LOOKS}, lang=lang, colours=colours)
    root = await discussion.post("A first word, with https://news.example/a in it.\n\n> quoted\n\nand `code`")
    await discussion.post("An answer to it", parent=root)
    page = await new_page(**context)
    frame = await open_article(page, discussion.address)
    await composer(frame).locator("textarea").focus()
    await frame.evaluate("ground => { document.body.style.background = ground }", ground)
    assert await faults(frame) == []
    assert await frame.evaluate(_WIDE)

    title = frame.locator("#parley-title")
    await expect(title).to_have_css("text-transform", "uppercase")
    await expect(frame.locator("[data-send]")).to_have_css("border-radius", "8px")
    assert await frame.locator(".parley").evaluate("element => element.offsetWidth") <= 640
    if not is_dark and "forced_colors" not in context:
        await expect(comment(frame, "A first word").locator(".body a")).to_have_css("color", "rgb(138, 21, 56)")

    # Type twice as large, as who cannot see well sets it.
    await frame.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await frame.evaluate(_WIDE), "it is wider than its frame in large type"
    assert await faults(frame) == []


async def test_on_paper_the_thread_is_whole(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion(colours="background: #111; color: #eee")
    root = await discussion.post("The first of them, see https://news.example/a")
    await discussion.post("Folded away", parent=root)
    for number in range(12):
        await discussion.post(f"Paragraphs of number {number}\n\n" + "A line that fills the paper. " * 40)
    page = await new_page()
    frame = await open_article(page, discussion.address)
    await comment(frame, root).get_by_role("button", name="Hide replies").click()
    await expect(comment(frame, "Folded away")).to_be_hidden()
    await page.emulate_media(media="print")
    await expect(comment(frame, "Folded away")).to_be_visible()
    await expect(composer(frame)).to_be_hidden()
    await expect(frame.locator(".acts").first).to_be_hidden()
    await expect(comment(frame, root).locator(".body")).to_have_css("color", "rgb(0, 0, 0)")
    said = await comment(frame, root).locator("time").evaluate("time => getComputedStyle(time, '::after').content")
    assert "2" in said, "when it was written, in full"
    assert len((await page.pdf()).split(b"/Type /Page\n")) - 1 + (await page.pdf()).count(b"/Type /Page ") >= 3
