"""Decisions with marks, reasons and undo: what each changes, and what two that contradict each other get."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.stories.redress.bench import Bench
from tests.world import World, flat


@pytest.fixture
async def bench(world: World) -> Bench:
    return await Bench.new(world)


async def test_a_reason_is_one_of_the_sites_own(bench: Bench) -> None:
    comment = await bench.write(bench.world.guest())
    refused = await bench.decide(comment, "remove", reason="because")
    assert refused["problem"]["type"].endswith("#reason-unknown")
    assert refused["problem"]["field"] == "reason"
    assert await bench.seen(comment) is not None
    params = {"site": bench.world.site.name}
    listed = (await bench.mona.get("/api/v1/moderation/reasons", params=params)).json()
    codes = {item["code"]: item for item in listed["items"]}
    assert codes["spam"]["needs_statement"] is False
    assert codes["illegal"]["ground"] == "illegal"
    assert codes["hate"]["dsa_category"] == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    await bench.made(comment, "remove", reason="insult")


async def test_a_site_may_want_every_restriction_to_name_its_reason(world: World) -> None:
    bench = await Bench.new(await world.another({"reasons": {"required": True}}))
    comment = await bench.write(bench.world.guest())
    assert (await bench.decide(comment, "remove"))["problem"]["type"].endswith("#reason-unknown")
    # Spam is a reason by itself, and an approval needs none.
    await bench.made(comment, "approve")
    await bench.made(comment, "spam", version=comment["version"] + 1)


async def test_the_conflict_says_who_what_when_and_why(bench: Bench) -> None:
    comment = await bench.write(bench.world.guest())
    await bench.made(comment, "remove", reason="hate")
    problem = (await bench.decide(comment, "approve", bench.other))["problem"]
    assert problem["type"].endswith("#decided-meanwhile")
    assert (problem["by"], problem["action"], problem["reason"]) == ("Moderator", "remove", "hate")
    assert (problem["state"], problem["version"]) == ("removed", comment["version"] + 1)
    assert problem["at"].endswith("Z")


@pytest.mark.parametrize(("first", "second"), [("feature", "remove"), ("remove", "close_replies"), ("pin", "unpin")])
async def test_of_two_at_the_same_instant_one_is_made(bench: Bench, first: str, second: str) -> None:
    editor = await bench.world.staff("editor")
    comment = await bench.write(bench.world.guest())
    outcomes = await asyncio.gather(
        bench.decide(comment, first, editor), bench.decide(comment, second, await bench.world.staff("owner"))
    )
    assert sum(outcome["decision"] is not None for outcome in outcomes) == 1, outcomes


async def test_featured_and_pinned_are_seen_by_everybody(bench: Bench) -> None:
    editor, guest = await bench.world.staff("editor"), bench.world.guest()
    first, second, third = [await bench.write(guest, f"Number {n}.") for n in (1, 2, 3)]
    assert (await bench.decide(first, "pin"))["problem"]["type"].endswith("#editor-needed")
    await bench.made(first, "pin", editor)
    await bench.made(second, "feature", editor)
    for sort in ("best", "hot"):
        items = (await bench.world.read(sort=sort))["items"]
        assert items[0]["id"] == first["id"], sort
        assert [item["pinned"] for item in items] == [True, False, False]
        assert {item["id"] for item in items if item["featured"]} == {second["id"]}
    assert (await bench.world.read(sort="newest"))["items"][0]["id"] == third["id"]
    # A vote ranks it anew and leaves it where it is.
    await bench.world.guest().vote(third["id"], 1)
    await bench.world.guest().vote(first["id"], -1)
    assert (await bench.world.read(sort="best"))["items"][0]["id"] == first["id"]
    frame = await bench.world.client.get(
        "/embed", params={"site": bench.world.site.name, "url": bench.world.page("article")}
    )
    assert 'data-mark="pinned"' in frame.text
    assert 'data-mark="featured"' in frame.text
    again = (await bench.decide(first, "pin", editor, version=first["version"] + 1))["problem"]
    assert again["type"].endswith("#decision-impossible")
    await bench.made(first, "unpin", editor, version=first["version"] + 1)
    assert (await bench.world.read(sort="best"))["items"][0]["id"] == third["id"]


async def test_a_removed_comment_cannot_be_put_forward(bench: Bench) -> None:
    editor = await bench.world.staff("editor")
    comment = await bench.write(bench.world.guest())
    await bench.made(comment, "feature", editor)
    await bench.made(comment, "remove", version=2)
    assert (await bench.decide(comment, "pin", editor, version=3))["problem"]["type"].endswith("#decision-impossible")
    assert flat((await bench.world.read())["items"]) == []


async def test_below_closed_replies_nothing_is_added_however_deep(bench: Bench) -> None:
    guest = bench.world.guest()
    root = await bench.write(guest, "Root.")
    below = [root]
    for depth in range(4):
        below.append(await bench.write(guest, f"Depth {depth}.", parent=below[-1]["id"]))
    beside = await bench.write(guest, "Beside.")
    await bench.made(below[1], "close_replies", version=below[1]["version"])
    for parent, status in ((root, 201), (below[1], 403), (below[2], 403), (below[4], 403), (beside, 201)):
        answer = await guest.try_post("Further.", parent=parent["id"])
        assert answer.status_code == status, (parent["html"], answer.text)
    assert answer.status_code == 201
    refused = await guest.try_post("Further.", parent=below[4]["id"])
    assert refused.json()["type"].endswith("#replies-closed")
    assert (await bench.seen(below[1]) or {})["replies_closed"] is True
    await bench.made(below[1], "open_replies", version=below[1]["version"] + 1)
    assert (await guest.try_post("Further.", parent=below[4]["id"])).status_code == 201


async def test_undo_puts_everything_back(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    reply = await bench.write(guest, "A reply.", parent=comment["id"])
    before = await bench.world.read()
    decision = await bench.made(comment, "remove", reason="hate", sanction={"kind": "ban"})
    assert (await guest.try_post("More.")).status_code == 403
    undone = await bench.undo(decision, bench.other)
    assert (undone["state"], undone["undoes"]) == ("published", decision)
    after = await bench.world.read()
    assert after["thread"]["comment_count"] == before["thread"]["comment_count"] == 2
    assert [item["id"] for item in flat(after["items"])] == [comment["id"], reply["id"]]
    assert (await guest.try_post("More.")).status_code == 201
    assert (await bench.statement(comment, guest))["withdrawn_at"] is not None
    log = await bench.mona.get("/api/v1/moderation/log", params={"site": bench.world.site.name, "limit": 4})
    assert [item["action"] for item in log.json()["items"]] == ["undo", "sanction-lifted", "sanction-imposed", "remove"]


async def test_undo_opens_the_case_again(world: World) -> None:
    bench = await Bench.new(await world.another({"screening": {"pre_moderate": True}}))
    comment = (await bench.world.guest().post(expect=202))["comment"]
    await bench.world.settle()
    params = {"site": bench.world.site.name}
    decision = await bench.made(comment, "approve")
    assert (await bench.mona.get("/api/v1/moderation/queue", params=params)).json()["items"] == []
    await bench.undo(decision)
    (case,) = (await bench.mona.get("/api/v1/moderation/queue", params=params)).json()["items"]
    assert case["comment"]["id"] == comment["id"]
    assert await bench.seen(comment) is None
    await bench.made(comment, "reject", version=comment["version"] + 2)


async def test_what_was_undone_or_overtaken_says_so(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    first = await bench.made(comment, "remove", reason="hate")
    second = await bench.made(comment, "restore", bench.other, version=2)
    overtaken = await bench.undo(first, expect=409)
    assert overtaken["type"].endswith("#decided-meanwhile")
    assert (overtaken["action"], overtaken["by"]) == ("restore", "Moderator")
    undoing = (await bench.undo(second))["decision"]
    twice = await bench.undo(second, bench.other, expect=409)
    assert (twice["what"], twice["by"]) == ("undone", "Moderator")
    assert (await bench.undo(undoing, expect=409))["what"] == "undo"
    assert await bench.seen(comment) is None


async def test_two_undo_at_once_and_it_is_undone_once(bench: Bench) -> None:
    comment = await bench.write(bench.world.guest())
    decision = await bench.made(comment, "remove")
    path = f"/api/v1/moderation/decisions/{decision}/undo"
    answers = await asyncio.gather(bench.mona.post(path), bench.other.post(path))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await bench.world.read())["thread"]["comment_count"] == 1


async def test_an_edit_or_a_deletion_meanwhile_is_not_undone_over(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    decision = await bench.made(comment, "approve")
    assert (await guest.edit(comment["id"], "Other words.")).status_code == 200
    assert (await bench.undo(decision, expect=409))["what"] == "edited"
    await guest.delete(comment["id"])
    assert (await bench.undo(decision, expect=409))["what"] == "deleted"


@pytest.mark.parametrize("number", ["0", "1", "999999999999999999", "x", "99999999999999999999999"])
async def test_a_decision_there_is_not_is_not_undone(bench: Bench, number: str) -> None:
    answer = await bench.mona.post(f"/api/v1/moderation/decisions/{number}/undo")
    assert answer.status_code in {404, 422}, answer.text


async def test_undo_is_for_who_could_have_decided(bench: Bench) -> None:
    editor, sports = await bench.world.staff("editor"), await bench.world.staff("moderator", sections=["sports"])
    neighbour = await (await bench.world.another()).staff("owner")
    comment = await bench.write(bench.world.guest())
    featured = await bench.made(comment, "feature", editor)
    await bench.undo(featured, sports, expect=404)
    await bench.undo(featured, neighbour, expect=404)
    assert (await bench.undo(featured, bench.mona, expect=403))["type"].endswith("#editor-needed")
    await bench.undo(featured, editor)
    assert (await bench.seen(comment) or {})["featured"] is False


async def test_the_console_without_scripts_sends_reason_and_note(world: World) -> None:
    bench = await Bench.new(await world.another({"screening": {"pre_moderate": True}}))
    guest = bench.world.guest()
    comment = (await guest.post(expect=202))["comment"]
    page = (await bench.mona.get("/console/plain", params={"site": bench.world.site.name})).text
    assert '<select name="reason"' in page
    assert 'name="note"' in page
    form: dict[str, Any] = {"comment": comment["id"], "version": "1", "action": "reject"}
    wrong = await bench.mona.post("/console/decide", data=form | {"reason": "nonsense"})
    assert wrong.status_code == 422
    done = await bench.mona.post("/console/decide", data=form | {"reason": "insult", "note": "Please be kind."})
    assert done.status_code == 303
    told = await bench.statement(comment, guest)
    assert (told["reason"], told["note"], told["restriction"]) == ("insult", "Please be kind.", "rejected")
