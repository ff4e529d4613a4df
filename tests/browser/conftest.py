"""A browser for the run, a fresh visitor for each test, and a newspaper with its discussions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any, Protocol

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.chromium import FLAGS, find
from tests.browser.host import Host, host_server
from tests.browser.stage import Stage, staged
from tests.browser.watch import Watch

# The machine may be busy with another worker's servers; what is awaited comes at once otherwise.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


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
def watch() -> Watch:
    """What pages of this test may never do; a story whose point is an error explains it here."""
    return Watch()


@pytest.fixture
async def new_page(browser: Browser, watch: Watch) -> AsyncIterator[NewPage]:
    """Pages of visitors who know nothing of each other. The test fails on whatever a page may never do."""
    contexts = []

    async def make(**context: Any) -> Page:
        made = await browser.new_context(reduced_motion="reduce", **context)
        made.set_default_timeout(PATIENCE)
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


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """A newspaper's own server."""
    with host_server() as served:
        yield served


@pytest.fixture(scope="session")
async def stage(browser: Browser, host: Host, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A Parley on SQLite with an embedded Redis, started only where there is a browser to look at it."""
    async with staged(tmp_path_factory.mktemp("parley"), host) as served:
        yield served


@pytest.fixture(scope="session")
async def demo(stage: Stage) -> str:
    """The demo newspaper is loaded; the address of a link that signs its moderator in once."""
    return await stage.seed_demo()
