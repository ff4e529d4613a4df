"""The machine's clock is a day ahead, and set right again: nothing is held until tomorrow, nothing done twice.

The processes' clock is moved; that of Redis is not ours to move, so what a Redis a day ahead has left is written there.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service import identity, worker
from service.kit import clock
from service.outbox import relay
from service.publishing import working
from service.web.parts import Parts
from tests.world import World

SERVICE = Path(__file__).parents[3] / "service"
DAY = timedelta(days=1)


async def test_a_fact_that_was_claimed_tomorrow_is_handed_on_today_and_once(world: World, parts: Parts) -> None:
    await world.settle()
    with clock.frozen() as hands:
        hands.advance(DAY)
        made = await world.guest().post("Posted tomorrow.", page="clock")
        claimed = await parts.db.transact(relay._claim)  # and then its worker was killed
        assert claimed
        hands.advance(-DAY)
        assert await parts.relay.drain() == 0
        await worker.mend(parts)
        # And whatever others in this database have left meanwhile.
        assert await parts.relay.drain() >= len(claimed)
        assert await parts.relay.drain() == 0
        await worker.mend(parts)
        assert await parts.relay.drain() == 0
        # What was written tomorrow can be read, answered and edited today.
        reply = await world.guest("Bob").post("Answered today.", page="clock", parent=made["comment"]["id"])
        found = await world.read("clock")
        assert [it["id"] for it in found["items"]] == [made["comment"]["id"]]
        assert [it["id"] for it in found["items"][0]["replies"]["items"]] == [reply["comment"]["id"]]


async def test_what_a_worker_took_up_tomorrow_another_one_ends_today(world: World, parts: Parts) -> None:
    """A job of the kind that has a lease: an owner's on discussions."""
    owner = await world.staff("owner")
    path = f"/api/v1/sites/{world.site.name}/thread-jobs"
    with clock.frozen() as hands:
        wanted = {"rule": "prefix", "from": "https://old.test/", "to": "https://news.test/"}
        job = (await owner.post(f"{path}/remap", json=wanted)).json()["id"]
        hands.advance(DAY)
        assert await parts.db.transact(working._take, "killed", int(job)) is not None
        hands.advance(-DAY)
        await working.work(parts.db)
        assert (await owner.get(f"{path}/{job}")).json()["state"] == "planned"


async def test_moderators_and_readers_stay_signed_in(world: World, parts: Parts) -> None:
    staff, ada = await world.staff("moderator"), world.guest("Ada")
    made = await world.guest("Bob").post("Hello.", page="signed-in")
    with clock.frozen() as hands:
        before = clock.now()
        for step in (DAY, -DAY, -DAY, DAY):
            hands.advance(step)
            # What a worker clears away meanwhile is nobody's who comes back when the clock is right.
            await parts.db.transact(identity.forget_expired)
            # Staff's sessions live half a day: over while the clock is ahead, and there again.
            known = (await staff.get("/api/v1/session")).json()["name"]
            assert known == ("Moderator" if clock.now() <= before else None)
            assert (await ada.vote(made["comment"]["id"], 1)).status_code == 200


async def test_a_link_is_good_once_however_the_clock_goes(world: World, parts: Parts) -> None:
    email = await world.joins()
    account = await parts.db.read(identity.account_by_email, email)
    assert account is not None
    token = await parts.db.transact(identity.make_link, account.id)
    client, own = world.caller("10.9.9.9"), {"Origin": parts.settings.origin}

    async def enter() -> int:
        return (await client.post("/api/v1/auth/session", json={"token": token}, headers=own)).status_code

    with clock.frozen() as hands:
        hands.advance(DAY)
        assert await enter() != 201
        hands.advance(-DAY)
        assert await enter() == 201
        hands.advance(-DAY)
        assert await enter() != 201


async def test_a_bucket_that_was_filled_tomorrow_locks_nobody_out(world: World, parts: Parts) -> None:
    strict = await world.another({"limits": {"post": {"address": ["3/60s"]}}})
    ada = strict.guest("Ada", address="10.66.6.6")
    await ada.post()
    (key,) = [key async for key in _buckets(parts) if f":{strict.site.id}:" in key or str(strict.site.id) in key]
    tomorrow = int((clock.now() + DAY).timestamp()) * 1_000_000
    await parts.redis.call("SET", key, str(tomorrow), "PX", 86_400_000)
    assert (await ada.try_post("The next day was yesterday.")).status_code == 201


async def _buckets(parts: Parts) -> AsyncIterator[str]:
    cursor = "0"
    while True:
        cursor, keys = await parts.redis.call("SCAN", cursor, "COUNT", 1_000)
        for key in keys:
            if "limit" in str(key):
                yield str(key)
        if str(cursor) == "0":
            return


def wrong_clocks(source: str) -> Iterator[str]:
    """Times that are not asked of `kit.clock`, and durations measured by a clock that can be set."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        said = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if said in {"time.time", "datetime.now", "datetime.utcnow", "date.today", "datetime.datetime.now"}:
            yield f"line {node.lineno}: {said}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _measured(node)


def _measured(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    begun = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "clock.now()"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            left, right = ast.unparse(node.left), ast.unparse(node.right)
            if left == "clock.now()" and right in begun:
                yield f"line {node.lineno}: {left} - {right} measures a duration"


@pytest.mark.parametrize(
    "wrong",
    [
        "import time\nstarted = time.time()",
        "from datetime import datetime\nat = datetime.now(UTC)",
        "def act():\n    since = clock.now()\n    work()\n    return clock.now() - since",
    ],
)
def test_a_wrong_clock_is_seen(wrong: str) -> None:
    assert list(wrong_clocks(wrong))


# Where the real time is meant: the clock itself, a file's stamp, and the comparison with the database's clock.
_REAL = {"kit/clock.py", "kit/migrate.py", "backup/dump.py", "commands/doctor.py"}


def test_time_is_asked_of_one_clock_and_durations_of_one_that_cannot_be_set() -> None:
    found = {
        str(path.relative_to(SERVICE)): wrong
        for path in sorted(SERVICE.rglob("*.py"))
        if (wrong := list(wrong_clocks(path.read_text())))
    }
    assert {name: wrong for name, wrong in found.items() if name not in _REAL} == {}
