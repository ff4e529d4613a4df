"""Read with JavaScript off: everything there is to read, by links alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment
from tests.browser.stage import Stage
from tests.browser.watch import Watch


@pytest.fixture
async def plain(new_page: NewPage) -> Page:
    """A reader whose browser runs no scripts."""
    return await new_page(java_script_enabled=False)


async def test_the_article_leads_to_its_discussion(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("Read me\n\nwith **two** paragraphs", name="Ida")
    await plain.goto(discussion.address)
    await plain.get_by_role("link", name="Read the comments").click()
    await expect(plain.get_by_role("heading", name="Comments 1", level=1)).to_be_visible()
    await expect(comment(plain, "Read me").locator(".name")).to_have_text("Ida")
    await expect(comment(plain, "Read me").locator("strong")).to_have_text("two")
    await expect(plain.get_by_role("button", name="Post comment")).to_be_visible()
    # What needs a script is not offered.
    for name in ("Upvote, 0", "Reply to Ida", "Report"):
        await expect(plain.get_by_role("button", name=name, exact=True)).to_have_count(0)
    assert await plain.evaluate("document.scrollingElement.clientWidth <= innerWidth")


async def test_further_comments_and_replies(plain: Page, stage: Stage) -> None:
    settings = {"reading": {"page_size": 5, "replies": 2, "sorts": ["oldest", "newest"]}}
    discussion = await stage.discussion(settings)
    first = (await discussion.posts(7))[0]
    for number in range(1, 6):
        await discussion.post(f"Answer {number}", parent=first)
    await plain.goto(discussion.frame())
    assert await plain.locator("[data-list] > li > article").count() == 5
    await expect(comment(plain, "Answer 2")).to_be_visible()
    assert await comment(plain, "Answer 3").count() == 0

    await plain.get_by_role("link", name="Show 3 more replies").click()
    await expect(comment(plain, "Answer 3")).to_be_visible()
    await expect(comment(plain, "Comment 1")).to_be_visible()
    await plain.get_by_role("link", name="View all").click()

    await plain.get_by_role("link", name="Show more comments").click()
    await expect(comment(plain, "Comment 7")).to_be_visible()
    await plain.get_by_role("link", name="Back to the first comments").click()
    await expect(comment(plain, "Comment 1")).to_be_visible()


async def test_another_order(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"sorts": ["oldest", "newest"]}})
    await discussion.posts(3)
    await plain.goto(discussion.frame())
    bodies = plain.locator("[data-list] > li > article .body")
    await expect(bodies).to_have_text(["Comment 1", "Comment 2", "Comment 3"])
    await plain.get_by_role("link", name="Newest").click()
    await expect(bodies).to_have_text(["Comment 3", "Comment 2", "Comment 1"])
    await expect(plain.get_by_role("link", name="Newest")).to_have_attribute("aria-current", "true")


async def test_a_deep_conversation_goes_on_by_a_link(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"depth_shown": 2}})
    above = None
    for depth in range(6):
        above = await discussion.post(f"Depth {depth}", parent=above)
    await plain.goto(discussion.frame())
    await plain.get_by_role("link", name="Continue this thread").click()
    await expect(comment(plain, "Depth 3")).to_be_visible()
    await plain.goto(discussion.frame(comment=str(above)))
    await expect(comment(plain, "Depth 5")).to_be_visible()
    await expect(comment(plain, "Depth 4")).to_be_visible()
    await expect(comment(plain, "Depth 5").get_by_role("link", name="in reply to Ada")).to_be_visible()


async def test_one_comment_by_its_address(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    parent = await discussion.post("What is answered")
    meant = await discussion.post("What is meant", parent=parent)
    await discussion.post("Something else")
    await plain.goto(discussion.frame(comment=meant))
    await expect(comment(plain, "What is meant")).to_be_visible()
    await expect(comment(plain, "What is answered")).to_be_visible()
    assert await comment(plain, "Something else").count() == 0
    await plain.get_by_role("link", name="View all 3 comments").click()
    await expect(comment(plain, "Something else")).to_be_visible()


async def test_a_closed_discussion_can_be_read(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("The last word")
    await discussion.close()
    await plain.goto(discussion.frame())
    await expect(plain.get_by_text("This discussion is closed. You can still read it.")).to_be_visible()
    await expect(comment(plain, "The last word")).to_be_visible()
    assert await plain.locator("form.composer").count() == 0


async def test_a_site_that_has_closed_all_discussions_says_so(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"posting": {"closed": True}})
    await plain.goto(discussion.frame())
    await expect(plain.get_by_text("This discussion is closed.")).to_be_visible()
    assert await plain.locator("form.composer").count() == 0


async def test_writing_in_the_frame(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("Here already", name="Ida")
    await plain.goto(discussion.frame())
    await plain.get_by_label("Join the discussion").fill("Without a script")
    await plain.get_by_label("Name").fill("Ada")
    await plain.get_by_role("button", name="Post comment").click()
    await expect(plain.get_by_role("heading", name="Your comment is posted")).to_be_visible()
    await plain.get_by_role("link", name="See it in the discussion").click()
    await expect(comment(plain, "Without a script").locator(".name")).to_have_text("Ada")
    await plain.get_by_role("link", name="View all").click()
    await plain.locator("li.item").filter(has_text="Here already").get_by_role("button", name="Reply or report").click()
    await plain.get_by_label("Your reply").fill("An answer")
    await plain.get_by_label("Name").fill("Ada")
    await plain.get_by_role("button", name="Post reply").click()
    await plain.get_by_role("link", name="See it in the discussion").click()
    await expect(comment(plain, "An answer").get_by_role("link", name="in reply to Ida")).to_be_visible()
    assert [
        len(item["replies"]["items"]) if item["replies"] else 0
        for item in (await discussion.read(sort="oldest"))["items"]
    ] == [1, 0]


async def test_what_is_refused_can_be_changed_and_sent(plain: Page, stage: Stage, watch: Watch) -> None:
    watch.explain("status of 422", "a text is refused on purpose")
    discussion = await stage.discussion({"posting": {"max_length": 100}})
    await discussion.post("Here already")
    await plain.goto(discussion.frame())
    words = "A word too many. " * 7
    await plain.get_by_label("Join the discussion").fill(words)
    await plain.get_by_label("Name").fill("Ada")
    await plain.get_by_role("button", name="Post comment").click()
    await expect(plain.get_by_role("heading", name="It was not sent")).to_be_visible()
    body = plain.get_by_label("Join the discussion")
    await expect(body).to_have_value(words)
    await body.fill("Fewer words.")
    await plain.get_by_role("button", name="Post comment").click()
    await expect(plain.get_by_role("heading", name="Your comment is posted")).to_be_visible()


async def test_the_page_of_its_own(plain: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.posts(3)
    thread = (await discussion.read())["thread"]["id"]
    await plain.goto(f"{stage.url}/t/{thread}")
    await expect(plain.get_by_role("link", name=discussion.address)).to_be_visible()
    await plain.get_by_label("Search in this discussion").fill("comment 2")
    await plain.get_by_role("button", name="Search").click()
    await expect(plain.locator("article.comment")).to_have_count(1)
    await plain.get_by_role("link", name="In its place").click()
    await expect(comment(plain, "Comment 2")).to_be_visible()
    await plain.get_by_role("radio", name="Off topic").check()
    await plain.get_by_role("button", name="Send report").click()
    await expect(plain.get_by_role("heading", name="Thank you")).to_be_visible()
    await plain.get_by_role("link", name="Back to the discussion").click()
    await plain.get_by_role("link", name="Newest").click()
    await expect(plain.locator("article.comment").first).to_contain_text("Comment 3")


@pytest.mark.parametrize("width", [320, 1000])
async def test_axe_finds_nothing_wrong_with_it(new_page: NewPage, stage: Stage, watch: Watch, width: int) -> None:
    """The same documents, with scripts for axe alone: what stands in `noscript` is taken out of it first."""
    watch.explain("status of 422", "a text is refused on purpose")
    discussion = await stage.discussion()
    made = await discussion.post("A comment")
    thread = (await discussion.read())["thread"]["id"]
    page = await new_page(viewport={"width": width, "height": 800})
    for address in (f"/t/{thread}", f"/t/{thread}?comment={made}", f"/t/{thread}?q=comment"):
        await page.goto(f"{stage.url}{address}")
        await page.evaluate(
            """() => document.querySelectorAll("noscript").forEach((each) => {
              const piece = document.createElement("template");
              piece.innerHTML = each.textContent;
              each.replaceWith(piece.content);
            })"""
        )
        assert await faults(page) == [], address
        assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), address
    await page.locator("form[aria-label='Write a comment']").evaluate(
        "form => { form.noValidate = true; form.submit() }"
    )
    await expect(page.get_by_role("heading", name="It was not sent")).to_be_visible()
    assert await faults(page) == []
