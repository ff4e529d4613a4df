"""Transactions as types, and what is said about them while they run.

A reader asks for `ReadTx`, a writer for `WriteTx`. An act notes which pages it changed (`changed`), a read notes which
pages it draws (`shows`), both as tags: that is how a copy of the database that has not heard of a change is found out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable
from sqlmodel.ext.asyncio.session import AsyncSession

from service.kit.line import Line
from service.kit.statements import Question, Rows


class ReadTx(AsyncSession):
    """A transaction that only reads. Readers ask for this type, so that a replica is a matter of settings."""

    _line: Line | None = None

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Run a statement that was put together once, with `bindparam`s: a fifth of what one made for the call costs.

        Goes past the session, which is flushed first where it holds something.
        """
        if not self.sync_session._is_clean():  # noqa: SLF001  # what a commit asks; `dirty` makes sets each time
            await self.flush()
        return await (self._line or await self._begun()).run(statement, parameters)

    async def run_each(self, statement: Executable, each: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that returns nothing for each of these."""
        if len(each) == 1:
            await self.run(statement, each[0])
        elif each:
            await (await self.connection()).execute(statement, list(each))

    async def ask_ahead(self, *questions: Question) -> None:
        """Ask what is going to be asked by `run` in one round trip; each answer is handed out once.

        Nothing must be written in between that would change the answers.
        """
        await (self._line or await self._begun()).ask_ahead(questions)

    async def _begun(self) -> Line:
        self._line = await Line.of(await self.connection())
        return self._line


class WriteTx(ReadTx):
    """A transaction that may write; only `Database.transact` makes one."""

    async def copy(self, table: str, columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
        """Write rows by COPY; PostgreSQL only. See bulk.py for what works on both floors."""
        if not self.sync_session._is_clean():  # noqa: SLF001  # as in `run`
            await self.flush()
        await (self._line or await self._begun()).copy(table, columns, records)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Writes by `run` in here that return nothing go in one round trip, at the end or before a read.

        They don't see each other: no two of them may be about the same row. Nothing in here goes through the session.
        """
        line = self._line or await self._begun()
        if not line.gather():
            yield
            return
        try:
            yield
            await line.settle()
        finally:
            line.drop()


_CHANGES = "parley.changes"
_CHECK = "parley.check"
_WORK = "parley.work"
_LAST = "parley.last"
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


@dataclass
class Changes:
    """What a committed act changed that readers can see, as tags of pages. `often`: what changes in storms."""

    now: set[str] = field(default_factory=set)
    often: set[str] = field(default_factory=set)


def changed(tx: WriteTx, tag: str, *, often: bool = False) -> None:
    """Note that pages with this tag are not true any more once the act has committed."""
    changes: Changes = tx.info.setdefault(_CHANGES, Changes())
    (changes.often if often else changes.now).add(tag)


def changes_of(tx: WriteTx) -> Changes | None:
    """What an act noted, or None."""
    found: Changes | None = tx.info.get(_CHANGES)
    return found


def left_work(tx: WriteTx) -> None:
    """Note that there is something to do once the act has committed."""
    tx.info[_WORK] = True


def work_is_left(tx: WriteTx) -> bool:
    """Whether an act noted that."""
    return _WORK in tx.info


def is_in_transaction() -> bool:
    """Whether the task that asks is inside an act: nobody outside may be waited for then."""
    return _in_transaction.get()


@contextmanager
def inside() -> Iterator[None]:
    """While an act runs."""
    token = _in_transaction.set(True)
    try:
        yield
    finally:
        _in_transaction.reset(token)


def at_end(tx: WriteTx, act: Callable[[WriteTx], Awaitable[None]]) -> None:
    """Run `act` as the last thing of the transaction, before it commits: for locks that many transactions want.

    Taken last they are held for the commit alone, and since nothing is locked after them no two transactions can wait
    for each other in a circle. What is already to be run is not run twice.
    """
    last: list[Callable[[WriteTx], Awaitable[None]]] = tx.info.setdefault(_LAST, [])
    if act not in last:
        last.append(act)


def last_acts(tx: WriteTx) -> Sequence[Callable[[WriteTx], Awaitable[None]]]:
    """What is to be run at the end."""
    acts: Sequence[Callable[[WriteTx], Awaitable[None]]] = tx.info.get(_LAST, ())
    return acts


def shows(tx: ReadTx, tag: str) -> None:
    """Note that what is read shows this. Ends the read, by `Behind`, where this copy may not know the last change."""
    check: Callable[[str], None] | None = tx.info.get(_CHECK)
    if check is not None:
        check(tag)


def check_with(tx: ReadTx, check: Callable[[str], None]) -> None:
    """Have `check` look at every tag that this transaction shows."""
    tx.info[_CHECK] = check
