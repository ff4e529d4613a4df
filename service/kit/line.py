"""The driver's connection under a transaction: statements past SQLAlchemy, several of them in one round trip.

SQLAlchemy keeps the pool, begins, commits and rolls back, and says what the driver's errors are; see statements.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from service.kit.statements import Question, Rows, in_one, side_by_side, text_of


class Line:
    """The driver's connection under a transaction that SQLAlchemy began and will end."""

    def __init__(self, connection: AsyncConnection, pooled: Any) -> None:
        self._connection = connection
        self._sync: Any = connection.sync_connection
        self._pooled = pooled
        driver = pooled.driver_connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._fetch = driver.execute_fetchall if self._is_sqlite else driver.fetch

        self._known: dict[Executable, tuple[Mapping[str, Any], Rows]] = {}
        self._waiting: list[tuple[str, list[Any]]] | None = None

    @classmethod
    async def of(cls, connection: AsyncConnection) -> Line:
        """The line below a connection, with its transaction begun."""
        line = cls(connection, await connection.get_raw_connection())
        if not line._is_sqlite:
            await line._begin()
        return line

    async def _begin(self) -> None:
        """Begin the transaction; SQLAlchemy would do it with its own first statement."""
        adapted = self._pooled.dbapi_connection
        if adapted._transaction is not None:  # noqa: SLF001  # asked by nobody else
            return
        try:
            await adapted._start_transaction()  # noqa: SLF001
        except BaseException as error:  # noqa: BLE001  # raised again below
            # Cancelled, above all: the server may have begun what nobody here knows of, and would end.
            caught = error
        else:
            return
        await self._connection.run_sync(self._raise, caught, "BEGIN")

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Carry a statement out. Raises what SQLAlchemy raises for the driver's errors."""
        if self._known and (known := self._known.pop(statement, None)) is not None and _is_same(known[0], parameters):
            return known[1]
        text = text_of(statement, self._connection.dialect, parameters)
        if self._waiting is not None and not text.returns:
            self._waiting.append((text.sql, text.values(parameters)))
            return Rows(())
        await self.settle()
        return text.rows(await self.send(text.sql, text.values(parameters)))

    async def ask_ahead(self, questions: Sequence[Question]) -> None:
        """Have these answered together; each is handed out once, to who asks it next."""
        if self._is_sqlite:
            return  # there is nobody far away
        texts = [text_of(statement, self._connection.dialect, given) for statement, given in questions]
        values = [value for text, (_, given) in zip(texts, questions, strict=True) for value in text.values(given)]
        answers = (await self.send(side_by_side(tuple(text.sql for text in texts)), values))[0]
        for (statement, given), text, rows in zip(questions, texts, answers, strict=True):
            self._known[statement] = given, text.rows(rows)

    def gather(self) -> bool:
        """Keep writes that return nothing until `settle`; False when they are being kept already."""
        if self._is_sqlite or self._waiting is not None:
            return False
        self._waiting = []
        return True

    def drop(self) -> None:
        """Keep no more writes, and forget those that still wait."""
        self._waiting = None

    async def settle(self) -> None:
        """Carry out the writes that wait, in one statement."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            texts = tuple(text for text, _ in waiting)
            await self.send(in_one(texts), [value for _, values in waiting for value in values])

    async def send(self, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        """Send a text with its values, and wait for all rows."""
        self._tell(sql, values)
        try:
            if self._is_sqlite:
                return await self._fetch(sql, values)  # type: ignore[no-any-return]
            return await self._fetch(sql, *values)  # type: ignore[no-any-return]
        except BaseException as error:  # noqa: BLE001  # raised again below, where SQLAlchemy may wait
            # Cancellations too: a connection whose answer nobody took leaves the pool.
            caught = error
        await self._connection.run_sync(self._raise, caught, sql)
        raise AssertionError("unreachable")

    async def copy(self, table: str, columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
        """Write rows by COPY; PostgreSQL only."""
        await self.settle()
        self._tell(f"COPY {table}", ())
        try:
            await self._pooled.driver_connection.copy_records_to_table(table, columns=columns, records=records)
        except BaseException as error:  # noqa: BLE001  # as in `send`
            caught = error
        else:
            return
        await self._connection.run_sync(self._raise, caught, f"COPY {table}")

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


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the same is asked; about which moment does not matter within one transaction."""
    return one.keys() == other.keys() and all(
        value == other[name] or isinstance(value, datetime) for name, value in one.items()
    )
