"""The transaction of an act that is done with others: what it asks and writes is said to its flight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from sqlalchemy import Dialect, Executable

from service.kit.flight import Apart, Asked, Counted, Flight, Ready
from service.kit.line import is_same
from service.kit.merging import Write, can_merge
from service.kit.seal import Keeper
from service.kit.statements import Question, Rows, Text, text_of
from service.kit.tx import WriteTx, inside, last_acts, last_for_all, lend

R = TypeVar("R")


async def carry(
    flight: Flight,
    dialect: Dialect,
    keeper: Callable[[], Keeper],
    act: Callable[..., Awaitable[R]],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> R:
    """Run an act in a flight, and wait until it is committed. Raises Apart, and what the act raises."""
    tx, is_done = GatheredTx(flight, dialect), False
    lend(tx, keeper)
    try:
        with inside():
            result = await act(tx, *args, **kwargs)
        if last_acts(tx):
            raise Apart
        if tx.writes:
            await flight.wait(flight.ready, lambda answer: Ready(tx, tx.writes, last_for_all(tx), answer))
        is_done = True
        return result
    finally:
        if tx.has_counted and not is_done:
            # Some of it was written already, and without the rest it must not be.
            flight.end(Apart())
        flight.quieter()


class GatheredTx(WriteTx):
    """One act's part of a flight."""

    def __init__(self, flight: Flight, dialect: Dialect) -> None:
        self._noted: dict[Any, Any] = {}
        self._flight = flight
        self._dialect = dialect
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
        return self._dialect.name

    def only(self, key: Hashable) -> None:
        """See WriteTx. Raises Apart."""
        self._flight.claim(key)

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Ask with others, or say what is to be written. Raises Apart."""
        if (known := self._known.pop(statement, None)) is not None and is_same(known[0], parameters):
            return known[1]
        text = text_of(statement, self._dialect, parameters)
        if text.is_read and not self.writes:
            (rows,) = await self._ask([text], [text.values(parameters)])
            return rows
        return await self._write(Write(statement, text, parameters))

    async def _ask(self, texts: Sequence[Text], values: Sequence[list[Any]]) -> list[Rows]:
        found: list[Rows] = await self._flight.wait(
            self._flight.asked, lambda answer: Asked(tuple(texts), tuple(values), answer)
        )
        return found

    async def _write(self, write: Write) -> Rows:
        if not self._gathers or not can_merge(write):
            raise Apart
        if not write.text.returns:
            self.writes.append(write)
            return Rows(())
        self.has_counted = True
        found: Rows = await self._flight.wait(self._flight.counted, lambda answer: Counted(write, answer))
        return found

    async def run_each(self, statement: Executable, each: Sequence[Mapping[str, Any]]) -> None:
        """The same for each of these. Raises Apart."""
        for parameters in each:
            await self.run(statement, parameters)

    async def ask_ahead(self, *questions: Question) -> None:
        """Ask what is going to be asked, with others. Raises Apart."""
        if self.writes:
            raise Apart
        texts = [text_of(statement, self._dialect, given) for statement, given in questions]
        values = [text.values(given) for text, (_, given) in zip(texts, questions, strict=True)]
        for question, rows in zip(questions, await self._ask(texts, values), strict=True):
            self._known[question.statement] = question.parameters, rows

    def together(self, *, last: bool = False) -> AbstractAsyncContextManager[None]:
        """What is written, at the end. Raises Apart where more is to follow."""
        if not last and not self._gathers:
            raise Apart
        return _Gathering(self)

    def gather(self, *, is_gathering: bool) -> bool:
        """Take what is written from here on, or no more of it; whether that was so before."""
        before, self._gathers = self._gathers, is_gathering
        return before


class _Gathering(AbstractAsyncContextManager[None]):
    """While what is written is gathered."""

    def __init__(self, tx: GatheredTx) -> None:
        self._tx = tx

    async def __aenter__(self) -> None:
        self._before = self._tx.gather(is_gathering=True)

    async def __aexit__(self, *_: object) -> None:
        self._tx.gather(is_gathering=self._before)
