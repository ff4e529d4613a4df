"""A reader signs in with a code by mail, in the frame, where cookies and storage are forbidden and where not."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from service import readers
from service.kit.db import ReadTx
from service.kit.seal import Keeper
from tests.browser.reader import comment, composer, open_article, send, write
from tests.browser.stage import Discussion, Stage
from tests.browser.test_sso import _FORBID, _KEPT
from tests.browser.watch import Watch
from tests.servers.parley import SECRET
from tests.servers.provider import provider


async def _code(stage: Stage, discussion: Discussion, to: str) -> str:
    """The code in the mail to an address, as the worker writes it (tests/stories/readers reads the mail itself)."""

    async def look(tx: ReadTx) -> str:
        asked = {"site": discussion.site.id}
        found = await (await tx.connection()).execute(
            text("SELECT ask_hash FROM reader_code WHERE site_id = :site"), asked
        )
        letter = await readers.letter_for(tx, Keeper(SECRET), found.scalar_one(), {discussion.site.id: "Courier"})
        assert letter is not None
        assert letter[0] == to
        code = re.search(r"\d{4} \d{4}", letter[2])
        assert code is not None
        return code[0]

    return await stage.db.read(look)


@pytest.mark.parametrize("storage", ["forbidden", "allowed"])
async def test_a_reader_signs_in_with_a_code(page: Page, stage: Stage, watch: Watch, storage: str) -> None:
    discussion = await stage.discussion({"readers": {"email": True}, "posting": {"who": "members"}})
    if storage == "forbidden":
        await page.add_init_script(_FORBID)
    frame = await open_article(page, discussion.address if storage == "forbidden" else discussion.sibling)
    await expect(composer(frame)).to_be_hidden()
    await frame.get_by_role("button", name="Sign in by e-mail").click()
    form = frame.locator("form[data-enter]")
    email = f"{discussion.site.name}@nobody.test"
    await form.get_by_label("E-mail").fill(email)
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_label("Code")).to_be_focused()

    watch.explain("status of 40[13].*/sign-in|status of 422.*/sign-in", "a wrong code, and one without a name")
    await form.get_by_label("Code").fill("0000 0000")
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_text("This code is not right")).to_be_visible()
    await form.get_by_label("Code").fill(await _code(stage, discussion, email))
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_text("Say what you want to be called here.")).to_be_visible()
    await expect(form.get_by_label("Name")).to_be_focused()
    await form.get_by_label("Name").fill("Ada")
    await form.get_by_role("button", name="Sign in").click()

    await expect(composer(frame)).to_be_visible()
    await write(composer(frame), "With an account of my own.")
    await expect(composer(frame).get_by_text("Posting as: Ada")).to_be_visible()
    await send(composer(frame))
    await expect(comment(frame, "With an account of my own.").get_by_role("button", name="Edit")).to_be_visible()
    assert await page.context.cookies() == []
    assert ("reader:" in await frame.evaluate(_KEPT)) == (storage == "allowed")
    if storage == "forbidden":
        return

    # On the next page still there, until the reader says that it is not them.
    frame = await open_article(page, discussion.sibling)
    mine = comment(frame, "With an account of my own.")
    await expect(mine.get_by_role("button", name="Edit")).to_be_visible()
    await write(composer(frame), "")
    async with page.expect_response(lambda answer: answer.url.endswith("/sign-in/session")) as ended:
        await composer(frame).get_by_role("button", name="Not you?").click()
    assert (await ended.value).status == 204
    await expect(composer(frame)).to_be_hidden()
    await expect(mine.get_by_role("button", name="Edit")).to_have_count(0)
    assert "reader:" not in await frame.evaluate(_KEPT)


async def test_a_reader_signs_in_in_a_window_at_a_provider(page: Page, stage: Stage, watch: Watch) -> None:
    """In a frame of another site, without cookies and storage there: the window hands over, and closes."""
    settings = {"readers": {"providers": ["mock"]}, "posting": {"who": "members"}}
    discussion = await stage.discussion(settings)
    await page.add_init_script(_FORBID)
    await page.context.route("**://cdn.jsdelivr.net/**", lambda route: route.fulfill(status=200, body=""))
    watch.explain("cdn.jsdelivr.net", "the provider's page is dressed by others")
    frame = await open_article(page, discussion.address)
    await frame.get_by_role("button", name="Sign in").click()
    form = frame.locator("form[data-enter]")
    await expect(form.get_by_label("E-mail")).to_be_hidden()
    with provider({"sub": "ada", "name": "Ada L."}, port=stage.provider_port):
        async with page.expect_popup() as opened:
            await form.get_by_role("button", name="Sign in with Mock").click()
        window = await opened.value
        async with window.expect_event("close"):
            await window.get_by_role("button", name="ada", exact=True).click()
    await expect(composer(frame)).to_be_visible()
    await write(composer(frame), "By way of a provider.")
    await expect(composer(frame).get_by_text("Posting as: Ada L.")).to_be_visible()
    await send(composer(frame))
    await expect(comment(frame, "By way of a provider.").get_by_role("button", name="Edit")).to_be_visible()
    assert await page.context.cookies() == []
