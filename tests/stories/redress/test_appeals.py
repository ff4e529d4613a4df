"""Statements of reasons, and appeals: what an author learns, and that somebody else answers."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from service.kit import clock
from tests.stories.redress.bench import Bench
from tests.world import Guest, World, flat


@pytest.fixture
async def bench(world: World) -> Bench:
    return await Bench.new(world)


async def test_an_author_learns_why(bench: Bench) -> None:
    guest, other = bench.world.guest(), bench.world.guest("Bob")
    comment = await bench.write(guest)
    await bench.write(other)
    await bench.made(comment, "remove", reason="insult", note="Call nobody that.")
    told = await bench.statement(comment, guest)
    assert (told["restriction"], told["reason"], told["ground"]) == ("removed", "insult", "terms")
    assert told["dsa_category"] == "STATEMENT_CATEGORY_CYBER_VIOLENCE"
    assert told["note"] == "Call nobody that."
    assert (told["source"], told["automated_detection"], told["automated_decision"]) == ("own", False, False)
    assert told["appeal_until"] is not None
    assert "was removed by a moderator" in told["facts"]
    (shown,) = (await bench.viewer(comment, guest))["statements"]
    assert shown == told
    assert (await bench.viewer(comment, other))["statements"] == []
    for stranger in (other, None):
        await bench.statement(comment, stranger, expect=404)
    staff = await bench.mona.get(f"/api/v1/comments/{comment['id']}/statement")
    assert staff.json()["id"] == told["id"]


async def test_of_spam_no_statement_is_owed(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.made(comment, "spam")
    await bench.statement(comment, guest, expect=404)
    assert (await bench.viewer(comment, guest))["statements"] == []
    # Who was taken for a spammer may still say that they are none.
    await bench.appeal(comment, guest)


async def test_what_readers_had_reported_is_said_to_come_from_a_notice(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.world.guest("Bob").report(comment["id"], "illegal")
    await bench.made(comment, "remove", reason="illegal")
    told = await bench.statement(comment, guest)
    assert (told["source"], told["ground"]) == ("notice", "illegal")
    owner = await bench.world.staff("owner")
    lines = await owner.get("/api/v1/moderation/statements.jsonl", params={"site": bench.world.site.name})
    (sent,) = [json.loads(line) for line in lines.text.splitlines()]
    assert sent["puid"] == told["id"]
    assert sent["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
    assert sent["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert sent["source_type"] == "SOURCE_ARTICLE_16"
    assert sent["category"] == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    assert (sent["automated_detection"], sent["automated_decision"]) == ("No", "AUTOMATED_DECISION_NOT_AUTOMATED")
    assert "Ada" not in lines.text


async def test_somebody_else_answers_and_a_reversal_restores(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.write(guest, "A reply.", parent=comment["id"])
    await bench.made(comment, "remove", reason="hate")
    assert (await bench.world.read())["thread"]["comment_count"] == 1
    await bench.appeal(comment, guest)
    await bench.world.settle()
    site = bench.world.site.name
    # Who decided is never offered the case, and cannot decide it by another way either.
    mine = await bench.mona.post("/api/v1/moderation/claims", json={"site": site, "limit": 5})
    assert mine.json()["items"] == []
    for action in ("restore", "approve", "remove", "spam"):
        refused = await bench.decide(comment, action, version=2)
        assert refused["problem"]["type"].endswith("#four-eyes"), action
    (claim,) = (await bench.other.post("/api/v1/moderation/claims", json={"site": site, "limit": 5})).json()["items"]
    item = {"comment": comment["id"], "claim": claim["claim"]}
    body = {"items": [item], "action": "approve", "note": "You are right."}
    (outcome,) = (await bench.other.post("/api/v1/moderation/decisions", json=body)).json()["items"]
    assert outcome["state"] == "published", outcome
    assert (await bench.world.read())["thread"]["comment_count"] == 2
    told = await bench.statement(comment, guest)
    assert (told["appeal"], told["appeal_answer"]) == ("reversed", "You are right.")
    assert told["withdrawn_at"] is not None
    assert len(flat((await bench.world.read())["items"])) == 2


async def test_the_decision_may_stand_and_that_is_the_end_of_it(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.made(comment, "remove", reason="hate")
    await bench.appeal(comment, guest)
    decided = await bench.decide(comment, "remove", bench.other, version=2, reason="hate", note="It stays out.")
    assert decided["state"] == "removed", decided
    told = await bench.statement(comment, guest)
    assert (told["appeal"], told["appeal_answer"], told["appeal_until"]) == ("upheld", "It stays out.", None)
    assert told["withdrawn_at"] is None
    again = await bench.appeal(comment, guest, expect=409)
    assert again["type"].endswith("#appealed-already")


async def test_one_appeals_once_also_twice_at_the_same_instant(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.made(comment, "remove")
    path, said = f"/api/v1/comments/{comment['id']}/appeal", {"text": "No!"}
    answers = await asyncio.gather(*[bench.world.client.post(path, json=said, headers=guest.headers) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]


async def test_nobody_appeals_for_somebody_else_or_against_nothing(bench: Bench) -> None:
    guest, other = bench.world.guest(), bench.world.guest("Bob")
    comment = await bench.write(guest)
    await bench.write(other)
    assert (await bench.appeal(comment, guest, expect=409))["type"].endswith("#nothing-to-appeal")
    await bench.made(comment, "remove")
    await bench.appeal(comment, other, expect=404)
    await bench.appeal(comment, None, expect=404)
    headers = {"Authorization": f"Bearer {guest.token}x"}
    path = f"/api/v1/comments/{comment['id']}/appeal"
    assert (await bench.world.client.post(path, json={"text": "x"}, headers=headers)).status_code == 404
    assert (await bench.world.client.post(path, json={"text": " "}, headers=guest.headers)).status_code == 422
    await bench.appeal(comment, guest)


async def test_after_half_a_year_it_is_too_late(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.made(comment, "remove")
    with clock.frozen() as hands:
        hands.advance(timedelta(days=181))
        assert (await bench.appeal(comment, guest, expect=403))["type"].endswith("#appeal-too-late")


async def test_who_decided_cannot_take_it_back_while_it_is_appealed(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    decision = await bench.made(comment, "remove")
    await bench.appeal(comment, guest)
    assert (await bench.undo(decision, bench.mona, expect=403))["type"].endswith("#four-eyes")


async def test_an_answer_that_is_undone_is_open_again(bench: Bench) -> None:
    guest = bench.world.guest()
    comment = await bench.write(guest)
    await bench.made(comment, "remove", reason="hate")
    await bench.appeal(comment, guest)
    answer = await bench.made(comment, "restore", bench.other, version=2)
    await bench.undo(answer, bench.other)
    told = await bench.statement(comment, guest)
    assert (told["appeal"], told["withdrawn_at"]) == ("open", None)
    assert await bench.seen(comment) is None
    assert (await bench.decide(comment, "restore", bench.mona, version=4))["problem"]["type"].endswith("#four-eyes")


async def test_a_statement_keeps_the_words_of_its_day(bench: Bench, world: World) -> None:
    custom = {
        "reasons": {
            "codes": [
                {
                    "code": "rude",
                    "title": "Rude",
                    "rule": "Rule 7",
                    "dsa_category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
                },
                {"code": "spam", "title": "Spam", "rule": "Rule 1", "needs_statement": False},
                {"code": "other", "title": "Else", "rule": "Rules"},
            ]
        }
    }
    own = await Bench.new(await world.another(custom))
    guest = own.world.guest()
    comment = await own.write(guest)
    assert (await own.decide(comment, "remove", reason="insult"))["problem"] is not None
    await own.made(comment, "remove", reason="rude")
    assert (await own.statement(comment, guest))["rule"] == "Rule 7"


async def held_by_readers(bench: Bench, guest: Guest, reason: str = "hate") -> dict[str, Any]:
    """A comment that readers' reports have hidden."""
    comment = await bench.write(guest)
    for name in ("Bob", "Cleo"):
        await bench.world.guest(name).report(comment["id"], reason)
    await bench.world.settle()
    assert await bench.seen(comment) is None
    return {**comment, "version": 2}


async def test_what_readers_reports_hide_is_explained_at_once_and_can_be_appealed(world: World) -> None:
    bench = await Bench.new(await world.another({"screening": {"hold_first_comments": False, "reports_to_hold": 2}}))
    guest = bench.world.guest()
    comment = await held_by_readers(bench, guest)
    told = await bench.statement(comment, guest)
    assert (told["restriction"], told["reason"], told["source"]) == ("held", "hate", "notice")
    assert (told["automated_decision"], told["automated_detection"]) == (True, False)
    assert "hidden after readers had reported it" in told["facts"]
    assert "Bob" not in str(told)
    (shown,) = (await bench.viewer(comment, guest))["statements"]
    assert shown == told
    await bench.appeal(comment, bench.world.guest("Bob"), expect=404)
    await bench.appeal(comment, guest)
    assert (await bench.appeal(comment, guest, expect=409))["type"].endswith("#appealed-already")
    assert (await bench.statement(comment, guest))["appeal"] == "open"
    # It is nobody's own decision, so whoever comes first may answer it.
    await bench.made(comment, "approve", note="You are right.")
    told = await bench.statement(comment, guest)
    assert (told["appeal"], told["appeal_answer"]) == ("reversed", "You are right.")
    assert told["withdrawn_at"] is not None
    assert await bench.seen(comment) is not None
    owner = await bench.world.staff("owner")
    lines = await owner.get("/api/v1/moderation/statements.jsonl", params={"site": bench.world.site.name})
    (sent,) = [json.loads(line) for line in lines.text.splitlines()]
    assert sent["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    assert sent["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]


async def test_a_decision_takes_the_place_of_the_hold_and_gives_it_back_when_undone(world: World) -> None:
    bench = await Bench.new(await world.another({"screening": {"hold_first_comments": False, "reports_to_hold": 2}}))
    guest = bench.world.guest()
    # Readers cannot call somebody a spammer by a machine; the site's own list decides the words.
    comment = await held_by_readers(bench, guest, "spam")
    assert (await bench.statement(comment, guest))["reason"] == "other"
    removed = await bench.made(comment, "remove", reason="insult")
    (told,) = (await bench.viewer(comment, guest))["statements"]
    assert (told["restriction"], told["reason"], told["automated_decision"]) == ("removed", "insult", False)
    assert told["appeal_until"] is not None
    await bench.undo(removed)
    (told,) = (await bench.viewer(comment, guest))["statements"]
    assert (told["restriction"], told["withdrawn_at"]) == ("held", None)
