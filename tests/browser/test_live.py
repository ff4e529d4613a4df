"""What a reader sees of what happens meanwhile."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, open_article, post, reply
from tests.browser.stage import Stage
from tests.browser.watch import Watch


async def test_new_comments_wait_behind_a_button(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    root = (await discussion.posts(3))[0]
    frame = await open_article(page, discussion.address)
    before = await comment(frame, "Comment 2").bounding_box()
    height = await page.locator("#parley iframe").evaluate("frame => frame.clientHeight")
    await discussion.post("News at the top", name="Bob")
    await discussion.post("News below the first", name="Eve", parent=root)
    button = frame.get_by_role("button", name="2 new comments")
    await expect(button).to_be_visible()
    assert await faults(frame) == []
    # Nothing that is read has moved, and nothing was put in.
    assert await comment(frame, "Comment 2").bounding_box() == before
    assert await page.locator("#parley iframe").evaluate("frame => frame.clientHeight") == height
    assert await comment(frame, "News").count() == 0
    await expect(frame.locator("[data-total]")).to_have_text("5")
    await expect(frame.locator("[data-status]")).to_have_text("2 new comments")

    await button.click()
    await expect(frame.locator("[data-list] > li").first).to_contain_text("News at the top")
    below = comment(frame, "Comment 1").locator("xpath=../ol")
    await expect(below).to_contain_text("News below the first")
    await expect(frame.locator("[data-news]")).to_be_hidden()
    await expect(frame.locator("article.comment:focus")).to_have_count(1)


async def test_one_who_looks_again_sees_them_where_they_belong(page: Page, new_page: NewPage, stage: Stage) -> None:
    """Two readers talk: each sees the other's words behind the button, and nobody is told of their own."""
    discussion = await stage.discussion()
    await discussion.post("To begin with")
    ada = await open_article(page, discussion.address)
    bob = await open_article(await new_page(), discussion.address)
    await post(ada, "Ada's own words", "Ada")
    await bob.get_by_role("button", name="1 new comment").click()
    await reply(bob, comment(bob, "Ada's own words"), "Bob answers", "Bob")
    await ada.get_by_role("button", name="1 new comment").click()
    await expect(comment(ada, "Ada's own words").locator("xpath=../ol")).to_contain_text("Bob answers")
    await expect(ada.locator("[data-total]")).to_have_text("3")
    await expect(bob.locator("[data-news]")).to_be_hidden()


async def test_edits_removals_and_votes_show_in_place(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    answered = await discussion.post("Will be taken back")
    token = discussion.token
    await discussion.post("An answer to it", parent=answered)
    made = await discussion.post("As it was")
    frame = await open_article(page, discussion.address)
    await expect(comment(frame, "As it was")).to_be_visible()
    mine = {"Authorization": f"Bearer {discussion.token}"}
    await stage.client.patch(f"/api/v1/comments/{made}", json={"body": "As it *is*"}, headers=mine)
    await expect(comment(frame, made).locator(".body em")).to_have_text("is")
    await expect(comment(frame, made).locator(".edited")).to_be_visible()
    await stage.client.put(f"/api/v1/comments/{made}/vote", json={"value": 1})
    await expect(comment(frame, made).get_by_role("button", name="Upvote, 1")).to_be_visible()
    await discussion.delete(made)
    await expect(comment(frame, made)).to_have_count(0)
    discussion.token = token
    await discussion.delete(answered)
    await expect(comment(frame, answered).locator(".name")).to_have_text("The author has deleted this comment.")
    await expect(comment(frame, "An answer to it")).to_be_visible()
    await expect(frame.locator("[data-total]")).to_have_text("1")


async def test_what_one_writes_below_a_comment_stays_when_that_is_removed(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    made = await discussion.post("Will be taken back")
    frame = await open_article(page, discussion.address)
    await comment(frame, made).get_by_role("button", name="Reply to").click()
    words = comment(frame, made).locator("textarea")
    await words.fill("A long answer")
    await discussion.delete(made)
    await expect(comment(frame, made).locator(".body")).to_have_count(0)
    await expect(words).to_have_value("A long answer")
    await expect(words).to_be_focused()


async def test_the_first_comment_of_others_is_heard_after_ones_own(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.address)
    await post(frame, "The very first", "Ada")
    await discussion.post("The second", name="Bob")
    await frame.get_by_role("button", name="1 new comment").click()
    await expect(comment(frame, "The second")).to_be_visible()


async def _no_event_source(route: Route) -> None:
    await route.abort()


@pytest.mark.parametrize("way", ["missing", "blocked"])
async def test_without_a_connection_it_asks_from_time_to_time(page: Page, stage: Stage, watch: Watch, way: str) -> None:
    discussion = await stage.discussion()
    await discussion.post("Here already")
    if way == "missing":
        await page.add_init_script("delete window.EventSource")
    else:
        watch.explain("ERR_FAILED", "the connection is refused by the story")
        await page.route("**/events?*", _no_event_source)
    frame = await open_article(page, discussion.address)
    await discussion.post("Found by asking")
    await frame.get_by_role("button", name="1 new comment").click()
    await expect(comment(frame, "Found by asking")).to_be_visible()


async def test_a_closed_discussion_is_said(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("The last word")
    frame = await open_article(page, discussion.address)
    await page.wait_for_event("response", lambda answer: "/events?" in answer.url)
    await discussion.close()
    await expect(frame.locator("[data-status]")).to_have_text("This discussion is closed.")
