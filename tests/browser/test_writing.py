"""What helps those who write, and that no word is lost whatever the connection and the storage do."""

from __future__ import annotations

import asyncio

from playwright.async_api import Dialog, Locator, Page, Route, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, composer, open_article, post, send, write
from tests.browser.stage import Stage
from tests.browser.watch import Watch

_SELECT = """
([selector, words]) => {
  const walk = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const at = walk.currentNode.data.indexOf(words)
    if (at >= 0) getSelection().setBaseAndExtent(walk.currentNode, at, walk.currentNode, at + words.length)
  }
}
"""


async def test_writing_with_tools(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    number = await discussion.post("Trams are late.\n\nAnd **crowded**, too.", name="Zoë O’Neill")
    frame = await open_article(page, discussion.sibling)
    await frame.evaluate(_SELECT, [f"#comment-{number} .body", "crowded"])
    await comment(frame, number).get_by_role("button", name="Reply to").click()
    form = comment(frame, number).locator("form.composer")
    body = form.locator("[name=body]")
    await expect(body).to_have_value("> crowded\n\n")
    await expect(body).to_be_focused()

    # By keys: marks, and marks taken away.
    tools = form.get_by_role("toolbar", name="Format the text")
    await expect(tools).to_be_visible()
    await page.keyboard.type("word")
    for _ in range(4):
        await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("Control+b")
    await expect(body).to_have_value("> crowded\n\n**word**")
    await page.keyboard.press("Control+b")
    await expect(body).to_have_value("> crowded\n\nword")
    await page.keyboard.press("Control+z")
    await expect(body).to_have_value("> crowded\n\n**word**")

    # The toolbar is one stop, and arrows move in it.
    await page.keyboard.press("Tab")
    await expect(tools.get_by_role("button", name="Bold")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(body).to_be_focused()
    await expect(body).to_have_value("> crowded\n\n***word***")
    await page.keyboard.press("Tab")
    await expect(tools.get_by_role("button", name="Italic")).to_be_focused()
    await page.keyboard.press("End")
    preview = tools.get_by_role("button", name="Preview")
    await expect(preview).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("region", name="Preview").locator("em strong")).to_have_text("word")
    await expect(preview).to_have_attribute("aria-pressed", "true")
    small = await tools.get_by_role("button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).filter(({ width, height }) => Math.min(width, height) < 24)"
    )
    assert small == []

    await _mention(page, form)
    assert await faults(frame) == []
    seen = await form.get_by_role("region", name="Preview").inner_html()
    await form.locator("[name=name]").fill("Ida")
    await page.keyboard.press("Control+Enter")
    await expect(comment(frame, "says @Zoë O’Neill")).to_be_focused()
    assert (await discussion.read())["items"][0]["replies"]["items"][0]["html"] == seen


async def _mention(page: Page, form: Locator) -> None:
    """Names of the page at once, with the focus in the text."""
    body = form.locator("[name=body]")
    await body.press("Control+End")
    await page.keyboard.type(" says @zo")
    names = form.get_by_role("listbox")
    await expect(names.get_by_role("option")).to_have_text(["Zoë O’Neill"])
    await expect(body).to_have_attribute("aria-activedescendant", "names-1-0")
    await page.keyboard.press("Enter")
    await expect(body).to_have_value("> crowded\n\n***word*** says @Zoë O’Neill ")
    await expect(names).to_be_hidden()
    # A second time it is told to go away.
    await page.keyboard.type("and @zo")
    await expect(names).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(names).to_be_hidden()
    for _ in range(len("and @zo")):
        await page.keyboard.press("Backspace")
    await expect(form.get_by_role("region", name="Preview")).to_contain_text("says @Zoë O’Neill")


async def test_a_name_that_is_not_on_the_page_is_looked_up(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion({"reading": {"page_size": 5, "sorts": ["newest"]}})
    await discussion.post("The first of all", name="Quentin Early")
    await discussion.posts(6)
    frame = await open_article(page, discussion.address)
    body = composer(frame).locator("[name=body]")
    await body.press_sequentially("Dear @que")
    await expect(frame.get_by_role("option", name="Quentin Early")).to_be_visible()
    await expect(frame.locator("[data-status]")).to_contain_text("1 name.")
    await frame.get_by_role("option", name="Quentin Early").click()
    await expect(body).to_have_value("Dear @Quentin Early ")
    await expect(body).to_be_focused()


async def test_what_is_being_sent_is_shown_where_it_will_be(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.address)
    go = asyncio.Event()

    async def slowly(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route("**/api/v1/comments?*", slowly)
    await write(composer(frame), "On its *way*\n\nin two", name="Ida")
    await send(composer(frame))
    ghost = frame.locator("[data-list] > .ghost")
    await expect(ghost).to_contain_text("Being sent")
    await expect(ghost.locator(".body")).to_have_text("On its *way*\n\nin two")
    await expect(composer(frame).locator("[name=body]")).to_have_value("")
    await expect(frame.get_by_text("No comments yet")).to_be_hidden()
    assert await faults(frame) == []
    go.set()
    await expect(comment(frame, "On its way")).to_be_focused()
    await expect(ghost).to_have_count(0)


async def test_what_found_no_connection_is_sent_once_after_a_reload(page: Page, stage: Stage, watch: Watch) -> None:
    """A comment and a reply, both written in a tunnel; the page is left and opened again outside of it."""
    watch.explain(r"ERR_\w+ .*/comments", "the connection drops in the middle of a post")
    discussion = await stage.discussion()
    number = await discussion.post("What is answered")
    frame = await open_article(page, discussion.sibling)
    answer = comment(frame, number)
    await answer.get_by_role("button", name="Reply to").click()
    await write(answer.locator("form.composer"), "A reply from the tunnel", name="Ida")
    await write(composer(frame), "A comment from the tunnel", name="Ida")
    await expect(composer(frame).get_by_role("toolbar")).to_be_visible()
    await page.route("**/api/v1/comments?*", lambda route: route.abort("connectionreset"))
    for form, words in ((answer.locator("form.composer"), "A reply"), (composer(frame), "A comment")):
        await send(form)
        await expect(form.locator("[data-problem]")).to_contain_text("will be sent once, as soon as there is one")
        await expect(form.locator("[name=body]")).to_have_value(f"{words} from the tunnel")
        await expect(frame.locator(".ghost")).to_have_count(0)
    assert await faults(frame) == []
    await page.unroute("**/api/v1/comments?*")
    await page.reload()
    frame = await open_article(page, discussion.sibling)
    await expect(comment(frame, "A comment from the tunnel")).to_be_visible()
    await expect(comment(frame, number).locator("xpath=../ol")).to_contain_text("A reply from the tunnel")
    await expect(frame.locator("form.composer")).to_have_count(1)
    page_now = await discussion.read(sort="newest")
    assert [item["html"] for item in page_now["items"]] == [
        "<p>A comment from the tunnel</p>",
        "<p>What is answered</p>",
    ]
    assert page_now["items"][1]["reply_count"] == 1
    kept = await frame.evaluate("Object.keys(localStorage).filter(key => key.includes('draft'))")
    assert kept == []


async def test_words_changed_after_an_answer_got_lost_are_one_comment(page: Page, stage: Stage, watch: Watch) -> None:
    watch.explain(r"ERR_CONNECTION_RESET .*/comments", "the connection breaks before the answer")
    discussion = await stage.discussion()
    frame = await open_article(page, discussion.sibling)

    async def lose_the_answer(route: Route) -> None:
        assert (await route.fetch()).status == 201
        await route.abort("connectionreset")

    await page.route("**/api/v1/comments?*", lose_the_answer, times=1)
    await write(composer(frame), "As it was", name="Ida")
    await send(composer(frame))
    await expect(composer(frame).locator("[data-problem]")).to_contain_text("will be sent once")
    await write(composer(frame), "As it is meant")
    await expect(composer(frame).locator("[data-send]")).to_have_text("Post comment")
    await send(composer(frame))
    await expect(comment(frame, "As it is meant")).to_be_focused()
    await expect(frame.locator("article.comment")).to_have_count(1)
    assert await discussion.bodies() == ["<p>As it is meant</p>"]


async def test_words_that_cannot_be_stored_are_not_left_by_mistake(
    new_page: NewPage, stage: Stage, watch: Watch
) -> None:
    discussion = await stage.discussion()
    page = await new_page()
    frame = await open_article(page, discussion.address)
    await composer(frame).locator("[name=body]").press_sequentially("Nowhere kept")
    watch.explain(r"ERR_\w+ .*/comments", "the connection drops in the middle of a post")
    await composer(frame).locator("[name=name]").fill("Ida")
    await page.route("**/api/v1/comments?*", lambda route: route.abort("connectionreset"), times=1)
    await send(composer(frame))
    await expect(composer(frame).locator("[data-problem]")).to_contain_text("Your text is kept")
    await expect(composer(frame).locator("[name=body]")).to_have_value("Nowhere kept")
    asked: list[str] = []

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", answer)
    await page.reload()
    assert asked == ["beforeunload"]
    frame = await open_article(page, discussion.address)
    await post(frame, "Said and sent", name="Ida")
    await page.reload()
    assert asked == ["beforeunload"], "who has nothing unsaved is not asked"


async def test_without_the_tools_one_writes_as_well(page: Page, stage: Stage, watch: Watch) -> None:
    watch.explain(r"ERR_FAILED .*/writing", "the tools do not come")
    discussion = await stage.discussion()
    await page.route("**/static/writing.*", lambda route: route.abort())
    frame = await open_article(page, discussion.address)
    await composer(frame).locator("[name=body]").focus()
    await expect(composer(frame).locator("[data-tools]")).to_have_count(0)
    await expect(await post(frame, "Plainly", name="Ida")).to_be_visible()
