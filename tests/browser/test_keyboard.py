"""Without a mouse: everything is reached by keys, and the focus is never lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Frame, Page, expect

from tests.browser.reader import comment, open_article
from tests.browser.stage import Stage

_FOCUSED = """
() => {
  const at = document.activeElement
  if (at === document.body) return "nowhere"
  return at.name || at.dataset.act || at.dataset.vote || at.dataset.sort || at.className || at.localName
}
"""


async def _tab_to(page: Page, frame: Frame, wanted: str, most: int = 40) -> list[str]:
    """Press Tab until the focus is on `wanted` (a field's name, an act, a class); what was passed."""
    passed: list[str] = []
    while not passed or passed[-1] != wanted:
        assert len(passed) < most, f"{wanted} was not reached: {passed}"
        await page.keyboard.press("Tab")
        passed.append(str(await frame.evaluate(_FOCUSED)))
    return passed


async def _is_seen(frame: Frame) -> bool:
    """Whether the focus is drawn."""
    return bool(
        await frame.evaluate(
            """() => {
              const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement)
              return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none"
            }"""
        )
    )


async def test_writing_by_keys_alone(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("There already")
    frame = await open_article(page, discussion.address)
    passed = await _tab_to(page, frame, "body")
    assert "best" in passed, "the orders come first"
    await page.keyboard.type("By keys alone")
    await _tab_to(page, frame, "name")
    assert await _is_seen(frame)
    await page.keyboard.type("Ida")
    await page.keyboard.press("Control+Enter")
    new = comment(frame, "By keys alone")
    await expect(new).to_be_focused()
    assert await _is_seen(frame)

    # On from there to the new comment's own buttons, in their order; its votes are not for its author.
    assert await _tab_to(page, frame, "delete") == ["at", "reply", "edit", "delete"]
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(new.locator("form.composer [name=body]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(new.locator("form.composer")).to_have_count(0)
    await expect(new.locator("[data-act=reply]")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("And an answer")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Control+Enter")
    await expect(comment(frame, "And an answer")).to_be_focused()
    assert len((await discussion.read())["items"]) == 2


async def test_a_text_is_not_thrown_away_by_escape(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Answer me")
    frame = await open_article(page, discussion.address)
    await comment(frame, number).get_by_role("button", name="Reply to").press("Enter")
    await page.keyboard.type("Half a thought")
    await page.keyboard.press("Escape")
    await expect(comment(frame, number).locator("form.composer [name=body]")).to_have_value("Half a thought")


async def test_every_button_by_keys(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Vote, fold, report")
    await discussion.post("Below", parent=number)
    frame = await open_article(page, discussion.address)
    await frame.locator("textarea").focus()
    await _tab_to(page, frame, "1")
    assert await _is_seen(frame)
    async with page.expect_response(lambda answer: answer.url.endswith("/vote")):
        await page.keyboard.press("Space")
    await expect(comment(frame, number).locator("[data-vote='1']")).to_have_attribute("aria-pressed", "true")
    assert await frame.evaluate(_FOCUSED) == "1"
    await _tab_to(page, frame, "report")
    await page.keyboard.press("Enter")
    await expect(comment(frame, number).get_by_role("radio").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type("It is about me")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(comment(frame, number).locator(".thanks")).to_be_focused()
    assert await frame.evaluate(_FOCUSED) != "nowhere"


@pytest.mark.parametrize("act", ["more", "sort", "fold", "delete last", "edit", "refused"])
async def test_the_focus_is_never_lost(page: Page, stage: Stage, act: str) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest", "newest"]}})
    if act != "delete last":
        root = (await discussion.posts(7))[0]
        await discussion.post("Below", parent=root)
    frame = await open_article(page, discussion.address)
    await frame.evaluate(
        """() => {
          window.lost = 0
          // What takes an element away has to move the focus on before it waits for anything.
          addEventListener("focusout", () => queueMicrotask(() => {
            if (document.hasFocus() && document.activeElement === document.body) window.lost++
          }))
        }"""
    )
    if act in {"delete last", "edit"}:
        await frame.locator("textarea").fill("Mine")
        await frame.locator("[name=name]").fill("Ida")
        await page.keyboard.press("Control+Enter")
        await expect(comment(frame, "Mine")).to_be_focused()
    match act:
        case "more":
            await frame.locator("[data-more]").last.press("Enter")
            await expect(comment(frame, "Comment 7")).to_be_visible()
        case "sort":
            await frame.locator("a[data-sort=newest]").press("Enter")
            await expect(frame.locator("a[data-sort=newest]")).to_have_attribute("aria-current", "true")
        case "fold":
            await frame.locator("[data-act=fold]").press("Enter")
            await expect(comment(frame, "Below")).to_be_hidden()
        case "delete last":
            await frame.locator("[data-act=delete]").press("Enter")
            await expect(frame.locator("[data-sure] [type=submit]")).to_be_focused()
            await page.keyboard.press("Enter")
            await expect(comment(frame, "Mine")).to_have_count(0)
            await expect(frame.locator("textarea")).to_be_focused()
        case "edit":
            await frame.locator("[data-act=edit]").press("Enter")
            await expect(comment(frame, "Mine").locator("textarea")).to_be_focused()
            await page.keyboard.type(", really")
            await page.keyboard.press("Control+Enter")
            await expect(comment(frame, "Mine, really")).to_be_focused()
        case _:
            await frame.locator("textarea").focus()
            await page.keyboard.press("Control+Enter")
            await expect(frame.locator("[data-problem]").first).to_be_visible()
    assert await frame.evaluate(_FOCUSED) != "nowhere"
    assert await frame.evaluate("window.lost") == 0
