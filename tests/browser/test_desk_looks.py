"""The console for everybody: by axe, in three languages, in light and dark, enlarged, on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.desk import case, desk, lies_open, row, sign_in, toast
from tests.browser.stage import Discussion, Stage

# 1280 pixels at 200 % are 640; 390 is a phone.
WIDE, ENLARGED, PHONE = (1280, 900), (640, 450), (390, 844)
QUEUE = {"en": "Queue", "de": "Warteschlange", "ar": "قائمة الانتظار"}


async def _filled(stage: Stage) -> Discussion:
    """Something of everything."""
    discussion = await desk(stage, held=1)
    number = await discussion.post("What is answered", name="Ida", title="Lids for gulls")
    await discussion.post("> quoted\n\nA casino, [with](https://fine.example) `code`", name="Parent", parent=number)
    bad = await discussion.post("You are a gull", name="Rude")
    for _ in range(3):
        await discussion.report(bad, "abuse", "He called me a gull.")
    return discussion


async def _fits(page: Page) -> None:
    """Nothing has to be scrolled sideways (WCAG 1.4.10)."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("tongue", "size", "scheme"),
    [("en", WIDE, "dark"), ("de", ENLARGED, "light"), ("ar", WIDE, "light"), ("ar", PHONE, "dark")],
)
async def test_axe(new_page: NewPage, stage: Stage, tongue: str, size: tuple[int, int], scheme: str) -> None:
    discussion = await _filled(stage)
    looks: dict[str, Any] = {
        "color_scheme": scheme,
        "viewport": {"width": size[0], "height": size[1]},
        "locale": tongue,
    }
    page = await sign_in(new_page, await discussion.moderator(role="owner"), **looks)
    await expect(page.get_by_role("heading", name=QUEUE[tongue])).to_be_visible()
    assert await page.evaluate("document.documentElement.dir") == ("rtl" if tongue == "ar" else "ltr")
    await expect(row(page, "Rude")).to_be_visible()
    assert await faults(page) == []
    await _fits(page)
    await page.keyboard.press("n")
    await expect(case(page)).to_be_visible()
    assert await faults(page) == []
    await _fits(page)
    await page.keyboard.press("e")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await faults(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await faults(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await expect(toast(page)).to_be_visible()
    assert await faults(page) == []
    for view in await page.eval_on_selector_all("nav a", "links => links.map(link => link.pathname)"):
        await page.goto(stage.url + view)
        await expect(page.locator("main h1")).to_be_visible()
        await expect(page.locator("main .nothing").filter(has_text=re.compile("…$"))).to_have_count(0)
        assert await faults(page) == [], view
        await _fits(page)


async def test_on_a_phone_the_list_and_the_case_take_turns(new_page: NewPage, stage: Stage) -> None:
    discussion = await _filled(stage)
    looks: dict[str, Any] = {"viewport": {"width": PHONE[0], "height": PHONE[1]}, "has_touch": True, "is_mobile": True}
    page = await sign_in(new_page, await discussion.moderator(), **looks)
    await row(page, "Rude").tap()
    await lies_open(page, "Rude")
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await expect(page.locator("#case-head")).to_be_focused()
    approve = case(page).get_by_role("button", name="Keep")
    box = await approve.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "big enough for a thumb"
    assert box["y"] + box["height"] <= PHONE[1], "in reach without scrolling"
    await page.go_back()
    await expect(row(page, "Rude")).to_be_visible()
    await row(page, "Rude").tap()
    await approve.tap()
    await expect(toast(page)).to_contain_text("Approved: Rude")
    await page.get_by_role("button", name="Back to the list").tap()
    await expect(page.get_by_role("listbox")).to_be_focused()
    await page.get_by_role("button", name="Menu").tap()
    await page.get_by_role("link", name="Log").tap()
    await expect(page.get_by_role("heading", name="Log")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="Mona").first).to_be_visible()


async def test_a_language_is_chosen_once_and_kept(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=2)
    page = await sign_in(new_page, await discussion.moderator(), locale="fr-FR")
    await expect(page.get_by_text("2 cases wait")).to_be_visible()
    await page.keyboard.press("?")
    await page.get_by_label("Language").select_option("ar")
    await expect(page.get_by_role("heading", name=QUEUE["ar"])).to_be_visible()
    await expect(page.get_by_text("حالتان تنتظران")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("حالتان تنتظران")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "ar"


async def test_keys_are_changed_kept_and_switched_off(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=2)
    page = await sign_in(new_page, await discussion.moderator())
    await expect(row(page, "Author 1")).to_be_visible()
    await page.keyboard.press("?")
    await page.get_by_role("button", name="Change the key for Approve or keep, now a").click()
    await page.keyboard.press("1")
    await expect(page.get_by_role("button", name="Change the key for Approve or keep, now 1")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(row(page, "Author 1")).to_be_visible()
    await page.keyboard.press("n")
    await lies_open(page, "Author 1")
    await page.keyboard.press("a")
    await page.keyboard.press("1")
    await expect(toast(page)).to_contain_text("Approved: Author 1")
    await lies_open(page, "Author 2")

    await page.keyboard.press("?")
    await page.get_by_label("Keys are on").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("1")
    await case(page).get_by_role("button", name="Reject").click()
    await expect(toast(page)).to_contain_text("Rejected: Author 2")


async def test_writing_is_no_command(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=1)
    page = await sign_in(new_page, await discussion.moderator())
    await row(page, "Author 1").click()
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("arsd")
    await expect(page.get_by_role("searchbox")).to_have_value("arsd")
    await lies_open(page, "Author 1")


async def test_what_is_told_does_not_chatter(new_page: NewPage, stage: Stage) -> None:
    """Ten new comments are no reason to interrupt somebody who listens to a case being read."""
    discussion = await desk(stage, held=1)
    page = await sign_in(new_page, await discussion.moderator())
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await page.evaluate(
        """() => {
          window.told = [];
          const all = { childList: true, subtree: true, characterData: true };
          for (const region of document.querySelectorAll("#polite, #assertive"))
            new MutationObserver(() => region.textContent && told.push(region.textContent)).observe(region, all);
        }"""
    )
    await discussion.posts(10, "Another casino", name="Crowd")
    await expect(page.get_by_text(re.compile("1?[0-9] new cases"))).to_have_text("10 new cases")
    assert await page.evaluate("told") == []
    await page.keyboard.press("n")
    await lies_open(page, "Author 1")
    await page.keyboard.press("a")
    await expect(toast(page)).to_be_visible()
    assert await page.evaluate("told") == ["Approved: Author 1"]
