"""The console's queue: several moderators, one desk."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import case, desk, lies_open, row, rows, sign_in, toast
from tests.browser.reader import comment, open_article
from tests.browser.stage import Stage
from tests.browser.watch import Watch


async def test_a_shift_of_ten_cases_by_keys_alone(new_page: NewPage, stage: Stage) -> None:
    """Take, decide, and the next one lies open; nothing is touched but keys."""
    discussion = await desk(stage, held=10)
    page = await sign_in(new_page, await discussion.moderator())
    await expect(page.get_by_text("10 cases wait")).to_be_visible()
    await expect(row(page, "Author 1")).to_be_visible()
    await page.keyboard.press("n")
    await lies_open(page, "Author 1")
    for number in range(1, 11):
        await lies_open(page, f"Author {number}")
        await page.keyboard.press("a" if number % 2 else "r")
        await expect(toast(page)).to_contain_text(f"Author {number}")
    await expect(page.get_by_text("Nothing waits for a decision")).to_be_visible()
    published = re.findall(r"casino (\d+)", " ".join(await discussion.bodies()))
    assert sorted(map(int, published)) == [1, 3, 5, 7, 9]


async def test_who_holds_what_is_seen_live(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=7)
    mona = await sign_in(new_page, await discussion.moderator("Mona"))
    nils = await sign_in(new_page, await discussion.moderator("Nils"))
    await expect(nils.get_by_text("Live", exact=True)).to_be_visible()
    await expect(row(nils, "Author 1")).to_be_visible()
    await mona.keyboard.press("n")
    await lies_open(mona, "Author 1")
    await expect(row(nils, "Author 1")).to_contain_text("Mona")
    await expect(row(mona, "Author 1")).to_contain_text("Yours")
    await expect(row(nils, "Author 6")).not_to_contain_text("Mona")

    await nils.keyboard.press("n")
    await lies_open(nils, "Author 6")
    await row(nils, "Author 1").click()
    await expect(case(nils)).to_contain_text("Mona is looking at this.")
    await expect(case(nils).get_by_role("button", name="Approve")).to_have_count(0)

    await mona.keyboard.press("a")
    await expect(row(nils, "Author 1")).to_have_count(0)
    await mona.goto(f"{stage.url}/docs")
    await expect(row(nils, "Author 2")).not_to_contain_text("Mona")


async def test_of_two_decisions_one_is_made_and_the_other_is_told(
    new_page: NewPage, stage: Stage, watch: Watch
) -> None:
    discussion = await desk(stage, held=2)
    watch.explain("ERR_FAILED.*/moderation/live", "Nils hears nothing: his page shows what is no longer so")
    nils = await sign_in(new_page, await discussion.moderator("Nils"), is_deaf=True)
    await expect(nils.get_by_text("Asks every 10 seconds")).to_be_visible()
    await row(nils, "Author 2").click()
    await lies_open(nils, "Author 2")
    mona = await sign_in(new_page, await discussion.moderator("Mona"))
    await row(mona, "Author 2").click()
    await lies_open(mona, "Author 2")
    await mona.keyboard.press("a")
    await expect(toast(mona)).to_contain_text("Approved: Author 2")
    await nils.keyboard.press("r")
    told = nils.locator(".notice.bad")
    await expect(told).to_contain_text("Your decision was not made")
    await expect(told).to_contain_text(re.compile(r"Mona decided first: Approved, at \d"))
    await expect(told).to_contain_text("Come to casino 2")
    reader = await open_article(await new_page(), discussion.address)
    await expect(comment(reader, "casino 2")).to_be_visible()


async def test_what_its_author_changed_comes_back_to_be_read(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage)
    number = await discussion.post("One casino", name="Fickle")
    page = await sign_in(new_page, await discussion.moderator())
    await row(page, "Fickle").click()
    await lies_open(page, "Fickle")
    answer = await stage.client.patch(
        f"/api/v1/comments/{number}",
        json={"body": "Two casinos, and a casino"},
        headers={"Authorization": f"Bearer {discussion.token}"},
    )
    assert answer.status_code == 202, answer.text
    await page.keyboard.press("a")
    told = page.locator(".notice.bad")
    await expect(told).to_contain_text("Its author edited it")
    await told.get_by_role("button", name="Look at it again").click()
    await expect(case(page)).to_contain_text("Two casinos")
    await page.keyboard.press("a")
    await expect(toast(page)).to_contain_text("Approved: Fickle")


async def test_a_claim_that_ran_out_is_explained(new_page: NewPage, stage: Stage) -> None:
    """Somebody was called away: after some minutes without a sign the case is the others' again."""
    discussion = await desk(stage, held=1)
    page = await sign_in(new_page, await discussion.moderator())
    await page.clock.install()
    await page.reload()
    await expect(row(page, "Author 1")).to_be_visible()
    await page.keyboard.press("n")
    await expect(case(page)).to_contain_text("Yours until")
    await page.clock.fast_forward("10:00")
    await expect(case(page)).to_contain_text("Your claim ran out at")
    await expect(case(page)).to_contain_text("You can still decide")
    await page.keyboard.press("a")
    await expect(toast(page)).to_contain_text("Approved: Author 1")


async def test_a_heartbeat_keeps_the_claim(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=1, moderation={"claim_seconds": 2})
    page = await sign_in(new_page, await discussion.moderator())
    await expect(row(page, "Author 1")).to_be_visible()
    async with page.expect_response(lambda response: response.request.method == "PUT") as beat:
        await page.keyboard.press("n")
    assert (await (await beat.value).json())["items"][0]["expires_at"]
    await expect(case(page)).to_contain_text("Yours until")


async def test_leaving_gives_back_at_once(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=1)
    nils = await sign_in(new_page, await discussion.moderator("Nils"))
    await expect(nils.get_by_text("Live", exact=True)).to_be_visible()
    mona = await sign_in(new_page, await discussion.moderator("Mona"))
    await expect(row(mona, "Author 1")).to_be_visible()
    await mona.keyboard.press("n")
    await lies_open(mona, "Author 1")
    await expect(row(nils, "Author 1")).to_contain_text("Mona")
    await mona.close(run_before_unload=True)
    await expect(row(nils, "Author 1")).not_to_contain_text("Mona")
    await nils.keyboard.press("n")
    await lies_open(nils, "Author 1")
    await expect(case(nils)).to_contain_text("Yours until")


async def test_skipping_leaves_it_to_others(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=2)
    page = await sign_in(new_page, await discussion.moderator())
    await expect(row(page, "Author 1")).to_be_visible()
    await page.keyboard.press("n")
    await lies_open(page, "Author 1")
    await page.keyboard.press("x")
    await lies_open(page, "Author 2")
    await expect(row(page, "Author 1")).not_to_contain_text("Yours")
    await expect(row(page, "Author 2")).to_contain_text("Yours")


async def test_many_at_once(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=4)
    page = await sign_in(new_page, await discussion.moderator())
    for author in ("Author 1", "Author 3"):
        await row(page, author).locator(".tick").click()
    chosen = page.get_by_role("group", name="Chosen cases")
    await expect(chosen).to_contain_text("2 cases chosen")
    # What is chosen stays chosen, whatever the list shows.
    await page.get_by_role("searchbox").fill("Author 4")
    await expect(rows(page)).to_have_count(1)
    await expect(chosen).to_contain_text("2 cases chosen")
    await chosen.get_by_role("button", name="Approve").click()
    await expect(toast(page)).to_have_text(re.compile("2 cases decided"))
    assert len(await discussion.bodies()) == 2
    await expect(page.get_by_text("2 cases wait")).to_be_visible()
    # One undo takes all of it back.
    await toast(page).get_by_role("button", name="Undo").click()
    await expect(toast(page)).to_have_text(re.compile("2 decisions undone"))
    assert await discussion.bodies() == []
    await page.get_by_role("searchbox").fill("")
    await expect(rows(page)).to_have_count(4)
    # A range, as in any list: from where one is to where one clicks.
    await row(page, "Author 2").click()
    await row(page, "Author 4").click(modifiers=["Shift"])
    await expect(chosen).to_contain_text("3 cases chosen")
    await page.get_by_role("listbox").press("Control+a")
    await expect(chosen).to_contain_text("4 cases chosen")


async def test_filters_stand_in_the_address(new_page: NewPage, stage: Stage) -> None:
    discussion = await desk(stage, held=2)
    bad = await discussion.post("You are a gull", name="Rude")
    for reason in ("abuse", "spam", "abuse"):
        await discussion.report(bad, reason, "He called me a gull.")
    page = await sign_in(new_page, await discussion.moderator())
    await expect(rows(page)).to_have_count(3)
    await page.get_by_label("Why").select_option("reported")
    await expect(rows(page)).to_have_count(1)
    await expect(page).to_have_url(re.compile("reason=reported"))
    await page.get_by_role("link", name="Log").click()
    await expect(page.get_by_role("heading", name="Log")).to_be_focused()
    await page.go_back()
    await expect(page.get_by_label("Why")).to_have_value("reported")
    await expect(rows(page)).to_have_count(1)
    await page.go_back()
    await expect(rows(page)).to_have_count(3)
    await page.goto(f"{page.url.partition('?')[0]}?reason=reported&q=gull")
    await expect(rows(page)).to_have_count(1)
    await row(page, "Rude").click()
    await expect(case(page)).to_contain_text("Insults or harassment")
    await expect(case(page)).to_contain_text("He called me a gull.")


async def test_what_was_noticed_is_marked_in_the_text(new_page: NewPage, stage: Stage) -> None:
    """The very words, behind tags, line ends and letters outside the basic plane."""
    discussion = await desk(stage)
    await discussion.post("> quoted 🎲\n\nCome **to** my 🎰 *ca*sino\n\n- now", name="Goldie")
    page = await sign_in(new_page, await discussion.moderator())
    await row(page, "Goldie").click()
    await expect(case(page).locator("mark")).not_to_have_count(0)
    assert "".join(await case(page).locator("mark").all_inner_texts()) == "casino"


async def test_a_long_queue_keeps_few_rows(new_page: NewPage, stage: Stage) -> None:
    """What is not seen is not in the document, and the bar tells how long the queue is."""
    discussion = await desk(stage, held=130)
    page = await sign_in(new_page, await discussion.moderator())
    await expect(page.get_by_text("130 cases wait")).to_be_visible()
    await expect(row(page, "Author 1")).to_be_visible()
    assert await rows(page).count() < 40
    box = page.get_by_role("listbox")
    await box.focus()
    await page.keyboard.press("End")
    await expect(row(page, "Author 130")).to_be_visible()
    await expect(row(page, "Author 130")).to_have_attribute("aria-posinset", "130")
    assert await rows(page).count() < 40
    await expect(box).to_be_focused()
    await lies_open(page, "Author 130")
    await page.keyboard.press("a")
    await expect(toast(page)).to_contain_text("Author 130")
    # What was not read yet is looked through too, and can be chosen without being seen.
    await page.goto(f"{page.url.partition('?')[0]}?q=casino+127")
    await expect(rows(page)).to_have_count(1)
    await expect(row(page, "Author 127")).to_be_visible()
    await page.goto(page.url.partition("?")[0])
    await row(page, "Author 2").locator(".tick").click()
    await page.get_by_role("button", name="Choose the whole queue (129)").click()
    await expect(page.get_by_role("group", name="Chosen cases")).to_contain_text("129 cases chosen")
    assert await rows(page).count() < 40


async def test_a_session_that_ended_says_so(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage, held=1)
    page = await sign_in(new_page, await discussion.moderator())
    await expect(row(page, "Author 1")).to_be_visible()
    await page.context.clear_cookies()
    watch.explain("status of 401", "the session is over")
    await page.keyboard.press("n")
    await expect(page.get_by_text("Your session has ended")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await expect(page.get_by_label("E-mail address")).to_be_visible()
