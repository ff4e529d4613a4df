"""What a moderator sees around a case and of an author, who else may, and that looking is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service import comments, identity
from service.identity import Role
from service.kit import clock
from tests.world import World


@pytest.fixture
async def mona(world: World) -> AsyncClient:
    return await world.staff("moderator")


async def _author(world: World, comment: str) -> int:
    found = await world.parts.db.read(comments.get, int(comment), comments.STAFF)
    assert found.person_id is not None
    return found.person_id


async def _case(world: World, mona: AsyncClient, comment: str) -> str:
    await world.settle()
    queue = (await mona.get("/api/v1/moderation/queue", params={"site": world.site.name})).json()["items"]
    return next(str(item["id"]) for item in queue if item["comment"]["id"] == comment)


async def _acts(world: World, mona: AsyncClient, action: str) -> list[dict[str, Any]]:
    params = {"site": world.site.name, "action": action}
    found: list[dict[str, Any]] = (await mona.get("/api/v1/moderation/log", params=params)).json()["items"]
    return found


async def test_a_case_with_everything_around_it(world: World, mona: AsyncClient) -> None:
    guest = world.guest()
    root = (await guest.post("Root."))["comment"]
    beside = (await world.guest("Bob").post("Beside.", parent=root["id"]))["comment"]
    middle = (await guest.post("First words.", parent=root["id"]))["comment"]
    await guest.edit(middle["id"], "Second words.")
    await guest.edit(middle["id"], "Third *words*.")
    await world.guest("Eve").report(middle["id"], "hate", "Look at this.")
    case = await _case(world, mona, middle["id"])
    answer = await mona.get(f"/api/v1/moderation/cases/{case}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = answer.json()
    assert (found["case"]["reason"], found["case"]["state"]) == ("reported", "open")
    assert found["comment"]["id"] == middle["id"]
    assert [above["id"] for above in found["branch"]["ancestors"]] == [root["id"]]
    assert [other["id"] for other in found["branch"]["siblings"]] == [beside["id"]]
    assert found["article"]["url"] == world.page("article")
    assert found["article"]["section"] == world.site.name
    assert [revision["body"] for revision in found["revisions"]] == [
        "First words.",
        "Second words.",
        "Third *words*.",
    ]
    assert [revision["version"] for revision in found["revisions"]] == [1, 2, 3]
    assert found["reports"] == [{"reason": "hate", "count": 1, "details": ["Look at this."]}]
    assert found["author"]["name"] == "Ada"
    assert found["author"]["counts"] == {"published": 2}
    assert found["author"]["reported"] == 0.5
    assert found["decisions"] == []
    await mona.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": middle["id"], "version": 3}], "action": "remove", "reason": "hate", "note": "No."},
    )
    closed = (await mona.get(f"/api/v1/moderation/cases/{case}")).json()
    assert [(made["action"], made["reason"], made["note"]) for made in closed["decisions"]] == [
        ("remove", "hate", "No.")
    ]
    assert closed["comment"]["moderation_state"] == "removed"
    assert closed["statement"]["reason"] == "hate"
    assert closed["author"]["approved"] == 0.5


async def test_an_authors_record(world: World, mona: AsyncClient) -> None:
    guest = world.guest()
    own = (await guest.post("One."))["comment"]
    person = await _author(world, own["id"])
    path, params = f"/api/v1/moderation/authors/{person}", {"site": world.site.name}
    noted = await mona.post(f"{path}/notes", params=params, json={"text": "Writes at night."})
    assert noted.status_code == 201, noted.text
    body = {"kind": "slow", "target": {"comment": own["id"]}, "slow_seconds": 9, "reason": "off-topic"}
    await mona.post("/api/v1/moderation/sanctions", params=params, json=body)
    known = (await mona.get(path, params=params)).json()
    assert (known["name"], known["kind"], known["mark"]) == ("Ada", "guest", None)
    assert [(note["by"], note["text"]) for note in known["notes"]] == [("Moderator", "Writes at night.")]
    assert [(each["kind"], each["is_active"]) for each in known["sanctions"]] == [("slow", True)]
    assert [comment["html"] for comment in known["last"]] == ["<p>One.</p>"]
    assert (known["approved"], known["reported"]) == (1.0, 0.0)


async def test_looking_is_on_record_once_in_ten_minutes(world: World, mona: AsyncClient) -> None:
    own = (await world.guest().post())["comment"]["id"]
    person = await _author(world, own)
    path, params = f"/api/v1/moderation/authors/{person}", {"site": world.site.name}
    for _ in range(3):
        await mona.get(path, params=params)
    (looked,) = await _acts(world, mona, "looked-at-person")
    assert (looked["subject"], looked["by"]) == (f"person:{person}", "Moderator")
    with clock.frozen() as hands:
        hands.advance(timedelta(minutes=11))
        await mona.get(path, params=params)
    assert len(await _acts(world, mona, "looked-at-person")) == 2
    await (await world.staff("editor")).get(path, params=params)
    assert len(await _acts(world, mona, "looked-at-person")) == 3


async def test_nobody_looks_at_people_of_another_site_or_section(world: World, mona: AsyncClient) -> None:
    next_door = await world.another()
    foreign = (await next_door.guest().post())["comment"]["id"]
    person = await _author(next_door, foreign)
    for site in (world, next_door):
        for method, path in (("GET", ""), ("POST", "/notes"), ("PUT", "/mark")):
            answer = await mona.request(
                method,
                f"/api/v1/moderation/authors/{person}{path}",
                params={"site": site.site.name},
                json={"text": "x"} if path == "/notes" else {"mark": "expert"} if path else None,
            )
            assert answer.status_code == 404, (site.site.name, method, answer.text)
    assert await _acts(world, mona, "looked-at-person") == []
    guest = world.guest()
    own = (await guest.post("Local matters."))["comment"]["id"]
    await world.guest("Eve").report(own)
    case = await _case(world, mona, own)
    sports = await world.staff("moderator", sections=["sports"])
    assert (await sports.get(f"/api/v1/moderation/cases/{case}")).status_code == 404
    path = f"/api/v1/moderation/authors/{await _author(world, own)}"
    known = (await sports.get(path, params={"site": world.site.name})).json()
    assert (known["last"], known["decisions"]) == ([], [])
    neighbour = await next_door.staff("owner")
    assert (await neighbour.get(f"/api/v1/moderation/cases/{case}")).status_code == 404


async def test_an_expert_is_marked_by_editors_and_seen_by_readers(world: World, mona: AsyncClient) -> None:
    own = (await world.guest().post())["comment"]["id"]
    path, params = f"/api/v1/moderation/authors/{await _author(world, own)}/mark", {"site": world.site.name}
    assert (await mona.put(path, params=params, json={"mark": "expert"})).status_code == 403
    editor = await world.staff("editor")
    assert (await editor.put(path, params=params, json={"mark": "king"})).status_code == 422
    assert (await editor.put(path, params=params, json={"mark": "expert"})).status_code == 204
    seen = (await world.client.get(f"/api/v1/comments/{own}")).json()["comment"]
    assert seen["author"] == {"name": "Ada", "badge": "expert", "avatar": None}


async def test_who_writes_as_one_of_the_team_shows_the_role(world: World) -> None:
    address, team = f"mona@{world.site.name}.test", world.site.id
    mona = await world.staff("moderator", address)
    await world.staff("owner")
    new = {"site": world.site.name, "url": world.page("article"), "body": "Please stay with the subject."}
    posted = (await mona.post("/api/v1/comments", json={**new, "author": {"name": "Mona"}})).json()
    assert posted["comment"]["author"]["badge"] == "moderator", "in the answer already"
    path = f"/api/v1/comments/{posted['comment']['id']}"

    async def badge() -> str | None:
        seen = (await world.client.get(path)).json()["comment"]["author"]["badge"]
        return str(seen) if seen else None

    assert await badge() == "moderator"
    # The same hands without the account are a reader's.
    other = (await world.guest("Mona").post("My own opinion."))["comment"]
    assert other["author"]["badge"] is None
    roles: tuple[Role, ...] = ("editor", "owner", "expert", "member", "moderator")
    for role in roles:
        account = await world.parts.db.transact(identity.grant, address, "Mona", team, role)
        assert await badge() == (None if role == "member" else role)
    await world.parts.db.transact(identity.revoke, account.id, team)
    assert await badge() is None


async def test_earlier_texts_go_with_time_and_with_the_comment(world: World, mona: AsyncClient) -> None:
    db = world.parts.db
    guest = world.guest()
    first, second = [(await guest.post(f"Words {n}."))["comment"]["id"] for n in (1, 2)]
    for number in (first, second):
        await guest.edit(number, "Other words.")
    assert len(await db.read(comments.revisions, int(first))) == 1
    await guest.delete(first)
    assert await db.read(comments.revisions, int(first)) == []
    with clock.frozen() as hands:
        hands.advance(comments.REVISION_LIFE + timedelta(seconds=1))
        await db.transact(comments.forget_revisions, world.site.id, clock.now() - comments.REVISION_LIFE, 500)
    assert await db.read(comments.revisions, int(second)) == []
