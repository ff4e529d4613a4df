"""Guests write, see it at once, change it and take it back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.host import Host
from tests.browser.reader import comment, composer, open_article, post, reply, send, write
from tests.browser.stage import Stage, staged
from tests.browser.watch import Watch
from tests.servers.postgres import PostgresCluster
from tests.servers.redis import RedisServer


async def test_a_guest_writes_and_everybody_reads_it(new_page: NewPage, stage: Stage) -> None:
    await _a_guest_writes(new_page, stage)


async def test_the_same_on_postgresql(
    new_page: NewPage, host: Host, tmp_path: Path, postgres_of_run: PostgresCluster, redis_of_run: RedisServer
) -> None:
    url = postgres_of_run.create_database()
    async with staged(tmp_path, host, database_url=url, redis_url=redis_of_run.url) as stage:
        await _a_guest_writes(new_page, stage)


async def _a_guest_writes(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    page = await new_page()
    frame = await open_article(page, discussion.address)
    await expect(frame.get_by_text("No comments yet")).to_be_visible()

    new = await post(frame, "I *like* trams, 🚋 and all.\n\nReally.", name="Zoë O’Neill")
    await expect(new.locator(".name")).to_have_text("Zoë O’Neill")
    await expect(new.locator("em")).to_have_text("like")
    await expect(new).to_be_focused()
    await expect(frame.get_by_text("No comments yet")).to_have_count(0)
    await expect(frame.get_by_role("heading", name="Comments 1")).to_be_visible()
    await expect(frame.locator("[data-status]")).to_have_text("Your comment is posted.")
    await expect(composer(frame).locator("[name=body]")).to_have_value("")
    await expect(composer(frame).get_by_text("Posting as: Zoë O’Neill")).to_be_visible()

    answer = await reply(frame, new, "And to myself")
    await expect(answer.locator(".name")).to_have_text("Zoë O’Neill")
    assert await answer.evaluate("(answer) => answer.closest('.replies').parentElement.textContent.includes('trams')")
    await expect(frame.get_by_role("heading", name="Comments 2")).to_be_visible()
    assert ["count", 2] in await page.evaluate("window.heard")

    other = await open_article(await new_page(), discussion.address)
    await expect(comment(other, "And to myself")).to_be_visible()
    await expect(comment(other, "I like trams").locator(".name")).to_have_text("Zoë O’Neill")
    assert await other.get_by_role("button", name="Edit").count() == 0


async def test_the_first_comment_gives_the_discussion_the_title_of_the_article(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion(title="Lids for gulls")
    await post(await open_article(page, discussion.address), "First", name="Ida")
    assert (await discussion.read())["thread"]["title"] == "Lids for gulls"


async def test_an_own_comment_is_changed_in_its_place(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(await new_page(), discussion.address)
    new = await post(frame, "I wrote this *wrong*", name="Ida")
    await expect(new.locator("[data-until]")).to_have_text(re.compile(r"^1[45]:\d\d left$"))

    await new.get_by_role("button", name="Edit").click()
    form = new.locator("form.composer")
    await expect(form.locator("[name=body]")).to_have_value("I wrote this *wrong*")
    await expect(form.locator("[name=body]")).to_be_focused()
    await write(form, "Now it is *right*")
    await form.get_by_role("button", name="Save changes").click()
    changed = comment(frame, "Now it is right")
    await expect(changed).to_be_focused()
    await expect(changed.get_by_text("edited")).to_be_visible()
    await expect(changed.get_by_role("button", name="Edit")).to_be_visible()
    assert await comment(frame, "wrong").count() == 0

    await changed.get_by_role("button", name="Edit").click()
    await write(changed.locator("form.composer"), "Not after all")
    await changed.get_by_role("button", name="Cancel").click()
    await expect(changed.locator(".body")).to_have_text("Now it is right")
    await expect(changed.get_by_role("button", name="Edit")).to_be_focused()

    other = await open_article(await new_page(), discussion.address)
    await expect(comment(other, "Now it is right").get_by_text("edited")).to_be_visible()


async def test_an_own_comment_is_taken_back(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("Somebody else's")
    frame = await open_article(page, discussion.address)
    new = await post(frame, "Regrets", name="Ida")
    await new.get_by_role("button", name="Delete").click()
    await new.get_by_role("button", name="Keep it").click()
    await expect(new.get_by_role("button", name="Delete")).to_be_focused()
    await new.get_by_role("button", name="Delete").click()
    await new.locator("[data-sure]").get_by_role("button", name="Delete").click()
    await expect(comment(frame, "Regrets")).to_have_count(0)
    await expect(frame.get_by_role("heading", name="Comments 1")).to_be_visible()
    await expect(comment(frame, "Somebody else's")).to_be_focused()
    assert "Regrets" not in str(await discussion.read())


async def test_a_comment_with_answers_leaves_its_place(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.sibling)
    new = await post(frame, "Regrets", name="Ida")
    number = (await new.get_attribute("id") or "").removeprefix("comment-")
    await discussion.post("An answer", parent=number)
    frame = await open_article(page, discussion.sibling)
    await comment(frame, number).get_by_role("button", name="Delete").click()
    await comment(frame, number).locator("[data-sure]").get_by_role("button", name="Delete").click()
    await expect(comment(frame, "An answer")).to_be_visible()
    await expect(comment(frame, number)).to_contain_text("deleted")
    await expect(comment(frame, number)).to_be_focused()
    assert await comment(frame, number).get_by_role("button", name="Reply").count() == 0
    frame = await open_article(page, discussion.sibling)
    await expect(comment(frame, number)).to_contain_text("The author has deleted this comment.")
    await expect(comment(frame, "An answer")).to_be_visible()


async def test_the_window_for_changes_ends(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"posting": {"edit_seconds": 2}})
    frame = await open_article(page, discussion.address)
    new = await post(frame, "Quick now", name="Ida")
    await expect(new.get_by_role("button", name="Edit")).to_be_visible()
    await expect(new.get_by_role("button", name="Edit")).to_have_count(0)
    await expect(new).to_be_visible()


async def test_own_comments_are_still_own_after_a_reload(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.sibling)
    await post(frame, "Mine for a while", name="Ida")
    await page.reload()
    frame = await open_article(page, discussion.sibling)
    mine = comment(frame, "Mine for a while")
    await expect(mine.get_by_role("button", name="Edit")).to_be_visible()
    await expect(composer(frame).locator("[data-signed]")).to_contain_text("Posting as: Ida")
    await mine.get_by_role("button", name="Edit").click()
    await write(mine.locator("form.composer"), "Changed after the reload")
    await mine.get_by_role("button", name="Save changes").click()
    await expect(comment(frame, "Changed after the reload")).to_be_visible()


async def test_not_you(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.sibling)
    await post(frame, "First", name="Ida")
    await composer(frame).locator("[name=body]").focus()
    await composer(frame).get_by_role("button", name="Not you?").click()
    await expect(composer(frame).locator("[name=name]")).to_be_focused()
    second = await post(frame, "Second", name="Another")
    await expect(second.locator(".name")).to_have_text("Another")
    await expect(comment(frame, "First").locator(".name")).to_have_text("Ida")


@pytest.mark.parametrize("answers", [False, True])
async def test_an_unsent_text_survives_a_reload(page: Page, stage: Stage, *, answers: bool) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("What is answered")
    frame = await open_article(page, discussion.sibling)

    async def opened() -> None:
        if answers:
            await comment(frame, number).get_by_role("button", name="Reply to").click()

    await opened()
    form = comment(frame, number).locator("form.composer") if answers else composer(frame)
    await write(form, "Half a thought, and an\nunfinished")
    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await opened()
    form = comment(frame, number).locator("form.composer") if answers else composer(frame)
    await expect(form.locator("[name=body]")).to_have_value("Half a thought, and an\nunfinished")
    await expect(form.get_by_text("Your unsent text is back.")).to_be_visible()
    await form.get_by_role("button", name="Discard it").click()
    await expect(form.locator("[name=body]")).to_have_value("")
    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await expect(composer(frame).locator("[name=body]")).to_have_value("")


@pytest.mark.parametrize("earlier", [0, 1])
async def test_an_answer_that_got_lost(page: Page, stage: Stage, watch: Watch, earlier: int) -> None:
    """The server has the comment, the reader doesn't know: trying again, after a reload too, must not post it twice."""
    watch.explain(r"(ERR_CONNECTION_RESET|status of 422) .*/comments", "the connection breaks before the answer")
    discussion = await stage.discussion()
    await discussion.posts(earlier)
    frame = await open_article(page, discussion.sibling)
    form = composer(frame)
    keys: list[str | None] = []

    async def lose_the_answer(route: Route) -> None:
        keys.append(await route.request.header_value("Idempotency-Key"))
        assert (await route.fetch()).status == 201
        await route.abort("connectionreset")

    await page.route("**/api/v1/comments?*", lose_the_answer, times=1)
    await write(form, "Only once", name="Ida")
    await send(form)
    await expect(form.locator("[data-problem]")).to_contain_text("Your text is kept")
    await expect(form.locator("[name=body]")).to_have_value("Only once")
    assert len(await discussion.bodies()) == earlier + 1

    # Nobody has to press anything again: what waited is sent by itself, under the key it had.
    async with page.expect_request(lambda request: request.method == "POST") as asked:
        await page.reload()
        frame = await open_article(page, discussion.sibling)
    form = composer(frame)
    keys.append(await (await asked.value).header_value("Idempotency-Key"))
    await expect(form.locator("[name=body]")).to_have_value("")
    await expect(frame.locator("article.comment")).to_have_count(earlier + 1)
    await expect(comment(frame, "Only once").get_by_role("button", name="Edit")).to_be_visible()
    assert len(await discussion.bodies()) == earlier + 1
    assert len(set(keys)) == 1
    assert None not in keys
