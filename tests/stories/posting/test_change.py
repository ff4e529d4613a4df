"""Editing and deleting one's own; voting."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from sqlmodel import SQLModel

from service import votes
from service.kit import clock
from service.kit.db import ReadTx
from tests.world import World, flat


async def test_a_guest_edits_what_they_posted(world: World) -> None:
    ada = world.guest()
    posted = (await ada.post("Frist"))["comment"]

    response = await ada.edit(posted["id"], "First")

    assert response.status_code == 200, response.text
    edited = response.json()["comment"]
    assert edited["html"] == "<p>First</p>"
    assert edited["edited_at"]
    assert edited["version"] == posted["version"] + 1
    assert flat((await world.read())["items"])[0]["html"] == "<p>First</p>"


async def test_an_edit_goes_through_the_same_checks(world: World) -> None:
    strict = await world.another({"screening": {"hold_first_comments": False, "banned_words": ["tramhater"]}})
    ada = strict.guest()
    posted = (await ada.post("Nice"))["comment"]["id"]

    await ada.edit(posted, "you tramhater")

    text = str(await strict.read())
    assert "tramhater" not in text
    assert (await ada.edit(posted, "")).status_code == 422
    assert (await ada.edit(posted, "x" * 5_001)).status_code == 422


async def test_an_edit_does_not_lift_a_hold(world: World) -> None:
    held = await world.another({"screening": {"pre_moderate": True}})
    ada = held.guest()
    posted = await ada.post("Wait for me", expect=202)
    response = await ada.edit(posted["comment"]["id"], "Harmless")
    assert response.status_code == 202
    assert (await held.read())["items"] == []


async def test_nobody_else_edits_or_deletes(world: World) -> None:
    ada, eve = world.guest("Ada"), world.guest("Eve")
    posted = (await ada.post())["comment"]["id"]
    await eve.post("I have a capability too")

    for stranger in (eve, world.guest("Nobody")):
        assert (await stranger.edit(posted, "hacked")).status_code == 403
        assert (await stranger.delete(posted)).status_code == 403
    forged = world.guest("Forger")
    forged.token = ada.token[:-1] + ("A" if ada.token[-1] != "A" else "B")  # type: ignore[index]
    assert (await forged.edit(posted, "hacked")).status_code == 403


async def test_a_held_comment_is_unknown_to_strangers(world: World) -> None:
    held = await world.another({"screening": {"pre_moderate": True}})
    posted = (await held.guest().post(expect=202))["comment"]["id"]
    stranger = held.guest("Eve")
    assert (await stranger.edit(posted, "x")).status_code == 404
    assert (await stranger.delete(posted)).status_code == 404
    assert (await stranger.vote(posted, 1)).status_code == 404
    assert (await stranger.report(posted)).status_code == 404
    assert (await held.client.get(f"/api/v1/comments/{posted}")).status_code == 404


async def test_the_window_ends(world: World) -> None:
    ada = world.guest()
    posted = (await ada.post())["comment"]["id"]
    with clock.frozen() as hands:
        hands.advance(timedelta(seconds=901))
        assert (await ada.edit(posted, "too late")).json()["type"] == "/errors#edit-window-over"
        assert (await ada.delete(posted)).json()["type"] == "/errors#edit-window-over"


async def test_a_deleted_leaf_is_gone(world: World) -> None:
    ada = world.guest()
    posted = (await ada.post("Oops"))["comment"]["id"]
    assert (await ada.delete(posted)).status_code == 204
    page = await world.read()
    assert page["items"] == []
    assert page["thread"]["comment_count"] == 0
    assert (await world.client.get(f"/api/v1/comments/{posted}")).status_code == 404


async def test_a_deleted_comment_with_replies_leaves_its_place_and_nothing_else(world: World) -> None:
    ada, ben = world.guest("Ada Secretname"), world.guest("Ben")
    root = (await ada.post("Regrettable words"))["comment"]["id"]
    reply = (await ben.post("Answer", parent=root))["comment"]["id"]
    await ada.delete(root)

    page = await world.read()
    tombstone = page["items"][0]
    assert (tombstone["state"], tombstone["gone"]) == ("gone", "deleted")
    assert tombstone["html"] is None
    assert tombstone["author"] is None
    assert "Regrettable" not in str(page)
    assert "Secretname" not in str(page)
    assert tombstone["replies"]["items"][0]["id"] == reply
    assert page["thread"]["comment_count"] == 1

    await ben.delete(reply)
    assert (await world.read())["items"] == []


async def test_votes_count_once_and_can_be_taken_back(world: World) -> None:
    ada, ben = world.guest("Ada"), world.guest("Ben")
    posted = (await ada.post())["comment"]["id"]

    assert (await ben.vote(posted, 1)).json()["score"] == 1
    assert (await ben.vote(posted, 1)).json()["score"] == 1
    assert (await ben.vote(posted, -1)).json() | {"guest": None} == {
        "value": -1,
        "up": 0,
        "down": 1,
        "score": -1,
        "guest": None,
    }
    assert (await ben.vote(posted, 0)).json()["score"] == 0


async def test_nobody_votes_on_their_own(world: World) -> None:
    ada = world.guest()
    posted = (await ada.post())["comment"]["id"]
    assert (await ada.vote(posted, 1)).json()["type"] == "/errors#own-comment"


async def test_a_storm_of_votes_counts_right(world: World) -> None:
    posted = (await world.guest("Ada").post())["comment"]["id"]
    voters = [world.guest(f"Voter {n}") for n in range(24)]
    await asyncio.gather(*(voter.vote(posted, 1 if n % 3 else -1) for n, voter in enumerate(voters)))
    await asyncio.gather(*(voter.vote(posted, 1) for voter in voters), *(voter.vote(posted, 1) for voter in voters))
    await votes.fold_waiting(world.parts.db)
    comment = (await world.read(sort="newest"))["items"][0]
    assert (comment["up"], comment["down"]) == (24, 0)


async def test_throwing_the_capability_away_does_not_give_more_votes(world: World) -> None:
    strict = await world.another({"limits": {"ballot": {"address": ["3/d"]}}})
    posted = (await strict.guest("Ada").post())["comment"]["id"]
    answers = [(await strict.guest(f"Sock {n}", address="10.1.2.3").vote(posted, 1)).status_code for n in range(6)]
    assert answers == [200, 200, 200, 429, 429, 429]


async def test_the_viewer_sees_what_is_their_own(world: World) -> None:
    held = await world.another({"screening": {"pre_moderate": True}})
    ada = held.guest("Ada")
    posted = await ada.post("Mine, waiting", expect=202)
    thread = posted["comment"]["thread"]

    viewer = (await ada.client.get(f"/api/v1/threads/{thread}/viewer", headers=ada.headers)).json()
    assert [(own["id"], own["state"], own["body"]) for own in viewer["own"]] == [
        (posted["comment"]["id"], "held", "Mine, waiting")
    ]
    stranger = await held.client.get(f"/api/v1/threads/{thread}/viewer")
    assert stranger.json()["own"] == []
    assert "no-store" in stranger.headers["cache-control"]


async def test_a_deleted_text_is_nowhere_in_the_database(world: World) -> None:
    """Not in the comment, and not in what screening, readers and moderators noted about it."""
    screened = await world.another({"screening": {"suspect_words": ["pineapple*"]}})
    ada, word = screened.guest(), f"pineapple{uuid4().hex}"
    answered = (await ada.post("Nice"))["comment"]["id"]
    await screened.guest().post("An answer", parent=answered)
    assert (await ada.edit(answered, f"On {word}")).status_code == 202
    held = (await ada.post(f"More {word}", expect=202, key=f"key-{word}"))["comment"]["id"]
    assert word in await _all_texts(world)

    for comment in (answered, held):
        assert (await ada.delete(comment)).status_code == 204

    assert word not in await _all_texts(world)


async def test_a_tombstone_tells_nothing_of_later_decisions(world: World) -> None:
    author, moderator = world.guest(), await world.staff()
    comment = (await author.post("Rude"))["comment"]["id"]
    await world.guest().post("An answer", parent=comment)

    async def decide(action: str, version: int) -> None:
        body = {"items": [{"comment": comment, "version": version}], "action": action}
        (item,) = (await moderator.post("/api/v1/moderation/decisions", json=body)).json()["items"]
        assert item["problem"] is None

    await decide("remove", 1)
    removed = await world.read()
    await decide("spam", 2)

    assert await world.read() == removed
    (tombstone,) = removed["items"]
    assert (tombstone["state"], tombstone["gone"], tombstone["version"]) == ("gone", "removed", 0)


async def _all_texts(world: World) -> str:
    """Every row of every table, as text."""

    async def read(tx: ReadTx) -> str:
        connection = await tx.connection()
        rows = [await connection.execute(table.select()) for table in SQLModel.metadata.sorted_tables]
        return "\n".join(str(row) for result in rows for row in result)

    return await world.parts.db.read(read)
