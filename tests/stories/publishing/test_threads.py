"""A publisher tidies up: finds discussions, closes and locks them, moves, merges, remaps and purges them."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient
from sqlmodel import select

from service import comments, publishing, threads
from service.comments.tables import CommentRow
from service.kit.db import ReadTx, WriteTx
from service.publishing import merging, remapping
from tests.world import Guest, World, flat


def _path(world: World, rest: str = "threads") -> str:
    return f"/api/v1/sites/{world.site.name}/{rest}"


async def _look(world: World, owner: AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await owner.get(_path(world), params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def _job(world: World, owner: AsyncClient, kind: str, expect: int = 201, **asked: Any) -> dict[str, Any]:
    answer = await owner.post(_path(world, f"thread-jobs/{kind}"), json=asked)
    assert answer.status_code == expect, answer.text
    await publishing.work(world.parts.db)
    found: dict[str, Any] = (await owner.get(_path(world, f"thread-jobs/{answer.json()['id']}"))).json()
    return found


async def _step(world: World, owner: AsyncClient, job: dict[str, Any], step: str, **body: Any) -> dict[str, Any]:
    answer = await owner.post(_path(world, f"thread-jobs/{job['id']}/{step}"), json=body)
    assert answer.status_code in {200, 202}, answer.text
    await publishing.work(world.parts.db)
    found: dict[str, Any] = (await owner.get(_path(world, f"thread-jobs/{job['id']}"))).json()
    return found


async def _counters_are_true(world: World, *thread_ids: str) -> None:
    """What is stored of each thread is what a recount makes of its comments, row by row."""

    async def stored(tx: ReadTx) -> dict[str, Any]:
        found = await threads.get_many(tx, [int(each) for each in thread_ids])
        rows = await tx.exec(select(CommentRow.id, CommentRow.shown, CommentRow.reply_count, CommentRow.thread_id))
        return {
            "threads": {number: thread.comment_count for number, thread in found.items()},
            "comments": {row[0]: row[1:] for row in rows.all() if str(row[3]) in thread_ids},
        }

    async def recount(tx: WriteTx) -> None:
        for each in thread_ids:
            await comments.recount_thread(tx, int(each))

    before = await world.parts.db.read(stored)
    await world.parts.db.transact(recount)
    assert await world.parts.db.read(stored) == before


async def test_found_by_words_state_and_address_page_by_page(world: World) -> None:
    moderator = await world.staff("moderator")
    for number in range(5):
        await world.guest().post(page=f"news/tram-{number}", title=f"The TRAM number {number}")
    await world.guest().post(page="sport/cup", title="Cup", identifier="cup-2026")
    assert {each["title"] for each in await _look(world, moderator, q="tram number")} == {
        f"The TRAM number {number}" for number in range(5)
    }
    (cup,) = await _look(world, moderator, q="CUP-2026")
    assert (cup["identifier"], cup["comment_count"], cup["state"]) == ("cup-2026", 1, "open")
    (same,) = await _look(world, moderator, url=world.page("sport/cup/") + "?utm_source=mail#top")
    assert same == cup
    assert await _look(world, moderator, state="closed") == []
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await moderator.get(_path(world), params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += [each["id"] for each in page.json()["items"]]
        if (cursor := page.json()["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen, key=int, reverse=True)


async def test_closed_opened_and_locked(world: World) -> None:
    moderator, ada, bob = await world.staff("moderator"), world.guest(), world.guest("Bob")
    made = (await ada.post("First."))["comment"]
    path = _path(world, f"threads/{made['thread']}")
    assert (await moderator.patch(path, json={"state": "closed"})).json()["state"] == "closed"
    assert (await world.read())["thread"]["state"] == "closed"
    assert (await bob.try_post("Too late.")).json()["type"].endswith("#thread-closed")
    assert (await moderator.patch(path, json={"state": "open"})).status_code == 200
    await bob.post("In time.")
    assert (await moderator.patch(path, json={"state": "locked"})).json()["state"] == "locked"
    assert (await bob.try_post("No.")).status_code == 403
    assert (await ada.edit(made["id"], "Other words.")).status_code == 403
    assert (await ada.delete(made["id"])).json()["type"].endswith("#thread-locked")
    assert (await bob.vote(made["id"], 1)).status_code == 403
    log = await moderator.get("/api/v1/moderation/log", params={"site": world.site.name})
    acts = [entry["action"] for entry in log.json()["items"]]
    assert acts[:3] == ["thread-locked", "thread-opened", "thread-closed"]


async def test_title_and_address_are_for_owners_and_old_addresses_go_on(world: World) -> None:
    owner, moderator = await world.staff("owner"), await world.staff("moderator")
    made = (await world.guest().post(page="news/a", title="Old"))["comment"]
    other = (await world.guest().post(page="news/b"))["comment"]
    path = _path(world, f"threads/{made['thread']}")
    assert (await moderator.patch(path, json={"title": "New"})).status_code == 403
    assert (await world.read("sport/a"))["thread"]["id"] is None  # kept ready, and to be forgotten
    answer = await owner.patch(path, json={"title": "New", "url": world.page("sport/a")})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["title"], told["url"], len(told["addresses"])) == ("New", world.page("sport/a"), 2)
    for page in ("news/a", "sport/a"):
        assert (await world.read(page))["thread"] == {**(await world.read("sport/a"))["thread"]}
        assert (await world.read(page))["thread"]["id"] == made["thread"]
    refused = await owner.patch(path, json={"url": world.page("news/b")})
    assert (refused.status_code, refused.json()["thread"]) == (409, other["thread"])
    assert refused.json()["type"].endswith("#address-taken")


async def _two_discussions(world: World) -> tuple[Guest, dict[str, Any], dict[str, Any]]:
    ada = world.guest()
    first = (await ada.post("Root.", page="a", identifier="id-a"))["comment"]
    below = first
    for number in range(4):
        below = (await world.guest(f"G{number}").post(f"Reply {number}.", page="a", parent=below["id"]))["comment"]
    await world.guest("Voter").vote(first["id"], 1)
    second = (await world.guest("Bob").post("Elsewhere.", page="b"))["comment"]
    return ada, first, second


async def test_two_become_one_and_are_parted_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "PIECE", 2)
    owner = await world.staff("owner")
    ada, first, second = await _two_discussions(world)
    held = (await ada.post("Gone.", page="a"))["comment"]
    assert (await ada.delete(held["id"])).status_code == 204
    before = {page: await world.read(page) for page in "ab"}

    job = await _job(world, owner, "merge", thread=first["thread"], into=second["thread"])
    assert (job["state"], job["counts"]) == ("planned", {"comments": 6, "published": 5})
    assert await world.read("b") == before["b"], "a plan moves nothing"
    job = await _step(world, owner, job, "begin")
    assert (job["state"], job["done"]) == ("done", 6)

    merged = await world.read("b")
    assert merged["thread"]["comment_count"] == 6
    assert sorted(each["html"] for each in flat(merged["items"])) == sorted(
        each["html"] for page in "ab" for each in flat(before[page]["items"])
    )
    assert (await world.read("a"))["thread"]["id"] == second["thread"], "the old address leads there"
    named = await world.client.get(
        "/api/v1/threads", params={"site": world.site.name, "url": world.page("new"), "identifier": "id-a"}
    )
    assert named.json()["thread"]["id"] == second["thread"], "and the old identifier"
    link = await world.client.get(f"/api/v1/comments/{first['id']}")
    assert (link.json()["thread"]["id"], link.json()["comment"]["up"]) == (second["thread"], 1)
    assert (await world.client.get(f"/api/v1/threads/{first['thread']}/comments")).status_code == 200
    counts = await world.client.get(
        "/api/v1/counts", params={"site": world.site.name, "url": [world.page("a"), world.page("b")]}
    )
    assert [each["count"] for each in counts.json()["items"]] == [6, 6]
    (listed,) = await _look(world, owner)
    assert listed["id"] == second["thread"], "there is one discussion now"
    await _counters_are_true(world, first["thread"], second["thread"])

    answer = (await world.guest("Late").post("An answer since.", page="a", parent=first["id"]))["comment"]
    assert answer["thread"] == second["thread"]
    await world.guest("Other").post("A root since.", page="a")
    job = await _step(world, owner, job, "undo")
    assert job["state"] == "undone"
    parted = {page: await world.read(page) for page in "ab"}
    assert parted["a"]["thread"]["id"] == first["thread"]
    assert sorted(each["html"] for each in flat(parted["a"]["items"])) == sorted(
        ["<p>An answer since.</p>", *(each["html"] for each in flat(before["a"]["items"]))]
    )
    assert sorted(each["html"] for each in flat(parted["b"]["items"])) == [
        "<p>A root since.</p>",
        "<p>Elsewhere.</p>",
    ]
    await _counters_are_true(world, first["thread"], second["thread"])
    again = await owner.post(_path(world, f"thread-jobs/{job['id']}/undo"), json={})
    assert again.json()["type"].endswith("#thread-job-undo-impossible")


async def test_who_had_begun_to_post_is_brought_after(world: World) -> None:
    owner = await world.staff("owner")
    _, first, second = await _two_discussions(world)
    job = await _job(world, owner, "merge", thread=first["thread"], into=second["thread"])
    assert (await _step(world, owner, job, "begin"))["state"] == "done"

    async def late(tx: WriteTx) -> None:
        """What an act writes that had looked for its thread before the merge."""
        known = await comments.get(tx, int(first["id"]), comments.STAFF)
        row = await tx.get(CommentRow, known.id)
        assert row is not None
        values = row.model_dump() | {"id": row.id + 1, "thread_id": int(first["thread"]), "reply_count": 0}
        tx.add(CommentRow(**values))
        await threads.bump(tx, int(first["thread"]), published=1)

    await world.parts.db.transact(late)
    await publishing.work(world.parts.db)
    assert (await world.read("b"))["thread"]["comment_count"] == 7
    await _counters_are_true(world, first["thread"], second["thread"])


async def test_a_merge_needs_two_of_this_site(world: World) -> None:
    owner, other = await world.staff("owner"), await world.another()
    mine = (await world.guest().post())["comment"]["thread"]
    theirs = (await other.guest().post())["comment"]["thread"]
    for into in (mine, theirs, "999999999999999999"):
        refused = await owner.post(_path(world, "thread-jobs/merge"), json={"thread": mine, "into": into})
        assert refused.status_code == (422 if into == mine else 404), refused.text


async def test_remapped_by_a_rule_and_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remapping, "PIECE", 2)
    owner = await world.staff("owner")
    made = [(await world.guest().post(page=f"blog/{number}"))["comment"]["thread"] for number in range(5)]
    await world.guest().post(page="articles/3")
    await world.guest().post(page="about")
    job = await _job(
        world, owner, "remap", 202, rule="prefix", **{"from": world.page("blog/"), "to": world.page("articles/")}
    )
    assert (job["state"], job["counts"], job["total"]) == ("planned", {"moves": 4, "taken": 1}, 4)
    assert {"before": world.page("blog/3"), "after": world.page("articles/3"), "outcome": "taken"} in job["samples"]
    assert (await world.read("articles/1"))["thread"]["id"] is None
    job = await _step(world, owner, job, "begin")
    assert (job["state"], job["done"]) == ("done", 4)
    for page in ("articles/1", "blog/1"):
        found = (await world.read(page))["thread"]
        assert (found["id"], found["url"]) == (made[1], world.page("articles/1"))
    await owner.patch(_path(world, f"threads/{made[2]}"), json={"url": world.page("elsewhere")})
    job = await _step(world, owner, job, "undo")
    assert (job["state"], job["counts"]["moved-back"], job["counts"]["moved-since"]) == ("undone", 3, 1)
    assert (await world.read("blog/1"))["thread"]["url"] == world.page("blog/1")
    assert (await world.read("articles/1"))["thread"]["id"] is None, "what the job had added leads nowhere again"
    assert (await world.read("elsewhere"))["thread"]["id"] == made[2], "what somebody moved since stays"


async def test_remapped_by_a_list_and_by_a_pattern(world: World) -> None:
    owner = await world.staff("owner")
    for page in ("p/1", "p/2"):
        await world.guest().post(page=page)
    told = f"old,new\n{world.page('p/1')}?utm_source=x,{world.page('q/1')}\n{world.page('p/9')},{world.page('q/9')}\n"
    answer = await owner.post(_path(world, "thread-jobs/remap.csv"), content=told.encode("utf-8-sig"))
    assert answer.status_code == 202, answer.text
    second = await owner.post(_path(world, "thread-jobs/remap.csv"), content=told.encode())
    assert second.json()["type"].endswith("#thread-job-under-way")
    await publishing.work(world.parts.db)
    job = await _step(world, owner, answer.json(), "begin")
    assert job["counts"] == {"moves": 1, "unknown": 1, "moved": 1}
    assert (await world.read("q/1"))["thread"]["comment_count"] == 1
    job = await _job(
        world, owner, "remap", 202, rule="pattern", **{"from": r"(https://.*)/p/(\d)", "to": "$1/r-$2?from=p"}
    )
    assert job["counts"] == {"moves": 1}
    job = await _step(world, owner, job, "cancel")
    assert job["state"] == "cancelled"
    assert (await world.read("p/2"))["thread"]["url"] == world.page("p/2")


async def test_purged_for_good(world: World) -> None:
    owner = await world.staff("owner")
    ada, first, second = await _two_discussions(world)
    reporter = world.guest("Reporter")
    await reporter.report(first["id"], "abuse", "Look at this.")
    await world.settle()
    moderator = await world.staff("moderator")
    item = {"comment": first["id"], "version": first["version"]}
    await moderator.post("/api/v1/moderation/decisions", json={"items": [item], "action": "remove", "reason": "insult"})
    job = await _job(world, owner, "purge", thread=first["thread"])
    wrong = await owner.post(_path(world, f"thread-jobs/{job['id']}/begin"), json={"confirm": "yes"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "confirm")
    job = await _step(world, owner, job, "begin", confirm=world.page("a"))
    assert (job["state"], job["done"]) == ("done", 5)
    assert (await world.read("a"))["thread"]["id"] is None
    assert (await world.client.get(f"/t/{first['thread']}")).status_code == 404
    assert (await world.client.get(f"/api/v1/comments/{first['id']}")).status_code == 404
    assert (await world.read("b"))["thread"]["comment_count"] == 1
    assert (await ada.post("Anew.", page="a"))["comment"]["thread"] not in {first["thread"], second["thread"]}
