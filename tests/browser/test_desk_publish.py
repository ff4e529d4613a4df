"""The console's pages for publishers: discussions and jobs on them, a site's history, new sites and the end of one."""

from __future__ import annotations

from playwright.async_api import Page, expect

from service import identity
from tests.browser.axe import faults
from tests.browser.conftest import NewPage
from tests.browser.desk import desk, sign_in, toast
from tests.browser.stage import Stage
from tests.browser.watch import Watch


async def _go(page: Page, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("heading", name=name, exact=True)).to_be_focused()


async def test_two_discussions_are_merged_and_parted(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage)
    await discussion.post("Under the first", name="Ada", title="Gulls, again")
    other = discussion.address + "-other"
    await discussion.post("Under the other", name="Bob", url=other, title="Gulls and lids")
    page = await sign_in(new_page, await discussion.moderator("Olga", role="owner"))
    await _go(page, "Articles’ discussions")
    await page.get_by_label("Words in title or address").fill("gulls again")
    await expect(page.get_by_role("row")).to_have_count(2)
    assert await faults(page) == []
    await page.get_by_role("link", name="Gulls, again").click()
    await expect(page.get_by_text("1 comment", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Lock it").click()
    await expect(page.get_by_role("button", name="Open it")).to_be_visible()
    await page.get_by_role("button", name="Open it").click()
    await expect(page.get_by_role("button", name="Lock it")).to_be_visible()

    watch.explain("status of 404.*/thread-jobs/merge", "there is no such discussion")
    await page.get_by_label("Merge into").fill("999")
    await page.get_by_role("button", name="See what merging would do").click()
    await expect(page.locator(".problem, .toast").first).to_contain_text("no such discussion")
    await page.get_by_label("Merge into").fill(other)
    await page.get_by_role("button", name="See what merging would do").click()
    planned = page.get_by_role("article", name="Merge: Planned")
    await expect(planned).to_contain_text("Comments: 1")
    assert await faults(page) == []
    await planned.get_by_role("button", name="Begin").click()
    done = page.get_by_role("article", name="Merge: Done")
    await expect(done).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("2 comments", exact=True)).to_be_visible()
    await done.get_by_role("button", name="Take back").click()
    await done.get_by_role("button", name="Take back").click()
    await expect(page.get_by_role("article", name="Merge: Taken back")).to_be_visible()


async def test_a_site_is_made_changed_back_and_kept(new_page: NewPage, stage: Stage, watch: Watch) -> None:
    discussion = await desk(stage)
    page = await sign_in(new_page, await discussion.moderator("Olga", role="owner"))
    await _go(page, "Settings")
    await page.get_by_label("The site's name").fill("The Gull")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(toast(page)).to_contain_text("Saved")
    await _go(page, "Site")
    change = page.get_by_role("row").filter(has_text="The Gull")
    await expect(change).to_contain_text("Olga")
    await change.get_by_role("button", name="Take back").click()
    await change.get_by_role("button", name="Take back").click()
    await expect(page.get_by_role("row")).to_have_count(3)

    watch.explain("status of 422.*/erasure", "not the name of the site")
    await page.get_by_label("to confirm").fill("something else")
    await page.get_by_role("button", name="Erase in a week").click()
    await expect(page.get_by_label("to confirm")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("to confirm").fill(discussion.site.name)
    await page.get_by_role("button", name="Erase in a week").click()
    await expect(page.get_by_text("It is erased for good after")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("button", name="Keep the site").click()
    await expect(page.get_by_role("button", name="Erase in a week")).to_be_visible()
    await expect(page.get_by_role("form", name="New site")).to_have_count(0)


async def test_who_runs_the_platform_makes_a_site_and_sees_the_outbox(
    new_page: NewPage, stage: Stage, watch: Watch
) -> None:
    discussion = await desk(stage)
    link = await discussion.moderator("Root", role="owner")
    await stage.db.transact(identity.set_admin, f"root@{discussion.site.name}.test", "Root", is_admin=True)
    page = await sign_in(new_page, link)
    await page.goto(f"{stage.url}/console/sites?site={discussion.site.name}")
    box = page.get_by_role("region", name="What is still to be told")
    await expect(box).to_contain_text("given up")
    form = page.get_by_role("form", name="New site")
    watch.explain("status of 409.*/sites", "a name that is taken")
    await form.get_by_label("Short name").fill(discussion.site.name)
    await form.get_by_label("Where its articles live").fill("https://gull.test")
    await form.get_by_role("button", name="Make the site").click()
    await expect(form.get_by_label("Short name")).to_have_attribute("aria-invalid", "true")
    assert await faults(page) == []
    name = f"{discussion.site.name}-new"
    await form.get_by_label("Short name").fill(name)
    await form.get_by_role("button", name="Make the site").click()
    await page.wait_for_url(f"**/console/snippet?site={name}")
