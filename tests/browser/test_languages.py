"""The frame speaks the article's language, in all it says: drawn, by its script, and when it refuses."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.axe import faults
from tests.browser.reader import comment, composer, open_article, post, send, write
from tests.browser.stage import Stage
from tests.browser.watch import Watch


async def test_an_article_in_arabic(page: Page, stage: Stage, watch: Watch) -> None:
    watch.explain("422", "a text without a sign that can be seen is refused")
    settings = {"reading": {"page_size": 5, "sorts": ["newest", "oldest"]}, "screening": {"suspect_words": ["casino"]}}
    discussion = await stage.discussion(settings, lang="ar-EG")
    root = (await discussion.posts(7))[0]
    await discussion.posts(3, "Answer", parent=root)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(stage.url) else None)
    frame = await open_article(page, discussion.address)
    await expect(frame.locator("html")).to_have_attribute("lang", "ar")
    await expect(frame.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.locator("#parley iframe")).to_have_attribute("title", "التعليقات")
    await expect(frame.get_by_role("heading", level=2)).to_have_text("التعليقات 10")
    assert len(asked) <= 5, asked

    # What comes later: further pieces, one's own comment, its countdown, a held one with its reason.
    await frame.get_by_role("link", name="عرض المزيد من التعليقات").click()
    await expect(comment(frame, root).locator("a.at time")).to_have_text("الآن")
    await comment(frame, root).get_by_role("button", name="إخفاء الردود").click()
    await expect(comment(frame, root).get_by_role("button", name="عرض 3 ردود")).to_be_visible()
    own = await post(frame, "مرحبا", name="Ida")
    await expect(own.get_by_role("button", name="تعديل")).to_be_visible()
    await expect(frame.locator("[data-status]")).to_contain_text("نُشر تعليقك.")
    held = await post(frame, "A casino")
    await expect(held.locator(".waits")).to_contain_text("بانتظار المشرفين")
    await expect(frame.locator("[data-status]")).to_contain_text("حُجز لأنه يحتوي على “casino”.")
    await write(composer(frame), "x" * 5_011)
    await expect(composer(frame).locator("[data-left]")).to_have_text("11 زائدة")
    await write(composer(frame), "\u200b")
    await send(composer(frame))
    await expect(composer(frame).locator("[data-problem]")).to_contain_text("اكتب شيئًا")
    await frame.evaluate("document.body.style.background = '#fff'")
    assert await faults(frame) == []

    await frame.get_by_role("link", name="الأقدم").click()
    await expect(comment(frame, root).get_by_role("button", name="رد على Ada")).to_be_visible()


async def test_the_snippet_s_language_comes_before_the_article_s(page: Page, stage: Stage) -> None:
    discussion = await stage.discussion(lang="sw")
    await discussion.posts(2)
    frame = await open_article(page, discussion.address)
    await expect(frame.locator("html")).to_have_attribute("lang", "en")
    await page.evaluate("Parley.update({ lang: 'pt-BR' })")
    moved = page.frame_locator("#parley iframe")
    await expect(moved.get_by_role("heading", level=2)).to_have_text("Comentários 2")
