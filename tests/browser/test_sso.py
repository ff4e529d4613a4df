"""A site signs its readers in: in a frame of another site, with nothing stored and no cookie, and out again."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from service import keys
from service.kit.seal import Keeper
from service.record import TERMINAL
from service.sites import Site
from tests.browser.reader import comment, composer, open_article, send, write
from tests.browser.stage import Stage
from tests.browser.watch import Watch
from tests.servers.parley import SECRET
from tests.stories.sso.signing import at, claims, signed

_EVENTS = """() => {
  window.heard = [];
  for (const name of ["signed-in", "signed-out", "sso-expired", "sso-refused"])
    document.addEventListener(`parley:${name}`, () => window.heard.push(name));
}"""
# Storage of the frame is partitioned or forbidden, as the browser likes; a session must be in neither.
_KEPT = """() => {
  try { return JSON.stringify([localStorage, sessionStorage, document.cookie]) } catch { return "forbidden" }
}"""
_FORBID = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("", "SecurityError") } });
Object.defineProperty(Document.prototype, "cookie", { get: () => "", set() {} });
"""


async def _secret(stage: Stage, site: Site) -> str:
    _, secret = await stage.db.transact(keys.create, Keeper(SECRET), site.id, "Site", ["sso"], by=TERMINAL)
    assert secret is not None
    return secret


async def _heard(page: Page, name: str) -> None:
    await page.wait_for_function("(name) => window.heard.includes(name)", arg=name)


async def _update(page: Page, sso: str | None) -> None:
    await page.evaluate("(sso) => { window.heard.length = 0; Parley.update({ sso }) }", sso)


async def test_a_reader_of_the_site_is_signed_in_silently_and_out_again(page: Page, stage: Stage, watch: Watch) -> None:
    settings: dict[str, Any] = {
        "posting": {"who": "sso"},
        "sso": {"name": "Courier ID", "login_url": "https://news.test/in", "logout_url": "https://news.test/out"},
    }
    discussion = await stage.discussion(settings)
    secret, name = await _secret(stage, discussion.site), discussion.site.name
    await page.add_init_script(_FORBID)
    frame = await open_article(page, discussion.address)
    await page.evaluate(_EVENTS)

    # Nobody yet: told so, and where to sign in; what one writes with is not shown.
    await expect(frame.get_by_text("Only members can write here.")).to_be_visible()
    door = frame.get_by_role("link", name="Sign in with Courier ID")
    await expect(door).to_have_attribute("href", "https://news.test/in")
    await expect(composer(frame)).to_be_hidden()

    # The page hands over what its server signed.
    await _update(page, signed(secret, claims(name, name="Zoë")))
    await _heard(page, "signed-in")
    await expect(composer(frame)).to_be_visible()
    await expect(door).to_be_hidden()
    await write(composer(frame), "From the site's own reader.")
    await expect(composer(frame).get_by_text("Posting as: Zoë")).to_be_visible()
    await expect(composer(frame).get_by_role("link", name="Sign out")).to_have_attribute(
        "href", "https://news.test/out"
    )
    await expect(composer(frame).get_by_role("button", name="Not you?")).to_be_hidden()
    await send(composer(frame))
    mine = comment(frame, "From the site's own reader.")
    await expect(mine.get_by_role("button", name="Edit")).to_be_visible()
    assert (await discussion.read())["items"][0]["author"]["name"] == "Zoë"
    assert await frame.evaluate(_KEPT) == "forbidden"

    # Another view in the frame is another document: it is told again, and nobody is signed out by it.
    await page.evaluate("() => { window.heard.length = 0 }")
    await frame.evaluate("() => location.reload()")
    await _heard(page, "signed-in")
    await expect(mine.get_by_role("button", name="Edit")).to_be_visible()

    # A token too late is asked for anew, and the reader is not shown as somebody meanwhile.
    watch.explain("status of 40[13].*/sso", "that token is not taken")
    await _update(page, signed(secret, claims(name, iat=at(-700), exp=at(-100))))
    await _heard(page, "sso-expired")
    await expect(composer(frame)).to_be_hidden()
    await expect(mine.get_by_role("button", name="Edit")).to_have_count(0)
    await _update(page, signed("another secret of thirty-two bytes.", claims(name)))
    await _heard(page, "sso-refused")
    await _update(page, signed(secret, claims(name, sub="5", name="Yan")))
    await _heard(page, "signed-in")
    await expect(frame.get_by_role("status").get_by_text("You are signed in as Yan.")).to_be_attached()
    await expect(mine.get_by_role("button", name="Edit")).to_have_count(0)

    # And out.
    await _update(page, None)
    await _heard(page, "signed-out")
    await expect(composer(frame)).to_be_hidden()
    await expect(door).to_be_visible()


async def test_where_everybody_may_write_a_guest_stays_one(page: Page, stage: Stage) -> None:
    """Who was a guest before is that guest again after, and nothing of the member is kept."""
    discussion = await stage.discussion({"sso": {"login_url": "https://news.test/in"}})
    token = signed(await _secret(stage, discussion.site), claims(discussion.site.name, name="Zoë"))
    frame = await open_article(page, discussion.sibling)
    await page.evaluate(_EVENTS)
    await write(composer(frame), "As a guest.", "Gus")
    await expect(composer(frame).get_by_role("link", name="Sign in")).to_be_visible()
    await send(composer(frame))
    await expect(comment(frame, "As a guest.").get_by_role("button", name="Edit")).to_be_visible()
    before = await frame.evaluate(_KEPT)
    await _update(page, token)
    await _heard(page, "signed-in")
    await expect(comment(frame, "As a guest.").get_by_role("button", name="Edit")).to_have_count(0)
    await write(composer(frame), "As a member.")
    await send(composer(frame))
    await expect(comment(frame, "As a member.").get_by_role("button", name="Edit")).to_be_visible()
    assert await frame.evaluate(_KEPT) == before
    await _update(page, None)
    await _heard(page, "signed-out")
    await expect(comment(frame, "As a guest.").get_by_role("button", name="Edit")).to_be_visible()
    await expect(comment(frame, "As a member.").get_by_role("button", name="Edit")).to_have_count(0)
    await write(composer(frame), "A guest again.")
    await expect(composer(frame).get_by_text("Posting as: Gus")).to_be_visible()
    names = {item["author"]["name"] for item in (await discussion.read())["items"]}
    assert names == {"Gus", "Zoë"}
