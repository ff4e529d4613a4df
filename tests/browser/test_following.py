"""Asking for mail in the frame: with a comment, and of a whole discussion; nothing of it where the site sends none."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.reader import comment, composer, open_article, send, write
from tests.browser.stage import Stage


async def test_replies_with_a_comment_and_the_whole_discussion(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"mail": {"enabled": True}})
    frame = await open_article(page, discussion.sibling)
    form, follow = composer(frame), frame.get_by_role("button", name="Follow by mail")
    await expect(follow).to_be_hidden()  # nobody has written yet
    await write(form, "Answer me.", "Ada")
    wish = form.get_by_label("Mail me replies to me here")
    await expect(wish).not_to_be_checked()
    await wish.check()
    await send(form)
    await expect(form.get_by_text("To get mail, give your e-mail address.")).to_be_visible()
    await expect(form.get_by_label("E-mail")).to_be_focused()
    await form.get_by_label("E-mail").fill(f"ada@{discussion.site.name}.test")
    await send(form)
    await expect(comment(frame, "Answer me.").get_by_text("A mail with a link is on its way")).to_be_visible()

    await follow.press("Enter")
    asked = frame.locator("form[data-follow]")
    # What was asked for already is chosen, and the address is known.
    await expect(asked.get_by_label("Replies to you")).to_be_checked()
    await expect(asked.get_by_label("E-mail")).to_be_hidden()
    assert await faults(frame) == []
    await asked.get_by_label("Every new comment").check()
    await asked.get_by_role("button", name="Cancel").press("Enter")
    await expect(follow).to_be_focused()
    await follow.click()
    await asked.get_by_label("Nothing").check()
    await asked.get_by_role("button", name="Save").click()
    told = frame.get_by_text("You will get no mail about this discussion.").first
    await expect(told).to_be_focused()

    # Whoever gets mail is not mailed of a muted author either; the same press takes both back.
    bob = await discussion.post("Shouting", name="Bob")
    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await comment(frame, bob).get_by_role("button", name="Report").click()
    async with page.expect_response(lambda answer: answer.url.endswith("/api/v1/subscriptions")) as noted:
        await comment(frame, bob).get_by_role("button", name="Mute this author").click()
    wish = await (await noted.value).json()
    assert wish["subscription"]["kind"] == "muted"
    async with page.expect_response(lambda answer: f"/me/mail/{wish['subscription']['id']}" in answer.url) as ended:
        await comment(frame, bob).get_by_role("button", name="Unmute Bob").click()
    assert (await ended.value).status == 204
    await expect(comment(frame, bob).locator(".body")).to_be_visible()

    silent = await open_article(page, (await stage.discussion()).address)
    await expect(silent.get_by_label("Mail me replies to me here")).to_have_count(0)
    await expect(silent.get_by_role("button", name="Follow by mail")).to_have_count(0)
