"""Transactions as types, and what is said about them while they run.

A reader asks for `ReadTx`, a writer for `WriteTx`. An act notes which pages it changed (`changed`), a read notes which
pages it draws (`shows`), both as tags: that is how a copy of the database that has not heard of a change is found out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession


class ReadTx(AsyncSession):
    """A transaction that only reads. Readers ask for this type, so that a replica is a matter of settings."""

    _connected: AsyncConnection | None = None

    async def run(self, statement: Executable, parameters: Mapping[str, Any]) -> CursorResult[Any]:
        """Run a statement that was put together once, with `bindparam`s: a third of what one made for the call costs.

        Goes past the session: what was added to that must have been flushed.
        """
        if self._connected is None:
            self._connected = await self.connection()
        return await self._connected.execute(statement, parameters)


class WriteTx(ReadTx):
    """A transaction that may write; only `Database.transact` makes one."""


_CHANGES = "parley.changes"
_CHECK = "parley.check"
_WORK = "parley.work"
_LAST = "parley.last"


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
