"""What a reader does, in words of the frame's own labels."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Frame, Locator, Page, expect

# The mark the frame's script sets in a frame once it runs; alone, its composer can be sent.
_ALIVE = "html.sized, [data-send]:not([disabled])"


async def frame_of(page: Page, place: str = "#parley") -> Frame:
    """The frame below `place`, its script running."""
    found = await page.wait_for_selector(f"{place} iframe", state="attached")
    frame = await found.content_frame() if found else None
    assert frame is not None
    await frame.wait_for_selector(_ALIVE, state="attached")
    return frame


async def open_article(page: Page, address: str) -> Frame:
    """Go to an article and down to its discussion."""
    await page.goto(address)
    await page.locator("#parley").scroll_into_view_if_needed()
    return await frame_of(page)


async def holds(at: Frame | Page, condition: str, arg: Any = None) -> None:
    """Wait for a condition in a document whose policy refuses `eval`, by which playwright's own waiting looks again."""
    async with asyncio.timeout(15):
        while not await at.evaluate(condition, arg):  # noqa: ASYNC110  # a document that says nothing has no event
            await asyncio.sleep(0.02)


def composer(frame: Frame | Page) -> Locator:
    """The form at the top of the discussion."""
    return frame.locator("section > form.composer")


def comment(frame: Frame | Page, has: str) -> Locator:
    """A comment by its id, or by words of its text."""
    if has.isdigit() and len(has) > 15:
        return frame.locator(f"#comment-{has}")
    return frame.locator("article.comment").filter(has=frame.locator(".body", has_text=has))


async def write(form: Locator, body: str, name: str | None = None) -> None:
    """Fill in a composer; the name only when it is asked for."""
    await form.locator("[name=body]").fill(body)
    if name is not None:
        await form.locator("[name=name]").fill(name)


async def send(form: Locator) -> None:
    """Press the button of a composer."""
    await form.locator("[data-send]").click()


async def post(frame: Frame | Page, body: str, name: str | None = None) -> Locator:
    """Write at the top and send; the new comment."""
    await write(composer(frame), body, name)
    await send(composer(frame))
    return await _arrived(frame)


async def reply(frame: Frame | Page, to: Locator, body: str, name: str | None = None) -> Locator:
    """Answer a comment and send; the new comment."""
    await to.get_by_role("button", name="Reply to").click()
    form = to.locator("form.composer")
    await write(form, body, name)
    await send(form)
    return await _arrived(frame)


async def _arrived(frame: Frame | Page) -> Locator:
    # The new comment gets the focus; while it is on its way, the form has it.
    number = await frame.locator("article.comment:focus").get_attribute("id")
    new = frame.locator(f"#{number}")
    await expect(new).to_be_visible()
    return new
