"""The browser is there, keeps quiet, and what must not happen is seen when it happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import find
from tests.browser.watch import Watch


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<img src='https://ads.example/pixel.png'>", "request to somebody else: https://ads.example/pixel.png"),
        ("<script>setTimeout(() => { throw new Error('lost') })</script>", "lost"),
        (
            "<meta http-equiv=Content-Security-Policy content='img-src none'><img src='data:,'>",
            "Content Security Policy",
        ),
        ("<script>console.error('broken')</script>", "broken"),
    ],
)
async def test_what_must_not_happen_is_seen(browser: Browser, html: str, problem: str) -> None:
    watch = Watch()
    context = await browser.new_context()
    watch.follow(context)
    page = await context.new_page()
    await page.set_content(f"{html}<p>there</p>")
    await page.evaluate("new Promise(done => setTimeout(done))")
    await context.close()
    assert any(problem in said for said in watch.problems)


async def test_what_a_story_explains_has_to_come(browser: Browser) -> None:
    watch = Watch()
    watch.explain("broken", "the test breaks it")
    watch.explain("refused", "the test asks for it")
    context = await browser.new_context()
    watch.follow(context)
    page = await context.new_page()
    await page.set_content("<script>console.error('broken'); console.error('lost')</script>")
    await page.evaluate("new Promise(done => setTimeout(done))")
    await context.close()
    assert watch.problems == ["error in the console: lost ()", "never seen: refused"]


async def test_a_page_that_keeps_to_itself_is_fine(page: Page) -> None:
    await page.set_content("<p>Calm</p>")
    assert await page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")


def test_a_named_chromium_that_does_not_run_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'requires the chromium snap' >&2; exit 1\n")
    stub.chmod(0o755)
    monkeypatch.setenv("PARLEY_CHROMIUM", str(stub))
    assert find() is None
