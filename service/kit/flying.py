"""A flight carried out: one connection, one statement for all reads, one for all writes, one commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.kit import metrics
from service.kit.errors import Unavailable
from service.kit.flight import Apart, Flight, Ready, merged, taken
from service.kit.line import Line
from service.kit.seal import Keeper
from service.kit.shared import Shared
from service.kit.tx import WriteTx, end_for_all, inside, lend

log = structlog.get_logger()
FLOWN = metrics.counter("acts_gathered", "Acts that shared a transaction with others, by how that went.", "result")


@dataclass(frozen=True)
class Pilot:
    """Carries flights out, on connections of one engine."""

    engine: AsyncEngine
    begin: str
    keeper: Callable[[], Keeper]
    tell: Callable[[WriteTx], None]
    # What is raised of an error that means `the database is away`.
    away: Callable[[BaseException], BaseException | None]

    async def fly(self, flight: Flight) -> None:
        """Carry out what all want. Never raises: each is told."""
        try:
            await self._fly(flight)
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait are told
            # No more than that: what is in it is several people's.
            log.info("gathered.failed", error=type(error).__name__, state=_sqlstate(error))
            flight.end(self._told(error))
        finally:
            flight.end(Apart())

    async def _fly(self, flight: Flight) -> None:
        connection = await self.engine.connect()
        try:
            line = await Line.of(connection, self.begin, is_late=True)
            shared = Shared(line, self.engine.dialect)
            while await flight.all_said() and (flight.asked or flight.counted):
                # Who only reads first: nobody then holds rows while others think.
                if flight.asked:
                    await self._answer_all(flight, shared)
                else:
                    await self._count_all(flight, shared)
            ready = taken(flight.ready)
            if ready and not flight.is_over:
                await self._commit(flight, ready, shared, connection, line)
        finally:
            await connection.close()

    async def _answer_all(self, flight: Flight, shared: Shared) -> None:
        asked = taken(flight.asked)
        try:
            answers = await shared.ask([(each.texts, each.values) for each in asked])
        except BaseException:
            flight.asked += asked
            raise
        for each, rows in zip(asked, answers, strict=True):
            flight.answer(each.answer, rows)

    async def _count_all(self, flight: Flight, shared: Shared) -> None:
        counted = taken(flight.counted)
        try:
            answers = await shared.count([each.write for each in counted])
        except BaseException:
            flight.counted += counted
            raise
        for each, rows in zip(counted, answers, strict=True):
            flight.answer(each.answer, rows)

    async def _commit(
        self, flight: Flight, ready: Sequence[Ready], shared: Shared, connection: AsyncConnection, line: Line
    ) -> None:
        closing = None
        try:
            writes = [each.writes for each in ready]
            if last := merged(ready):
                await shared.write(writes)
                closing = WriteTx.on(connection, line)
                lend(closing, self.keeper)
                with inside():
                    await end_for_all(closing, last)
                await line.commit()
            else:
                await shared.commit(writes)
        except BaseException as error:
            told = self._told(error, is_writing=True)
            for each in ready:
                if not each.answer.done():
                    each.answer.set_exception(told)
            raise
        # At once: whoever is cancelled from here on has changed something all the same.
        if closing is not None:
            self.tell(closing)
        for each in ready:
            self.tell(each.tx)
            flight.answer(each.answer, None)
        FLOWN.labels("together").inc(len(ready))

    def _told(self, error: BaseException, *, is_writing: bool = False) -> BaseException:
        """What those who wait are told: to try alone, unless the database is away or what they wanted may be done."""
        if isinstance(error, Exception) and (away := self.away(error)) is not None:
            return away
        if not is_writing or (isinstance(error, DBAPIError) and not error.connection_invalidated):
            return Apart()
        return error if isinstance(error, Exception) else Unavailable(retry_after=2)


def _sqlstate(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
