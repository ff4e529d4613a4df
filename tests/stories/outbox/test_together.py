"""Facts of a kind are handed on together; when that fails each has its own try, and only what failed comes again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from service import outbox
from service.kit.db import ReadTx, WriteTx
from service.outbox import Fact, ForAll, Relay
from tests.world import World


@dataclass(frozen=True)
class TernSeen(Fact):
    """A tern was seen."""

    tern: int


async def test_many_at_once_and_each_by_itself(world: World) -> None:
    alone: list[int] = []
    together: list[list[int]] = []

    async def one(fact: TernSeen) -> None:
        if fact.tern == 13:
            raise RuntimeError("nobody believes it")
        alone.append(fact.tern)

    async def many(facts: Sequence[TernSeen]) -> None:
        together.append([fact.tern for fact in facts])
        if 13 in together[-1]:
            raise RuntimeError("nobody believes it")

    await world.settle()
    relay = Relay(world.parts.db)
    relay.follow({TernSeen: [ForAll(one, many)]})

    async def seen(tx: WriteTx, *terns: int) -> None:
        for tern in terns:
            await outbox.add(tx, TernSeen(tern))

    async def waiting(tx: ReadTx) -> int:
        told = "SELECT count(*) FROM outbox WHERE kind = 'TernSeen'"
        return int((await tx.run(text(told), {})).scalar_one())

    db = world.parts.db
    await db.transact(seen, 7)
    await relay.drain()
    assert (alone, together) == ([7], [])
    await db.transact(seen, 1, 2, 3)
    await relay.drain()
    assert (alone, sorted(together[0])) == ([7], [1, 2, 3])
    assert await db.read(waiting) == 0
    await db.transact(seen, 4, 13, 5)
    await relay.drain()
    assert sorted(alone) == [4, 5, 7]
    assert await db.read(waiting) == 1, "what failed comes again"


async def test_a_storm_of_posts_is_told_to_listeners_in_order(world: World) -> None:
    """Looked up all at once, each told once; what was taken back meanwhile is not told as there."""
    first = await world.guest().post()
    author = world.guest()
    made = [(await author.post(f"Text {n}."))["comment"]["id"] for n in range(6)]
    await author.delete(made[2])
    await world.settle()
    kept = await world.parts.redis.call("XRANGE", f"parley:{{{first['comment']['thread']}}}:live", "-", "+")
    events = [json.loads(fields["e"] if isinstance(fields, dict) else fields[1]) for _, fields in kept]
    told = [event["comment"] for event in events if event["type"] == "posted"]
    assert [number for number in told if number in made] == [number for number in made if number != made[2]]
    assert {event["count"] for event in events if event["type"] == "posted"} == {6}
