"""The driver's connection under a transaction: statements past SQLAlchemy, several of them in one round trip.

SQLAlchemy keeps the pool, rolls back, and says what the driver's errors are; see statements.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from service.kit import traces
from service.kit.merging import arrays_of, done_for_each
from service.kit.statements import Question, Rows, Text, in_one, side_by_side, text_of

# A text and its values.
_Sent = tuple[str, Sequence[Any]]


class Line:
    """The driver's connection under a transaction: begun here, and ended here where no session has come between."""

    def __init__(self, connection: AsyncConnection, pooled: Any, begin: str | None) -> None:
        self._connection = connection
        self._sync: Any = connection.sync_connection
        self._pooled = pooled
        self._driver: Any = pooled.driver_connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        # SQLite: goes with the first statement, as a trip to the database's thread costs more than most statements.
        self._begin_with = begin
        self._must_begin = False
        self._known: dict[Executable, tuple[Mapping[str, Any], Rows]] = {}
        self._waiting: list[_Sent] | None = None
        self._last: list[_Sent] = []

    @classmethod
    async def of(cls, connection: AsyncConnection, begin: str | None, *, is_late: bool = False) -> Line:
        """The line below a connection, with its transaction begun: on SQLite, by `begin`, with what is sent first.

        `is_late`: on PostgreSQL it begins with the first thing that locks or writes. At READ COMMITTED each read sees
        the moment it is asked at, inside of a transaction and before it.
        """
        line = cls(connection, await connection.get_raw_connection(), begin)
        line._must_begin = not line._is_sqlite
        if not is_late:
            await line.begin()
        return line

    async def begin(self) -> None:
        """Begin, where that is still to be done."""
        if self._must_begin:
            self._must_begin = False
            await self._begin()

    @classmethod
    async def bare(cls, connection: AsyncConnection) -> Line:
        """The line with no transaction on it: each statement is one of its own."""
        return cls(connection, await connection.get_raw_connection(), None)

    async def _begin(self) -> None:
        """Begin the transaction; SQLAlchemy would do it with its own first statement."""
        adapted = self._pooled.dbapi_connection
        if adapted._transaction is not None:  # noqa: SLF001  # asked by nobody else
            return
        # Cancelled, above all: the server may have begun what nobody here knows of, and would end.
        await self._or_raise(adapted._start_transaction(), "BEGIN")  # noqa: SLF001

    async def commit(self) -> None:
        """Commit what was begun here; nothing when a session has done it. Raises what SQLAlchemy raises."""
        last, self._last = self._last, []
        if self._is_sqlite:
            if last or self._driver.in_transaction:
                self._hear_commit()
                await (self.send_all(last, commit=True) if last else self._or_raise(self._driver.commit(), "COMMIT"))
            return
        if last:
            texts = tuple(text for text, _ in last)
            await self.commit_with(in_one(texts), [value for _, values in last for value in values])
            return
        await self._commit()

    async def commit_with(self, sql: str, values: Sequence[Any]) -> None:
        """PostgreSQL: send what is the last of the transaction, and commit."""
        if self._must_begin:
            # A statement alone is a transaction: it has happened, and is on the disk, or it has not.
            self._hear_commit()
            await self.send(sql, values)
            return
        await self.send(sql, values)
        await self._commit()

    async def _commit(self) -> None:
        adapted = self._pooled.dbapi_connection
        if adapted._transaction is not None:  # noqa: SLF001
            self._hear_commit()
            await self._or_raise(adapted._call_and_discard(adapted._transaction.commit), "COMMIT")  # noqa: SLF001

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Carry a statement out. Raises what SQLAlchemy raises for the driver's errors."""
        if self._known and (known := self._known.pop(statement, None)) is not None and is_same(known[0], parameters):
            return known[1]
        text = text_of(statement, self._connection.dialect, parameters)
        if self._waiting is not None and not text.returns:
            self._waiting.append((text.sql, text.values(parameters)))
            return Rows(())
        await self.settle()
        if not text.is_read:
            await self.begin()
        return text.rows(await self.send(text.sql, text.values(parameters)))

    async def ask_ahead(self, questions: Sequence[Question]) -> None:
        """Have these answered together; each is handed out once, to who asks it next."""
        if self._last:
            await self.settle()
        texts = [text_of(statement, self._connection.dialect, given) for statement, given in questions]
        answers = await self._answers(texts, questions)
        for (statement, given), text, rows in zip(questions, texts, answers, strict=True):
            self._known[statement] = given, text.rows(rows)

    async def _answers(self, texts: Sequence[Text], questions: Sequence[Question]) -> Sequence[Sequence[Any]]:
        asked = [(text.sql, text.values(given)) for text, (_, given) in zip(texts, questions, strict=True)]
        if self._is_sqlite:
            return await self.send_all(asked)
        values = [value for _, each in asked for value in each]
        (answers,) = await self.send(side_by_side(tuple(sql for sql, _ in asked)), values)
        return answers  # type: ignore[no-any-return]

    def gather(self) -> bool:
        """Keep writes that return nothing until `settle`; False when they are being kept already."""
        if self._waiting is not None:
            return False
        self._waiting = []
        return True

    def drop(self) -> None:
        """Keep no more writes, and forget those that still wait."""
        self._waiting = None

    async def settle(self) -> None:
        """Carry out the writes that wait, in one round trip."""
        if self._last:
            # Not the last after all: what follows may be about the same rows, so it goes by itself.
            last, self._last = self._last, []
            await self._send_waiting(last)
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            await self._send_waiting(waiting)

    async def _send_waiting(self, waiting: Sequence[_Sent]) -> None:
        if self._is_sqlite:
            await self.send_all(waiting)
            return
        await self.begin()
        texts = tuple(text for text, _ in waiting)
        await self.send(in_one(texts), [value for _, values in waiting for value in values])

    def keep_for_commit(self) -> None:
        """The writes that wait are the last: they go with the commit, unless something follows them all the same."""
        self._last, self._waiting = self._waiting or [], []

    @property
    def is_over(self) -> bool:
        """Whether the last writes wait for the commit."""
        return bool(self._last)

    async def send(self, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        """Send a text with its values, and wait for all rows."""
        if self._is_sqlite:
            return (await self.send_all([(sql, values)]))[0]
        self._tell(sql, values)
        return await self._or_raise(self._driver.fetch(sql, *values), sql)  # type: ignore[no-any-return]

    async def run_each(self, statement: Executable, each: Sequence[Mapping[str, Any]]) -> None:
        """Carry out a statement that returns nothing, once for each of these, in one round trip.

        On PostgreSQL it is one that takes its rows from arrays: one text, whatever their number. So no two of them may
        be about the same row.
        """
        text = text_of(statement, self._connection.dialect, each[0])
        rows = [text.values(given) for given in each]
        sent: list[_Sent] = [(text.sql, given) for given in rows]
        if not self._is_sqlite:
            sent = [(done_for_each(text.sql), arrays_of(rows))]
        if self._waiting is not None:
            self._waiting += sent
            return
        await self.settle()
        await self._send_waiting(sent)

    async def send_all(self, sent: Sequence[_Sent], *, commit: bool = False) -> list[Sequence[Any]]:
        """SQLite: one trip to its thread for all of these, and for the commit if that is to follow."""
        for sql, values in sent:
            self._tell(sql, values)
        begin, self._begin_with = self._begin_with, None
        trip = self._driver._execute(_carry_out, self._driver._conn, begin, sent, commit)  # noqa: SLF001
        told = "; ".join(sql for sql, _ in sent) if traces.on else sent[-1][0]
        return await self._or_raise(trip, told)  # type: ignore[no-any-return]

    async def _or_raise(self, doing: Awaitable[Any], sql: str) -> Any:
        try:
            if not traces.on:
                return await doing
            with traces.statement(sql, self._connection.dialect.name):
                return await doing
        except BaseException as error:  # noqa: BLE001  # raised again below, where SQLAlchemy may wait
            # Cancellations too: a connection whose answer nobody took leaves the pool.
            caught = error
        await self._connection.run_sync(self._raise, caught, sql)
        raise AssertionError("unreachable")

    def _hear_commit(self) -> None:
        """Whoever listens hears of commits here too."""
        if self._sync._has_events or self._sync.engine._has_events:  # noqa: SLF001
            for hear in self._sync.dispatch.commit:
                hear(self._sync)

    async def copy(self, table: str, columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
        """Write rows by COPY; PostgreSQL only."""
        await self.settle()
        await self.begin()
        self._tell(f"COPY {table}", ())
        copying = self._driver.copy_records_to_table(table, columns=columns, records=records)
        await self._or_raise(copying, f"COPY {table}")

    def _tell(self, sql: str, values: Sequence[Any]) -> None:
        """Whoever listens to statements (tests do, that count them) hears of these too."""
        if self._sync._has_events or self._sync.engine._has_events:  # noqa: SLF001
            for hear in self._sync.dispatch.before_cursor_execute:
                hear(self._sync, None, sql, tuple(values), None, False)  # noqa: FBT003  # SQLAlchemy's signature

    def _raise(self, sync: Connection, error: BaseException, sql: str) -> NoReturn:
        """As SQLAlchemy would have: its own classes, and a lost connection leaves the pool."""
        try:
            self._pooled.dbapi_connection._handle_exception(error)  # noqa: SLF001
        except BaseException as translated:  # noqa: BLE001  # whatever it is, it is handed on
            sync._handle_dbapi_exception(translated, sql, None, None, None)  # noqa: SLF001
        raise error


def _carry_out(
    connection: sqlite3.Connection,
    begin: str | None,
    sent: Sequence[_Sent],
    commit: bool,  # noqa: FBT001  # handed through aiosqlite, which knows no names
) -> list[list[Any]]:
    """In the database's own thread: all of these, in a transaction."""
    if begin is not None and not connection.in_transaction:
        connection.execute(begin)
    found = [connection.execute(sql, values).fetchall() for sql, values in sent]
    if commit:
        connection.commit()
    return found


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the same is asked; about which moment does not matter within one transaction."""
    return one.keys() == other.keys() and all(
        value == other[name] or isinstance(value, datetime) for name, value in one.items()
    )
