"""Roles: by site and section, given and taken by owners, read anew with each request."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service import identity, sites, threads
from service.identity import Account, Staff
from service.threads import Section, ThreadRules
from tests.world import World

SITE, OTHER = 1, 2


def _staff(role: str, *, sections: frozenset[str] | None = None, is_admin: bool = False) -> Staff:
    limits = {SITE: sections} if sections is not None else {}
    return Staff(Account(1, "a@b.test", "A"), {SITE: role}, limits, is_admin)


@pytest.mark.parametrize(
    ("role", "moderates", "features", "owns"),
    [
        ("reader", False, False, False),
        ("member", False, False, False),
        ("expert", False, False, False),
        ("moderator", True, False, False),
        ("editor", True, True, False),
        ("owner", True, True, True),
        ("some word of a later version", False, False, False),
    ],
)
def test_what_a_role_may(role: str, moderates: bool, features: bool, owns: bool) -> None:  # noqa: FBT001  # a table
    who = _staff(role)
    assert (who.may_moderate(SITE, "x"), who.may_feature(SITE), who.owns(SITE)) == (moderates, features, owns)
    assert not any((who.may_moderate(OTHER), who.may_feature(OTHER), who.owns(OTHER), who.is_moderator_at(OTHER)))
    admin = _staff(role, is_admin=True)
    assert admin.may_moderate(OTHER, "x")
    assert admin.owns(OTHER)


def test_a_role_in_a_section_is_none_elsewhere() -> None:
    who = _staff("editor", sections=frozenset({"sports"}))
    assert who.may_moderate(SITE, "sports")
    assert who.may_feature(SITE, "sports")
    for section in ("politics", "", None):
        assert not who.may_moderate(SITE, section)
        assert not who.may_feature(SITE, section)
    assert not who.may_moderate(SITE), "nothing said is nothing allowed"
    assert who.is_moderator_at(SITE)
    assert not _staff("editor", sections=frozenset()).may_moderate(SITE, "sports")


def test_sections_are_told_from_addresses() -> None:
    rules = ThreadRules(
        sections=(
            Section(name="sports", path_prefix="/sport/"),
            Section(name="local", pattern="*/local/*"),
            Section(name="rest", path_prefix="/"),
        )
    )
    for path, section in {
        "/sport/1": "sports",
        "/sport": "sports",
        "/sports/1": "rest",
        "/2026/local/7": "local",
        "/%73port/1": "sports",
        "/": "rest",
    }.items():
        assert rules.section_of(f"https://news.test{path}?a=/sport/") == section, path
    assert ThreadRules(sections=(Section(name="a", path_prefix="/a"),)).section_of("https://news.test/b/c") == ""
    assert ThreadRules().section_of("https://news.test/politics/2026/x") == "politics"
    assert ThreadRules().section_of("https://news.test/x") == ""


async def test_threads_are_sorted_anew_when_the_rules_change(world: World) -> None:
    posted = (await world.guest().post(page="sport/1"))["comment"]
    thread = await world.parts.db.read(threads.get, int(posted["thread"]))
    assert thread.section == world.site.name
    rules = ThreadRules(sections=(Section(name="sports", pattern="*/sport/*"),))
    site = await world.parts.db.transact(sites.configure, world.site.id, section="threads", values=rules)
    assert await world.parts.db.transact(threads.sort_into_sections, site) == (1, thread.id)
    assert (await world.parts.db.read(threads.get, thread.id)).section == "sports"
    assert await world.parts.db.transact(threads.sort_into_sections, site, thread.id) == (0, None)


def _team(world: World, who: str = "") -> str:
    return f"/api/v1/sites/{world.site.name}/team{'/' + who if who else ''}"


async def test_an_owner_makes_a_team(world: World) -> None:
    owner = await world.staff("owner", f"boss@{world.site.name}.test")
    email = f"max@{world.site.name}.test"
    made = await owner.put(_team(world, email.upper()), json={"role": "editor", "sections": ["sports"], "name": "Max"})
    assert made.status_code == 200, made.text
    assert made.json() | {"account": "", "since": ""} == {
        "account": "",
        "email": email,
        "name": "Max",
        "role": "editor",
        "sections": ["sports"],
        "since": "",
    }
    raised = await owner.put(_team(world, made.json()["account"]), json={"role": "moderator"})
    assert (raised.json()["role"], raised.json()["sections"]) == ("moderator", None)
    items = (await owner.get(_team(world))).json()["items"]
    assert [(item["email"], item["role"]) for item in items] == [
        (f"boss@{world.site.name}.test", "owner"),
        (email, "moderator"),
    ]
    assert (await owner.delete(_team(world, email))).status_code == 204
    assert (await owner.delete(_team(world, email))).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"role": "reader"},
        {"role": "admin"},
        {"role": "owner", "sections": ["sports"]},
        {"role": "moderator", "sections": []},
        {"role": "moderator", "site": "another"},
        {"role": "moderator", "is_admin": True},
        {},
    ],
)
async def test_nonsense_gives_nobody_a_role(world: World, body: dict[str, Any]) -> None:
    owner = await world.staff("owner")
    answer = await owner.put(_team(world, f"max@{world.site.name}.test"), json=body)
    assert answer.status_code == 422, answer.text
    assert len((await owner.get(_team(world))).json()["items"]) == 1


async def test_an_account_of_another_site_is_not_found_by_its_number(world: World) -> None:
    """An owner who guesses numbers neither learns an address nor pulls somebody into the team."""
    owner, next_door = await world.staff("owner"), await world.another()
    stranger = await next_door.staff("owner", f"stranger@{next_door.site.name}.test")
    number = (await stranger.get(_team(next_door))).json()["items"][0]["account"]
    assert (await owner.put(_team(world, number), json={"role": "owner"})).status_code == 404
    assert (await owner.delete(_team(world, number))).status_code == 404


async def test_the_last_owner_stays(world: World) -> None:
    email = f"boss@{world.site.name}.test"
    owner = await world.staff("owner", email)
    for answer in (
        await owner.delete(_team(world, email)),
        await owner.put(_team(world, email), json={"role": "moderator"}),
    ):
        assert answer.status_code == 409
        assert answer.json()["type"].endswith("#last-owner")
    assert (await owner.get(_team(world))).status_code == 200


async def test_two_owners_who_remove_each_other_at_once_leave_one(world: World) -> None:
    emails = [f"{name}@{world.site.name}.test" for name in ("one", "two")]
    first, second = [await world.staff("owner", email) for email in emails]
    answers = await asyncio.gather(first.delete(_team(world, emails[1])), second.delete(_team(world, emails[0])))
    assert min(answer.status_code for answer in answers) == 204
    left = await world.parts.db.read(identity.team, world.site.id)
    assert [member.role for member in left] == ["owner"]


async def test_a_role_that_was_taken_is_gone_in_open_sessions(world: World) -> None:
    owner = await world.staff("owner")
    email = f"max@{world.site.name}.test"
    max_ = await world.staff("moderator", email)
    queue = {"params": {"site": world.site.name}}
    assert (await max_.get("/api/v1/moderation/queue", **queue)).status_code == 200
    await owner.put(_team(world, email), json={"role": "member"})
    assert (await max_.get("/api/v1/moderation/queue", **queue)).status_code == 403


async def test_a_moderator_of_a_section_sees_and_claims_only_that(world: World) -> None:
    site = await world.another(
        {
            "screening": {"pre_moderate": True},
            "threads": {
                "sections": [
                    {"name": "sports", "pattern": "*/sport/*"},
                    {"name": "politics", "pattern": "*/politics/*"},
                ]
            },
        }
    )
    reader = site.guest()
    for page in ("sport/1", "politics/1", "weather"):
        await reader.post(f"About {page}", page=page, expect=202)
    await site.settle()
    sports = await site.staff("moderator", sections=["sports"])
    params = {"site": site.site.name}
    queue = (await sports.get("/api/v1/moderation/queue", params=params)).json()["items"]
    assert [item["comment"]["html"] for item in queue] == ["<p>About sport/1</p>"]
    claims = (await sports.post("/api/v1/moderation/claims", json=params | {"limit": 9})).json()["items"]
    assert [item["case"]["comment"]["html"] for item in claims] == ["<p>About sport/1</p>"]
    page = (await sports.get("/console/plain", params=params)).text
    assert "About sport/1" in page
    assert "politics" not in page
    whole = await site.staff()
    for item in (await whole.get("/api/v1/moderation/queue", params=params)).json()["items"]:
        answer = await whole.post(
            "/api/v1/moderation/decisions",
            json={"items": [{"comment": item["comment"]["id"], "version": 1}], "action": "reject", "reason": ""},
        )
        assert answer.json()["items"][0]["problem"] is None
    for path in ("/console/plain/log", "/api/v1/moderation/log"):
        told = (await sports.get(path, params=params)).text
        assert "weather" not in told
        assert "politics" not in told
