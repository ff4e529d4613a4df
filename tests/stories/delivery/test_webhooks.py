"""What happens at a site is told to those who asked, signed, at least once, and never more than they may read."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service import record
from service.delivery import EVENT_OF, FanOut, deliveries
from service.delivery.sending import MOST_ATTEMPTS, WAITS
from service.delivery.webhooks import EVENTS
from service.kit import clock
from service.kit.db import ReadTx
from service.moderation import CaseOpened
from service.web.parts import Parts
from tests.servers.listener import Heard, Listener, answer, listener
from tests.servers.waiting import eventually
from tests.world import World

HELD_WORD = "pineapple"
POLICY = {"screening": {"suspect_words": [f"{HELD_WORD}*"]}}


@pytest.fixture
async def receiver() -> AsyncIterator[Listener]:
    """Somebody's server that takes webhooks."""
    async with listener() as made:
        yield made


@dataclass
class Owner:
    """An owner at the API of their site."""

    world: World
    client: AsyncClient

    @classmethod
    async def of(cls, world: World) -> Owner:
        """The one owner of a site, signed in; again, too, when days have passed."""
        return cls(world, await world.staff("owner", f"owner@{world.site.name}.test"))

    async def again(self) -> None:
        """A session does not last as long as some of what is waited for here."""
        self.client = (await Owner.of(self.world)).client

    @property
    def path(self) -> str:
        return f"/api/v1/sites/{self.world.site.name}/webhooks"

    async def add(self, url: str, *events: str) -> tuple[str, str]:
        """(id, secret) of a new webhook, for all events if none is named."""
        made = await self.client.post(self.path, json={"url": url, "events": list(events or EVENTS)})
        assert made.status_code == 201, made.text
        return made.json()["webhook"]["id"], made.json()["secret"]

    async def see(self, webhook: str) -> dict[str, Any]:
        found = (await self.client.get(self.path)).json()["items"]
        return next(each for each in found if each["id"] == webhook)

    async def log(self, webhook: str, **params: str) -> list[dict[str, Any]]:
        found = await self.client.get(f"{self.path}/{webhook}/deliveries", params=params)
        assert found.status_code == 200, found.text
        items: list[dict[str, Any]] = found.json()["items"]
        return items

    async def settle(self) -> None:
        """Let everything follow, and everything due be sent."""
        await self.world.parts.relay.drain()
        await self.world.parts.posts.drain()
        await self.world.parts.relay.drain()


@pytest.fixture
async def owner(world: World) -> Owner:
    return await Owner.of(world)


@pytest.fixture
async def strict(world: World) -> Owner:
    """The owner of a site that holds a word."""
    return await Owner.of(await world.another(POLICY))


def verified(secret: str, heard: Heard) -> bool:
    """As Standard Webhooks says, written anew."""
    content = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    wanted = hmac.new(base64.b64decode(secret.split("_", 1)[1]), content, hashlib.sha256).digest()
    given = [part.split(",", 1) for part in heard.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and base64.b64decode(each) == wanted for version, each in given)


def told(heard: Heard) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(heard.body)
    return found


async def test_a_comment_is_told_signed_with_a_secret_that_is_shown_once(owner: Owner, receiver: Listener) -> None:
    webhook, secret = await owner.add(f"{receiver.url}/parley")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret not in (await owner.client.get(owner.path)).text
    posted = await owner.world.guest("Ada").post("I *like* trams.")
    await owner.settle()

    (heard,) = receiver.heard
    assert (heard.method, heard.path) == ("POST", "/parley")
    assert verified(secret, heard)
    assert not verified("whsec_" + base64.b64encode(b"0" * 32).decode(), heard)
    assert abs(int(heard.headers["webhook-timestamp"]) - clock.now().timestamp()) < 60
    event = told(heard)
    assert event["type"] == "comment.posted"
    comment = event["data"]["comment"]
    assert comment["id"] == posted["comment"]["id"]
    assert comment["body"] == "I *like* trams."
    assert comment["author"]["name"] == "Ada"
    assert comment["url"] == owner.world.page("article")
    (line,) = await owner.log(webhook)
    assert line["state"] == "delivered"
    assert line["message"] == heard.headers["webhook-id"]
    assert [each["status"] for each in line["tries"]] == [204]


async def test_secrets_are_stored_sealed(owner: Owner, receiver: Listener, parts: Parts) -> None:
    _, secret = await owner.add(receiver.url)

    async def everything(tx: ReadTx) -> str:
        rows = await (await tx.connection()).execute(text("SELECT * FROM webhook"))
        return str([tuple(row) for row in rows])

    stored = await parts.db.read(everything)
    assert receiver.url in stored
    assert secret not in stored
    assert secret.removeprefix("whsec_") not in stored


async def test_each_event_is_told_and_hidden_text_only_to_staff(strict: Owner, receiver: Listener) -> None:
    """Two receivers: one for what the public may know, one for staff."""
    async with listener() as desk:
        await strict.add(receiver.url, *(event for event in EVENTS if not event.startswith("case.")))
        await strict.add(desk.url, "case.opened", "case.decided")
        author, moderator = strict.world.guest("Ada"), await strict.world.staff()
        held = (await author.post(f"A {HELD_WORD}secret.", expect=202))["comment"]
        await strict.settle()
        assert receiver.heard == []
        assert [told(each)["type"] for each in desk.heard] == ["case.opened"]
        opened = told(desk.heard[0])["data"]
        assert opened["comment"]["body"] == f"A {HELD_WORD}secret."
        assert opened["case"]["signals"][0]["name"] == "word-suspect"

        async def decide(comment: dict[str, Any], action: str) -> None:
            found = await strict.world.parts.db.read(_version, int(comment["id"]))
            answered = await moderator.post(
                "/api/v1/moderation/decisions",
                json={"items": [{"comment": comment["id"], "version": found}], "action": action, "note": "a note"},
            )
            assert answered.json()["items"][0]["decision"], answered.text
            await strict.settle()

        await decide(held, "approve")
        open_one = (await author.post("Open."))["comment"]
        assert (await author.edit(open_one["id"], "Open, edited.")).status_code == 200
        await strict.settle()
        assert (await author.edit(open_one["id"], f"Now {HELD_WORD}edited.")).status_code == 202
        await strict.settle()
        await decide(held, "remove")
        kinds = [told(each)["type"] for each in receiver.heard]
        assert sorted(kinds) == sorted([
            "comment.posted", "comment.posted", "comment.edited", "comment.removed", "comment.removed",
        ])  # fmt: skip
        removed = [each.body.decode() for each in receiver.heard if told(each)["type"] == "comment.removed"]
        assert not [each for each in removed if HELD_WORD in each or "Open" in each or "Ada" in each]
        assert not [each for each in receiver.heard if f"{HELD_WORD}edited" in each.body.decode()]
        decided = [told(each)["data"] for each in desk.heard if told(each)["type"] == "case.decided"]
        assert [each["decision"]["action"] for each in decided] == ["approve", "remove"]
        assert decided[0]["decision"]["by"] == "Moderator"


async def _version(tx: ReadTx, comment: int) -> int:
    found = await (await tx.connection()).execute(text(f"SELECT version FROM comment WHERE id = {comment}"))  # noqa: S608
    return int(found.scalar_one())


async def test_a_removed_comment_is_not_told_as_posted_afterwards(owner: Owner, receiver: Listener) -> None:
    """Between the fact and the sending it was taken back: what was true then is not told now."""
    webhook, _ = await owner.add(receiver.url)
    author = owner.world.guest()
    comment = (await author.post("Taken back."))["comment"]["id"]
    await owner.world.parts.relay.drain()
    assert (await author.delete(comment)).status_code == 204
    await owner.settle()
    assert [told(each)["type"] for each in receiver.heard] == ["comment.removed"]
    assert "Taken back" not in receiver.heard[0].body.decode()
    states = {line["event"]: line["state"] for line in await owner.log(webhook)}
    assert states == {"comment.posted": "moot", "comment.removed": "delivered"}


async def test_a_failing_receiver_is_tried_with_growing_waits_until_the_event_is_dead(
    owner: Owner, receiver: Listener
) -> None:
    async def broken(_: Heard) -> bytes:
        return answer(500)

    receiver.reply = broken
    webhook, secret = await owner.add(receiver.url)
    with clock.frozen() as hands:
        await owner.world.guest().post("Nobody listens.")
        for expected in range(1, MOST_ATTEMPTS + 1):
            await owner.settle()
            assert len(receiver.heard) == expected
            await owner.again()
            (line,) = await owner.log(webhook)
            if expected < MOST_ATTEMPTS:
                # Not a moment before its time.
                await owner.settle()
                assert len(receiver.heard) == expected
                hands.advance(timedelta(seconds=WAITS[expected - 1] * 1.2 + 1))
                # A webhook is switched off after three days; this is about one event of one that works in between.
                await _seems_well(owner.world.parts, webhook)
        assert line["state"] == "dead"
        assert len({each.headers["webhook-id"] for each in receiver.heard}) == 1
        assert all(verified(secret, each) for each in receiver.heard)
        assert [each["status"] for each in line["tries"]] == [500] * MOST_ATTEMPTS
        assert sum(WAITS) > 70 * 3_600

        receiver.reply = None
        await owner.again()
        again = await owner.client.post(f"{owner.path}/{webhook}/deliveries/{line['id']}/replay")
        assert again.status_code == 202
        await owner.settle()
        assert receiver.heard[-1].headers["webhook-id"] == line["message"]
        assert (await owner.log(webhook))[0]["state"] == "delivered"


async def test_what_is_claimed_with_a_failure_is_not_tried_on_the_same_receiver(
    owner: Owner, receiver: Listener
) -> None:
    good = 3

    async def tired(_: Heard) -> bytes:
        return answer(200 if len(receiver.heard) <= good else 503)

    receiver.reply = tired
    webhook, _ = await owner.add(receiver.url)
    for number in range(20):
        await owner.world.guest().post(f"Comment {number}")
    with clock.frozen() as hands:
        await owner.settle()
        # Those that were on their way, and one by one until it rests.
        assert len(receiver.heard) <= good + 4 + 3
        states = Counter(line["state"] for line in await owner.log(webhook))
        assert states == {"delivered": good, "waiting": 20 - good}
        good = 1_000
        for _ in range(20):
            hands.advance(timedelta(minutes=1))
            await owner.settle()
        taken = [line for line in await owner.log(webhook) if line["state"] == "delivered"]
        assert len({line["message"] for line in taken}) == 20
        assert sum(each["status"] == 200 for line in taken for each in line["tries"]) == 20


async def _seems_well(parts: Parts, webhook: str) -> None:
    async def act(tx: Any) -> None:
        await (await tx.connection()).execute(
            text(f"UPDATE webhook SET failures = 0, failing_since = NULL, rests_until = NULL WHERE id = {webhook}")  # noqa: S608
        )

    await parts.db.transact(act)


async def test_all_that_failed_is_replayed_at_once(owner: Owner, receiver: Listener) -> None:
    async def gone(_: Heard) -> bytes:
        return answer(410)

    receiver.reply = gone
    webhook, _ = await owner.add(receiver.url)
    for number in range(5):
        await owner.world.guest().post(f"Comment {number}")
    await owner.settle()
    shown = await owner.see(webhook)
    assert not shown["enabled"]
    assert "gone" in shown["disabled_because"]
    assert {line["state"] for line in await owner.log(webhook)} == {"dead"}
    # While it is off nothing is noted for it.
    await owner.world.guest().post("Meanwhile.")
    await owner.settle()
    assert len(await owner.log(webhook)) == 5

    receiver.reply, receiver.heard = None, []
    body = {"url": receiver.url, "events": list(EVENTS), "enabled": True}
    assert (await owner.client.put(f"{owner.path}/{webhook}", json=body)).status_code == 200
    again = await owner.client.post(f"{owner.path}/{webhook}/deliveries/replay")
    assert (again.status_code, again.json()) == (202, {"count": 5})
    await owner.settle()
    assert sorted(told(each)["data"]["comment"]["body"] for each in receiver.heard) == [
        f"Comment {number}" for number in range(5)
    ]
    assert {line["state"] for line in await owner.log(webhook, state="delivered")} == {"delivered"}
    assert await owner.log(webhook, state="dead") == []


async def test_a_webhook_that_fails_for_days_is_switched_off_and_its_owners_are_told(
    owner: Owner, receiver: Listener, parts: Parts
) -> None:
    async def broken(_: Heard) -> bytes:
        return answer(503, Retry_After="120")

    receiver.reply = broken
    webhook, _ = await owner.add(receiver.url)
    with clock.frozen() as hands:
        await owner.world.guest().post("Nobody listens.")
        await owner.settle()
        # What the receiver wishes is granted, though the second try was due after 5 seconds.
        hands.advance(timedelta(seconds=60))
        await owner.settle()
        assert len(receiver.heard) == 1
        for _ in range(6):
            hands.advance(timedelta(hours=13))
            await owner.world.guest().post("Still nobody.")
            await owner.settle()
        await owner.again()
        shown = await owner.see(webhook)
    assert not shown["enabled"]
    assert shown["disabled_because"] == "not taken"
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in _mails(parts)]
    mine = [mail for mail in found if owner.world.site.name in mail["Subject"] and "switched off" in mail["Subject"]]
    assert len(mine) == 1
    assert mine[0]["To"].startswith("owner")
    assert receiver.url in mine[0].get_content()


def _mails(parts: Parts) -> list[Any]:
    return sorted((parts.settings.data_dir / "mail").glob("*webhook-off*.eml"))


async def test_a_slow_receiver_delays_nobody(owner: Owner, receiver: Listener) -> None:
    hangs = asyncio.Event()

    async def slow(_: Heard) -> bytes:
        await hangs.wait()
        return answer(204)

    async with listener() as quick:
        receiver.reply = slow
        await owner.add(receiver.url)
        await owner.add(quick.url)
        pump = asyncio.create_task(owner.world.parts.posts.run())
        try:
            for number in range(12):
                await owner.world.guest().post(f"Comment {number}")
            # The outbox is empty although nothing has answered yet, and the other has heard it all.
            await owner.world.parts.relay.drain()
            await eventually(
                lambda: len(quick.heard) == 12 and receiver.connections == 4, "the quick one to hear it all"
            )
            assert receiver.connections == 4  # no more places than are its own
        finally:
            hangs.set()
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
    await _forget(owner)


async def _forget(owner: Owner) -> None:
    for each in (await owner.client.get(owner.path)).json()["items"]:
        assert (await owner.client.delete(f"{owner.path}/{each['id']}")).status_code == 204


async def test_a_process_that_dies_between_claim_and_delivery_loses_nothing(owner: Owner, receiver: Listener) -> None:
    webhook, _ = await owner.add(receiver.url)
    with clock.frozen() as hands:
        await owner.world.guest().post("Not lost.")
        await owner.world.parts.relay.drain()
        assert int(webhook) in await owner.world.parts.sending.parties()
        claimed = await owner.world.parts.sending.take(int(webhook), 10)  # and here the process ends
        assert len(claimed) == 1
        await owner.settle()
        assert receiver.heard == []
        hands.advance(timedelta(seconds=61))
        await owner.settle()
    assert [told(each)["data"]["comment"]["body"] for each in receiver.heard] == ["Not lost."]


async def test_a_fact_that_is_handed_on_twice_is_sent_once(strict: Owner, receiver: Listener) -> None:
    webhook, _ = await strict.add(receiver.url, "case.opened")
    await strict.world.guest().post(f"A {HELD_WORD}.", expect=202)
    await strict.settle()
    (line,) = await strict.log(webhook)
    found = await strict.client.get("/api/v1/moderation/queue", params={"site": strict.world.site.name})
    fact = CaseOpened(case=int(found.json()["items"][0]["id"]), site=strict.world.site.id)
    again = FanOut(strict.world.parts.db, strict.world.parts.posts)
    await asyncio.gather(*(again.on_fact(fact) for _ in range(4)))
    await strict.settle()
    assert [each["id"] for each in await strict.log(webhook)] == [line["id"]]
    assert len(receiver.heard) == 1


async def test_a_new_secret_signs_beside_the_old_one_until_that_ends(owner: Owner, receiver: Listener) -> None:
    webhook, old = await owner.add(receiver.url)
    with clock.frozen() as hands:
        changed = await owner.client.post(f"{owner.path}/{webhook}/rotate", json={"keep_hours": 2})
        new = changed.json()["secret"]
        assert new != old
        assert changed.json()["webhook"]["secrets"] == 2
        await owner.world.guest().post("Both.")
        await owner.settle()
        assert verified(old, receiver.heard[0])
        assert verified(new, receiver.heard[0])
        assert receiver.heard[0].headers["webhook-signature"].count("v1,") == 2
        hands.advance(timedelta(hours=2, seconds=1))
        await owner.world.guest().post("One.")
        await owner.settle()
        assert not verified(old, receiver.heard[1])
        assert verified(new, receiver.heard[1])
        # At once, when the old one is known to somebody.
        last = (await owner.client.post(f"{owner.path}/{webhook}/rotate", json={"keep_hours": 0})).json()["secret"]
        await owner.world.guest().post("The last.")
        await owner.settle()
        assert not verified(new, receiver.heard[2])
        assert verified(last, receiver.heard[2])


async def test_the_test_button_says_what_came_back(owner: Owner, receiver: Listener) -> None:
    webhook, secret = await owner.add(receiver.url, "thread.closed")
    good = await owner.client.post(f"{owner.path}/{webhook}/test")
    assert good.status_code == 200
    assert good.json()["state"] == "delivered"
    assert told(receiver.heard[0])["type"] == "webhook.test"
    assert verified(secret, receiver.heard[0])

    async def elsewhere(_: Heard) -> bytes:
        return answer(302, Location="http://127.0.0.1:1/")

    receiver.reply = elsewhere
    bad = (await owner.client.post(f"{owner.path}/{webhook}/test")).json()
    assert bad["state"] == "dead"
    assert bad["tries"][0]["status"] == 302
    assert "redirect" in bad["tries"][0]["fault"]
    # Of one that has just failed too: that is when it is pressed.
    receiver.reply = None
    assert (await owner.client.post(f"{owner.path}/{webhook}/test")).json()["state"] == "delivered"
    statuses = [(await owner.client.post(f"{owner.path}/{webhook}/test")).status_code for _ in range(12)]
    assert statuses[-1] == 429
    await owner.settle()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.2/", "https://localhost/", "https://169.254.169.254/", "https://[::ffff:127.0.0.1]/", "http://news.example/"],
)  # fmt: skip
async def test_an_inner_address_is_refused_when_it_is_set(owner: Owner, url: str, receiver: Listener) -> None:
    refused = await owner.client.post(owner.path, json={"url": url, "events": ["comment.posted"]})
    assert refused.status_code == 422
    assert refused.json()["type"] == "/errors#url-refused"
    assert refused.json()["field"] == "url"
    webhook, _ = await owner.add(receiver.url)
    body = {"url": url, "events": ["comment.posted"]}
    assert (await owner.client.put(f"{owner.path}/{webhook}", json=body)).status_code == 422


async def test_a_moderator_and_another_sites_owner_may_not(owner: Owner, receiver: Listener, world: World) -> None:
    webhook, _ = await owner.add(receiver.url)
    moderator, neighbour = await world.staff(), await (await world.another()).staff("owner")
    for client, status in ((moderator, 403), (neighbour, 404)):
        assert (await client.get(owner.path)).status_code == status
        assert (await client.get(f"{owner.path}/{webhook}/deliveries")).status_code == status
        assert (await client.delete(f"{owner.path}/{webhook}")).status_code == status
        assert (await client.post(f"{owner.path}/{webhook}/rotate", json={})).status_code == status
    # One's own site in the path, and another's webhook behind it.
    theirs = await Owner.of(await world.another())
    for path in ("", "/deliveries"):
        found = await theirs.client.request("GET" if path else "DELETE", f"{theirs.path}/{webhook}{path}")
        assert found.status_code == 404
    assert (await owner.see(webhook))["enabled"]


async def test_what_owners_set_up_is_on_record(owner: Owner, receiver: Listener, parts: Parts) -> None:
    webhook, secret = await owner.add(receiver.url)
    hooks = f"/api/v1/sites/{owner.world.site.name}/hooks"
    wanted = {"name": "tone", "url": receiver.url, "timing": "after", "hold_at": 0.3, "enabled": False}
    hook = (await owner.client.post(hooks, json=wanted)).json()["hook"]["id"]
    body = {"url": receiver.url, "events": ["case.opened"]}
    assert (await owner.client.put(f"{owner.path}/{webhook}", json=body)).status_code == 200
    assert (await owner.client.post(f"{owner.path}/{webhook}/rotate", json={})).status_code == 200
    assert (await owner.client.delete(f"{owner.path}/{webhook}")).status_code == 204
    assert (await owner.client.delete(f"{hooks}/{hook}")).status_code == 204
    found = await owner.client.get("/api/v1/moderation/log", params={"site": owner.world.site.name})
    acts = [each["action"] for each in reversed(found.json()["items"]) if each["action"].startswith(("web", "hook"))]
    assert acts == [
        "webhook-added", "hook-added", "webhook-changed", "webhook-secret-made", "webhook-removed", "hook-removed",
    ]  # fmt: skip
    assert secret not in found.text
    assert (await parts.db.read(record.verify, owner.world.site.id)).fault is None


async def test_the_log_is_kept_for_a_month(owner: Owner, receiver: Listener, parts: Parts) -> None:
    webhook, _ = await owner.add(receiver.url)
    await owner.world.guest().post("Old.")
    await owner.settle()
    with clock.frozen() as hands:
        hands.advance(timedelta(days=29))
        await parts.db.transact(deliveries.forget_old)
        await owner.again()
        assert len(await owner.log(webhook)) == 1
        hands.advance(timedelta(days=2))
        await parts.db.transact(deliveries.forget_old)
    assert await owner.log(webhook) == []


async def test_the_documents_receiver_checks_what_is_sent(owner: Owner, receiver: Listener) -> None:
    document = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
    code = document.split("```python\n")[1].split("```")[0]
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102  # what we print for others to copy
    _, secret = await owner.add(receiver.url)
    await owner.world.guest().post("Checked.")
    await owner.settle()
    (heard,) = receiver.heard
    assert found["is_from_parley"](secret, heard.headers, heard.body)
    assert not found["is_from_parley"](secret, heard.headers, heard.body + b" ")
    assert not found["is_from_parley"](secret, {**heard.headers, "webhook-id": "msg_1"}, heard.body)
    assert not found["is_from_parley"](secret, heard.headers, heard.body, tolerance=-1)
    for event in EVENTS:
        assert f"`{event}`" in document


def test_every_event_has_its_fact() -> None:
    assert sorted(EVENT_OF.values()) == sorted(EVENTS)
