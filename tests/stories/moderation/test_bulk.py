"""One decision about many comments: previewed, carried out once, watched, stopped, taken back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service import comments, identity, moderation
from service.kit import clock
from service.moderation import bulk_work, queues
from service.moderation.bulk import Job
from service.moderation.index import lane
from tests.world import World

RAID = "Buy gold at https://gold.example now"


async def preview(staff: AsyncClient, world: World, expect: int = 200, **asked: Any) -> dict[str, Any]:
    answer = await staff.post("/api/v1/moderation/bulk/preview", json={"site": world.site.name, "filter": asked})
    assert answer.status_code == expect, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def start(staff: AsyncClient, token: str, action: str = "spam", **words: str) -> Response:
    return await staff.post("/api/v1/moderation/bulk", json={"token": token, "action": action, **words})


async def run(world: World, job: str) -> None:
    """What the worker does."""
    await bulk_work.work(world.parts.db, world.parts.queue, only=int(job))
    await world.settle()


async def begun(staff: AsyncClient, world: World, action: str = "spam", **asked: Any) -> str:
    """A job that waits."""
    answer = await start(staff, (await preview(staff, world, **asked))["token"], action)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def seen(staff: AsyncClient, job: str) -> dict[str, Any]:
    told: dict[str, Any] = (await staff.get(f"/api/v1/moderation/bulk/{job}")).json()
    return told


async def states(world: World, ids: list[str]) -> list[str]:
    found = await world.parts.db.read(comments.get_many, [int(one) for one in ids], comments.STAFF)
    return [found[int(one)].state for one in ids]


async def raided(world: World, number: int) -> list[str]:
    """So many comments of a raid, and two honest ones around it."""
    await world.guest("Bob").post("I like trams.")
    ids = [(await world.guest("Raider").post(f"{RAID} {i}"))["comment"]["id"] for i in range(number)]
    await world.guest("Bob").post("Buy a ticket.")
    return ids


async def test_a_raid_is_cleared_and_brought_back(world: World) -> None:
    raid = await raided(world, 95)
    moderator = await world.staff()

    found = await preview(moderator, world, host="gold.example")
    assert (found["count"], found["looked_at"], found["is_whole"]) == (95, 95, True)
    assert len(found["samples"]) == 20
    answer = await start(moderator, found["token"], "spam", note="The raid of Tuesday")
    job = answer.json()["id"]
    assert (answer.status_code, answer.json()["state"], answer.json()["total"]) == (202, "waiting", 95)
    assert (await world.read())["thread"]["comment_count"] == 97
    await run(world, job)

    told = await seen(moderator, job)
    assert (told["state"], told["done"], told["skipped"], told["by"]) == ("done", 95, {}, "Moderator")
    assert set(await states(world, raid)) == {"spam"}
    assert (await world.read())["thread"]["comment_count"] == 2
    decisions = await world.parts.db.read(_decisions, world)
    assert {(made.action, made.note) for made in decisions} == {("spam", "The raid of Tuesday")}
    assert len(decisions) == 95

    undone = (await moderator.post(f"/api/v1/moderation/bulk/{job}/undo")).json()
    assert (undone["undo_of"], undone["total"], undone["action"]) == (job, 95, "undo")
    await run(world, undone["id"])
    assert (await seen(moderator, undone["id"]))["done"] == 95
    assert set(await states(world, raid)) == {"published"}
    assert (await world.read())["thread"]["comment_count"] == 97
    again = await moderator.post(f"/api/v1/moderation/bulk/{job}/undo")
    assert again.json()["type"] == "/errors#bulk-undo-impossible"
    listed = (await moderator.get("/api/v1/moderation/bulk", params={"site": world.site.name, "limit": 1})).json()
    assert [item["id"] for item in listed["items"]] == [undone["id"]]
    rest = await moderator.get(
        "/api/v1/moderation/bulk", params={"site": world.site.name, "cursor": listed["next_cursor"]}
    )
    assert [item["id"] for item in rest.json()["items"]] == [job]


async def _decisions(tx: Any, world: World) -> list[moderation.Entry]:
    staff = identity.Staff(identity.Account(1, "", ""), {world.site.id: "owner"})
    return await moderation.entries(tx, staff, world.site.id, limit=500)


async def test_every_filter_finds_what_it_says(world: World) -> None:
    # At noon: who posts from one address after midnight has another pseudonym.
    with clock.frozen(clock.now().replace(hour=12) + timedelta(days=1)) as hands:
        ada, moderator = world.guest("Ada"), await world.staff()
        first = await ada.post("The first саѕіno", page="one")
        hands.advance(timedelta(hours=1))
        second = await world.guest("Bob").post("See https://www.bad.example/x", page="two")
        hands.advance(timedelta(hours=1))
        third = await ada.post("Third", page="two")
        early, late = (
            (clock.now() - timedelta(minutes=90)).isoformat(),
            (clock.now() - timedelta(minutes=30)).isoformat(),
        )
        await ada.vote(second["comment"]["id"], -1)
        await moderator.post(
            "/api/v1/moderation/decisions",
            json={"items": [{"comment": third["comment"]["id"], "version": 1}], "action": "remove"},
        )
        one, two, three = (made["comment"]["id"] for made in (first, second, third))
        author = str((await world.parts.db.read(comments.get, int(one), comments.STAFF)).person_id)
        cases: list[tuple[dict[str, Any], list[str]]] = [
            ({"word": "casino"}, [one]),
            ({"word": "cas*"}, [one]),
            ({"word": "casino", "host": "bad.example"}, []),
            ({"host": "bad.example"}, [two]),
            ({"author": author}, [one]),
            ({"address_of": two}, [two]),
            ({"address_of": one, "state": "removed"}, [three]),
            ({"author": author, "state": "removed"}, [three]),
            ({"after": early, "before": late}, [two]),
            ({"before": early}, [one]),
            ({"max_score": -1}, [two]),
            ({"min_score": 0}, [one]),
            ({"thread": second["comment"]["thread"]}, [two]),
            ({"state": "published"}, [two, one]),
            ({"state": "spam"}, []),
        ]
        for asked, expected in cases:
            found = await preview(moderator, world, **asked)
            assert [sample["id"] for sample in found["samples"]] == expected, asked
            assert found["count"] == len(expected), asked
    for asked, kind in (({}, "nothing-asked"), ({"word": "e*"}, "rule-too-broad"), ({"host": "no host"}, "invalid")):
        assert (await preview(moderator, world, expect=422, **asked))["type"] == f"/errors#{kind}"


async def test_a_token_starts_one_job_by_its_owner_in_time(world: World) -> None:
    await raided(world, 1)
    ada, grace = await world.staff(), await world.staff()
    stolen = (await preview(ada, world, host="gold.example"))["token"]

    assert (await start(grace, stolen)).json()["type"] == "/errors#bulk-token-invalid"
    both = await asyncio.gather(start(ada, stolen), start(ada, stolen))
    assert sorted(answer.status_code for answer in both) == [202, 422]
    assert (await start(ada, stolen)).status_code == 422
    assert (await start(ada, "made up")).status_code == 422
    with clock.frozen() as hands:
        old = (await preview(ada, world, host="gold.example"))["token"]
        hands.advance(timedelta(minutes=16))
        assert (await start(ada, old)).status_code == 422


async def test_what_changed_after_the_preview_is_left_alone(world: World) -> None:
    raid = await raided(world, 4)
    honest = world.guest("Honest")
    edited = (await honest.post(f"{RAID}?"))["comment"]["id"]
    moderator = await world.staff()
    found = await preview(moderator, world, host="gold.example")
    await honest.edit(edited, "I did not mean it.")
    later = (await world.guest().post(RAID))["comment"]["id"]
    await moderator.post(
        "/api/v1/moderation/decisions", json={"items": [{"comment": raid[0], "version": 1}], "action": "remove"}
    )

    job = (await start(moderator, found["token"])).json()["id"]
    await run(world, job)

    told = await seen(moderator, job)
    assert (told["total"], told["done"], told["skipped"]) == (5, 3, {"decided-meanwhile": 2})
    assert await states(world, [*raid, edited, later]) == ["removed", "spam", "spam", "spam", "published", "published"]


async def test_cases_are_closed_and_open_again_after_the_undo(world: World) -> None:
    held = await world.another({"screening": {"pre_moderate": True}})
    ids = [(await held.guest().post(f"{RAID} {i}", expect=202))["comment"]["id"] for i in range(50)]
    await held.settle()
    moderator = await held.staff()
    job = await begun(moderator, held, "reject", host="gold.example", state="held")
    await run(held, job)
    counts = (await moderator.get("/api/v1/moderation/counts", params={"site": held.site.name})).json()
    assert counts["items"][0]["open"] == 0
    assert await held.parts.queue.size(held.site.id) == 0

    undone = (await moderator.post(f"/api/v1/moderation/bulk/{job}/undo")).json()["id"]
    await run(held, undone)

    assert set(await states(held, ids)) == {"held"}
    assert await held.parts.queue.waiting(held.site.id, lane(queues.ALL.key)) == 50
    claimed = (await moderator.post("/api/v1/moderation/claims", json={"site": held.site.name, "limit": 3})).json()
    assert len(claimed["items"]) == 3


async def test_an_undo_does_not_touch_what_was_decided_since(world: World) -> None:
    raid = await raided(world, 3)
    moderator = await world.staff()
    job = await begun(moderator, world, "spam", host="gold.example")
    await run(world, job)
    await moderator.post(
        "/api/v1/moderation/decisions", json={"items": [{"comment": raid[1], "version": 2}], "action": "restore"}
    )

    undone = (await moderator.post(f"/api/v1/moderation/bulk/{job}/undo")).json()["id"]
    await run(world, undone)

    told = await seen(moderator, undone)
    assert (told["done"], told["skipped"]) == (2, {"decided-meanwhile": 1})
    assert set(await states(world, raid)) == {"published"}


class Killed(BaseException):
    """A worker's sudden end."""


async def test_a_worker_that_is_killed_leaves_a_job_that_another_one_finishes(world: World) -> None:
    raid = await raided(world, 130)
    moderator = await world.staff()
    job = await begun(moderator, world, "spam", host="gold.example")
    parts = world.parts

    def die_in_the_middle(now: Job) -> None:
        if now.done >= 80:
            raise Killed

    with clock.frozen() as hands:
        with pytest.raises(Killed):
            await bulk_work.work(parts.db, parts.queue, only=int(job), progress=die_in_the_middle)
        # Nobody takes it while the first one might be alive.
        assert await bulk_work.work(parts.db, parts.queue, only=int(job)) == 0
        assert (await seen(moderator, job))["done"] == 80
        hands.advance(timedelta(minutes=2))
        rest = await asyncio.gather(*(bulk_work.work(parts.db, parts.queue, only=int(job)) for _ in range(3)))

    assert sum(rest) == 1
    assert (await seen(moderator, job))["done"] == 130
    assert set(await states(world, raid)) == {"spam"}
    decided = [made.comment_id for made in await parts.db.read(_decisions, world)]
    assert len(decided) == len(set(decided)) == 130


async def test_a_job_can_be_stopped_in_the_middle_and_what_it_did_undone(world: World) -> None:
    raid = await raided(world, 100)
    moderator = await world.staff()
    job = await begun(moderator, world, "spam", host="gold.example")

    reached = asyncio.Event()

    async def stop() -> None:
        await reached.wait()
        await moderator.post(f"/api/v1/moderation/bulk/{job}/cancel")

    work = bulk_work.work(world.parts.db, world.parts.queue, only=int(job), progress=lambda _: reached.set())
    await asyncio.gather(work, stop())

    told = await seen(moderator, job)
    assert told["state"] == "cancelled"
    assert (await states(world, raid)).count("spam") == told["done"] < 100
    undone = (await moderator.post(f"/api/v1/moderation/bulk/{job}/undo")).json()["id"]
    await run(world, undone)
    assert set(await states(world, raid)) == {"published"}


async def test_whoever_lost_the_role_decides_no_more_by_a_job_begun_before(world: World) -> None:
    raid = await raided(world, 3)
    email = f"gone@{world.site.name}.test"
    former = await world.staff("moderator", email)
    job = await begun(former, world, "spam", host="gold.example")
    account = await world.parts.db.read(identity.account_by_email, email)
    assert account is not None
    await world.parts.db.transact(identity.revoke, account.id, world.site.id)

    await run(world, job)

    assert (await seen(await world.staff(), job))["state"] == "failed"
    assert set(await states(world, raid)) == {"published"}


async def test_jobs_of_another_site_do_not_exist_and_sections_stay_apart(world: World) -> None:
    await raided(world, 2)
    moderator = await world.staff()
    elsewhere = await (await world.another()).staff("owner")
    sports = await world.staff("moderator", sections=["sports"])
    job = await begun(moderator, world, "spam", host="gold.example")

    for path in ("", "/cancel", "/undo"):
        method = "POST" if path else "GET"
        answer = await elsewhere.request(method, f"/api/v1/moderation/bulk/{job}{path}")
        assert answer.json()["type"] == "/errors#bulk-unknown", path
    await preview(elsewhere, world, expect=404, word="gold")
    assert (await preview(sports, world, host="gold.example"))["count"] == 0
    busy = await moderator.post(f"/api/v1/moderation/bulk/{job}/undo")
    assert busy.json()["type"] == "/errors#bulk-not-over"
