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
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from service.kit import metrics
from service.kit.errors import Unavailable
from service.kit.line import Line, is_same
from service.kit.merging import Write, can_merge
from service.kit.seal import Keeper
from service.kit.shared import Shared
from service.kit.statements import Question, Rows, Text, text_of
from service.kit.tx import WriteTx, inside, last_acts, lend

log = structlog.get_logger()
R = TypeVar("R")
_MOST = 32  # acts of one flight
_YOUNG = 0.02  # seconds after which a flight is no longer waited for
FLOWN = metrics.counter("acts_gathered", "Acts that shared a transaction with others, by how that went.", "result")


class Apart(Exception):
    """This act is to be done alone."""


class Asked(NamedTuple):
    """What one of a flight wants to know: answered by rows for each of the texts."""

    texts: tuple[Text, ...]
    values: tuple[list[Any], ...]
    answer: asyncio.Future[list[Rows]]


class Counted(NamedTuple):
    """What one of a flight adds to a row whose state it has to know afterwards."""

    write: Write
    answer: asyncio.Future[Rows]


class Gatherer:
    """Puts acts that come at the same time together. While nobody else is there an act is done alone, at once."""

    def __init__(
        self,
        engine: AsyncEngine,
        begin: str,
        keeper: Callable[[], Keeper],
        tell: Callable[[WriteTx], None],
        away: Callable[[BaseException], BaseException | None],
        *,
        most_young: int,
    ) -> None:
        self.engine = engine
        self.begin = begin
        self.keeper = keeper
        self.tell = tell
        self.away = away
        self._most_young = most_young
        self._seats: deque[asyncio.Future[Flight]] = deque()
        self._young = 0
        self._is_due = False
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
                return await flight.carry(act, args, kwargs)
            except Apart:
                FLOWN.labels("apart").inc()
                return await alone()
        try:
            return await alone()
        finally:
            self.landed(flight)

    async def _seat(self) -> Flight:
        seat: asyncio.Future[Flight] = asyncio.get_running_loop().create_future()
        self._seats.append(seat)
        self._depart_soon()
        try:
            return await seat
        except asyncio.CancelledError:
            if seat.done() and not seat.cancelled():
                seat.result().missed()
            raise

    def _depart_soon(self) -> None:
        # In the next turn of the loop: who comes in this one comes along.
        if not self._is_due and self._seats and self._young < self._most_young:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._depart)

    def _depart(self) -> None:
        self._is_due = False
        seats: list[asyncio.Future[Flight]] = []
        while self._seats and len(seats) < _MOST:
            if not (seat := self._seats.popleft()).done():
                seats.append(seat)
        if not seats:
            return
        flight = Flight(self, len(seats))
        self._young += 1
        flight.timer = asyncio.get_running_loop().call_later(_YOUNG, self._grown, flight)
        if flight.is_shared:
            # Nobody's in particular: what is logged of it is not one request's.
            task = asyncio.get_running_loop().create_task(flight.fly(), context=Context())
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        for seat in seats:
            seat.set_result(flight)
        self._depart_soon()

    def _grown(self, flight: Flight) -> None:
        flight.timer = None
        self._young -= 1
        self._depart_soon()

    def landed(self, flight: Flight) -> None:
        """A flight is over."""
        if flight.timer is not None:
            flight.timer.cancel()
            self._grown(flight)


class Flight:
    """Some acts in one transaction."""

    def __init__(self, gatherer: Gatherer, count: int) -> None:
        self._gatherer = gatherer
        self.is_shared = count > 1
        self.timer: asyncio.TimerHandle | None = None
        self.dialect = gatherer.engine.dialect
        # How many are thinking; the flight goes on when all have said what they want.
        self._busy = count
        self._all_said = asyncio.Event()
        self._asked: list[Asked] = []
        self._counted: list[Counted] = []
        self._ready: list[tuple[GatheredTx, asyncio.Future[None]]] = []
        self._is_over = False

    async def carry(self, act: Callable[..., Awaitable[R]], args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
        """Run an act in this flight, and wait until it is committed. Raises Apart, and what the act raises."""
        tx, is_done = GatheredTx(self), False
        lend(tx, self._gatherer.keeper)
        try:
            with inside():
                result = await act(tx, *args, **kwargs)
            if last_acts(tx):
                raise Apart
            if tx.writes:
                await self._waited(self._ready, lambda answer: (tx, answer))
            is_done = True
            return result
        finally:
            if tx.has_counted and not is_done:
                # Some of it was written already, and without the rest it must not be.
                self._end(Apart())
            self.missed()

    async def ask(self, texts: Sequence[Text], values: Sequence[list[Any]]) -> list[Rows]:
        """What these reads say. Raises Apart."""
        found: list[Rows] = await self._waited(self._asked, lambda answer: Asked(tuple(texts), tuple(values), answer))
        return found

    async def count(self, write: Write) -> Rows:
        """What a row is after this was added to it. Raises Apart."""
        found: Rows = await self._waited(self._counted, lambda answer: Counted(write, answer))
        return found

    async def _waited(self, line: list[Any], wish: Callable[[asyncio.Future[Any]], Any]) -> Any:
        if self._is_over:
            raise Apart
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        said = wish(answer)
        line.append(said)
        self._quieter()
        try:
            return await answer
        except asyncio.CancelledError:
            if said in line:
                # Not sent yet: it is as if it had never been said.
                line.remove(said)
                self._busy += 1
            raise

    def missed(self) -> None:
        """One is thinking no more."""
        if self.is_shared:
            self._quieter()
        else:
            self._gatherer.landed(self)

    def _quieter(self) -> None:
        self._busy -= 1
        if self._busy <= 0:
            self._all_said.set()

    def answer(self, waiting: asyncio.Future[Any], result: Any) -> None:
        """Tell somebody, who thinks on from here; nobody when they are gone."""
        if not waiting.done():
            waiting.set_result(result)
        self._busy += 1

    async def fly(self) -> None:
        """Carry out what all want. Never raises: each is told."""
        try:
            await self._fly()
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait are told
            # No more than that: what is in it is several people's.
            log.info("gathered.failed", error=type(error).__name__, state=_sqlstate(error))
            self._end(self._told(error))
        finally:
            self._end(Apart())
            self._gatherer.landed(self)

    async def _fly(self) -> None:
        connection = await self._gatherer.engine.connect()
        try:
            shared = Shared(await Line.of(connection, self._gatherer.begin, is_late=True), self.dialect)
            while await self._is_all_said() and (self._asked or self._counted):
                # Who only reads first: nobody then holds rows while others think.
                if self._asked:
                    await self._answer_all(shared)
                else:
                    await self._count_all(shared)
            ready = _taken(self._ready)
            if ready and not self._is_over:
                await self._commit(shared, ready)
        finally:
            await connection.close()

    async def _is_all_said(self) -> bool:
        while self._busy > 0 and not self._is_over:
            self._all_said.clear()
            await self._all_said.wait()
        return not self._is_over

    async def _answer_all(self, shared: Shared) -> None:
        asked = _taken(self._asked)
        try:
            answers = await shared.ask([(each.texts, each.values) for each in asked])
        except BaseException:
            self._asked += asked
            raise
        for each, rows in zip(asked, answers, strict=True):
            self.answer(each.answer, rows)

    async def _count_all(self, shared: Shared) -> None:
        counted = _taken(self._counted)
        try:
            answers = await shared.count([each.write for each in counted])
        except BaseException:
            self._counted += counted
            raise
        for each, rows in zip(counted, answers, strict=True):
            self.answer(each.answer, rows)

    async def _commit(self, shared: Shared, ready: Sequence[tuple[GatheredTx, asyncio.Future[None]]]) -> None:
        try:
            await shared.commit([tx.writes for tx, _ in ready])
        except BaseException as error:
            told = self._told(error, is_writing=True)
            for _, answer in ready:
                if not answer.done():
                    answer.set_exception(told)
            raise
        # At once: whoever is cancelled from here on has changed something all the same.
        for tx, answer in ready:
            self._gatherer.tell(tx)
            self.answer(answer, None)
        FLOWN.labels("together").inc(len(ready))

    def _told(self, error: BaseException, *, is_writing: bool = False) -> BaseException:
        """What those who wait are told: to try alone, unless the database is away or what they wanted may be done."""
        if isinstance(error, Exception) and (away := self._gatherer.away(error)) is not None:
            return away
        if not is_writing or (isinstance(error, DBAPIError) and not error.connection_invalidated):
            return Apart()
        return error if isinstance(error, Exception) else Unavailable(retry_after=2)

    def _end(self, error: BaseException) -> None:
        self._is_over = True
        for line in (self._asked, self._counted, self._ready):
            for said in line:
                waiting = said[-1]
                if not waiting.done():
                    waiting.set_exception(error)
            line.clear()
        self._all_said.set()


def _taken(line: list[R]) -> list[R]:
    """What stood in it. The line is emptied, not replaced: whoever is cancelled looks there whether it was sent."""
    taken = line.copy()
    line.clear()
    return taken


def _sqlstate(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


class GatheredTx(WriteTx):
    """The transaction of an act that is done with others."""

    def __init__(self, flight: Flight) -> None:
        self._noted: dict[Any, Any] = {}
        self._flight = flight
        self._known: dict[Executable, tuple[Mapping[str, Any], Rows]] = {}
        self._gathers = False
        self.writes: list[Write] = []
        self.has_counted = False

    def __getattr__(self, name: str) -> Any:
        """A session is one act's."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise Apart

    @property
    def dialect(self) -> str:
        """The kind of database."""
        return self._flight.dialect.name

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Ask with others, or say what is to be written. Raises Apart."""
        if (known := self._known.pop(statement, None)) is not None and is_same(known[0], parameters):
            return known[1]
        text = text_of(statement, self._flight.dialect, parameters)
        if text.is_read and not self.writes:
            (rows,) = await self._flight.ask([text], [text.values(parameters)])
            return rows
        return await self._write(Write(statement, text, parameters))

    async def _write(self, write: Write) -> Rows:
        if not self._gathers or not can_merge(write):
            raise Apart
        if not write.text.returns:
            self.writes.append(write)
            return Rows(())
        self.has_counted = True
        return await self._flight.count(write)

    async def run_each(self, statement: Executable, each: Sequence[Mapping[str, Any]]) -> None:
        """The same for each of these. Raises Apart."""
        for parameters in each:
            await self.run(statement, parameters)

    async def ask_ahead(self, *questions: Question) -> None:
        """Ask what is going to be asked, with others. Raises Apart."""
        if self.writes:
            raise Apart
        texts = [text_of(statement, self._flight.dialect, given) for statement, given in questions]
        values = [text.values(given) for text, (_, given) in zip(texts, questions, strict=True)]
        for question, rows in zip(questions, await self._flight.ask(texts, values), strict=True):
            self._known[question.statement] = question.parameters, rows

    @asynccontextmanager
    async def together(self, *, last: bool = False) -> AsyncIterator[None]:
        """What is written, at the end. Raises Apart where more is to follow."""
        if self._gathers:
            yield
            return
        if not last:
            raise Apart
        self._gathers = True
        try:
            yield
        finally:
            self._gathers = False
