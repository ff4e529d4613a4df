"""Hostile texts, names, titles and addresses: shown as what they are, and nothing of them runs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Frame, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.reader import comment, composer, frame_of, holds, open_article, post, send, write
from tests.browser.stage import Discussion, Stage
from tests.browser.watch import Watch

BODIES = [
    "<script>alert('body-script')</script>",
    "<img src=x onerror=alert('body-img')>",
    "<svg onload=alert('body-svg')><animate onbegin=alert('body-animate') attributeName=x dur=1s>",
    "<svg><style><img src='</style><img src=x onerror=alert(`body-mutation`)>'></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe><object data=javascript:alert(1)></object>",
    "<details open ontoggle=alert('body-toggle')><summary>x</summary></details>",
    "<form action=javascript:alert(1)><button>press</button></form><base href=https://evil.example/>",
    "[link](javascript:alert('body-link')) [two](java\nscript:alert(1)) [d](data:text/html,<script>alert(1)</script>)",
    '[t](https://fine.example "\\" onmouseover=alert(1) x=\\"") ![img](https://evil.example/pixel.png)',
    "<https://fine.example/\"onmouseover=alert('body-auto')> www.fine.example/<img src=x onerror=alert(1)>",
    "```\"><script>alert('body-code')</script>\n</code></pre><script>alert(1)</script>\n```",
    "</textarea></template></main><script>alert('body-close')</script><!-- <noscript><p title='</noscript>",
    "||spoiler <img src=x onerror=alert('body-spoiler')>||",
    "{{ 7 * 7 }}{% raw %}${alert(1)}<%= 7 %> &lt;script&gt;alert(1)&lt;/script&gt; &#x6a;avascript:alert(1)",
]
NAMES = [
    "<script>alert('name')</script>",
    "\"><img src=x onerror=alert('name-img')>",
    "' onfocus=alert('name-focus') autofocus='",
    "</bdi></b><svg onload=alert('name-svg')>",
]
TITLE = "</title><script>alert('title')</script><img src=x onerror=alert(1)>"
URL_END = "?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&x='onload=alert(1)"

# Runs first in every page and frame: whatever is executed ends here.
_HOOK = """
window.ran = []
for (const name of ["alert", "prompt", "confirm"]) window[name] = (said) => { window.ran.push(String(said)) }
window.refused = []
addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective))
"""

# Everything in a document that could run or load something, and is not the product's own.
_SCAN = """
() => {
  const found = []
  const own = new URL(location.href).origin
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName
    for (const { name: attribute, value } of element.attributes) {
      if (/^on/i.test(attribute)) found.push(`${name} ${attribute}`)
      if (/^(javascript|data|vbscript):/i.test(value.replace(/[\\s\\0-\\x1f]/g, "")) && value !== "data:,")
        found.push(`${name} ${attribute}=${value}`)
    }
    if (name === "script" && !(element.src.startsWith(own + "/") && !element.textContent)) found.push("script")
    if (name === "link" && new URL(element.href).origin !== own && element.href !== "data:,") found.push(element.href)
    if (name === "base" && element.hasAttribute("href")) found.push("base")
    if (["iframe", "object", "embed", "svg", "math", "img", "style", "video", "audio", "meta"].includes(name) &&
        !(name === "meta" && element.closest("head"))) found.push(name)
    if (element.closest(".body") && ["form", "input", "button", "textarea", "template"].includes(name))
      found.push(`${name} in a text`)
  }
  return found
}
"""


@pytest.fixture
async def hostile(stage: Stage) -> Discussion:
    """A discussion full of it."""
    site = await stage.site({"screening": {"suspect_words": ["held*"], "max_links": 100}})
    discussion = stage.article(site, title=TITLE, ending=URL_END)
    for number, body in enumerate(BODIES):
        await discussion.post(body, name=NAMES[number % len(NAMES)], title=TITLE)
    parent = await discussion.post("What is answered", name=NAMES[0])
    for name in NAMES:
        await discussion.post("An answer", name=name, parent=parent)
    return discussion


async def _harmless(frame: Frame | Page) -> None:
    assert await frame.evaluate("window.ran") == []
    assert await frame.evaluate("window.refused") == []
    assert await frame.evaluate(_SCAN) == []


async def _armed(new_page: NewPage, **context: Any) -> Page:
    page = await new_page(**context)
    await page.context.add_init_script(_HOOK)
    return page


async def test_the_hook_sees_what_runs(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    """Without a policy and without escaping each of these would be found."""
    watch.explain("404.*/x", "an image that is not there is how it runs")
    page = await _armed(new_page)
    stage.host.put(
        "/open", f"<!doctype html><script>alert('ran')</script>{BODIES[1]}{BODIES[2]}<a href=javascript:1>x</a>"
    )
    await page.goto(stage.host.foreign + "/open")
    await page.wait_for_function("window.ran.length >= 3")
    assert set(await page.evaluate("window.ran")) >= {"ran", "body-img", "body-svg"}
    found = await page.evaluate(_SCAN)
    assert {"script", "img onerror", "svg onload", "a href=javascript:1"} <= set(found)


async def test_the_policy_refuses_what_would_get_in(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    """If something got into the frame's document after all, its policy would still not run it."""
    discussion = await stage.discussion()
    frame = await open_article(await _armed(new_page), discussion.address)
    watch.explain("Content Security Policy", "this is the policy at work")
    watch.explain("somebody else: https://evil.example", "refused by the policy, though the browser says it asked")
    watch.explain("404.*/x", "an image that is not there would have run it")
    await frame.evaluate(
        """() => {
          document.body.insertAdjacentHTML("beforeend", `
            <img src=x onerror="alert('inline')"><svg onload="alert('inline')"></svg><p style="color: red">x</p>
            <img src="https://evil.example/pixel.png"><iframe src="https://evil.example/"></iframe>`)
          const script = document.createElement("script")
          script.textContent = "alert('script')"
          document.body.append(script)
          const foreign = document.createElement("script")
          foreign.src = "https://evil.example/x.js"
          document.body.append(foreign)
        }"""
    )
    await holds(frame, "window.refused.length >= 6")
    assert set(await frame.evaluate("window.refused")) == {
        *("script-src-attr", "script-src-elem", "style-src-attr", "img-src", "frame-src"),
    }
    assert await frame.evaluate("window.ran") == []


async def test_hostile_comments_are_only_read(new_page: NewPage, hostile: Discussion) -> None:
    page = await _armed(new_page)
    frame = await open_article(page, hostile.address)
    await expect(comment(frame, "body-script")).to_be_visible()
    await expect(frame.locator(".name", has_text="alert('name')").first).to_be_visible()
    assert await frame.locator("article.comment").count() == len(BODIES) + 1 + 3
    await frame.get_by_role("link", name="Show 1 more reply").click()
    await expect(frame.locator("article.comment")).to_have_count(len(BODIES) + 1 + len(NAMES))
    await frame.locator("summary").click()
    await _harmless(frame)
    for link in await frame.locator(".body a").all():
        assert re.match("https?://", await link.get_attribute("href") or "")
        assert "ugc" in (await link.get_attribute("rel") or "")

    # Everything that puts further pieces in: orders, replies, reports.
    await frame.get_by_role("link", name="Newest").click()
    await expect(frame.get_by_role("link", name="Newest")).to_have_attribute("aria-current", "true")
    for button in await frame.get_by_role("button", name="Reply to").all():
        await button.click()
    await frame.get_by_role("button", name="Report", exact=True).first.click()
    await _harmless(frame)
    assert await page.evaluate("window.ran") == []
    assert "</title><script>alert('title')" in await frame.title()


async def test_one_hostile_comment_alone(new_page: NewPage, hostile: Discussion) -> None:
    answer = (await hostile.read(sort="newest"))["items"][0]["replies"]["items"][0]["id"]
    for javascript in (True, False):
        page = await _armed(new_page, java_script_enabled=javascript)
        await page.goto(hostile.frame(comment=answer, identifier=NAMES[1], lang="en\"onload='alert(1)", host=NAMES[1]))
        await expect(comment(page, answer)).to_be_visible()
        if javascript:
            await _harmless(page)


async def test_hostile_words_of_ones_own(new_page: NewPage, stage: Stage) -> None:
    """What the script puts in by itself: the new comment, the signature, the draft, the label of an answer."""
    discussion = await stage.discussion()
    page = await _armed(new_page)
    frame = await open_article(page, discussion.sibling)
    new = await post(frame, BODIES[1], name=NAMES[1])
    await expect(composer(frame).locator("[data-signed]")).to_contain_text(NAMES[1])
    await new.get_by_role("button", name="Reply to").click()
    await expect(new.locator("[data-label]")).to_have_text(f"Your reply to {NAMES[1]}")
    await write(new.locator("form.composer"), BODIES[12])
    await page.reload()
    frame = await frame_of(page)
    await frame.get_by_role("button", name="Reply to").click()
    await expect(frame.locator("article form [name=body]")).to_have_value(BODIES[12])
    await send(frame.locator("article form"))
    await expect(comment(frame, "body-close")).to_be_visible()
    await _harmless(frame)
    assert await page.evaluate("window.ran") == []


async def test_hostile_comments_in_the_console(
    new_page: NewPage, stage: Stage, hostile: Discussion, watch: Watch
) -> None:
    for number, body in enumerate(BODIES):
        await hostile.post(f"held {body}", name=NAMES[number % len(NAMES)])
    first = (await hostile.read(sort="newest"))["items"][0]["id"]
    await hostile.report(first, detail=BODIES[1] + BODIES[0])
    page = await _armed(new_page)
    await page.goto(await hostile.moderator(name=NAMES[0]))
    await _harmless(page)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator(".row").first).to_be_visible()
    await _harmless(page)
    await page.goto(f"{stage.url}/console/plain")
    await expect(page.locator("article.case")).to_have_count(len(BODIES) + 1)
    await expect(page.get_by_text(BODIES[1] + BODIES[0])).to_be_visible()
    await _harmless(page)
    await page.locator("article.case").first.get_by_role("button", name="Spam").click()
    await page.get_by_role("link", name="Log").click()
    await expect(page.get_by_role("cell", name="Spam")).to_be_visible()
    await _harmless(page)
    watch.explain("404.*/console", "there is no such site")
    await page.goto(f"{stage.url}/console/plain?site=%3Cscript%3Ealert(1)%3C/script%3E&done=%3Cb%20onx=1%3E")
    await _harmless(page)
