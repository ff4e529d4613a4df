"""Transactions as types, and what is said about them while they run.

A reader asks for `ReadTx`, a writer for `WriteTx`. An act notes which pages it changed (`changed`), a read notes which
pages it draws (`shows`), both as tags: that is how a copy of the database that has not heard of a change is found out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from service.kit.line import Line
from service.kit.seal import Keeper
from service.kit.statements import Question, Rows


class ReadTx(AsyncSession):
    """A transaction that only reads. Readers ask for this type, so that a replica is a matter of settings.

    The session is made when something is asked of it that is the session's: making one, and having it begin and end a
    transaction, costs several times what `run` does.
    """

    def __init__(self, connection: AsyncConnection, begin: str | None = None) -> None:
        self._bound = connection
        self._begin = begin
        self._line: Line | None = None
        self._noted: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """What is not there yet: the session's own, made now."""
        if name not in _OF_THE_SESSION:
            raise AttributeError(name)
        if self._line is not None and self._line.is_over:
            raise RuntimeError("something follows what was to go with the commit")
        super().__init__(bind=self._bound, expire_on_commit=False)
        return self.__dict__[name]

    @property
    def info(self) -> dict[Any, Any]:
        """What is noted about this transaction while it runs."""
        return self._noted

    @property
    def dialect(self) -> str:
        """The kind of database: `sqlite` or `postgresql`."""
        return self._bound.dialect.name

    @property
    def has_session(self) -> bool:
        """Whether something was asked of the session."""
        return "sync_session" in self.__dict__

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Run a statement that was put together once, with `bindparam`s: a fifth of what one made for the call costs.

        Goes past the session, which is flushed first where it holds something.
        """
        await self._flushed()
        return await (self._line or await self._begun()).run(statement, parameters)

    async def run_each(self, statement: Executable, each: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that returns nothing for each of these."""
        if len(each) == 1:
            await self.run(statement, each[0])
        elif each:
            await self._flushed()
            await (self._line or await self._begun()).run_each(statement, each)

    async def ask_ahead(self, *questions: Question) -> None:
        """Ask what is going to be asked by `run` in one round trip; each answer is handed out once.

        Nothing must be written in between that would change the answers.
        """
        await self._flushed()
        await (self._line or await self._begun()).ask_ahead(questions)

    async def leave(self) -> None:
        """Give the connection back, whoever is cancelled; what was not committed is rolled back."""
        # One task for both: they are not to meet on the connection when the wait for the first is cancelled.
        await asyncio.shield(asyncio.create_task(self._leave()))

    async def _leave(self) -> None:
        try:
            if self.has_session:
                await self.close()
        finally:
            await self._bound.close()

    async def _flushed(self) -> None:
        # What a commit asks; `dirty` makes sets each time.
        if self.has_session and not self.sync_session._is_clean():  # noqa: SLF001
            await self.flush()

    async def _begun(self) -> Line:
        self._line = await Line.of(self._bound, self._begin)
        return self._line


class Glance(ReadTx):
    """One statement by `run`, and nothing more: it needs no transaction, and so one round trip instead of three."""

    async def _begun(self) -> Line:
        return await Line.bare(self._bound)

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> Rows:
        """Run the one statement. Raises RuntimeError for a second: the two would see different moments."""
        if self._line is not None or self.has_session:
            raise RuntimeError("a glance asks one statement")
        self._line = await self._begun()
        return await self._line.run(statement, parameters)


class WriteTx(ReadTx):
    """A transaction that may write; only `Database.transact` makes one."""

    may_guess = False
    """Whether writes may be reckoned from what was read before: who is alone, and is run again should that be wrong."""

    @classmethod
    def on(cls, connection: AsyncConnection, line: Line) -> WriteTx:
        """The transaction that goes on already on this line; whoever began it ends it."""
        tx = cls(connection)
        tx._line = line
        return tx

    def only(self, key: Hashable) -> None:
        """Say that no two acts that share a transaction may write what `key` names: the second is done alone."""

    async def end(self) -> None:
        """Commit, by the session where there is one."""
        if self.has_session:
            await self.commit()
        if self._line is not None:
            await self._line.commit()

    async def copy(self, table: str, columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
        """Write rows by COPY; PostgreSQL only. See bulk.py for what works on both floors."""
        await self._flushed()
        await (self._line or await self._begun()).copy(table, columns, records)

    def together(self, *, last: bool = False) -> AbstractAsyncContextManager[None]:
        """Writes by `run` in here that return nothing go in one round trip, at the end or before a read.

        They don't see each other: no two of them may be about the same row. Nothing in here goes through the session.
        `last`: nothing follows them but the commit, and they go with it. Raises RuntimeError if a session is asked
        for all the same; further statements by `run` send them first.
        """
        return self._together(is_last=last)

    @asynccontextmanager
    async def _together(self, *, is_last: bool) -> AsyncIterator[None]:
        line = self._line or await self._begun()
        if line.is_over:
            await line.settle()
        if not line.gather():
            yield
            return
        try:
            yield
            if is_last and not self.has_session:
                line.keep_for_commit()
            else:
                await line.settle()
        finally:
            line.drop()

    async def _begun(self) -> Line:
        self._line = await Line.of(self._bound, self._begin, is_late=True)
        return self._line


# What a session's making sets; asking for one of these makes it.
_OF_THE_SESSION = frozenset({"sync_session", "_proxied", "_async_bind", "_async_binds"})
_CHANGES = "parley.changes"
_KEEPER = "parley.keeper"
_CHECK = "parley.check"
_WORK = "parley.work"
_LAST = "parley.last"
_LAST_FOR_ALL = "parley.last-for-all"
ForAll = Callable[[WriteTx, Sequence[int]], Awaitable[None]]
LastForAll = dict[ForAll, set[int]]
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


@dataclass
class Changes:
    """What a committed act changed that readers can see, as tags of pages.

    `often`: what changes in storms. `grown`: something was added to it and nothing taken away.
    """

    now: set[str] = field(default_factory=set)
    often: set[str] = field(default_factory=set)
    grown: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.now or self.often or self.grown)

    @property
    def all(self) -> set[str]:
        """However it changed."""
        return self.now | self.often | self.grown

    def add(self, more: Changes) -> None:
        """Note these as well."""
        self.now |= more.now
        self.often |= more.often
        self.grown |= more.grown


def lend(tx: WriteTx, keeper: Callable[[], Keeper]) -> None:
    """Let an act ask for the secret, if it has to."""
    tx.info[_KEEPER] = keeper


def keeper_of(tx: WriteTx) -> Keeper:
    """The installation's secret, for an act deep below whoever has it: few need it, and none is handed through."""
    lent: Callable[[], Keeper] = tx.info[_KEEPER]
    return lent()


def changed(tx: WriteTx, tag: str, *, often: bool = False, grown: bool = False) -> None:
    """Note that pages with this tag are not true any more once the act has committed; see Changes."""
    changes: Changes = tx.info.setdefault(_CHANGES, Changes())
    (changes.often if often else changes.grown if grown else changes.now).add(tag)


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


class inside:  # noqa: N801  # a context manager, as those of contextlib are; every act goes through it
    """While an act runs."""

    def __enter__(self) -> None:
        self._token = _in_transaction.set(True)

    def __exit__(self, *_: object) -> None:
        _in_transaction.reset(self._token)


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


def at_end_for_all(tx: WriteTx, act: ForAll, item: int) -> None:
    """Run `act` once with all items it is wanted for, behind all writes and before `at_end`.

    Acts that share a transaction share this too. It goes by `run` alone.
    """
    wanted: LastForAll = tx.info.setdefault(_LAST_FOR_ALL, {})
    wanted.setdefault(act, set()).add(item)


def last_for_all(tx: WriteTx) -> LastForAll:
    """What is to be run at the end for all, with the items."""
    wanted: LastForAll = tx.info.get(_LAST_FOR_ALL, {})
    return wanted


async def end_for_all(tx: WriteTx, wanted: LastForAll) -> None:
    """Run these."""
    for act, items in wanted.items():
        await act(tx, sorted(items))


def shows(tx: ReadTx, tag: str) -> None:
    """Note that what is read shows this. Ends the read, by `Behind`, where this copy may not know the last change."""
    check: Callable[[str], None] | None = tx.info.get(_CHECK)
    if check is not None:
        check(tag)


def check_with(tx: ReadTx, check: Callable[[str], None]) -> None:
    """Have `check` look at every tag that this transaction shows."""
    tx.info[_CHECK] = check
