"""What a first view costs: requests and bytes, over the wire, with the compression every browser takes."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Response, expect

from tests.browser.conftest import NewPage
from tests.browser.reader import composer, frame_of, open_article
from tests.browser.stage import Stage

MOST_REQUESTS = 5
MOST_BYTES = 35_000
PARTS = tuple(f"/static/{part}." for part in ("acting", "finding", "muting", "writing"))
MOST_OF_A_PART = 4_500  # heads included


async def _cost(page: Page, stage: Stage, address: str) -> dict[str, int]:
    """Bytes of each answer Parley gave until the discussion works, heads included, by path."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if answer.url.startswith(stage.url) else None)
    await page.goto(address)
    await page.locator("#parley").scroll_into_view_if_needed()
    await expect((await frame_of(page)).locator("article.comment").nth(20)).to_be_attached()
    await page.wait_for_load_state("networkidle")
    cost: dict[str, int] = {}
    for answer in answers:
        sizes = await answer.request.sizes()
        path = answer.url.removeprefix(stage.url).partition("?")[0]
        cost[path] = cost.get(path, 0) + sizes["responseBodySize"] + sizes["responseHeadersSize"]
        assert answer.headers.get("content-encoding") == "gzip", path
    return cost


async def test_the_first_view_of_a_long_discussion(new_page: NewPage, stage: Stage, demo: str) -> None:
    """The demo's real discussion of some hundred comments, under an article of another host."""
    site = await stage.demo_site()
    discussion = stage.article(site, url="https://courier.example/2026/11/seafront-tram")
    # Chromium takes brotli from this machine; the budget is for those who cannot.
    page = await new_page(extra_http_headers={"Accept-Encoding": "gzip"})
    cost = await _cost(page, stage, discussion.address)
    assert len(cost) <= MOST_REQUESTS, cost
    assert not [path for path in cost if path.startswith(PARTS)], "what is not needed to read is not loaded"
    assert cost["/embed"] > 1_000, "the answer that holds the comments was counted"
    # The loader belongs to the article and has a budget of its own, below.
    assert sum(size for path, size in cost.items() if path != "/embed.js") <= MOST_BYTES, cost


async def test_the_second_view_asks_only_whether_anything_changed(new_page: NewPage, stage: Stage, demo: str) -> None:
    site = await stage.demo_site()
    discussion = stage.article(site, url="https://courier.example/2026/11/seafront-tram")
    page = await new_page(extra_http_headers={"Accept-Encoding": "gzip"})
    await _cost(page, stage, discussion.address)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if answer.url.startswith(stage.url) else None)
    await page.reload()
    await page.locator("#parley").scroll_into_view_if_needed()
    await frame_of(page)
    for answer in answers:
        path = answer.url.removeprefix(stage.url).partition("?")[0]
        sizes = await answer.request.sizes()
        # Chromium says it took nothing from the network by a negative size.
        assert sizes["responseBodySize"] <= 0, path


async def test_what_is_used_costs_one_small_file(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    await discussion.post("There already")
    page = await new_page(extra_http_headers={"Accept-Encoding": "gzip"})
    frame = await open_article(page, discussion.address)
    for part, use in (
        ("writing", composer(frame).locator("textarea")),
        ("finding", frame.get_by_role("button", name="Search")),
        ("acting", frame.get_by_role("button", name="Report")),
        ("muting", frame.get_by_role("button", name="Mute this author")),
    ):
        async with page.expect_response(f"**/static/{part}.*") as answered:
            await use.click()
        sizes = await (await answered.value).request.sizes()
        assert sizes["responseBodySize"] + sizes["responseHeadersSize"] <= MOST_OF_A_PART, part


@pytest.mark.parametrize("name", ["embed.js", "count.js"])
async def test_a_loader_is_small(stage: Stage, name: str) -> None:
    answer = await stage.client.get(f"/{name}", headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["content-length"]) <= 2_500


_LAYERS = """
comment => {
  const found = []
  for (const element of [comment, ...comment.querySelectorAll("*")]) {
    for (const part of ["", "::before", "::after"]) {
      const style = getComputedStyle(element, part || undefined)
      if (part && style.content === "none") continue
      const costs = [["position", "static"], ["transform", "none"], ["mask-image", "none"], ["opacity", "1"],
        ["filter", "none"], ["clip-path", "none"], ["will-change", "auto"], ["overflow-x", "visible"]]
      for (const [name, plain] of costs) {
        const value = style.getPropertyValue(name)
        if (value !== plain) found.push(`${element.localName}.${element.className}${part} ${name}: ${value}`)
      }
    }
  }
  return found
}
"""


async def test_a_comment_is_drawn_with_plain_boxes(page: Page, stage: Stage) -> None:
    """Each of these makes a layer, and a press makes the browser go through all layers of the discussion."""
    discussion = await stage.discussion()
    root = await discussion.post("Said, with `code`\n\n> and a quote")
    for number in range(2):
        await discussion.post(f"Answered {number}", parent=root)
    frame = await open_article(page, discussion.address)
    await frame.locator("[data-vote='1']").first.click()
    await expect(frame.locator("[data-vote='1']").first).to_have_text("1")
    assert await frame.locator("[data-list] > li.item > .replies").evaluate(_LAYERS) == []
    assert await frame.locator("[data-list] > li.item > article").evaluate(_LAYERS) == []
    # A branch is one on purpose: what changes in it leaves the others as they are.
    await expect(frame.locator("[data-list] > li.item")).to_have_css("contain", "layout style")
