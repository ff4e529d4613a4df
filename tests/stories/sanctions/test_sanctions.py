"""Sanctions: enforced in every way in, ended by themselves, imposed only by who may and only upon who can be met."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service import comments, identity, sanctions
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from tests.world import Guest, World, flat, some_address

Impose = Callable[..., Awaitable[Response]]
HOUR = timedelta(hours=1)


@pytest.fixture
async def mona(world: World) -> AsyncClient:
    return await world.staff("moderator")


@pytest.fixture
def impose(world: World, mona: AsyncClient) -> Impose:
    async def act(target: dict[str, Any], kind: str, who: AsyncClient | None = None, **more: Any) -> Response:
        body = {"kind": kind, "target": target, **more}
        return await (who or mona).post("/api/v1/moderation/sanctions", params={"site": world.site.name}, json=body)

    return act


def later(hours: float) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


async def person_of(world: World, comment: str) -> int:
    found = await world.parts.db.read(comments.get, int(comment), comments.STAFF)
    assert found.person_id is not None
    return found.person_id


async def ways_in(guest: Guest, own: str, other: str) -> dict[str, int]:
    """The status of every way in for this reader."""
    return {
        "post": (await guest.try_post("More.")).status_code,
        "reply": (await guest.try_post("More.", parent=other)).status_code,
        "edit": (await guest.edit(own, "Other words.")).status_code,
        "vote": (await guest.vote(other, 1)).status_code,
        "report": (await guest.report(other)).status_code,
    }


FREE = {"post": 201, "reply": 201, "edit": 200, "vote": 200, "report": 202}
SHUT_OUT = dict.fromkeys(FREE, 403)


@pytest.mark.parametrize("kind", ["ban", "suspend"])
@pytest.mark.parametrize("target", ["person", "address"])
async def test_who_is_shut_out_meets_it_at_every_way_in(world: World, impose: Impose, kind: str, target: str) -> None:
    address = some_address()
    guest, other = world.guest("Troll", address), world.guest("Ada")
    own, foreign = (await guest.post())["comment"], (await other.post())["comment"]
    assert await ways_in(guest, own["id"], foreign["id"]) == FREE
    made = await impose(
        {"type": target, "comment": own["id"]}, kind, until=later(2), reason="harassment", note="Enough."
    )
    assert made.status_code == 201, made.text
    assert await ways_in(guest, own["id"], foreign["id"]) == SHUT_OUT
    refused = (await guest.try_post("More.")).json()
    # What ends is a suspension to whoever meets it, whatever it is called.
    assert refused["type"].endswith("#suspended")
    assert (refused["reason"], refused["because"]) == ("harassment", "Harasses somebody")
    assert refused["until"].startswith(made.json()["until"][:19])
    # A person who threw the capability away is new; from the same address it is the same address.
    fresh = world.guest("Nobody", address)
    assert (await fresh.try_post("Me again.")).status_code == (403 if target == "address" else 201)
    # One may always take one's own words back, and everybody else goes on.
    assert (await guest.delete(own["id"])).status_code == 204
    assert await ways_in(other, foreign["id"], (await world.guest().post())["comment"]["id"]) == FREE
    next_door = await world.another()
    assert (await next_door.guest("Troll", address).try_post("Hello.")).status_code == 201


async def test_it_ends_by_itself_and_at_that_very_instant(world: World, impose: Impose) -> None:
    guest = world.guest()
    own = (await guest.post())["comment"]["id"]
    with clock.frozen() as hands:
        end = hands.at + HOUR
        made = await impose({"comment": own}, "suspend", until=end.isoformat())
        assert made.status_code == 201, made.text
        hands.set(end - timedelta(microseconds=1))
        assert (await guest.try_post("Too early.")).status_code == 403
        hands.set(end)
        assert (await guest.try_post("In time.")).status_code == 201


async def test_a_ban_without_end_says_so_and_is_lifted(world: World, impose: Impose, mona: AsyncClient) -> None:
    guest = world.guest()
    own = (await guest.post())["comment"]
    made = (await impose({"comment": own["id"]}, "ban", reason="hate")).json()
    refused = (await guest.try_post("More.")).json()
    assert refused["type"].endswith("#banned")
    assert refused["until"] is None
    viewer = await world.client.get(f"/api/v1/threads/{own['thread']}/viewer", headers=guest.headers)
    assert viewer.json()["restriction"] == {"kind": "ban", "reason": "hate", "title": made["title"], "until": None}
    assert [told["restriction"] for told in viewer.json()["statements"]] == ["ban"]
    lifted = await mona.delete(f"/api/v1/moderation/sanctions/{made['id']}")
    assert lifted.json()["is_active"] is False
    assert (await guest.try_post("Back again.")).status_code == 201
    assert (await mona.delete(f"/api/v1/moderation/sanctions/{made['id']}")).status_code == 409
    viewer = await world.client.get(f"/api/v1/threads/{own['thread']}/viewer", headers=guest.headers)
    assert (viewer.json()["restriction"], viewer.json()["statements"]) == (None, [])


async def test_a_new_one_of_the_same_kind_takes_the_place_of_the_old(
    world: World, impose: Impose, mona: AsyncClient
) -> None:
    own = (await world.guest().post())["comment"]["id"]
    await impose({"comment": own}, "ban")
    second = (await impose({"comment": own}, "ban", until=later(1))).json()
    listed = await mona.get("/api/v1/moderation/sanctions", params={"site": world.site.name, "active": True})
    assert [item["id"] for item in listed.json()["items"]] == [second["id"]]
    everything = await mona.get("/api/v1/moderation/sanctions", params={"site": world.site.name, "limit": 1})
    assert len(everything.json()["items"]) == 1
    assert everything.json()["next_cursor"] == second["id"]


async def test_premoderation_holds_new_and_edited(world: World, impose: Impose) -> None:
    guest = world.guest()
    own = (await guest.post())["comment"]["id"]
    await impose({"comment": own}, "premoderate", until=later(1))
    held = await guest.post("Another.", expect=202)
    assert held["reasons"] == ["Held because a moderator looks at your comments first."]
    assert (await guest.edit(own, "Other words.")).status_code == 202
    assert (await world.read())["thread"]["comment_count"] == 0
    assert (await guest.vote((await world.guest().post())["comment"]["id"], 1)).status_code == 200


async def test_slow_mode_lets_one_through_and_says_when_the_next(world: World, impose: Impose) -> None:
    guest = world.guest()
    with clock.frozen() as hands:
        own = (await guest.post())["comment"]["id"]
        await impose({"comment": own}, "slow", slow_seconds=60, until=later(1))
        hands.advance(timedelta(seconds=50))
        refused = await guest.try_post("Too soon.")
        assert refused.status_code == 429
        assert refused.json()["type"].endswith("#slow-mode")
        assert refused.headers["Retry-After"] == "10"
        hands.advance(timedelta(seconds=10))
        several = await asyncio.gather(*[guest.try_post(f"Number {n}.") for n in range(5)])
        assert sorted(answer.status_code for answer in several) == [201, 429, 429, 429, 429]


async def test_the_host_of_an_address_shuts_out_with_all_below_it(world: World, impose: Impose) -> None:
    made = await impose({"type": "email_domain", "value": "@Mail.TEST"}, "ban")
    assert made.json()["target"] == {"type": "email_domain", "value": "mail.test"}

    async def status(email: str | None) -> int:
        author = {"name": "Ada"} | ({"email": email} if email else {})
        return (await world.guest().try_post(author=author)).status_code

    assert await status("a@mail.test") == 403
    assert await status("a@Sub.Mail.test") == 403
    assert await status("a@notmail.test") == 201
    assert await status(None) == 201
    # Who gave it before is met too, whatever they say now.
    earlier = await world.another()
    assert earlier.site.id != world.site.id
    guest = earlier.guest()
    own = (await guest.post(author={"name": "Eve", "email": "eve@mail.test"}))["comment"]["id"]
    owner = await earlier.staff("owner")
    body = {"kind": "ban", "target": {"type": "email_domain", "value": "mail.test"}}
    await owner.post("/api/v1/moderation/sanctions", params={"site": earlier.site.name}, json=body)
    assert (await guest.try_post("More.")).status_code == 403
    assert (await guest.edit(own, "More.")).status_code == 403


async def test_a_shadow_is_seen_by_its_author_alone(world: World, impose: Impose, mona: AsyncClient) -> None:
    """Nothing the author gets tells it apart; nothing anybody else gets tells of it."""
    troll, other = world.guest("Troll"), world.guest("Ada")
    before = (await other.post("Before."))["comment"]
    own = (await troll.post("Own."))["comment"]
    assert (await impose({"comment": own["id"]}, "shadow", until=later(5))).status_code == 201
    count = (await world.read())["thread"]
    said = await troll.post("WHISPER one.", key="the-same-key")
    again = await troll.post("WHISPER one.", key="the-same-key")
    assert again["comment"]["id"] == said["comment"]["id"]
    assert (said["status"], said["comment"]["state"], said["reasons"]) == ("published", "published", [])
    answer = (await troll.post("WHISPER two.", parent=said["comment"]["id"]))["comment"]
    reply = (await troll.post("WHISPER three.", parent=before["id"]))["comment"]
    assert (await troll.edit(reply["id"], "WHISPER four.")).status_code == 200
    thread = said["comment"]["thread"]
    viewer = (await world.client.get(f"/api/v1/threads/{thread}/viewer", headers=troll.headers)).json()
    assert {item["state"] for item in viewer["own"]} == {"published"}
    assert {item["id"] for item in viewer["own"]} >= {said["comment"]["id"], answer["id"], reply["id"]}
    assert (viewer["restriction"], viewer["statements"]) == (None, [])

    page = {"site": world.site.name, "url": world.page("article")}
    for told in (
        await world.client.get("/api/v1/threads", params=page),
        await world.client.get("/embed", params=page),
        await world.client.get(f"/api/v1/threads/{thread}/comments", params={"parent": before["id"]}),
        await world.client.get(f"/api/v1/threads/{thread}/viewer", headers=other.headers),
        await world.client.get(f"/api/v1/comments/{before['id']}"),
    ):
        assert told.status_code == 200
        assert "WHISPER" not in told.text
        assert said["comment"]["id"] not in told.text
    counts = (await world.client.get("/api/v1/counts", params=page)).json()["items"]
    assert counts == [{"url": world.page("article"), "count": 2}]
    after = (await world.read())["thread"]
    assert (after["comment_count"], after["version"]) == (count["comment_count"], count["version"])
    assert [item["reply_count"] for item in flat((await world.read())["items"])] == [0, 0]
    for number in (said["comment"]["id"], answer["id"], reply["id"]):
        assert (await world.client.get(f"/api/v1/comments/{number}")).status_code == 404
        assert (await other.try_post("Hm.", parent=number)).status_code == 422
        assert (await other.vote(number, 1)).status_code == 404
        assert (await other.report(number)).status_code == 404
    # Their votes and reports move nothing either.
    assert (await troll.vote(before["id"], -1)).json()["down"] == 1
    assert (await world.client.get(f"/api/v1/comments/{before['id']}")).json()["comment"]["down"] == 0
    assert (await troll.report(before["id"])).status_code == 202
    await world.settle()
    queue = await mona.get("/api/v1/moderation/queue", params={"site": world.site.name})
    assert queue.json()["items"] == []
    # A moderator finds them in the author's record, and may let one out.
    person = await person_of(world, own["id"])
    known = (await mona.get(f"/api/v1/moderation/authors/{person}", params={"site": world.site.name})).json()
    assert known["counts"] == {"published": 1, "shadowed": 3}
    item = {"comment": said["comment"]["id"], "version": said["comment"]["version"]}
    await mona.post("/api/v1/moderation/decisions", json={"items": [item], "action": "approve"})
    assert (await world.client.get(f"/api/v1/comments/{said['comment']['id']}")).status_code == 200
    # When it is over they are told that it was.
    listed = await mona.get("/api/v1/moderation/sanctions", params={"site": world.site.name, "active": True})
    (shadow,) = listed.json()["items"]
    await mona.delete(f"/api/v1/moderation/sanctions/{shadow['id']}")
    viewer = (await world.client.get(f"/api/v1/threads/{thread}/viewer", headers=troll.headers)).json()
    assert [told["restriction"] for told in viewer["statements"]] == ["shadow"]
    await troll.post("Out again.")


async def test_an_edit_under_a_shadow_takes_the_text_from_everybody_else(world: World, impose: Impose) -> None:
    troll = world.guest("Troll")
    own = (await troll.post("Harmless."))["comment"]["id"]
    await impose({"comment": own}, "shadow", until=later(5))
    edited = await troll.edit(own, "WHISPER")
    assert edited.json()["status"] == "published"
    assert (await world.client.get(f"/api/v1/comments/{own}")).status_code == 404
    assert (await world.read())["thread"]["comment_count"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "suspend", "target": {"type": "person", "value": "{person}"}}, "until"),
        ({"kind": "ban", "target": {"type": "address", "comment": "{comment}"}}, "until"),
        ({"kind": "ban", "target": {"type": "address", "comment": "{comment}"}, "until": "in 31 days"}, "until"),
        ({"kind": "ban", "target": {"comment": "{comment}"}, "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"kind": "slow", "target": {"comment": "{comment}"}}, "slow_seconds"),
        ({"kind": "ban", "target": {"comment": "{comment}"}, "slow_seconds": 5}, "slow_seconds"),
        ({"kind": "ban", "target": {}}, "target"),
        ({"kind": "ban", "target": {"comment": "{comment}", "value": "{person}"}}, "target"),
        ({"kind": "ban", "target": {"type": "email_domain", "comment": "{comment}"}}, "target"),
        ({"kind": "ban", "target": {"type": "email_domain", "value": "a b"}}, "target.value"),
        ({"kind": "ban", "target": {"type": "address", "value": "9999.x"}, "until": "in 1 days"}, "target.value"),
        ({"kind": "exile", "target": {"comment": "{comment}"}}, "kind"),
        ({"kind": "ban", "target": {"comment": "{comment}"}, "reason": "nonsense"}, "reason"),
    ],
)
async def test_nonsense_is_refused_with_the_field_named(
    world: World, mona: AsyncClient, body: dict[str, Any], field: str
) -> None:
    own = (await world.guest().post())["comment"]["id"]
    names = {"{comment}": own, "{person}": str(await person_of(world, own))}
    target = {key: names.get(value, value) for key, value in body["target"].items()}
    until = str(body.get("until", ""))
    days = {"until": later(24 * int(until.split()[1]))} if until.startswith("in ") else {}
    answer = await mona.post(
        "/api/v1/moderation/sanctions", params={"site": world.site.name}, json={**body, "target": target, **days}
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field, answer.text


async def test_whom_there_is_not_here_nobody_sanctions(world: World, impose: Impose) -> None:
    next_door = await world.another()
    foreign = (await next_door.guest().post())["comment"]["id"]
    stranger = await person_of(next_door, foreign)
    for target in (
        {"comment": foreign},
        {"comment": "999999999999999999"},
        {"type": "person", "value": str(stranger)},
        {"type": "person", "value": "1"},
        {"type": "person", "value": "nobody"},
        {"type": "address", "value": f"1.{'x' * 22}"},
    ):
        answer = await impose(target, "ban", until=later(1))
        assert answer.status_code == 404, (target, answer.text)
    assert (await next_door.guest().try_post("Still here.")).status_code == 201


async def test_nobody_acts_upon_their_own_rank_or_themselves(world: World, impose: Impose) -> None:
    """Staff that wrote under their own session are known again by it."""
    emails = {role: f"{role}@{world.site.name}.test" for role in ("moderator", "editor", "owner")}
    team: dict[str, AsyncClient] = {}
    for role in ("moderator", "editor", "owner"):
        team[role] = await world.staff(role, emails[role])  # type: ignore[arg-type]  # three of the roles
    wrote = {}
    for role, client in team.items():
        body = {"site": world.site.name, "url": world.page("article"), "body": "Ours.", "author": {"name": role}}
        made = await client.post("/api/v1/comments", json=body)
        assert made.status_code == 201, made.text
        wrote[role] = made.json()["comment"]["id"]
    for who, whom, status in (
        ("moderator", "moderator", 403),
        ("moderator", "editor", 403),
        ("moderator", "owner", 403),
        ("editor", "owner", 403),
        ("owner", "owner", 403),
        ("owner", "editor", 201),
        ("editor", "moderator", 201),
    ):
        answer = await impose({"comment": wrote[whom]}, "ban", team[who])
        assert answer.status_code == status, (who, whom, answer.text)
    domain = await impose({"type": "email_domain", "value": f"{world.site.name}.test"}, "ban", team["owner"])
    assert domain.status_code == 403


async def test_the_team_is_above_what_is_held_against_an_address(world: World, impose: Impose) -> None:
    """Newsrooms share an address with whoever sits there."""
    own = (await world.guest("Troll").post())["comment"]["id"]
    owner = await world.staff("owner")
    body = {"site": world.site.name, "url": world.page("article"), "body": "Ours.", "author": {"name": "Desk"}}
    ours = (await owner.post("/api/v1/comments", json=body)).json()["comment"]["id"]
    answer = await impose({"type": "address", "comment": ours}, "ban", owner, until=later(1))
    assert answer.status_code == 403, "it is their own"
    assert (await impose({"type": "address", "comment": own}, "ban", until=later(1))).status_code == 201
    assert (await owner.post("/api/v1/comments", json=body)).status_code == 201


async def test_a_moderator_of_a_section_shuts_nobody_out_of_the_whole_site(world: World, impose: Impose) -> None:
    local = await world.staff("moderator", sections=[world.site.name])
    own = (await world.guest().post())["comment"]
    answer = await impose({"comment": own["id"]}, "ban", local)
    assert answer.json()["type"].endswith("#whole-site-needed")
    listed = await local.get("/api/v1/moderation/sanctions", params={"site": world.site.name})
    assert listed.status_code == 403
    item = {"comment": own["id"], "version": own["version"]}
    body = {"items": [item], "action": "remove", "sanction": {"kind": "ban"}}
    (outcome,) = (await local.post("/api/v1/moderation/decisions", json=body)).json()["items"]
    assert outcome["problem"]["type"].endswith("#whole-site-needed")
    assert (await world.client.get(f"/api/v1/comments/{own['id']}")).status_code == 200, "all of it or nothing"


async def test_a_decision_and_its_sanction_are_one_act(world: World, mona: AsyncClient) -> None:
    troll = world.guest("Troll")
    own = (await troll.post())["comment"]
    item = {"comment": own["id"], "version": own["version"]}
    body = {"items": [item], "action": "remove", "reason": "hate", "sanction": {"kind": "suspend", "hours": 24}}
    first = (await mona.post("/api/v1/moderation/decisions", json=body)).json()["items"][0]
    assert first["state"] == "removed", first
    again = (await mona.post("/api/v1/moderation/decisions", json=body)).json()["items"][0]
    assert again["is_repeat"]
    (listed,) = (await mona.get("/api/v1/moderation/sanctions", params={"site": world.site.name})).json()["items"]
    assert (listed["kind"], listed["comment"], listed["reason"]) == ("suspend", own["id"], "hate")
    ends = datetime.fromisoformat(listed["until"]) - datetime.fromisoformat(listed["created_at"])
    assert timedelta(hours=23, minutes=59) < ends < timedelta(hours=24, minutes=1)


async def test_pseudonyms_of_addresses_are_gone_after_three_days(world: World, impose: Impose) -> None:
    """With the key goes what was made with it, unless somebody is shut out by it: then until that ends."""
    address = some_address()
    guest = world.guest("Troll", address)
    db, keeper = world.parts.db, world.parts.keeper
    day = datetime.now(UTC) + timedelta(days=4_000 + ids.new_id() % 1_000 * 40)
    with clock.frozen(day) as hands:
        own = int((await guest.post())["comment"]["id"])
        known = await db.read(comments.address_of, own)
        assert known is not None
        assert address not in known
        assert known in await db.read(identity.address_pseudonyms, keeper, world.site.id, address)
        other = await world.another()
        assert known not in await db.read(identity.address_pseudonyms, keeper, other.site.id, address)
        mona = await world.staff("moderator")
        made = await impose({"type": "address", "comment": str(own)}, "ban", mona, until=later(24 * 10))
        assert made.status_code == 201, made.text
        hands.advance(timedelta(days=5))
        assert (await world.guest("New", address).try_post("Hello.")).status_code == 403
        await _expire(world)
        assert await db.read(comments.address_of, own) is None
        assert (await world.guest("New", address).try_post("Hello.")).status_code == 403, "the key is kept for it"
        hands.advance(timedelta(days=6))
        assert (await world.guest("New", address).try_post("Hello.")).status_code == 201
        hands.advance(timedelta(days=6))
        await _expire(world)
        assert not await db.read(identity.key_lives, identity.key_of(known))


async def _expire(world: World) -> None:
    while await world.parts.db.transact(comments.forget_addresses, clock.now() - identity.ADDRESS_LIFE):
        pass

    async def forget(tx: WriteTx) -> None:
        await identity.forget_address_keys(tx, await sanctions.keys_in_use(tx))

    await world.parts.db.transact(forget)


async def test_what_is_stored_of_a_sanction_names_no_address(world: World, impose: Impose) -> None:
    address = some_address()
    own = (await world.guest("Troll", address).post())["comment"]["id"]
    made = (await impose({"type": "address", "comment": own}, "ban", until=later(1))).json()
    assert address not in str(made)

    async def stored(tx: ReadTx) -> list[Any]:
        return await sanctions.listing(tx, world.site.id)

    assert address not in str(await world.parts.db.read(stored))
