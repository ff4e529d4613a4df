"""Photograph the discussion in every state at three widths: `python scripts/photographs.py FOLDER [STATE…]`.

For looking at, not for comparing: one picture per state, phone, tablet and desktop side by side. Needs Chromium.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.async_api import Browser, Frame, Page, async_playwright, expect  # after the path

from tests.browser.chromium import FLAGS, find
from tests.browser.host import host_server
from tests.browser.reader import comment, composer, open_article, post, reply, send, write
from tests.browser.stage import Discussion, Stage, staged

WIDTHS = (360, 768, 1280)
MOST = 1200  # pixels of height that are looked at

Act = Callable[[Page, Frame, Discussion], Awaitable[None]]


@dataclass(frozen=True)
class State:
    """One state: what the discussion holds, what the reader does, and how it is looked at."""

    act: Act | None = None
    fill: Callable[[Discussion], Awaitable[None]] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    article: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    is_alone: bool = False
    """The frame as a page of its own, without an article."""
    params: dict[str, str] = field(default_factory=dict)


_TEXTS = (
    "The tram will be late, as trams are. What the council forgot to say is **who pays** for the lateness.",
    """> A quote of what somebody said

and an answer to it, with https://news.example/a/rather/long/address?with=query in it.

- one
- two

```
code that is long enough to have to wrap somewhere in the middle of the narrow column
```""",
    "Verylongwordwithoutanyplacetobreak" * 6,
    "A long one. " + "Words that somebody means, as they fill the column from one side to the other. " * 60,
    "||A spoiler|| and `code`, and *emphasis*.",
)


async def _lively(discussion: Discussion) -> None:
    roots = [
        await discussion.post(text, name=name)
        for text, name in zip(
            _TEXTS, ("Ada Fallowdene", "Benedikta von Quellmark-Ostersund", "Q", "Ida", "رنا"), strict=True
        )
    ]
    above = roots[0]
    for depth in range(8):
        above = await discussion.post(
            f"Depth {depth}: an answer to the one above it.", parent=above, name=f"Writer {depth}"
        )
    for number in range(3):
        last = await discussion.post(f"Answer {number}, short.", parent=roots[1])
    await discussion.delete(last)
    await discussion.posts(22, "Further")


async def _one(discussion: Discussion) -> None:
    await discussion.post("The only one so far.")


async def _closed(discussion: Discussion) -> None:
    await _one(discussion)
    await discussion.close()


async def _held(_: Page, frame: Frame, __: Discussion) -> None:
    await post(frame, "Come to my casino", "Ida Wetherlam")


async def _posted(_: Page, frame: Frame, __: Discussion) -> None:
    own = await post(frame, "What I think of it.", "Ida Wetherlam")
    await reply(frame, own, "And an answer to myself.")


async def _refused(_: Page, frame: Frame, __: Discussion) -> None:
    await write(composer(frame), "x" * 5_010, "Ida")
    await send(composer(frame))


async def _nameless(_: Page, frame: Frame, __: Discussion) -> None:
    await write(composer(frame), "Words without a name")
    await send(composer(frame))


async def _offline(page: Page, frame: Frame, _: Discussion) -> None:
    await write(composer(frame), "Written in a tunnel.", "Ida")
    await page.context.set_offline(offline=True)
    await send(composer(frame))
    await expect(composer(frame).locator("[data-problem]")).to_be_visible()


async def _failed_vote(page: Page, frame: Frame, _: Discussion) -> None:
    await page.context.set_offline(offline=True)
    await frame.locator("[data-vote='1']").first.click()
    await expect(frame.locator("article .problem").first).to_be_visible()


async def _voted(_: Page, frame: Frame, __: Discussion) -> None:
    for number, way in ((0, 1), (1, -1), (2, 1)):
        await frame.locator(f"[data-vote='{way}']").nth(number).click()


async def _search(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Search").click()
    await frame.locator("form.search input").fill("answer")
    await frame.locator("form.search input").press("Enter")
    await expect(frame.locator("mark").first).to_be_visible()


async def _nothing_found(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Search").click()
    await frame.locator("form.search input").fill("zzzz")
    await frame.locator("form.search input").press("Enter")
    await expect(frame.locator(".hint", has_text="No comment has these words.")).to_be_visible()


async def _muted(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Report").first.click()
    await frame.get_by_role("button", name="Mute this author").click()
    await expect(frame.locator(".hushed").first).to_be_visible()


async def _report(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Report").first.click()
    await expect(frame.locator("form.report")).to_be_visible()


async def _reported(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Report").first.click()
    await frame.locator("form.report [type=radio]").first.check()
    await frame.get_by_role("button", name="Send report").click()
    await expect(frame.locator(".thanks")).to_be_visible()


async def _reply(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Reply to").nth(1).click()
    await expect(frame.locator(".tool.preview").first).to_be_visible()
    await frame.locator("article form textarea").fill("Some **words** of an answer.")


async def _preview(_: Page, frame: Frame, __: Discussion) -> None:
    await composer(frame).locator("textarea").fill("Some **words** and a\n\n> quote\n\nand `code`")
    await composer(frame).locator(".tool.preview").click()
    await expect(composer(frame).locator(".seen")).to_be_visible()


async def _mention(_: Page, frame: Frame, __: Discussion) -> None:
    await composer(frame).locator("textarea").press_sequentially("Hello @Wri")
    await expect(frame.locator(".names")).to_be_visible()


async def _edit(_: Page, frame: Frame, __: Discussion) -> None:
    own = await post(frame, "What I think of it.", "Ida Wetherlam")
    await own.get_by_role("button", name="Edit").click()
    await expect(own.locator("form.composer")).to_be_visible()


async def _delete(_: Page, frame: Frame, __: Discussion) -> None:
    own = await post(frame, "What I think of it.", "Ida Wetherlam")
    await own.get_by_role("button", name="Delete").click()
    await expect(own.locator("form.sure")).to_be_visible()


async def _folded(_: Page, frame: Frame, __: Discussion) -> None:
    await frame.get_by_role("button", name="Hide replies").first.click()


async def _news(page: Page, frame: Frame, discussion: Discussion) -> None:
    async with page.expect_response("**/events?**"):
        pass
    await discussion.post("What is new")
    await expect(frame.locator("[data-news]")).to_be_visible()


async def _focus_rings(page: Page, frame: Frame, _: Discussion) -> None:
    await comment(frame, "Depth 1").locator("[data-act=reply]").focus()
    await page.keyboard.press("Shift+Tab")


async def _large(_: Page, frame: Frame, __: Discussion) -> None:
    await composer(frame).locator("textarea").focus()
    await frame.evaluate("document.documentElement.style.fontSize = '200%'")


async def _paper(page: Page, _: Frame, __: Discussion) -> None:
    await page.emulate_media(media="print")


_SUSPECT = {"screening": {"suspect_words": ["casino"]}}
_DARK = {"colours": "background: #14161a; color: #e9eaec"}
STATES: dict[str, State] = {
    "empty": State(),
    "first": State(fill=_one),
    "writing": State(act=lambda _, frame, __: composer(frame).locator("textarea").focus()),
    "lively": State(fill=_lively),
    "posted": State(_posted),
    "held": State(_held, settings=_SUSPECT),
    "refused": State(_refused),
    "nameless": State(_nameless),
    "offline": State(_offline),
    "failed-vote": State(_failed_vote, _one),
    "voted": State(_voted, _lively),
    "closed": State(fill=_closed),
    "search": State(_search, _lively),
    "nothing-found": State(_nothing_found, _one),
    "muted": State(_muted, _lively),
    "report": State(_report, _one),
    "reported": State(_reported, _one),
    "reply": State(_reply, _lively),
    "preview": State(_preview, _one),
    "mention": State(_mention, _lively),
    "edit": State(_edit),
    "delete": State(_delete),
    "folded": State(_folded, _lively),
    "news": State(_news, _one),
    "focus": State(_focus_rings, _lively),
    "dark": State(_voted, _lively, article=_DARK, context={"color_scheme": "dark"}),
    "arabic": State(_voted, _lively, article={"lang": "ar"}),
    "forced": State(_voted, _lively, context={"forced_colors": "active"}),
    "large": State(_large, _lively),
    "touch": State(_voted, _lively, context={"has_touch": True, "is_mobile": True}),
    "paper": State(_paper, _lively, is_alone=True),
    "no-script": State(fill=_lively, context={"java_script_enabled": False}, is_alone=True),
    "alone": State(fill=_lively, is_alone=True),
    "missing": State(fill=_one, is_alone=True, params={"comment": "1"}),
}


async def main(folder: Path, wanted: list[str]) -> None:
    """Take those that are wanted, or all."""
    with host_server() as host, tempfile.TemporaryDirectory() as made:
        async with staged(Path(made), host) as stage, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find(), args=FLAGS)
            for name, state in STATES.items():
                if not wanted or name in wanted:
                    pictures = [await _photograph(browser, stage, state, width) for width in WIDTHS]
                    await _beside(browser, pictures, folder / f"{name}.png")
                    print(name, flush=True)
            await browser.close()


async def _photograph(browser: Browser, stage: Stage, state: State, width: int) -> bytes:
    settings = {"reading": {"sorts": ["oldest", "best", "newest", "hot", "controversial"]}, **state.settings}
    discussion = await stage.discussion(settings, above="2rem", **state.article)
    if state.fill is not None:
        await state.fill(discussion)
    context = await browser.new_context(
        viewport={"width": width, "height": MOST}, reduced_motion="reduce", **state.context
    )
    page = await context.new_page()
    if state.is_alone:
        await page.goto(discussion.frame(**state.params))
        frame = page.main_frame
    else:
        frame = await open_article(page, discussion.address)
    if state.act is not None:
        await state.act(page, frame, discussion)
    await page.wait_for_timeout(300)
    picture = await page.screenshot()
    await context.close()
    return picture


async def _beside(browser: Browser, pictures: list[bytes], path: Path) -> None:
    page = await browser.new_page(viewport={"width": sum(WIDTHS) + 20 * len(WIDTHS), "height": MOST})
    shown = "".join(f"<img src='data:image/png;base64,{base64.b64encode(picture).decode()}'>" for picture in pictures)
    await page.set_content(
        f"<body style='margin: 0; display: flex; gap: 20px; align-items: start; background: #888'>{shown}"
    )
    await page.screenshot(path=path)
    await page.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
