"""What helps those who read: search, muting, long texts, folding that lasts, and that nothing moves meanwhile."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, composer, holds, open_article, write
from tests.browser.stage import Stage


async def test_words_are_looked_for_and_led_to(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest"]}})
    first = await discussion.post("A tram in **Zürich**", name="Ada")
    await discussion.posts(22, text="Zurich again")
    frame = await open_article(page, discussion.address)
    await frame.get_by_role("button", name="Search").click()
    box = frame.get_by_role("searchbox", name="Search in this discussion")
    await expect(box).to_be_focused()
    await box.fill("zurich")
    await page.keyboard.press("Enter")
    found = frame.locator(".found > li > article")
    await expect(found).to_have_count(20)
    await expect(frame.locator("[data-status]")).to_have_text("20 comments found so far.")
    assert await faults(frame) == []
    await frame.get_by_role("link", name="Look further back").click()
    await expect(found).to_have_count(23)
    await expect(found.last.locator("mark")).to_have_text("Zürich")
    assert await found.get_by_role("button").count() == 0
    await expect(found.last.locator("time")).to_have_text("now")

    # One that is in the page is shown there, and the discussion is as it was.
    await found.last.locator("xpath=..").get_by_role("link", name="In its place").click()
    await expect(comment(frame, first)).to_be_focused()
    await expect(frame.locator(".found")).to_have_count(0)
    await expect(frame.locator("[data-list] > li > article")).to_have_count(5)

    # One that is not has a page of its own, in the same frame.
    await frame.get_by_role("button", name="Search").click()
    await frame.get_by_role("searchbox").fill("again 22")
    await page.keyboard.press("Enter")
    await frame.get_by_role("link", name="In its place").click()
    await expect(frame.locator("article.focus")).to_contain_text("Zurich again 22")

    await frame.get_by_role("link", name="View all").click()
    await frame.get_by_role("button", name="Search").click()
    await frame.get_by_role("searchbox").fill("nowhere")
    await page.keyboard.press("Enter")
    await expect(frame.locator("[data-status]")).to_have_text("No comment has these words.")
    await page.keyboard.press("Escape")
    await expect(frame.get_by_role("button", name="Search")).to_be_focused()
    await expect(frame.locator("[data-list] > li > article")).to_have_count(5)


async def test_an_author_is_muted_and_heard_again(page: Page, new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("Shouting", name="Loud")
    second = await discussion.post("Shouting again", name="Loud")
    await discussion.post("Quiet words", name="Bob")
    frame = await open_article(page, discussion.sibling)
    await comment(frame, second).get_by_role("button", name="Report").click()
    await comment(frame, second).get_by_role("button", name="Mute this author").click()
    await expect(comment(frame, second).get_by_role("button", name="Unmute Loud")).to_be_focused()
    await expect(comment(frame, second).locator(".body")).to_be_hidden()
    await expect(comment(frame, "Shouting").locator(".body").first).to_be_hidden()
    await expect(comment(frame, "Quiet words").locator(".body")).to_be_visible()
    await expect(frame.locator("[data-status]")).to_have_text("You have muted Loud.")
    assert await faults(frame) == []

    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await expect(comment(frame, second).locator(".body")).to_be_hidden()
    await frame.get_by_text("1 muted author").click()
    assert await faults(frame) == []
    await frame.locator(".muted-list").get_by_role("button", name="Unmute Loud").click()
    await expect(comment(frame, second).locator(".body")).to_be_visible()
    await expect(frame.locator(".muted-list")).to_have_count(0)
    assert await frame.evaluate("document.activeElement !== document.body"), "the focus was lost"
    other = await open_article(await new_page(), discussion.address)
    await expect(comment(other, second).locator(".body")).to_be_visible()


async def test_long_texts_and_folded_branches(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    root = await discussion.post("The root of a branch")
    await discussion.post("Below it", parent=root)
    number = await discussion.post("\n\n".join(f"Paragraph {n} of many." for n in range(40)))
    frame = await open_article(page, discussion.sibling)
    long = comment(frame, number)
    folded = await long.evaluate("one => one.offsetHeight")
    more = long.get_by_role("button", name="Read the whole comment")
    assert await faults(frame) == []
    await more.click()
    assert await long.evaluate("one => one.offsetHeight") > folded * 1.5
    less = long.get_by_role("button", name="Show less of it")
    await expect(less).to_be_focused()
    await less.click()
    assert await long.evaluate("one => one.offsetHeight") == folded

    await comment(frame, root).get_by_role("button", name="Hide replies").click()
    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await expect(comment(frame, root).get_by_role("button", name="Show 1 reply")).to_be_visible()
    await expect(comment(frame, "Below it")).to_be_hidden()
    await page.goto(f"{discussion.sibling}#comment-{number}")
    frame = await open_article(page, f"{discussion.sibling}?again#comment-{number}")
    await expect(comment(frame, number).get_by_role("button", name="Show less of it")).to_be_visible()


async def test_what_changes_above_moves_nothing(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"sorts": ["oldest"]}})
    edited = await discussion.post("Short")
    token = discussion.token
    gone = await discussion.post("Soon gone\n\nwith its\n\nfive\n\nparagraphs\n\nof text")
    gone_token = discussion.token
    await discussion.posts(24)
    frame = await open_article(page, discussion.address)
    read = comment(frame, "Comment 20")
    await read.scroll_into_view_if_needed()
    place = await read.bounding_box()
    longer = "\n\n".join(f"Longer {n}" for n in range(12))
    for number, mine, json in ((edited, token, {"body": longer}), (gone, gone_token, None)):
        headers = {"Authorization": f"Bearer {mine}"}
        where = f"/api/v1/comments/{number}"
        async with page.expect_response(lambda answer: "/embed/pieces" in answer.url):
            if json:
                await stage.client.patch(where, json=json, headers=headers)
            else:
                await stage.client.delete(where, headers=headers)
    # What was taken away is not there any more, and still nothing has moved.
    await expect(frame.get_by_text("Soon gone")).to_have_count(0)
    assert await read.bounding_box() == place
    await page.evaluate("scrollTo(0, 0)")
    await comment(frame, edited).scroll_into_view_if_needed()
    await expect(comment(frame, edited)).to_contain_text("Longer 11")
    await expect(frame.locator(f"#comment-{gone}")).to_have_count(0)


async def test_a_discussion_that_closes_while_one_writes(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("The last word")
    frame = await open_article(page, discussion.address)
    await page.wait_for_event("response", lambda answer: "/events?" in answer.url)
    await comment(frame, number).get_by_role("button", name="Reply to").click()
    words = comment(frame, number).locator("textarea")
    await words.fill("A long answer")
    await discussion.close()
    await expect(frame.get_by_text("This discussion is closed. You can still read it.")).to_be_visible()
    await expect(composer(frame)).to_be_hidden()
    await expect(comment(frame, number).locator("[data-act=reply]")).to_be_hidden()
    await expect(words).to_have_value("A long answer")
    await holds(frame, "document.activeElement.localName === 'textarea'")
    await write(comment(frame, number).locator("form"), "still mine")
    assert await faults(frame) == []
