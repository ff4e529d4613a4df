"""What cannot be posted, and when nobody answers: the reader is told, and the text is never lost."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.host import Host
from tests.browser.reader import comment, composer, open_article, post, send, write
from tests.browser.stage import Stage, staged
from tests.browser.watch import Watch
from tests.servers.parley import SECRET, parley


def _one_per(span: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    return {"limits": {"post": {"address": [f"1/{span}"]}}}


async def test_nothing_is_sent_of_what_is_wrong_already(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"posting": {"max_length": 100}})
    frame = await open_article(page, discussion.address)
    form = composer(frame)
    problem = form.locator("[data-problem]")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await form.locator("[name=body]").focus()
    await send(form)
    await expect(problem).to_have_text("Write something first.")
    await expect(form.locator("[name=body]")).to_be_focused()
    await expect(form.locator("[name=body]")).to_have_attribute("aria-invalid", "true")
    await expect(frame.locator("[data-alert]")).to_have_text("Write something first.")

    await write(form, "Fine", name="")
    await send(form)
    await expect(problem).to_have_text("Please give a name. It is shown with your comment.")
    await expect(form.locator("[name=name]")).to_be_focused()

    await write(form, "Fine", name="Ida")
    await form.locator("[name=email]").fill("nowhere")
    await send(form)
    await expect(problem).to_have_text("This is not an e-mail address. You can leave it out.")
    await form.locator("[name=email]").fill("")

    # As the server counts: 98 letters and 4 signs outside the first plane are 102 characters.
    await write(form, "x" * 98 + "🚋" * 4)
    await expect(form.locator("[data-left]")).to_have_text("2 too many")
    await send(form)
    await expect(problem).to_have_text("2 characters too many.")
    await write(form, "x" * 96 + "🚋" * 4)
    await expect(form.locator("[data-left]")).to_have_text("0 characters left")
    assert [url for url in asked if "/static/" not in url] == []
    await send(form)
    await expect(frame.locator("article.comment")).to_have_count(1)
    await expect(problem).to_be_hidden()


async def test_what_only_the_server_sees(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion({"screening": {"banned_words": ["gullbrain"]}})
    frame = await open_article(page, discussion.address)
    form = composer(frame)
    watch.explain(r"status of 403 .*/comments", "the site takes no such words")
    await write(form, "You gullbrain", name="Ida")
    await send(form)
    await expect(form.locator("[data-problem]")).to_contain_text("cannot be posted here")
    await expect(form.locator("[name=body]")).to_have_value("You gullbrain")
    await expect(frame.locator("article.comment")).to_have_count(0)
    assert (await discussion.read())["items"] == []


async def test_a_limit_waits_and_then_sends(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion(_one_per("3s"))
    frame = await open_article(page, discussion.address)
    form = composer(frame)
    await post(frame, "The first", name="Ida")
    watch.explain(r"status of 429 .*/comments", "too much in a short time")
    await write(form, "The second")
    await send(form)
    await expect(form.locator("[data-send]")).to_have_text(re.compile(r"Sends in 0:0\d"))
    await expect(form.locator("[data-problem]")).to_contain_text("It will be sent in")
    await expect(form.locator("[name=body]")).to_have_value("The second")
    await expect(form.locator("[name=body]")).to_be_editable()
    await form.locator("[name=body]").press("End")
    await form.locator("[name=body]").press_sequentially(", longer")
    await expect(comment(frame, "The second, longer")).to_be_visible()
    await expect(form.locator("[data-send]")).to_have_text("Post comment")
    await expect(form.locator("[data-problem]")).to_be_hidden()
    assert len(await discussion.bodies()) == 2


async def test_a_long_wait_is_told(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion(_one_per("h"))
    frame = await open_article(page, discussion.address)
    form = composer(frame)
    await post(frame, "The first", name="Ida")
    watch.explain(r"status of 429 .*/comments", "too much in a short time")
    await write(form, "The second")
    await send(form)
    await expect(form.locator("[data-problem]")).to_have_text(re.compile(r"Try again in \d+ minutes\.$"))
    await expect(form.locator("[name=body]")).to_have_value("The second")
    await expect(form.locator("[data-send]")).to_have_text("Post comment")


async def test_a_held_comment_is_its_authors_alone(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion({"screening": {"suspect_words": ["casino"]}})
    page = await new_page()
    frame = await open_article(page, discussion.sibling)
    held = await post(frame, "Come to my casino", name="Goldie")
    await expect(held.locator(".waits")).to_contain_text("waits for a moderator. Until then only you can see it.")
    await expect(held.locator(".waits")).to_contain_text("casino")
    await expect(frame.locator("[data-status]")).to_contain_text("waits for a moderator")
    assert await held.get_by_role("button", name="Reply").count() == 0
    await expect(held.get_by_role("button", name="Edit")).to_be_visible()
    await expect(frame.locator("[data-total]")).to_have_text("")

    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await expect(comment(frame, "Come to my casino").locator(".waits")).to_be_visible()
    other = await open_article(await new_page(), discussion.address)
    await expect(other.get_by_text("No comments yet")).to_be_visible()
    assert "casino" not in await other.content()


async def test_what_is_answered_was_deleted_meanwhile(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Soon gone")
    frame = await open_article(page, discussion.address)
    await comment(frame, number).get_by_role("button", name="Reply to").click()
    form = comment(frame, number).locator("form.composer")
    await write(form, "I quite agree", name="Ida")
    await discussion.delete(number)
    watch.explain(r"status of 422 .*/comments", "there is nothing to answer any more")
    await send(form)
    await expect(form.locator("[data-problem]")).to_contain_text("The comment you answer is not there any more")
    await expect(form.locator("[name=body]")).to_have_value("I quite agree")


async def test_the_server_dies_and_comes_back(page: Page, host: Host, tmp_path: Path, watch: Watch) -> None:
    async with staged(tmp_path, host) as stage:
        discussion = await stage.discussion()
        await discussion.post("There before")
        frame = await open_article(page, discussion.address)
        form = composer(frame)
        watch.explain(
            r"ERR_(CONNECTION_\w+|EMPTY_RESPONSE) .*/(comments|static)", "the server is killed while it is asked"
        )
        # Stopped first: the post is on its way and nobody will ever answer it.
        stage.process.popen.send_signal(signal.SIGSTOP)
        await write(form, "I can wait", name="Ida")
        async with page.expect_request(lambda request: request.method == "POST"):
            await send(form)
        await expect(form.locator("[data-send]")).to_have_text("Posting…")
        stage.process.stop(signal.SIGKILL)
        await expect(form.locator("[data-problem]")).to_contain_text("Your text is kept")
        await expect(form.locator("[data-send]")).to_have_text("Try again")
        await send(form)
        await expect(form.locator("[data-problem]")).to_contain_text("Your text is kept")
        await expect(form.locator("[name=body]")).to_have_value("I can wait")

        port = int(stage.url.rpartition(":")[2])
        with parley("serve", folder=tmp_path, port=port, env={"PARLEY_SECRET_KEY": SECRET}):
            await send(form)
            await expect(comment(frame, "I can wait")).to_be_visible()
            await expect(form.locator("[name=body]")).to_have_value("")
            assert sorted(await discussion.bodies()) == ["<p>I can wait</p>", "<p>There before</p>"]


async def test_offline_and_online_again(page: Page, stage: Stage, watch: Watch) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.address)
    form = composer(frame)
    watch.explain(r"ERR_INTERNET_DISCONNECTED .*/comments", "the reader is in a tunnel")
    await write(form, "From the tunnel", name="Ida")
    await expect(form.get_by_role("toolbar")).to_be_visible()
    await page.context.set_offline(True)
    await send(form)
    await expect(form.locator("[data-send]")).to_have_text("Try again")
    await page.context.set_offline(False)
    await expect(comment(frame, "From the tunnel")).to_be_visible()
    assert await discussion.bodies() == ["<p>From the tunnel</p>"]


async def test_a_refusal_says_what_to_change(page: Page, stage: Stage, watch: Watch) -> None:
    watch.explain(r"status of 403 .*/comments", "the site takes no such words")
    discussion = await stage.discussion({"screening": {"banned_words": ["gullbrain"]}})
    frame = await open_article(page, discussion.address)
    await write(composer(frame), "You gullbrain", name="Ida")
    await send(composer(frame))
    problem = composer(frame).locator("[data-problem]")
    await expect(problem).to_contain_text("Change what is named below")
    await expect(problem).to_contain_text("gullbrain")
