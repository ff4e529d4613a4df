"""The moderators' plain pages: signing in, the queue, deciding; with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, open_article
from tests.browser.stage import Discussion, Stage
from tests.browser.watch import Watch
from tests.world import some_address

_SCREENED = {"screening": {"suspect_words": ["casino"]}}


async def _signed_in(new_page: NewPage, link: str, **context: Any) -> Page:
    """A moderator's plain page, from an address of their own. Without a script one gets there by oneself."""
    page = await new_page(extra_http_headers={"X-Forwarded-For": some_address()}, **context)
    await page.goto(link)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    if context.get("java_script_enabled", True):
        await page.goto(page.url.replace("/console", "/console/plain"))
    await expect(page).to_have_url(re.compile(r"/console/plain$"))
    return page


def _case(page: Page, author: str) -> Locator:
    return page.get_by_role("article", name=author, exact=True)


async def _desk(stage: Stage) -> Discussion:
    """A discussion with one comment held and one reported."""
    discussion = await stage.discussion(_SCREENED, title="Lids for gulls")
    bad = await discussion.post("You are a gull", name="Rude", title="Lids for gulls")
    await discussion.report(bad, "abuse", "He called me a gull.")
    await discussion.report(bad, "spam")
    await discussion.post("Come to my casino", name="Goldie")
    return discussion


async def test_a_link_signs_in_once_and_only_by_the_button(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await _desk(stage)
    link = await discussion.moderator()
    page = await new_page(extra_http_headers={"X-Forwarded-For": some_address()})
    for _ in range(3):
        await page.goto(link)
        await expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert await page.context.cookies() == [], "looking at the link signs nobody in"
    await page.goto(f"{stage.url}/console")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Goldie" not in await page.content()

    await page.goto(link)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    (cookie,) = await page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"

    watch.explain("status of 403.*/console/enter", "the link was used")
    other = await new_page(extra_http_headers={"X-Forwarded-For": some_address()})
    await other.goto(link)
    await other.get_by_role("button", name="Sign in").click()
    await expect(other.get_by_role("alert")).to_contain_text("used already")
    assert await other.context.cookies() == []


async def test_asking_for_a_link(new_page: NewPage, stage: Stage) -> None:
    """The page says the same to everybody; a mail goes to those who are known."""
    discussion = await stage.discussion()
    await discussion.moderator("Mona")
    page = await new_page(extra_http_headers={"X-Forwarded-For": some_address()}, java_script_enabled=False)
    said = []
    for email in ("nobody@nowhere.test", f"mona@{discussion.site.name}.test"):
        await page.goto(f"{stage.url}/console")
        await page.get_by_label("E-mail address").fill(email)
        await page.get_by_role("button", name="Send me a link").click()
        said.append((await page.get_by_role("status").inner_text()).replace(email, "…"))
    assert said[0] == said[1]


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_queue_is_worked(new_page: NewPage, stage: Stage, *, javascript: bool) -> None:
    discussion = await _desk(stage)
    page = await _signed_in(new_page, await discussion.moderator(), java_script_enabled=javascript)
    await expect(page.get_by_text("2 comments wait for a decision")).to_be_visible()
    held, reported = _case(page, "Goldie"), _case(page, "Rude")
    await expect(held).to_contain_text("Held before publication")
    await expect(held).to_contain_text("casino")
    await expect(reported).to_contain_text("Reported by readers")
    await expect(reported).to_contain_text("Insults or harassment")
    await expect(reported).to_contain_text("He called me a gull.")
    await expect(reported).to_contain_text("Spam or advertising")
    await expect(reported).to_contain_text("readers see it")
    await expect(held.get_by_role("link", name="Lids for gulls")).to_have_attribute(
        "href", re.compile(r"#comment-\d+$")
    )

    await page.get_by_role("button", name="Take the next ones").click()
    await expect(page.get_by_text("Yours until")).to_have_count(2)
    await _case(page, "Rude").get_by_role("button", name="Give back").click()
    await expect(page.get_by_text("Yours until")).to_have_count(1)

    await _case(page, "Goldie").get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("status")).to_have_text("Approved.")
    await expect(page.get_by_text("1 comment waits for a decision")).to_be_visible()
    await _case(page, "Rude").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status")).to_have_text("Removed.")
    await expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()

    reader = await open_article(await new_page(), discussion.address)
    await expect(comment(reader, "Come to my casino")).to_be_visible()
    assert "gull</p>" not in await reader.content()

    await page.get_by_role("link", name="Log").click()
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Mona")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Remove")
    await expect(page.get_by_role("row").nth(2)).to_contain_text("Approve")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await page.context.cookies() == []
    await page.goto(f"{stage.url}/console/plain/log")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_rejected_comment_is_seen_by_nobody(new_page: NewPage, stage: Stage) -> None:
    discussion = await _desk(stage)
    page = await _signed_in(new_page, await discussion.moderator())
    await _case(page, "Goldie").get_by_role("button", name="Reject").click()
    await expect(page.get_by_role("status")).to_have_text("Rejected.")
    reader = await open_article(await new_page(), discussion.address)
    await expect(comment(reader, "You are a gull")).to_be_visible()
    assert "casino" not in await reader.content()


async def test_two_moderators_and_one_case(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await _desk(stage)
    mona = await _signed_in(new_page, await discussion.moderator("Mona"))
    nils = await _signed_in(new_page, await discussion.moderator("Nils"))
    await _case(mona, "Goldie").get_by_role("button", name="Approve").click()
    await expect(mona.get_by_role("status")).to_have_text("Approved.")
    watch.explain("status of 409.*/console/decide", "Mona was first")
    await _case(nils, "Goldie").get_by_role("button", name="Reject").click()
    await expect(nils.locator("main")).to_contain_text(re.compile(r"Mona approved it on \d+ \w+ 2\d{3} at \d\d:\d\d"))
    await nils.get_by_role("link", name="Back to the queue").click()
    await expect(_case(nils, "Goldie")).to_have_count(0)
    reader = await open_article(await new_page(), discussion.address)
    await expect(comment(reader, "Come to my casino")).to_be_visible()

    await nils.get_by_role("button", name="Take the next ones").click()
    await expect(nils.get_by_text("Yours until")).to_have_count(1)
    await mona.reload()
    await expect(_case(mona, "Rude")).to_contain_text("Nils is looking at this until")
    assert await _case(mona, "Rude").get_by_role("button").count() == 0


async def test_a_comment_that_its_author_changed_meanwhile(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await _desk(stage)
    held = await discussion.post("Another casino", name="Fickle")
    page = await _signed_in(new_page, await discussion.moderator())
    answer = await stage.client.patch(
        f"/api/v1/comments/{held}",
        json={"body": "Another casino, and worse"},
        headers={"Authorization": f"Bearer {discussion.token}"},
    )
    assert answer.status_code == 202, answer.text
    watch.explain("status of 409.*/console/decide", "the text is another one")
    await _case(page, "Fickle").get_by_role("button", name="Approve").click()
    await expect(page.locator("main")).to_contain_text("Its author edited it")
    assert "casino" not in str(await discussion.read())


async def test_a_stranger_cannot_decide(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    """Another site's moderator, and a page of somebody else's that knows the form."""
    discussion = await _desk(stage)
    elsewhere = await stage.discussion()
    page = await _signed_in(new_page, await elsewhere.moderator("Otto"))
    await expect(page.get_by_text("Nothing waits")).to_have_count(2)
    assert "Goldie" not in await page.content()

    mona = await _signed_in(new_page, await discussion.moderator("Mona"))
    number = await _case(mona, "Goldie").get_attribute("id") or ""
    stage.host.put(
        "/forged",
        f"<!doctype html><form method=post action='{stage.url}/console/decide'>"
        f"<input name=comment value='{number.removeprefix('case-')}'><input name=version value=1>"
        "<button name=action value=approve>Win a gull</button></form>",
    )
    watch.explain("status of 403.*/console/decide", "it came from another site's page")
    for origin in (stage.host.foreign, stage.host.sibling):
        await mona.goto(f"{origin}/forged")
        await mona.get_by_role("button").click()
        await mona.wait_for_url("**/console**")
        assert "Approved" not in await mona.content()
    assert "casino" not in str(await discussion.read())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
async def test_axe(new_page: NewPage, stage: Stage, watch: Watch, scheme: str, width: int) -> None:
    discussion = await _desk(stage)
    number = await discussion.post("What is answered", name="Ida")
    await discussion.post("> quoted\n\nA casino, [with](https://fine.example) `code`", name="Parent", parent=number)
    link = await discussion.moderator()
    looks: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    page = await new_page(extra_http_headers={"X-Forwarded-For": some_address()}, **looks)
    await page.goto(f"{stage.url}/console")
    assert await faults(page) == []
    await page.goto(link)
    assert await faults(page) == []
    page = await _signed_in(new_page, link, **looks)
    await page.get_by_role("button", name="Take the next ones").click()
    await expect(page.get_by_text("Yours until").first).to_be_visible()
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await _case(page, "Goldie").get_by_role("button", name="Spam").click()
    await expect(page.get_by_role("status")).to_have_text("Marked as spam.")
    assert await faults(page) == []
    await page.get_by_role("link", name="Log").click()
    assert await faults(page) == []
    watch.explain("status of 403.*/console/enter", "the link was used")
    await page.goto(link)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await faults(page) == []
