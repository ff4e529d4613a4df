"""What a moderator does at the console, in words of its own labels."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import Discussion, Stage
from tests.world import some_address

SCREENED = {"screening": {"suspect_words": ["casino"]}}


async def desk(stage: Stage, held: int = 0, **settings: Any) -> Discussion:
    """A discussion with so many comments held, by Author 1, Author 2 and so on."""
    discussion = await stage.discussion({**SCREENED, **settings}, title="Lids for gulls")
    for number in range(1, held + 1):
        await discussion.post(f"Come to casino {number}", name=f"Author {number}", title="Lids for gulls")
    return discussion


async def sign_in(new_page: NewPage, link: str, *, is_deaf: bool = False, **context: Any) -> Page:
    """A moderator at the console, from an address of their own. `is_deaf`: without the stream of what others do."""
    page = await new_page(extra_http_headers={"X-Forwarded-For": some_address()}, **context)
    if is_deaf:
        await page.route("**/api/v1/moderation/live*", lambda route: route.abort())
    await page.goto(link)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("main h1")).to_be_visible()
    return page


def row(page: Page, author: str) -> Locator:
    """A case in the list."""
    return rows(page).filter(has=page.locator("b", has_text=re.compile(f"^{author}$")))


def rows(page: Page) -> Locator:
    """The cases of the list, as far as they are in the document."""
    return page.get_by_role("listbox").get_by_role("option")


def case(page: Page) -> Locator:
    """The case that lies open."""
    return page.locator("article.case")


async def lies_open(page: Page, author: str) -> None:
    """Wait until the case of this author lies open."""
    await expect(case(page).locator("h2")).to_have_text(author)


def toast(page: Page) -> Locator:
    """What was told last."""
    return page.locator(".toast").last
