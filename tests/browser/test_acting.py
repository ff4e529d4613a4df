"""Voting, reporting, loading more, another order, folding: with the script, in the frame."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Frame, Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.reader import comment, composer, open_article, post
from tests.browser.stage import Discussion, Stage
from tests.browser.watch import Watch


async def _votes(at: Locator) -> list[tuple[str | None, str]]:
    buttons = [at.locator("[data-vote='1']"), at.locator("[data-vote='-1']")]
    return [(await button.get_attribute("aria-pressed"), await button.inner_text()) for button in buttons]


async def _vote(page: Page, button: Locator) -> None:
    async with page.expect_response(lambda answer: answer.url.endswith("/vote")) as answered:
        await button.click()
    assert (await answered.value).ok


async def _counted(page: Page, discussion: Discussion, number: str) -> None:
    """Load the article until the comment's vote is in its page."""
    end = time.monotonic() + 15
    while True:
        frame = await open_article(page, discussion.sibling)
        if await comment(frame, number).locator("[data-vote='1']").inner_text() == "1":
            return
        assert time.monotonic() < end, "the vote never got into the page"


async def test_votes_are_given_changed_taken_back_and_kept(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Vote on me")
    page = await new_page()
    frame = await open_article(page, discussion.sibling)
    voted = comment(frame, number)
    up, down = voted.locator("[data-vote='1']"), voted.locator("[data-vote='-1']")

    await _vote(page, up)
    assert await _votes(voted) == [("true", "1"), ("false", "")]
    await expect(up).to_have_attribute("aria-label", "Upvote, 1")
    await _vote(page, down)
    assert await _votes(voted) == [("false", ""), ("true", "1")]
    await _vote(page, down)
    assert await _votes(voted) == [("false", ""), ("false", "")]
    await _vote(page, up)

    frame = await open_article(page, discussion.sibling)
    await expect(comment(frame, number).locator("[data-vote='1']")).to_have_attribute("aria-pressed", "true")
    # Ready pages may be a second behind with votes.
    await _counted(page, discussion, number)

    stranger = await open_article(await new_page(), discussion.address)
    assert await _votes(comment(stranger, number)) == [("false", "1"), ("false", "")]


async def test_nobody_votes_for_themselves(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    mine = await post(await open_article(page, discussion.address), "The best of all", name="Ida")
    await expect(mine.locator("[data-vote='1']")).to_be_disabled()
    assert await mine.get_by_role("button", name="Report").count() == 0


async def test_a_vote_that_is_refused_is_put_back(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Soon closed")
    frame = await open_article(page, discussion.address)
    await discussion.close()
    watch.explain(r"status of 403 .*/vote", "the discussion was closed meanwhile")
    await comment(frame, number).locator("[data-vote='1']").click()
    await expect(comment(frame, number).locator(".problem")).to_have_text(
        "This discussion is closed. You can still read it."
    )
    assert await _votes(comment(frame, number)) == [("false", ""), ("false", "")]
    await expect(frame.locator("[data-alert]")).to_contain_text("This discussion is closed")


async def test_a_report_reaches_the_moderators(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Not nice at all", name="Rude")
    frame = await open_article(await new_page(), discussion.address)
    bad = comment(frame, number)
    await bad.get_by_role("button", name="Report").click()
    form = bad.locator("[data-report]")
    await expect(form.get_by_role("radio").first).to_be_focused()
    await form.get_by_role("button", name="Send report").click()
    await expect(form.get_by_text("Choose a reason.")).to_be_visible()

    await form.get_by_label("Insults or harassment").check()
    await form.get_by_label("Anything to add?").fill("He called me a gull.")
    await form.get_by_role("button", name="Send report").click()
    await expect(bad.get_by_text("A moderator will look at it.")).to_be_focused()
    await expect(bad.get_by_role("button", name="Reported")).to_be_disabled()
    await expect(bad.locator(".body")).to_be_visible()

    desk = await new_page()
    await desk.goto(await discussion.moderator())
    await desk.get_by_role("button", name="Sign in").click()
    await expect(desk.get_by_role("heading", name="Queue")).to_be_visible()
    await desk.goto(f"{stage.url}/console/plain")
    case = desk.get_by_role("article", name="Rude")
    await expect(case.get_by_text("Insults or harassment")).to_be_visible()
    await expect(case.get_by_text("He called me a gull.")).to_be_visible()


async def test_a_report_thought_over(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Not that bad")
    frame = await open_article(page, discussion.address)
    opener = comment(frame, number).get_by_role("button", name="Report", exact=True)
    for leave in ("Escape", "Cancel"):
        await opener.click()
        await expect(opener).to_have_attribute("aria-expanded", "true")
        if leave == "Escape":
            await page.keyboard.press("Escape")
        else:
            await frame.get_by_role("button", name="Cancel").click()
        await expect(frame.locator("[data-report]")).to_have_count(0)
        await expect(opener).to_be_focused()


async def test_further_comments_come_in_place(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "replies": 2, "sorts": ["oldest"]}})
    first = (await discussion.posts(12))[0]
    for number in range(1, 6):
        await discussion.post(f"Answer {number}", parent=first)
    frame = await open_article(page, discussion.address)
    roots = frame.locator("[data-list] > li > article .body")
    await expect(roots).to_have_count(5)

    await frame.get_by_role("link", name="Show 3 more replies").click()
    await expect(comment(frame, "Answer 3")).to_be_focused()
    answers = frame.locator(f"li:has(> #comment-{first}) > .replies > li > article .body")
    await expect(answers).to_have_text([f"Answer {number}" for number in range(1, 6)])
    await expect(frame.locator("[data-status]")).to_have_text("3 more comments.")

    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Comment 6")).to_be_focused()
    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Comment 11")).to_be_focused()
    await expect(roots).to_have_text([f"Comment {number}" for number in range(1, 13)])
    assert await frame.locator("[data-more]").count() == 0


async def test_an_own_new_comment_is_there_once(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest"]}})
    await discussion.posts(7)
    frame = await open_article(page, discussion.address)
    await post(frame, "On top now, last in order", name="Ida")
    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Comment 7")).to_be_visible()
    assert await comment(frame, "On top now").count() == 1
    await expect(comment(frame, "On top now").get_by_role("button", name="Edit")).to_be_visible()


async def test_more_that_does_not_come(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest"]}})
    await discussion.posts(7)
    frame = await open_article(page, discussion.address)
    watch.explain(r"ERR_INTERNET_DISCONNECTED", "the reader is offline for a while")
    await page.context.set_offline(True)
    more = frame.locator("[data-more]")
    await more.click()
    await expect(more).to_have_text("They could not be loaded. Try again")
    await page.context.set_offline(False)
    await more.click()
    await expect(comment(frame, "Comment 7")).to_be_visible()


async def test_another_order(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["oldest", "newest"]}})
    await discussion.posts(7)
    frame = await open_article(page, discussion.address)
    await frame.locator("textarea").fill("Half a thought")
    await frame.get_by_role("link", name="Newest").click()
    roots = frame.locator("[data-list] > li > article .body")
    await expect(roots).to_have_text([f"Comment {number}" for number in (7, 6, 5, 4, 3)])
    await expect(frame.get_by_role("link", name="Newest")).to_have_attribute("aria-current", "true")
    await expect(frame.get_by_role("link", name="Newest")).to_be_focused()
    await expect(frame.locator("[data-status]")).to_have_text("Order: Newest.")
    await expect(composer(frame).locator("textarea")).to_have_value("Half a thought")
    await frame.get_by_role("link", name="Show more comments").click()
    await expect(comment(frame, "Comment 1")).to_be_visible()
    await expect(roots).to_have_text([f"Comment {number}" for number in range(7, 0, -1)])


async def test_a_conversation_is_folded(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    root = await discussion.post("The root")
    await discussion.post("Below it", parent=root)
    frame = await open_article(page, discussion.address)
    fold = comment(frame, root).get_by_role("button", name="Hide replies")
    await expect(fold).to_have_attribute("aria-expanded", "true")
    await fold.click()
    unfold = comment(frame, root).get_by_role("button", name="Show 1 reply")
    await expect(unfold).to_have_attribute("aria-expanded", "false")
    await expect(unfold).to_be_focused()
    await expect(comment(frame, "Below it")).to_be_hidden()
    await unfold.click()
    await expect(comment(frame, "Below it")).to_be_visible()


@pytest.mark.parametrize("way", ["continue", "in reply to"])
async def test_a_deep_conversation(page: Page, stage: Stage, way: str) -> None:
    discussion = await stage.discussion({"reading": {"depth_shown": 3}})
    ids: list[str] = []
    for depth in range(6):
        ids.append(await discussion.post(f"Depth {depth}", name=f"Reader {depth}", parent=ids[-1] if ids else None))
    frame = await open_article(page, discussion.address)
    if way == "in reply to":
        await comment(frame, ids[3]).get_by_role("link", name="in reply to Reader 2").click()
        await expect(comment(frame, ids[2])).to_be_focused()
        return
    await frame.get_by_role("link", name="Continue this thread").click()
    await expect(comment(frame, ids[4])).to_be_visible()
    assert await _has_host(frame), "the frame's next page still talks to the article"
    await frame.get_by_role("link", name="View all").click()
    await expect(comment(frame, ids[0])).to_be_visible()
    await page.wait_for_function("document.querySelector('#parley iframe').getBoundingClientRect().top >= 0")


async def _has_host(frame: Frame) -> bool:
    return bool(await frame.evaluate("document.documentElement.dataset.host && document.title"))
