"""Somebody asks to be forgotten: nothing of them is found anywhere, and the discussion stays whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service import comments, identity, mailing, privacy, record, votes
from service.identity.tables import PersonRow
from service.kit import clock
from service.kit.clock import Hands
from service.kit.db import WriteTx
from service.privacy import Eraser, exports
from tests.stories.privacy.searching import sightings, spellings
from tests.world import World


def mark(word: str) -> str:
    """A word nobody else in the run says."""
    return f"{word}{os.urandom(5).hex()}"


class Life:
    """Everything somebody can leave behind at a site."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = {
            name: mark(name)
            for name in (
                "Zephyrine",
                "first",
                "edited",
                "held",
                "removed",
                "appeal",
                "detail",
                "note",
                "quoted",
                "said",
            )
        }
        self.email = f"{self.words['Zephyrine'].lower()}@{mark('mail')}.test"
        self.name = self.words["Zephyrine"]
        self.she = world.guest(self.name)
        self.bob = world.guest("Bob")
        self.first = self.reply = self.voted = ""

    @property
    def marks(self) -> dict[str, str]:
        """What must not be found."""
        return {**self.words, "email": self.email}

    @property
    def erased(self) -> Eraser:
        """The worker's hand."""
        return Eraser(self.world.parts.db, self.world.parts.keeper, self.world.parts.settings.erased_file)

    async def lived(self) -> Life:
        """Write, edit, be held, removed, appeal, report, vote, be noted about and shut out."""
        world, she, bob, words = self.world, self.she, self.bob, self.words
        author = {"name": self.name, "email": self.email}
        self.first = (await she.post(f"{words['first']} said first", page="tram", author=author, key=mark("key")))[
            "comment"
        ]["id"]
        assert (await she.edit(self.first, f"{words['edited']} said later")).status_code == 200
        self.reply = (await bob.post("An answer that stays.", page="tram", parent=self.first))["comment"]["id"]
        await she.post(f"{words['held']} pineapple", page="tram", expect=202)
        removed = (await she.post(f"{words['removed']} was bad", page="bus"))["comment"]["id"]
        staff = await world.staff("owner")
        item = {"comment": removed, "version": 1}
        decided = await staff.post(
            "/api/v1/moderation/decisions",
            json={"items": [item], "action": "remove", "reason": "insult", "note": f"{words['note']} for the record"},
        )
        assert decided.json()["items"][0]["decision"], decided.text
        appealed = await she.client.post(
            f"/api/v1/comments/{removed}/appeal", json={"text": f"{words['appeal']} unfair"}, headers=she.headers
        )
        assert appealed.status_code == 202, appealed.text
        self.voted = (await bob.post("Vote for me.", page="bus"))["comment"]["id"]
        assert (await she.vote(self.voted, 1)).status_code == 200
        assert (await she.report(self.voted, "abuse", f"{words['detail']} hurts")).status_code == 202
        assert (await bob.report(self.first, "abuse", f"she wrote {words['quoted']}")).status_code == 202
        at = {"site": world.site.name}
        await staff.post(
            f"/api/v1/moderation/authors/{await self.person()}/notes",
            params=at,
            json={"text": f"{words['said']} again"},
        )
        sanction = {
            "kind": "premoderate",
            "target": {"type": "person", "value": str(await self.person())},
            "reason": "insult",
            "note": f"{words['note']} once more",
        }
        imposed = await staff.post("/api/v1/moderation/sanctions", params=at, json=sanction)
        assert imposed.status_code == 201, imposed.text
        assert (await she.client.post("/api/v1/me/export", params=at, headers=she.headers)).status_code == 202
        await exports.work(world.parts.db, world.parts.keeper)
        await she.client.post("/api/v1/me/link", params=at, headers=she.headers)
        if mailing.rules_of(world.site).enabled:
            await self.waits_for_mail()
        await world.settle()
        return self

    async def waits_for_mail(self) -> None:
        """Have replies mailed, to an address that was confirmed; one is written and not mailed yet."""
        db, keeper = self.world.parts.db, self.world.parts.keeper
        wish = {"site": self.world.site.name, "kind": "replies", "email": self.email}
        asked = await self.she.client.post("/api/v1/subscriptions", json=wish, headers=self.she.headers)
        assert asked.status_code == 201, asked.text
        made = await db.transact(mailing.question, keeper, await self.person(), 1)
        assert made is not None
        await db.transact(mailing.confirm, made[1])
        await self.bob.post("One to tell her of.", page="ferry", parent=await self.another())

    async def another(self) -> str:
        """A comment of hers that can be answered."""
        posted = await self.she.post("To be answered.", page="ferry", expect=202)
        staff = await self.world.staff("owner")
        item = {"comment": posted["comment"]["id"], "version": 1}
        decided = await staff.post("/api/v1/moderation/decisions", json={"items": [item], "action": "approve"})
        assert decided.json()["items"][0]["decision"], decided.text
        return str(item["comment"])

    async def person(self) -> int:
        """Her id."""
        number = int(self.she.token.split(".")[0]) if self.she.token else 0
        assert number
        return number

    async def me(self, method: str, path: str = "", *, expect: int = 200) -> Any:
        """Ask about herself."""
        response = await self.she.client.request(
            method, f"/api/v1/me{path}", params={"site": self.world.site.name}, headers=self.she.headers
        )
        assert response.status_code == expect, response.text
        return response.json() if response.content else None


@pytest.fixture
async def life(world: World) -> Life:
    policy = {"hold_first_comments": False, "suspect_words": ["pineapple"]}
    return await Life(await world.another({"screening": policy, "mail": {"enabled": True}})).lived()


@pytest.fixture
def hands() -> Iterator[Hands]:
    with clock.frozen() as stopped:
        yield stopped


async def test_nothing_of_her_is_found_anywhere(hands: Hands, life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    parts, site = life.world.parts, life.world.site
    before = await sightings(parts, life.marks)
    found = {line.split(" ")[0] for line in before}
    # The search does find: all that is in plain text somewhere. (Her address is sealed from the beginning.)
    assert found >= life.words.keys(), before

    # A mail to her is due, and never goes.
    held = await parts.db.read(mailing.held, parts.keeper, await life.person())
    assert (held["address"]["email"], {each["sent_at"] for each in held["notices"]}) == (life.email, {None})

    asked = await life.me("DELETE", expect=202)
    assert asked["state"] == "waiting"
    # While it waits nothing happens, and it may be called off.
    hands.advance(timedelta(days=2))
    await life.erased.work()
    assert (await life.me("GET"))["name"] == life.name
    assert (await life.me("POST", "/keep"))["erasure"] is None
    hands.advance(timedelta(days=2))
    await life.erased.work()
    assert (await life.me("GET"))["erasure"] is None

    await life.me("DELETE", expect=202)
    hands.advance(timedelta(days=3, seconds=1))
    await life.erased.work()
    await life.world.settle()
    await votes.fold_waiting(parts.db)
    await parts.db.scrub()
    assert await sightings(parts, life.marks) == []
    printed = capfd.readouterr()
    assert not [word for word in life.marks.values() if word in printed.out + printed.err]

    # The discussion is whole: a tombstone where she was, the answer below it.
    page = await life.world.read("tram")
    assert [(item["id"], item["state"]) for item in page["items"]] == [(life.first, "gone")]
    assert [item["id"] for item in page["items"][0]["replies"]["items"]] == [life.reply]
    assert page["thread"]["comment_count"] == 1
    voted = (await life.world.read("bus"))["items"][0]
    assert (voted["id"], voted["up"]) == (life.voted, 0)
    held = await parts.db.read(mailing.held, parts.keeper, await life.person())
    assert held == {"address": None, "subscriptions": [], "notices": []}
    # Her capability is nobody's any more: whoever holds it is a stranger.
    await life.me("GET", expect=401)
    assert (await life.she.edit(life.first, "Back again?")).status_code == 403
    # What was decided is on record without a word of hers, and the chain verifies.
    assert (await parts.db.read(record.verify, site.id)).fault is None
    acts = [entry.act for entry in await parts.db.read(record.entries, site.id)]
    assert acts[0] == "person-erased"
    assert {"remove", "erasure-asked", "erasure-called-off", "noted"} <= set(acts)
    erasures = await parts.db.read(privacy.of_site, site.id)
    assert [(each.state, each.comments, each.votes) for each in erasures] == [("done", 4, 1), ("called-off", 0, 0)]


async def test_every_spelling_would_be_found() -> None:
    """The search is shown to find what it is for."""
    for how, raw in spellings("Zephyrine O'Brïen").items():
        assert len(raw) >= 12, how
    assert spellings("abcdefghijklmn")["base64 1"] in b"eGFiY2RlZmdoaWprbG1u"


class Killed(Exception):
    """As if by SIGKILL: nothing is cleaned up."""


@pytest.mark.parametrize("at", [2, 3, 4, 6, 8, 9])
async def test_killed_at_any_step_another_worker_ends_it(
    hands: Hands, world: World, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    she, bob = world.guest("Ada"), world.guest("Bob")
    words = [mark("one"), mark("two")]
    made = [(await she.post(f"{word} there", page="tram"))["comment"]["id"] for word in words]
    await bob.post("Answer.", page="tram", parent=made[0])
    on = (await bob.post("Vote for me.", page="tram"))["comment"]["id"]
    await she.vote(on, -1)
    person = int(str(she.token).split(".")[0])
    await world.parts.db.transact(privacy.ask, world.site, person, wait=timedelta())

    db, left = world.parts.db, at
    whole = db.transact

    async def dying(act: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal left
        if act.__module__ == "service.privacy.erasing":
            left -= 1
            if left == 0:
                raise Killed
        return await whole(act, *args, **kwargs)

    eraser = Eraser(db, world.parts.keeper, world.parts.settings.erased_file)
    with monkeypatch.context() as patched:
        patched.setattr(db, "transact", dying)
        try:
            await eraser.work()
        except Killed:
            assert left == 0
    # Not before the dead worker has been silent for a while.
    await eraser.work()
    hands.advance(timedelta(minutes=2))
    await eraser.work()
    await votes.fold_waiting(db)
    found = await db.read(privacy.of_site, world.site.id)
    assert [(each.state, each.comments) for each in found] == [("done", 2)]
    assert await sightings(world.parts, dict(zip(("one", "two"), words, strict=True))) == []
    states = [(await db.read(comments.get, int(each), comments.STAFF)).state for each in made]
    assert states == ["deleted", "deleted"]
    items = {item["id"]: item for item in (await world.read("tram"))["items"]}
    assert items[on]["down"] == 0
    assert items.keys() == {made[0], on}


async def test_what_was_under_way_is_erased_too(hands: Hands, world: World) -> None:
    """An act that began before she was forgotten, and ended after."""
    she = world.guest("Ada")
    await she.post("First.", page="tram")
    person = int(str(she.token).split(".")[0])
    parts = world.parts
    await parts.db.transact(privacy.ask, world.site, person, wait=timedelta())
    eraser = Eraser(parts.db, parts.keeper, parts.settings.erased_file)
    await eraser.work()

    async def revive(tx: WriteTx) -> None:
        row = await tx.get_one(PersonRow, person)
        row.kind = "guest"

    async def shut(tx: WriteTx) -> None:
        row = await tx.get_one(PersonRow, person)
        row.kind = identity.ERASED

    await parts.db.transact(revive)
    word = mark("late")
    await she.post(f"{word} after all", page="tram")
    await parts.db.transact(shut)
    hands.advance(timedelta(minutes=1))
    await eraser.work()
    assert await sightings(parts, {"late": word}) == []
