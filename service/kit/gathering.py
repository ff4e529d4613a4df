"""Writers who come at the same time share one transaction: one read for all of them, one write, one commit.

Each act runs in the task of who wants it, knows nothing of the others and is the same code as when it is alone. Only
its transaction is another: it says what it wants to ask or write, and waits until all of its flight have said so. Then
the flight asks for all of them in one statement, writes for all in one, and commits; only then is anybody answered.

    an act refuses, or is cancelled    it takes nothing of it along: what was to be written was not sent yet
    an act wants what cannot be shared it leaves (`Apart`) and is done alone, as every act was before
    the shared write fails             nothing of it is there; each is done alone, and has an answer of its own
    nobody knows whether it failed     all are told that the database is away, as anybody alone would be

A flight waits for locks but shortly: whoever holds one for long keeps up only who needs it. At READ COMMITTED acts of
one flight meet each other like acts of transactions side by side: what is to be one after the other says so by a unique
key, or by a lock, which cannot be shared. On SQLite, with its one writer, it is one trip to the database's thread and
one commit to the disk for all.

What acts want to be done at the end for all (`tx.at_end_for_all`) is done once for those of a flight, in its
transaction. Who sits with whom is said here; see flight.py, gathered.py and flying.py for the rest.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from typing import Any, TypeVar

from service.kit.flight import Apart, Flight
from service.kit.flying import FLOWN, Pilot
from service.kit.gathered import carry

R = TypeVar("R")
_MOST = 32  # acts of one flight
_YOUNG = 0.02  # seconds after which a flight is no longer waited for
_ENOUGH = 4  # who come while a flight is waited for go by another if they are so many, and then it is a rush:
_RUSH = 0.1  # seconds after such a flight, in which
_PAUSE = 0.002  # seconds are waited for others before the next; else the first of a crowd would always go alone


class Gatherer:
    """Puts acts that come at the same time together. While nobody else is there an act is done alone, at once."""

    def __init__(self, pilot: Pilot, *, most_young: int) -> None:
        self._pilot = pilot
        self._most_young = most_young
        self._seats: deque[asyncio.Future[Flight]] = deque()
        self._young = 0
        self._is_due = False
        self._rush_until = 0.0
        self._flying: set[asyncio.Task[None]] = set()

    async def run(
        self,
        act: Callable[..., Awaitable[R]],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        alone: Callable[[], Awaitable[R]],
    ) -> R:
        """Run an act with others, or by `alone`."""
        flight = await self._seat()
        if flight.is_shared:
            try:
                return await carry(flight, self._pilot.engine.dialect, self._pilot.keeper, act, args, kwargs)
            except Apart:
                FLOWN.labels("apart").inc()
                return await alone()
        try:
            return await alone()
        finally:
            self._landed(flight)

    async def _seat(self) -> Flight:
        seat: asyncio.Future[Flight] = asyncio.get_running_loop().create_future()
        self._seats.append(seat)
        self._depart_soon()
        try:
            return await seat
        except asyncio.CancelledError:
            if seat.done() and not seat.cancelled():
                self._missed(seat.result())
            raise

    def _depart_soon(self) -> None:
        if self._is_due or not self._seats:
            return
        loop = asyncio.get_running_loop()
        if not self._young:
            self._is_due = True
            if loop.time() < self._rush_until:
                loop.call_later(_PAUSE, self._depart)
            else:
                # In the next turn of the loop: who comes in this one comes along.
                loop.call_soon(self._depart)
        elif self._young < self._most_young and len(self._seats) >= _ENOUGH:
            self._is_due = True
            loop.call_soon(self._depart)

    def _depart(self) -> None:
        self._is_due = False
        seats: list[asyncio.Future[Flight]] = []
        while self._seats and len(seats) < _MOST:
            if not (seat := self._seats.popleft()).done():
                seats.append(seat)
        if not seats:
            return
        flight = Flight(len(seats))
        if len(seats) >= _ENOUGH:
            self._rush_until = asyncio.get_running_loop().time() + _RUSH
        self._young += 1
        flight.timer = asyncio.get_running_loop().call_later(_YOUNG, self._grown, flight)
        if flight.is_shared:
            # Nobody's in particular: what is logged of it is not one request's.
            task = asyncio.get_running_loop().create_task(self._fly(flight), context=Context())
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        for seat in seats:
            seat.set_result(flight)
        self._depart_soon()

    def _grown(self, flight: Flight) -> None:
        flight.timer = None
        self._young -= 1
        self._depart_soon()

    async def _fly(self, flight: Flight) -> None:
        try:
            await self._pilot.fly(flight)
        finally:
            self._landed(flight)

    def _missed(self, flight: Flight) -> None:
        """Somebody has a seat and does not come."""
        if flight.is_shared:
            flight.quieter()
        else:
            self._landed(flight)

    def _landed(self, flight: Flight) -> None:
        if flight.timer is not None:
            flight.timer.cancel()
            self._grown(flight)
