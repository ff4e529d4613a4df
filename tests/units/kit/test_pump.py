"""Slow parties have places of their own, and ending the pump ends it, whenever that comes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from service.kit.errors import Unavailable
from service.kit.pump import Pump
from tests.servers.waiting import eventually


class Parties:
    """Work in memory: party to pieces; pieces of a slow party hang until they are let go."""

    def __init__(self, waiting: dict[int, list[int]], slow: frozenset[int] = frozenset()) -> None:
        self.waiting = waiting
        self.slow = slow
        self.let_go = asyncio.Event()
        self.begun: Counter[int] = Counter()
        self.done: list[int] = []
        self.is_away = False

    async def parties(self) -> Sequence[int]:
        if self.is_away:
            raise Unavailable
        return [party for party, pieces in self.waiting.items() if pieces]

    async def take(self, party: int, most: int) -> Sequence[int]:
        taken, self.waiting[party] = self.waiting[party][:most], self.waiting[party][most:]
        return taken

    async def work(self, piece: int) -> None:
        party = piece // 1_000
        self.begun[party] += 1
        if party in self.slow:
            await self.let_go.wait()
        if piece % 1_000 == 13:
            raise RuntimeError("an unlucky piece")
        self.done.append(piece)


def many(party: int, count: int) -> list[int]:
    return [party * 1_000 + number for number in range(count)]


async def test_everything_due_is_done_once_and_a_failure_stops_nothing() -> None:
    source = Parties({party: many(party, 30) for party in (1, 2, 3)})
    await Pump(source, name="test").drain()
    assert sorted(source.done) == [piece for party in (1, 2, 3) for piece in many(party, 30) if piece % 1_000 != 13]


async def test_twenty_slow_parties_leave_places_for_a_quick_one() -> None:
    slow = frozenset(range(1, 21))
    source = Parties({party: many(party, 50) for party in [*slow, 99]}, slow)
    running = asyncio.create_task(Pump(source, name="test", poll=0.01).run())
    await eventually(lambda: sum(piece // 1_000 == 99 for piece in source.done) == 49, "the quick one's pieces")
    assert max(source.begun[party] for party in slow) <= 4
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()


async def test_what_is_claimed_ahead_waits_for_a_place_and_is_done_once() -> None:
    source = Parties({1: many(1, 30), 2: many(2, 30)}, frozenset({2}))
    running = asyncio.create_task(Pump(source, name="test", poll=0.01, ahead=12).run())
    await eventually(lambda: sum(piece < 2_000 for piece in source.done) == 29, "the quick one's pieces")
    # Of the slow one four are under way, eight wait, and no more are claimed before those are done.
    assert (source.begun[2], len(source.waiting[2])) == (4, 18)
    source.let_go.set()
    await eventually(lambda: len(source.done) == 58, "the slow one's pieces")
    assert sorted(source.done) == [piece for party in (1, 2) for piece in many(party, 30) if piece % 1_000 != 13]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_an_end_in_the_moment_of_a_poke_is_an_end() -> None:
    for _ in range(50):
        pump = Pump(Parties({}), name="test", poll=60)
        running = asyncio.create_task(pump.run())
        for _ in range(3):
            await asyncio.sleep(0)
        pump.poke()
        running.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(running, return_exceptions=True)


async def test_a_database_that_is_away_is_waited_for() -> None:
    source = Parties({1: many(1, 5)})
    source.is_away = True
    pump = Pump(source, name="test", poll=0.01)
    running = asyncio.create_task(pump.run())
    await asyncio.sleep(0)
    source.is_away = False
    await eventually(lambda: len(source.done) == 5, "the work that was put off")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
