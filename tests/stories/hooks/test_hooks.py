"""Somebody else's program is asked about comments: signed, in time, strictly; what readers see stays honest."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from service import comments
from service.hooks.questions import forget_old
from service.kit import clock
from tests.servers.listener import Heard, Listener, answer, listener
from tests.servers.waiting import eventually
from tests.world import World

HELD_WORD = "pineapple"


@pytest.fixture
async def program() -> AsyncIterator[Listener]:
    """Somebody's screening program. By itself it finds nothing."""
    async with listener() as made:
        says(made)
        yield made


def says(program: Listener, action: str | None = None, *signals: dict[str, Any]) -> None:
    """What the program answers from now on."""
    said = {"signals": list(signals)} | ({"action": action} if action else {})

    async def reply(_: Heard) -> bytes:
        return answer(200, json.dumps(said).encode())

    program.reply = reply


def answers(program: Listener, raw: Callable[[], bytes]) -> None:
    """The same in bytes."""

    async def reply(_: Heard) -> bytes:
        return raw()

    program.reply = reply


INSULT = {"name": "insult", "score": 0.95, "reason": "Calls somebody a fool", "span": [0, 3]}


@dataclass
class Site:
    """A site with its owner."""

    world: World
    owner: AsyncClient

    @property
    def path(self) -> str:
        return f"/api/v1/sites/{self.world.site.name}/hooks"

    async def add(self, program: Listener, name: str = "tone", **fields: Any) -> tuple[str, str]:
        body = {"name": name, "url": program.url, "timing": "wait", "timeout_ms": 1_500, **fields}
        made = await self.owner.post(self.path, json=body)
        assert made.status_code == 201, made.text
        return made.json()["hook"]["id"], made.json()["secret"]

    async def opinions(self, comment: str) -> list[dict[str, Any]]:
        found = await self.owner.get(f"/api/v1/moderation/comments/{comment}/opinions")
        assert found.status_code == 200, found.text
        items: list[dict[str, Any]] = found.json()["items"]
        return items

    async def case(self, comment: str) -> dict[str, Any] | None:
        found = await self.owner.get("/api/v1/moderation/queue", params={"site": self.world.site.name, "limit": 100})
        return next((each for each in found.json()["items"] if each["comment"]["id"] == comment), None)

    async def settle(self) -> None:
        await self.world.parts.relay.drain()
        await self.world.parts.questions.drain()
        await self.world.parts.relay.drain()

    async def state(self, comment: str) -> str:
        return (await self.world.parts.db.read(comments.get, int(comment), comments.STAFF)).state


@pytest.fixture
async def site(world: World) -> Site:
    other = await world.another({"screening": {"suspect_words": [f"{HELD_WORD}*"]}})
    return Site(other, await other.staff("owner"))


def verified(secret: str, heard: Heard) -> bool:
    content = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    wanted = hmac.new(base64.b64decode(secret.split("_", 1)[1]), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(wanted).decode()}" in heard.headers["webhook-signature"].split(" ")


async def test_a_hook_is_told_the_comment_its_parent_the_article_and_the_author(site: Site, program: Listener) -> None:
    _, secret = await site.add(program)
    bob = site.world.guest("Bob")
    parent = await bob.post("Trams are loud.", title="The tram", author={"name": "Bob", "email": "bob@readers.test"})
    program.heard.clear()
    await bob.post("You *fool*.", parent=parent["comment"]["id"], author={"name": "Bob", "email": "bob@readers.test"})
    (heard,) = program.heard
    assert verified(secret, heard)
    asked = json.loads(heard.body)
    assert asked["type"] == "comment.screen"
    data = asked["data"]
    assert data["comment"] == {"id": None, "body": "You *fool*.", "plain": "You fool.", "links": [], "is_edit": False}
    assert data["parent"]["body"] == "Trams are loud."
    assert data["article"] == {"url": site.world.page("article"), "title": "The tram"}
    assert data["author"]["name"] == "Bob"
    assert data["author"]["record"] == {"published": 1}
    told = heard.body.decode() + str(heard.headers)
    assert "readers.test" not in told
    assert bob.token is not None
    assert bob.token not in told


async def test_before_it_is_taken_a_comment_is_held_refused_or_published(site: Site, program: Listener) -> None:
    await site.add(program)
    guest = site.world.guest("Ada")
    published = (await guest.post("Fine."))["comment"]["id"]
    says(program, "hold", INSULT)
    held = await guest.post("You fool.", expect=202)
    assert held["reasons"] == ["Held because a moderator has to look at it first."]
    comment = held["comment"]["id"]
    assert (await site.world.client.get(f"/api/v1/comments/{comment}")).status_code == 404
    case = await site.case(comment)
    assert case is not None
    assert [(each["name"], each["reason"]) for each in case["signals"]] == [("tone.insult", "Calls somebody a fool")]
    (opinion,) = await site.opinions(comment)
    assert (opinion["hook"], opinion["outcome"], opinion["action"]) == ("tone", "answered", "hold")
    assert opinion["signals"][0]["span"] == [0, 3]
    assert [each["action"] for each in await site.opinions(published)] == ["publish"]
    says(program, "reject", INSULT)
    refused = await guest.try_post("You utter fool.")
    assert refused.status_code == 403
    assert refused.json()["type"] == "/errors#comment-refused"
    # A program cannot lift what the site itself holds.
    says(program, "publish")
    assert (await guest.post(f"A {HELD_WORD}.", expect=202))["status"] == "held"


async def test_afterwards_a_published_comment_is_held_again(site: Site, program: Listener) -> None:
    await site.add(program, timing="after", timeout_ms=5_000)
    says(program, "reject", INSULT)
    comment = (await site.world.guest("Ada").post("You fool."))["comment"]["id"]
    assert program.heard == [], "nobody waits for it"
    await site.settle()
    (heard,) = program.heard
    assert json.loads(heard.body)["data"]["comment"]["id"] == comment
    # A program takes nothing away for good: a person decides.
    assert await site.state(comment) == "held"
    case = await site.case(comment)
    assert case is not None
    assert case["signals"][0]["name"] == "tone.insult"
    assert [each["action"] for each in await site.opinions(comment)] == ["reject"]
    await site.settle()
    assert len(program.heard) == 1


async def test_afterwards_what_a_moderator_decided_meanwhile_stands(site: Site, program: Listener) -> None:
    await site.add(program, timing="after")
    says(program, "hold", INSULT)
    made = (await site.world.guest("Ada").post(f"A {HELD_WORD} fool.", expect=202))["comment"]
    decided = await site.owner.post(
        "/api/v1/moderation/decisions",
        json={"items": [{"comment": made["id"], "version": made["version"]}], "action": "approve"},
    )
    assert decided.json()["items"][0]["decision"]
    await site.settle()
    assert await site.state(made["id"]) == "published"
    assert [each["action"] for each in await site.opinions(made["id"])] == ["hold"]


async def test_two_hooks_afterwards_both_stand_on_the_case(site: Site, program: Listener) -> None:
    async with listener() as second:
        says(second, "hold", {**INSULT, "name": "spam"})
        says(program, "hold", INSULT)
        await site.add(program, timing="after")
        await site.add(second, "links", timing="after")
        comment = (await site.world.guest("Ada").post("You fool."))["comment"]["id"]
        await site.settle()
    case = await site.case(comment)
    assert case is not None
    assert {each["name"] for each in case["signals"]} == {"tone.insult", "links.spam"}


@pytest.mark.parametrize("timing", ["wait", "after"])
async def test_edits_go_the_same_way(site: Site, program: Listener, timing: str) -> None:
    await site.add(program, timing=timing)
    author = site.world.guest("Ada")
    comment = (await author.post("Fine."))["comment"]["id"]
    await site.settle()
    says(program, "hold", INSULT)
    edited = await author.edit(comment, "You fool, edited.")
    assert edited.status_code == (202 if timing == "wait" else 200)
    await site.settle()
    assert await site.state(comment) == "held"
    assert json.loads(program.heard[-1].body)["data"]["comment"]["is_edit"]
    assert json.loads(program.heard[-1].body)["data"]["comment"]["body"] == "You fool, edited."
    assert [each["is_edit"] for each in await site.opinions(comment)] == [False, True]


async def test_a_text_that_was_replaced_is_not_asked_about(site: Site, program: Listener) -> None:
    await site.add(program, timing="after")
    author = site.world.guest("Ada")
    with clock.frozen() as hands:
        comment = (await author.post("First."))["comment"]["id"]
        hands.advance(timedelta(seconds=1))
        assert (await author.edit(comment, "Second.")).status_code == 200
        await site.settle()
    assert [json.loads(each.body)["data"]["comment"]["body"] for each in program.heard] == ["Second."]


@pytest.mark.parametrize("when_silent", ["hold", "pass"])
@pytest.mark.parametrize("fault", ["slow", "refused", "500", "redirect", "html", "unnamed"])
async def test_silence_is_what_the_site_says_it_is(site: Site, program: Listener, when_silent: str, fault: str) -> None:
    hangs = asyncio.Event()

    async def slow(_: Heard) -> bytes:
        await hangs.wait()
        return b""

    if fault == "slow":
        program.reply = slow
    else:
        raw = {
            "refused": b"",
            "500": answer(500, b'{"signals":[],"action":"publish"}'),
            "redirect": answer(302, Location=f"{program.url}/elsewhere"),
            "html": answer(200, b"<html>fine</html>"),
            "unnamed": answer(200, b'{"signals":[],"action":"publish","more":1}'),
        }[fault]
        answers(program, lambda: raw)
    await site.add(program, when_silent=when_silent, timeout_ms=200 if fault == "slow" else 1_500)
    status = 202 if when_silent == "hold" else 201
    comment = (await site.world.guest("Ada").post("Hello.", expect=status))["comment"]["id"]
    hangs.set()
    (opinion,) = await site.opinions(comment)
    assert opinion["outcome"] == ("invalid" if fault in {"html", "unnamed"} else "silent")
    assert opinion["fault"]
    case = await site.case(comment)
    if when_silent == "hold":
        assert case is not None
        assert case["signals"][0]["name"] == "tone.silent"
    else:
        assert case is None


async def test_a_dead_hook_does_not_cost_every_post_its_timeout(site: Site, program: Listener) -> None:
    hangs = asyncio.Event()

    async def slow(_: Heard) -> bytes:
        await hangs.wait()
        return b""

    program.reply = slow
    await site.add(program, timeout_ms=300)
    guest = site.world.guest("Ada")
    outcomes = []
    for number in range(12):
        comment = (await guest.post(f"Comment {number}"))["comment"]["id"]
        outcomes.append((await site.opinions(comment))[0]["outcome"])
    assert outcomes == ["silent"] * 3 + ["resting"] * 9
    assert program.connections == 3
    hangs.set()


async def test_several_hooks_are_asked_at_once(site: Site, program: Listener) -> None:
    """It takes as long as the slowest: both must have been asked before either answers."""
    async with listener() as second:
        both = asyncio.Event()

        async def together(_: Heard) -> bytes:
            if program.connections and second.connections:
                both.set()
            await both.wait()
            return answer(200, b'{"signals":[]}')

        program.reply = second.reply = together
        await site.add(program)
        await site.add(second, "links")
        comment = (await site.world.guest("Ada").post("Hello."))["comment"]["id"]
        assert [each["outcome"] for each in await site.opinions(comment)] == ["answered", "answered"]


@pytest.mark.parametrize("timing", ["wait", "after"])
async def test_in_its_shadow_a_hook_is_recorded_and_nothing_follows(site: Site, program: Listener, timing: str) -> None:
    hook, _ = await site.add(program, timing=timing, shadow=True, when_silent="hold")
    says(program, "reject", INSULT)
    guest = site.world.guest("Ada")
    comment = (await guest.post("You fool."))["comment"]["id"]
    await site.settle()
    assert await site.state(comment) == "published"
    assert await site.case(comment) is None
    (opinion,) = await site.opinions(comment)
    assert (opinion["action"], opinion["is_shadow"]) == ("reject", True)
    results = (await site.owner.get(f"{site.path}/{hook}/results")).json()
    assert results["counts"] == [{"outcome": "answered", "action": "reject", "count": 1}]
    # Nor does its signal get onto a case that there is for another reason.
    held = (await guest.post(f"A {HELD_WORD}.", expect=202))["comment"]["id"]
    await site.settle()
    case = await site.case(held)
    assert case is not None
    assert [each["name"] for each in case["signals"]] == ["word-suspect"]


async def test_afterwards_silence_is_waited_out_and_then_counts(site: Site, program: Listener) -> None:
    answers(program, lambda: answer(500))
    await site.add(program, timing="after", when_silent="hold")
    with clock.frozen() as hands:
        comment = (await site.world.guest("Ada").post("Hello."))["comment"]["id"]
        await site.settle()
        assert await site.state(comment) == "published"
        for seconds in (6, 31, 121):
            hands.advance(timedelta(seconds=seconds))
            await site.settle()
        hands.advance(timedelta(minutes=11))
        await site.settle()
    assert await site.state(comment) == "held"
    assert 3 <= len(program.heard) <= 4
    assert len({each.headers["webhook-id"] for each in program.heard}) == 1
    (opinion,) = await site.opinions(comment)
    assert opinion["outcome"] in {"silent", "resting"}


async def test_of_staff_nobody_is_asked(site: Site, program: Listener) -> None:
    await site.add(program)
    body = {"site": site.world.site.name, "url": site.world.page("article"), "body": "Hi.", "author": {"name": "Desk"}}
    assert (await site.owner.post("/api/v1/comments", json=body)).status_code == 201
    assert program.heard == []


async def test_somebody_elses_comment_is_not_asked_about_by_editing_it(site: Site, program: Listener) -> None:
    await site.add(program)
    comment = (await site.world.guest("Ada").post("Mine."))["comment"]["id"]
    stranger = site.world.guest("Eve")
    await stranger.post("Hello.")
    program.heard.clear()
    assert (await stranger.edit(comment, "Not mine.")).status_code == 403
    assert (await site.world.guest("Nobody").edit(comment, "Not mine.")).status_code == 403
    assert program.heard == []


async def test_a_hidden_parent_is_not_told(site: Site, program: Listener) -> None:
    """A reply to what is held is refused; what is asked meanwhile holds nothing of it."""
    held = (await site.world.guest("Ada").post(f"A {HELD_WORD} secret.", expect=202))["comment"]["id"]
    await site.add(program)
    answered = await site.world.guest("Bob").try_post("Reply.", parent=held)
    assert answered.status_code == 422
    assert all(HELD_WORD not in each.body.decode() for each in program.heard)


async def test_no_connection_of_the_pool_is_held_while_a_hook_thinks(site: Site, program: Listener) -> None:
    """More posts wait for a slow hook than there are database connections, and a reader is served meanwhile."""
    hangs = asyncio.Event()

    async def slow(_: Heard) -> bytes:
        await hangs.wait()
        return answer(200, b'{"signals":[]}')

    program.reply = slow
    await site.add(program, timeout_ms=2_000)
    many = [asyncio.create_task(site.world.guest(f"Reader {n}").post(f"Comment {n}")) for n in range(24)]
    with contextlib.suppress(AssertionError):
        await eventually(lambda: program.connections == 24, "all of them to wait", 1.8)
    waiting = sum(not task.done() for task in many)
    page = await site.world.client.get(
        "/api/v1/threads", params={"site": site.world.site.name, "url": site.world.page("article")}
    )
    assert page.status_code == 200
    hangs.set()
    await asyncio.gather(*many)
    assert waiting > 10, "they did not wait at the same time, so this showed nothing"


async def test_setting_up_is_for_owners_and_checked(site: Site, program: Listener, world: World) -> None:
    hook, secret = await site.add(program)
    assert secret.startswith("whsec_")
    assert secret not in (await site.owner.get(site.path)).text
    moderator, neighbour = await site.world.staff(), await world.staff("owner")
    for client, status in ((moderator, 403), (neighbour, 404)):
        assert (await client.get(site.path)).status_code == status
        assert (await client.delete(f"{site.path}/{hook}")).status_code == status
        assert (await client.get(f"{site.path}/{hook}/results")).status_code == status
    comment = (await site.world.guest().post("Hello."))["comment"]["id"]
    assert (await moderator.get(f"/api/v1/moderation/comments/{comment}/opinions")).status_code == 200
    assert (await neighbour.get(f"/api/v1/moderation/comments/{comment}/opinions")).status_code == 404
    good = {"name": "other", "url": program.url, "timing": "wait"}
    for wrong, field in (
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "http://news.example/"}, "url"),
        ({"timeout_ms": 2_001}, "timeout_ms"),
        ({"timeout_ms": 10_001, "timing": "after"}, "timeout_ms"),
        ({"name": "Bad Name"}, "name"),
        ({"hold_at": 1.1}, "hold_at"),
        ({"when_silent": "reject"}, "when_silent"),
        ({"secrets": []}, "secrets"),
    ):
        refused = await site.owner.post(site.path, json=good | wrong)
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    assert (await site.owner.post(site.path, json=good | {"name": "tone"})).status_code == 409
    changed = await site.owner.put(f"{site.path}/{hook}", json=good | {"name": "tone", "enabled": False})
    assert changed.status_code == 200
    program.heard.clear()
    await site.world.guest().post("Unasked.")
    await site.settle()
    assert program.heard == []
    assert (await site.owner.delete(f"{site.path}/{hook}")).status_code == 204
    assert (await site.opinions(comment)) == []


async def test_the_test_button_shows_what_the_hook_says(site: Site, program: Listener) -> None:
    hook, secret = await site.add(program)
    says(program, None, INSULT)
    tried = (await site.owner.post(f"{site.path}/{hook}/test")).json()
    assert (tried["outcome"], tried["action"]) == ("answered", "hold")
    assert tried["signals"][0]["name"] == "tone.insult"
    assert verified(secret, program.heard[0])
    new = (await site.owner.post(f"{site.path}/{hook}/rotate", json={"keep_hours": 1})).json()["secret"]
    await site.owner.post(f"{site.path}/{hook}/test")
    assert verified(secret, program.heard[1])
    assert verified(new, program.heard[1])


async def test_what_was_said_is_kept_for_three_months(site: Site, program: Listener) -> None:
    await site.add(program)
    comment = (await site.world.guest().post("Hello."))["comment"]["id"]
    with clock.frozen() as hands:
        hands.advance(timedelta(days=89))
        await site.world.parts.db.transact(forget_old)
        hands.advance(timedelta(days=-89))
        assert len(await site.opinions(comment)) == 1
        hands.advance(timedelta(days=91))
        await site.world.parts.db.transact(forget_old)
        hands.advance(timedelta(days=-91))
        assert await site.opinions(comment) == []
