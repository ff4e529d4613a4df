"""What else a desk does: whole decisions, undoing, rules, bulk, settings, the team, the record."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import case, desk, lies_open, row, sign_in, toast
from tests.browser.stage import Stage
from tests.browser.watch import Watch


async def _go(page: Page, view: str) -> None:
    await page.get_by_role("navigation", name="Console").get_by_role("link", name=view).click()
    await expect(page.get_by_role("heading", name=view, level=1)).to_be_focused()


async def test_a_decision_is_taken_back(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=2)
    page = await sign_in(new_page, await discussion.moderator("Mona"))
    await row(page, "Author 1").click()
    await lies_open(page, "Author 1")
    await page.keyboard.press("a")
    await expect(toast(page)).to_contain_text("Approved: Author 1")
    assert len(await discussion.bodies()) == 1
    await page.keyboard.press("z")
    await expect(toast(page)).to_contain_text("Undone")
    await lies_open(page, "Author 1")
    await expect(case(page)).to_contain_text(re.compile("Mona: Undone"))
    assert await discussion.bodies() == []
    await page.keyboard.press("r")
    await expect(toast(page)).to_contain_text("Rejected: Author 1")
    await page.keyboard.press("z")
    await lies_open(page, "Author 1")


async def test_reason_note_and_sanction_in_one_act(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=1, reasons={"required": True})
    page = await sign_in(new_page, await discussion.moderator("Mona"))
    await row(page, "Author 1").click()
    await lies_open(page, "Author 1")
    await page.keyboard.press("e")
    sheet = page.get_by_role("dialog")
    await sheet.get_by_role("button", name="Reject").click()
    await expect(sheet.get_by_role("alert")).to_contain_text("asks for a reason")
    await page.keyboard.press("1")
    await sheet.get_by_label("Note to the author").fill("Argue 2 the matter.")
    await sheet.get_by_label("Sanction in the same act").select_option("suspend_24")
    await sheet.get_by_role("button", name="Reject").click()
    await expect(toast(page)).to_contain_text("Rejected: Author 1")
    await _go(page, "Sanctions")
    line = page.get_by_role("row").filter(has_text="Suspension")
    await expect(line).to_contain_text("Insults somebody")
    await expect(line).to_contain_text("Argue 2 the matter.")
    await line.get_by_role("button", name="Lift").click()
    await expect(toast(page)).to_contain_text("lifted")
    await _go(page, "Statements")
    await expect(page.get_by_role("row").filter(has_text="Insults somebody").first).to_be_visible()


async def test_where_a_reason_is_wanted_one_more_key_names_it(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=2, reasons={"required": True})
    page = await sign_in(new_page, await discussion.moderator())
    await expect(row(page, "Author 1")).to_be_visible()
    await page.keyboard.press("n")
    await lies_open(page, "Author 1")
    await page.keyboard.press("r")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("3")
    await expect(toast(page)).to_contain_text("Rejected: Author 1")
    await lies_open(page, "Author 2")
    await page.keyboard.press("s")
    await expect(toast(page)).to_contain_text("Marked as spam: Author 2")


async def test_edits_stand_side_by_side(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage)
    number = await discussion.post("My casino is kind", name="Fickle")
    answer = await stage.client.patch(
        f"/api/v1/comments/{number}",
        json={"body": "My casino is rude"},
        headers={"Authorization": f"Bearer {discussion.token}"},
    )
    assert answer.status_code == 202, answer.text
    page = await sign_in(new_page, await discussion.moderator())
    await row(page, "Fickle").click()
    await case(page).get_by_text("Edited 1 time").click()
    await expect(case(page).locator("del")).to_have_text("kind")
    await expect(case(page).locator("ins")).to_have_text("rude")


async def test_a_rule_is_tried_before_it_is_made(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage)
    await discussion.posts(3, "Pineapple on pizza", name="Ida")
    page = await sign_in(new_page, await discussion.moderator(role="owner"))
    await _go(page, "Rules")
    await page.get_by_role("button", name="New rule").click()
    form = page.get_by_role("form", name="New rule")
    await form.get_by_label("Pattern").fill("pineapple*")
    await form.get_by_role("button", name="Try it out").click()
    await expect(form.get_by_role("status")).to_contain_text("Would have caught 3 of the last 3 comments")
    await form.get_by_label("Switched on").check()
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("row").filter(has_text="pineapple*")).to_contain_text("Hold")
    await discussion.post("Pineapple again", name="Ida")
    assert len(await discussion.bodies()) == 3


async def test_many_are_found_decided_and_taken_back(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage)
    await discussion.posts(12, "Raid of gulls", name="Raider")
    await discussion.post("A quiet word", name="Ida")
    page = await sign_in(new_page, await discussion.moderator(role="owner"))
    await _go(page, "Bulk")
    await page.get_by_label("Holds the word").fill("raid")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("status").filter(has_text="12 comments match")).to_be_visible()
    await expect(page).to_have_url(re.compile("word=raid"))
    await page.get_by_label("Decision").select_option("remove")
    await page.get_by_role("button", name="Remove: 12 comments").click()
    await expect(page.get_by_text("12 of 12")).to_be_visible()
    await expect(page.get_by_text("Done", exact=True)).to_be_visible()
    assert await discussion.bodies() == ["<p>A quiet word</p>"]
    await page.get_by_role("button", name="Undo the job").click()
    await expect(page.locator("section.card-form")).to_contain_text("Undone")
    await expect(page.get_by_text("Done", exact=True)).to_be_visible()
    assert len(await discussion.bodies()) == 13


async def test_an_owner_changes_settings_and_sees_them_beforehand(
    new_page: NewPage, stage: Stage, watch: Watch
) -> None:
    discussion = await desk(stage)
    await discussion.post("Hello, casino", name="Ida")
    link = await discussion.moderator("Olga", role="owner")
    page = await sign_in(new_page, link)
    other = await sign_in(new_page, await discussion.moderator("Otto", role="owner"))
    await _go(page, "Settings")
    await _go(other, "Settings")
    preview = page.frame_locator("iframe")
    await expect(preview.get_by_text("Comments").first).to_be_visible()
    await page.get_by_role("button", name="Reading").click()
    await page.get_by_label("Orders offered").fill("oldest\nnewest")
    await page.get_by_role("button", name="Looks").click()
    await page.get_by_label("Colour of links and buttons on light pages").fill("#8a1538")
    await page.get_by_label("Colours", exact=True).select_option("light")
    await expect(preview.locator("[data-send]").first).to_have_css("background-color", "rgb(138, 21, 56)")
    await page.get_by_role("button", name="Posting").click()
    await page.get_by_label("Longest comment").fill("5")
    watch.explain("status of 422.*/sites/", "five characters are too few")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Longest comment")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Longest comment").fill("400")
    await page.get_by_role("button", name="Save").click()
    await expect(toast(page)).to_contain_text("Saved")

    watch.explain("status of 409.*/sites/", "Olga was first")
    await other.get_by_label("Longest comment").fill("500")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_role("alert").filter(has_text="Somebody else changed")).to_be_visible()
    await other.get_by_role("button", name="Show theirs").click()
    await expect(other.get_by_label("Longest comment")).to_have_value("400")
    await _go(other, "Log")
    await expect(other.get_by_role("row").filter(has_text="Settings changed").first).to_contain_text("Olga")


async def test_an_owner_gives_and_takes_roles(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage, held=1)
    page = await sign_in(new_page, await discussion.moderator("Olga", role="owner"))
    mona = await sign_in(new_page, await discussion.moderator("Mona"))
    assert await mona.get_by_role("link", name="Team").count() == 0
    await _go(page, "Team")
    await page.get_by_label("E-mail address").fill("new@team.test")
    await page.get_by_role("button", name="Give the role").click()
    await expect(page.get_by_role("row").filter(has_text="new@team.test")).to_be_visible()
    await page.get_by_role("button", name="Remove Mona").click()
    await page.get_by_role("alert").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("row").filter(has_text="mona@")).to_have_count(0)
    watch.explain("status of 403.*/console", "Mona has no role any more")
    await mona.goto(f"{stage.url}/console")
    await expect(mona.locator("main")).to_contain_text("no role")
