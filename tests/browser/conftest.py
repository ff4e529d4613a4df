"""A browser for the run, a fresh visitor for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any, Protocol

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.watch import Watch


class NewPage(Protocol):
    """Opens a page for one more visitor."""

    def __call__(self, **context: Any) -> Awaitable[Page]:
        """`context` are options of playwright's `new_context`: `java_script_enabled`, `viewport`, `locale`."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The Chromium of this worker. Without one the test is skipped, which CI does not forgive."""
    program = find()
    if program is None:
        pytest.skip("there is no Chromium: apt install chromium, or name one with PARLEY_CHROMIUM")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture
async def new_page(browser: Browser) -> AsyncIterator[NewPage]:
    """Pages of visitors who know nothing of each other. The test fails on whatever a page may never do."""
    watch = Watch()
    contexts = []

    async def make(**context: Any) -> Page:
        made = await browser.new_context(reduced_motion="reduce", **context)
        contexts.append(made)
        watch.follow(made)
        return await made.new_page()

    yield make
    for context in contexts:
        await context.close()
    assert not watch.problems, "\n".join(watch.problems)


@pytest.fixture
async def page(new_page: NewPage) -> Page:
    """The page of one visitor."""
    return await new_page()
