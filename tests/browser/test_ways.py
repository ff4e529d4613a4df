"""Readers' accounts behind TLS, below an article of another site: passkeys, and a cookie where nothing else is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Frame, Page, async_playwright, expect

from service.sites import Site
from tests.browser.chromium import find, flags_with
from tests.browser.conftest import PATIENCE
from tests.browser.host import Host
from tests.browser.reader import comment, composer, open_article, send, write
from tests.browser.stage import Discussion, Stage, staged
from tests.browser.test_entering import _code
from tests.browser.test_own_page import looks_right
from tests.browser.watch import Watch
from tests.servers.tls import tls

NEWS, PARLEY = "news.test", "comments.test"
_SETTINGS = {"readers": {"email": True}, "posting": {"who": "members"}}
# What a frame of another site may keep in this browser besides cookies: null where it may not.
_STORED = "() => { try { return Object.keys(localStorage) } catch { return null } }"
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Served:
    """A Parley at https://comments.test and a newspaper at https://news.test, and a browser that finds both."""

    stage: Stage
    browser: Browser

    async def discussion(self) -> Discussion:
        """An article of a site of its own."""
        site: Site = await self.stage.site(_SETTINGS, [f"https://{NEWS}"])
        path, there = f"/{site.name}/tram", f"https://{NEWS}/{site.name}/tram"
        self.stage.host.article(path, parley=f"https://{PARLEY}", site=site.name, url=there)
        return Discussion(self.stage, site, there)


@pytest.fixture(scope="module")
async def served(host: Host, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One Parley and one browser for both stories."""
    program = find()
    if program is None:
        pytest.skip("there is no Chromium: apt install chromium, or name one with PARLEY_CHROMIUM")
    folder = tmp_path_factory.mktemp("ways")
    async with (
        async_playwright() as playwright,
        staged(folder, host, more={"PARLEY_PUBLIC_URL": f"https://{PARLEY}"}) as stage,
        tls(folder, {NEWS: host.port, PARLEY: stage.port}, stage.port) as port,
    ):
        browser = await playwright.chromium.launch(executable_path=program, args=flags_with([NEWS, PARLEY], port))
        yield Served(stage, browser)
        await browser.close()


@pytest.fixture
def watch() -> Watch:
    """Nobody but the newspaper and Parley is asked for anything."""
    return Watch([NEWS, PARLEY])


@pytest.fixture
async def page(served: Served, watch: Watch) -> AsyncIterator[Page]:
    """A reader on a phone."""
    context = await served.browser.new_context(reduced_motion="reduce", viewport={"width": 390, "height": 780})
    context.set_default_timeout(PATIENCE)
    watch.follow(context)
    yield await context.new_page()
    await context.close()
    assert not watch.problems, "\n".join(watch.problems)


async def signed_in(page: Page, served: Served, discussion: Discussion) -> Frame:
    """Sign in with a code, in the frame below the article."""
    frame = await open_article(page, discussion.address)
    await frame.get_by_role("button", name="Sign in by e-mail").click()
    form, email = frame.locator("form[data-enter]"), f"{discussion.site.name}@nobody.test"
    await form.get_by_label("E-mail").fill(email)
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_label("Code")).to_be_focused()
    await form.get_by_label("Code").fill(await _code(served.stage, discussion, email))
    await form.get_by_label("Name").fill("Ada")
    await form.get_by_role("button", name="Sign in").click()
    await expect(composer(frame)).to_be_visible()
    return frame


async def authenticator(page: Page, keys: list[dict[str, Any]]) -> tuple[CDPSession, str]:
    """A virtual authenticator in a page, that holds these passkeys."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    for key in keys:
        await devtools.send("WebAuthn.addCredential", {"authenticatorId": made["authenticatorId"], "credential": key})
    return devtools, made["authenticatorId"]


async def test_a_session_outlives_the_page_where_only_a_partitioned_cookie_may_be_kept(
    page: Page, served: Served
) -> None:
    discussion = await served.discussion()
    frame = await open_article(page, discussion.address)
    assert await frame.evaluate(_STORED) is None, "this browser lets frames of others store: the test proves nothing"
    assert await page.context.cookies() == []
    frame = await signed_in(page, served, discussion)
    kept = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    name = discussion.site.name
    assert kept.keys() == {f"__Host-parley-reader-{name}", f"__Host-parley-in-{name}"}
    for cookie in kept.values():
        assert (cookie["secure"], cookie["sameSite"], cookie.get("partitionKey")) == (True, "None", f"https://{NEWS}")
    assert kept[f"__Host-parley-reader-{name}"]["httpOnly"]
    assert "reader" not in await frame.evaluate("document.cookie")

    # Another page, and nothing but the cookie: it is them still, and on no other newspaper.
    frame = await open_article(page, discussion.address)
    await expect(composer(frame)).to_be_visible()
    await write(composer(frame), "Still me.")
    await expect(composer(frame).get_by_text("Posting as: Ada")).to_be_visible()
    await send(composer(frame))
    await expect(comment(frame, "Still me.").get_by_role("button", name="Edit")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    alone = await page.context.new_page()
    alone.on("request", lambda request: asked.append(request.url))
    await alone.goto(f"https://{PARLEY}/embed?site={name}&url={discussion.address}")
    assert not [url for url in asked if "/resume" in url]
    await alone.close()

    # Out: on the server and in the browser.
    await write(composer(frame), "")
    async with page.expect_response(lambda answer: answer.url.endswith("/sign-in/session")) as ended:
        await composer(frame).get_by_role("button", name="Not you?").click()
    assert (await ended.value).status == 204
    assert await page.context.cookies() == []
    frame = await open_article(page, discussion.address)
    await expect(composer(frame)).to_be_hidden()


async def test_a_reader_adds_a_passkey_on_their_page_and_signs_in_with_it(page: Page, served: Served) -> None:
    discussion = await served.discussion()
    frame = await signed_in(page, served, discussion)
    async with page.context.expect_page() as opened:
        await frame.get_by_role("button", name="Your comments, votes and data").click()
    own = await opened.value
    devtools, device = await authenticator(own, [])
    await own.get_by_role("button", name="Open my page").click()
    await own.get_by_role("link", name="Signing in").click()
    await looks_right(own)
    await expect(own.get_by_role("button", name="Add a passkey")).to_have_count(0)
    await own.get_by_role("button", name="Send a code").click()
    await expect(own.get_by_label("Code")).to_be_focused()
    email = f"{discussion.site.name}@nobody.test"
    await own.get_by_label("Code").fill(await _code(served.stage, discussion, email))
    await looks_right(own)
    await own.get_by_role("button", name="Go on").click()
    await expect(own.get_by_role("status")).to_contain_text("It is you.")
    await own.get_by_label("What you call it").fill("My phone")
    await own.get_by_role("button", name="Add a passkey").click()
    await expect(own.get_by_role("status")).to_contain_text("It is a way into your account now.")
    await expect(own.locator("#parley").get_by_text("My phone").first).to_be_visible()
    await expect(own.get_by_text("Chrome, Linux").first).to_be_visible()
    await looks_right(own)
    await own.set_viewport_size({"width": 1100, "height": 800})
    await looks_right(own)
    found = await devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})
    assert [key["rpId"] for key in found["credentials"]] == [PARLEY]

    # Signed out everywhere; then in again with nothing but the phone.
    await own.get_by_role("button", name="Sign out there").click()
    await expect(own.get_by_role("status")).to_contain_text("You are signed out there.")
    await own.close()
    await page.context.clear_cookies()
    frame = await open_article(page, discussion.address)
    await expect(composer(frame)).to_be_hidden()
    await frame.get_by_role("button", name="Sign in by e-mail").click()
    async with page.expect_popup() as popped:
        await frame.locator("form[data-enter]").get_by_role("button", name="Use a passkey").click()
    window = await popped.value
    await expect(window.get_by_role("button", name="Use a passkey")).to_be_visible()
    await looks_right(window)
    await authenticator(window, found["credentials"])
    async with window.expect_event("close"):
        await window.get_by_role("button", name="Use a passkey").click()
    await expect(composer(frame)).to_be_visible()
    await write(composer(frame), "By my phone alone.")
    await expect(composer(frame).get_by_text("Posting as: Ada")).to_be_visible()
