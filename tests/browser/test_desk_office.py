"""The console's pages beside the queue: saved queues, mail to oneself, webhooks, screening hooks, imports."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.desk import case, desk, lies_open, row, rows, sign_in, toast
from tests.browser.stage import Stage
from tests.browser.watch import Watch
from tests.servers.listener import Heard, answer, listener
from tests.stories.transfer.exports import Export


async def _go(page: Page, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("heading", name=name, exact=True)).to_be_focused()


def _line(page: Page, words: str) -> Locator:
    return page.get_by_role("row").filter(has_text=re.compile(words))


async def test_queues_are_saved_changed_put_in_order_and_deleted(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage, held=2)
    bad = await discussion.post("You are a gull", name="Rude", title="Lids for gulls")
    for _ in range(3):
        await discussion.report(bad, "abuse")
    page = await sign_in(new_page, await discussion.moderator())
    await _go(page, "Saved queues")
    await page.get_by_role("button", name="New queue").click()
    await expect(page.get_by_label("Name")).to_be_focused()
    await page.get_by_label("Name").fill("held")
    watch.explain("status of (409|422).*/queues", "a name that is taken")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Name").fill("Complaints")
    await page.get_by_label("Reported", exact=True).check()
    await page.get_by_role("button", name="Save").click()
    await expect(_line(page, "Complaints")).to_contain_text("Reported")
    assert await faults(page) == []

    for _ in range(5):
        await page.get_by_role("button", name="Complaints further up").click()
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Complaints")
    await page.get_by_role("link", name="Complaints").click()
    await expect(rows(page)).to_have_count(1)
    await expect(row(page, "Rude")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"queue=\d+"))
    options = page.get_by_label("Queue", exact=True).locator("option")
    await expect(options.first).to_have_text(re.compile("Complaints"))

    await _go(page, "Saved queues")
    await page.get_by_role("button", name="Edit the queue Complaints").click()
    await page.get_by_label("Severity at least").fill("7")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Severity at least")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Severity at least").fill("0.1")
    await page.get_by_role("button", name="Save").click()
    await expect(_line(page, "Complaints")).to_contain_text("severity from 0.1")
    await page.get_by_role("button", name="Edit the queue Complaints").click()
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("group", name="Delete Complaints?")).to_be_visible()
    await expect(page.get_by_role("button", name="Delete")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(_line(page, "Complaints")).to_have_count(0)


async def test_how_one_is_told_by_mail_is_ones_own_affair(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage)
    page = await sign_in(new_page, await discussion.moderator())
    await _go(page, "Mail to me")
    await expect(page.get_by_text(f"mona@{discussion.site.name}.test")).to_be_visible()
    await page.get_by_label("Told at once").select_option("high")
    await page.get_by_label("Quiet hours").check()
    await page.get_by_label("Time zone").fill("Nowhere")
    watch.explain("status of 422.*/alerts", "there is no such zone")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Time zone").fill("Europe/Berlin")
    await page.get_by_role("button", name="Save").click()
    await expect(toast(page)).to_contain_text("Saved")
    await page.reload()
    await expect(page.get_by_label("Told at once")).to_have_value("high")
    await expect(page.get_by_label("No mail from")).to_have_value("22:00")
    assert await faults(page) == []


async def test_a_webhook_is_made_tried_paused_and_its_log_read(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage)
    page = await sign_in(new_page, await discussion.moderator("Olga", role="owner"))
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with listener() as ears:

        async def refuse(_: Heard) -> bytes:
            return answer(503)

        await _go(page, "Webhooks")
        await page.get_by_role("button", name="New webhook").click()
        await page.get_by_label("Address").fill("http://10.0.0.1/hook")
        await page.get_by_label("Case opened").check()
        watch.explain("status of 422.*/webhooks", "it leads into somebody's own network")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
        await page.get_by_label("Address").fill(f"{ears.url}/parley")
        await page.get_by_role("button", name="Save").click()
        secret = page.locator(".notice pre")
        await expect(secret).to_be_focused()
        await expect(secret).to_have_text(re.compile(r"^whsec_\S{20,}"))
        assert await faults(page) == []
        await page.get_by_role("button", name="I have put it away").click()
        await expect(page.get_by_text("whsec_")).to_have_count(0)

        await page.get_by_role("link", name=ears.url).click()
        await page.get_by_role("button", name="Send a test").click()
        await expect(_line(page, "Test")).to_contain_text("Taken")
        ears.reply = refuse
        await page.get_by_role("button", name="Send a test").click()
        await expect(_line(page, "Failed")).to_contain_text("503")
        ears.reply = None
        await page.get_by_label("State").select_option("dead")
        await expect(page).to_have_url(re.compile("state=dead"))
        await expect(_line(page, "Taken")).to_have_count(0)
        await page.get_by_role("button", name="Send again: Test").click()
        await page.get_by_label("State").select_option("")
        await expect(_line(page, "Taken")).to_have_count(2)
        assert await faults(page) == []

        await page.get_by_role("button", name="Pause").click()
        await expect(page.get_by_text("paused")).to_be_visible()
        told = len(ears.heard)
        await discussion.post("Come to my casino", name="Goldie")
        await discussion.settle()
        await page.get_by_role("button", name="Go on").click()
        await expect(page.get_by_text("paused")).to_have_count(0)
        assert len(ears.heard) == told
        await discussion.post("Another casino", name="Silver")
        await page.reload()
        await expect(_line(page, "Case opened").filter(has_text="Taken")).to_have_count(1)
        assert json.loads(ears.heard[-1].body)["type"] == "case.opened"
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("There is no webhook yet.")).to_be_visible()


async def test_a_hook_is_judged_in_the_shadow_before_it_decides(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage)
    page = await sign_in(new_page, await discussion.moderator("Olga", role="owner"))
    said = {"signals": [{"name": "insult", "score": 0.95, "reason": "sounds like an insult"}]}

    async def judge(_: Heard) -> bytes:
        return answer(200, json.dumps(said).encode(), Content_Type="application/json")

    async with listener() as ears:
        ears.reply = judge
        await _go(page, "Screening hooks")
        await page.get_by_role("button", name="New hook").click()
        await page.get_by_label("Name").fill("toxicity")
        await page.get_by_label("Address").fill(f"{ears.url}/screen")
        await page.get_by_label("Milliseconds").fill("9000")
        watch.explain("status of 422.*/hooks", "readers would wait for nine seconds")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_label("Milliseconds")).to_have_attribute("aria-invalid", "true")
        await page.get_by_label("Milliseconds").fill("2000")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("button", name="I have put it away").click()
        await expect(_line(page, "toxicity")).to_contain_text("Shadow")
        await page.get_by_role("link", name="toxicity").click()
        await page.get_by_role("button", name="Ask about a made-up comment").click()
        await expect(page.get_by_role("status").filter(has_text="Answered: hold")).to_contain_text("insult")

        await discussion.post("You gull", name="Rude")
        assert len(await discussion.bodies()) == 1, "in the shadow nothing follows"
        await page.get_by_role("button", name="Look again").click()
        await expect(_line(page, "Answered: hold")).to_contain_text("sounds like an insult")
        assert await faults(page) == []
        await page.get_by_label("Mode").select_option("enforce")
        await page.get_by_label("When it is silent").select_option("hold")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("main .tag").first).to_have_text("Enforced")
        await discussion.post("You gull again", name="Ruder")
        assert len(await discussion.bodies()) == 1
        await _go(page, "Queue")
        await row(page, "Ruder").click()
        await lies_open(page, "Ruder")
        await expect(case(page)).to_contain_text("sounds like an insult")


async def test_an_export_is_looked_at_and_brought_in(
    new_page: NewPage, stage: Stage, watch: Watch, tmp_path: Path
) -> None:
    discussion = await desk(stage)
    page = await sign_in(new_page, await discussion.moderator("Olga", role="owner"))
    export = Export()
    export.thread(link=discussion.address)
    export.thread("2", link="http://localhost:4000/draft")
    export.post("98", thread="2", is_spam=True)
    for number in range(1, 31):
        export.post(str(number), parent="1" if number > 1 and number % 3 == 0 else None)
    export.post("99", is_spam=True)
    (tmp_path / "news.xml").write_bytes(export.xml())
    (tmp_path / "cat.xml").write_bytes(b"\x89PNG not an export at all")

    await _go(page, "Imports")
    await expect(page.get_by_text("Nothing was imported yet.")).to_be_visible()
    watch.explain("status of 422.*/imports", "a picture is no export")
    await page.get_by_label("Export file").set_input_files(tmp_path / "cat.xml")
    await page.get_by_role("button", name="Upload and check").click()
    await expect(page.get_by_label("Export file")).to_have_attribute("aria-invalid", "true")

    await page.get_by_label("Export file").set_input_files(tmp_path / "news.xml")
    await page.get_by_role("button", name="Upload and check").click()
    await expect(page.get_by_role("heading", name="Ready to begin")).to_be_visible()
    plan = page.get_by_role("region", name="What would come of it")
    await expect(plan.locator("dl")).to_contain_text(re.compile(r"New comments\s*30"))
    assert await discussion.bodies() == [], "nothing is imported before one says so"
    await page.get_by_role("textbox", name="Where pages are now").fill("localhost:4000 -> https://elsewhere.test")
    await page.get_by_role("button", name="Check again with these rules").click()
    await expect(page.get_by_role("heading", name="Ready to begin")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Where pages are now")).to_have_value(
        "localhost:4000 -> https://elsewhere.test"
    )
    assert await faults(page) == []
    await page.get_by_role("button", name="Import 30 comments").click()
    await expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
    report = page.get_by_role("region", name="What came of it")
    await expect(report.locator("dl")).to_contain_text(re.compile(r"Comments\s*30"))
    assert await faults(page) == []
    await page.get_by_role("link", name="All imports").click()
    await expect(_line(page, "news.xml")).to_contain_text("Done")

    await page.get_by_label("Export file").set_input_files(tmp_path / "news.xml")
    await page.get_by_role("button", name="Upload and check").click()
    await expect(page.get_by_text("All of it is here already.")).to_be_visible()
    await page.get_by_role("button", name="Discard the file").click()
    await page.get_by_role("button", name="Discard the file").click()
    await expect(page.get_by_role("heading", name="Stopped")).to_be_visible()

    await page.get_by_role("link", name="All imports").click()
    await _line(page, "news.xml").last.get_by_role("link").click()
    await page.get_by_role("button", name="Take this import back").click()
    await page.get_by_role("button", name="Take this import back").click()
    await expect(page.get_by_role("heading", name="Taken back", exact=True)).to_be_visible()
    assert await faults(page) == []
    assert await discussion.bodies() == []
    await _go(page, "Log")
    await expect(_line(page, "Import begun").first).to_contain_text("Olga")
