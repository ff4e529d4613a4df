"""Take the pictures of the documents: `python scripts/screenshots.py`. Starts a demo of its own; needs Chromium."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.async_api import Browser, BrowserContext, Page, async_playwright  # noqa: E402  # after the path

from tests.browser.chromium import FLAGS, find  # noqa: E402
from tests.servers.parley import free_port, parley  # noqa: E402

IMAGES = ROOT / "docs" / "images"


SHARP = 1.5  # pixels of a picture to one of the page


async def article(browser: Browser, url: str, name: str, width: int, height: int, *, above: int) -> None:
    """The last `above` pixels of an article and the beginning of its discussion."""
    page = await browser.new_page(
        viewport={"width": width, "height": height}, device_scale_factor=SHARP, reduced_motion="reduce"
    )
    await page.goto(f"{url}/demo")
    await page.locator("#parley").scroll_into_view_if_needed()
    frame = page.frame_locator("#parley iframe")
    await frame.locator("article.comment").nth(10).wait_for()
    await page.evaluate(
        "above => scrollTo(0, document.querySelector('#discussion').getBoundingClientRect().top + scrollY - above)",
        above,
    )
    await page.screenshot(path=IMAGES / name)
    await page.close()


async def alone(browser: Browser, url: str, name: str, lang: str) -> None:
    """The beginning of a discussion in another language, on a dark page of a tablet's width, in looks of its own."""
    page = await browser.new_page(
        viewport={"width": 800, "height": 620}, device_scale_factor=SHARP, color_scheme="dark", reduced_motion="reduce"
    )
    asked = {"site": "demo", "url": "https://courier.example/2026/11/seafront-tram", "lang": lang}
    looks = "accent: #8a1538; radius: 6"
    await page.goto(f"{url}/embed?{urlencode({**asked, 'theme': 'dark', 'looks': looks})}")
    await page.locator("article.comment").nth(5).wait_for()
    await page.locator("section > form.composer textarea").focus()
    await page.screenshot(path=IMAGES / name)
    await page.close()


async def console(browser: Browser, link: str) -> None:
    """The moderators' queue at work in English, then in Arabic, then on a phone in German and in the dark."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en")
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button").first.click()
    await page.get_by_role("heading", name="Queue", exact=True).wait_for()
    await page.locator(".row").first.wait_for()
    await page.keyboard.press("n")
    await page.locator("article.case .tag.mine").wait_for()
    await page.keyboard.press("j")
    await page.locator("article.case mark").first.wait_for()
    await page.screenshot(path=IMAGES / "console.png")
    await _speak(page, "ar")
    await page.locator("article.case mark").first.wait_for()
    await page.screenshot(path=IMAGES / "console-ar.png")
    await _speak(page, "de")
    await phone_console(context, page.url.partition("?")[0])
    await context.close()


async def _speak(page: Page, language: str) -> None:
    # The catalogue comes after the choice: what tells that it is there is the document's own language.
    await page.keyboard.press("?")
    await page.locator("dialog select").first.select_option(language)
    await page.wait_for_function("wanted => document.documentElement.lang === wanted", arg=language)
    await page.keyboard.press("Escape")
    await page.locator("dialog").wait_for(state="detached")


async def phone_console(context: BrowserContext, address: str) -> None:
    """The list on a phone; the language is the one chosen before."""
    small = await context.new_page()
    await small.set_viewport_size({"width": 390, "height": 800})
    await small.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await small.goto(address)
    await small.locator(".row").first.wait_for()
    await small.screenshot(path=IMAGES / "console-phone.png")


async def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, parley("demo", folder=Path(folder), port=free_port()) as demo:
        link = re.search(r"http://\S+/console/enter\?token=\S+", demo.output())
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find(), args=FLAGS)
            await article(browser, demo.url, "demo.png", 1000, 1050, above=300)
            await article(browser, demo.url, "phone.png", 390, 844, above=120)
            await alone(browser, demo.url, "arabic.png", "ar")
            if link:
                await console(browser, link[0])
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
