"""A shadowed reader's comments: there for them, also after a reload, and for nobody else."""

from __future__ import annotations

from playwright.async_api import expect

from service import comments, sanctions
from service.identity import account_by_email
from service.kit.db import ReadTx
from tests.browser.conftest import NewPage
from tests.browser.reader import comment, open_article, post, reply
from tests.browser.stage import Discussion, Stage


async def _shadow(stage: Stage, discussion: Discussion, number: str) -> None:
    await discussion.moderator()

    async def who(tx: ReadTx) -> tuple[int, int]:
        wrote = await comments.get(tx, int(number), comments.STAFF)
        account = await account_by_email(tx, f"mona@{discussion.site.name}.test")
        assert account is not None
        assert wrote.person_id is not None
        return wrote.person_id, account.id

    person, account = await stage.db.read(who)
    await stage.db.transact(sanctions.impose, discussion.site.id, account, "shadow", "person", str(person), until=None)


async def test_a_shadow_is_not_noticed_by_whom_it_is_on(new_page: NewPage, stage: Stage) -> None:
    discussion = await stage.discussion()
    root = await discussion.post("Somebody else's")
    page = await new_page()
    frame = await open_article(page, discussion.sibling)
    number = (await (await post(frame, "Before", "Troll")).get_attribute("id") or "").removeprefix("comment-")
    await _shadow(stage, discussion, number)

    await post(frame, "Whispered")
    await reply(frame, comment(frame, root), "Hissed")

    for _ in range(2):
        frame = await open_article(page, discussion.sibling)
        for words in ("Before", "Whispered", "Hissed"):
            await expect(comment(frame, words)).to_have_count(1)
        await expect(frame.locator("[data-held]")).to_have_count(0)
    other = await open_article(await new_page(), discussion.address)
    await expect(comment(other, "Before")).to_be_visible()
    for words in ("Whispered", "Hissed"):
        await expect(comment(other, words)).to_have_count(0)


async def test_a_comment_that_may_still_come_is_not_put_twice(new_page: NewPage, stage: Stage) -> None:
    """Of a list that goes on nobody knows yet what it lacks."""
    discussion = await stage.discussion()
    page = await new_page()
    frame = await open_article(page, discussion.sibling)
    await post(frame, "My early one", "Ada")
    await discussion.posts(30)
    frame = await open_article(page, discussion.sibling)
    await frame.locator("[data-sort=newest]").click()
    await expect(comment(frame, "Comment 30")).to_be_visible()
    await expect(comment(frame, "My early one")).to_have_count(0)
    await frame.locator("[data-list] > .more a").click()
    await expect(comment(frame, "My early one")).to_have_count(1)
