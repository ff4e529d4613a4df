"""The database: one word for a transaction.

    posted = await db.transact(post, who, site, draft)     # begins, runs, commits, then returns
    page = await db.read_public(read_page, key)            # what everybody may see: a replica may answer
    mine = await db.read(read_viewer, who)                 # what is somebody's own, or decides: the primary answers

An act given to `transact` may run more than once: it touches nothing but its transaction. It is repeated after a
serialization failure, a deadlock, a busy SQLite and a unique race (the second of two identical inserts looks again
and finds the row of the first).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from service.kit import engines, failing, scrubbing, traces
from service.kit.cancelling import heeded
from service.kit.errors import StorageFull, Unavailable
from service.kit.failing import sqlstate
from service.kit.flying import Pilot
from service.kit.gathering import Gatherer
from service.kit.horizon import Horizon
from service.kit.replica import Behind, Replica, Unfit
from service.kit.seal import Keeper
from service.kit.settings import Settings
from service.kit.tx import (
    Changes,
    Glance,
    ReadTx,
    WriteTx,
    at_end,
    at_end_for_all,
    changed,
    changes_of,
    end_for_all,
    inside,
    is_in_transaction,
    keeper_of,
    last_acts,
    last_for_all,
    left_work,
    lend,
    shows,
    work_is_left,
)

__all__ = [
    "Changes",
    "Database",
    "ReadTx",
    "WriteTx",
    "at_end",
    "at_end_for_all",
    "changed",
    "is_in_transaction",
    "keeper_of",
    "left_work",
    "position",
    "shows",
    "sqlstate",
]

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger()

_TRIES = 6
_FULL_FOR = 15.0  # seconds for which it is believed that there is no room: something small may have found some


class Database:
    """The engine(s) of one process."""

    on_change: Callable[[Changes], None] | None = None
    """Told after each commit, in this process; a hint that may be lost, never the only way to learn of a change."""
    on_work: Callable[[], None] | None = None
    """Told after each commit that left work; a hint as well."""

    def __init__(self, settings: Settings) -> None:
        self.is_sqlite = settings.is_sqlite
        self._settings = settings
        self._keeper: Keeper | None = None
        self._full_until = 0.0
        if self.is_sqlite:
            # What readers read is mapped memory, one for all of them: a large cache of each would hold it again.
            self._read_engine = engines.sqlite(
                settings.sql_url, begin=engines.BEGIN_READING, pool_size=5, cache_kilobytes=2_000
            )
            # One connection is one writer: the pool's queue is the lock, fair and without busy-waiting.
            self._write_engine = engines.sqlite(
                settings.sql_url, begin=engines.BEGIN_WRITING, pool_size=1, cache_kilobytes=16_000
            )
        else:
            self._write_engine = engines.postgresql(settings)
            # The same pool. A page read in several statements sees one moment, as on SQLite, and writes nothing.
            self._read_engine = self._write_engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self.replica: Replica | None = None
        if settings.read_database_url is not None:
            self.replica = Replica(
                engines.replica(settings, settings.read_database_url), Horizon(settings.read_max_lag)
            )
        # One for each kind of act: what is held for one kind at the end of its flights keeps no other up.
        self._gatherers: dict[Any, Gatherer] = {}
        if traces.on:
            traces.listen(self._write_engine.sync_engine)
            if self.is_sqlite:
                traces.listen(self._read_engine.sync_engine)
            if self.replica is not None:
                traces.listen(self.replica.engine.sync_engine)
        # However many readers come, some connections are left to those who write.
        self._public = None if self.is_sqlite else asyncio.Semaphore(max(1, settings.pool_size * 3 // 4))

    @property
    def is_full(self) -> bool:
        """Whether something that was to be written found no room, some seconds ago."""
        return time.monotonic() < self._full_until

    @property
    def in_use(self) -> int:
        """Connections out of the pools at this moment."""
        return sum(
            engine.pool.checkedout()
            for engine in {self._write_engine, self._read_engine}
            if hasattr(engine.pool, "checkedout")
        )

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes, for migrations and doctor."""
        return self._write_engine

    async def read(self, act: Callable[Concatenate[ReadTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a reading act on the primary. Raises Unavailable when the database cannot be reached."""
        try:
            with heeded():
                tx = ReadTx(await self._read_engine.connect(), engines.BEGIN_READING)
                try:
                    with inside():
                        return await act(tx, *args, **kwargs)
                finally:
                    await tx.leave()
        except failing.FAILURES as error:
            raise failing.translated(error) from error

    async def glance(self, act: Callable[Concatenate[ReadTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a reading act that asks one statement, by `tx.run`: see Glance. Raises Unavailable as `read` does.

        On PostgreSQL glances of one kind that come at the same time are one question: see gathering.py.
        """
        if self.is_sqlite:
            return await self._glance(act, *args, **kwargs)
        with heeded():
            gatherer = self._gatherers.get(act) or self._gatherer(act)
            return await gatherer.run(act, args, kwargs, lambda: self._glance(act, *args, **kwargs))

    async def _glance(
        self, act: Callable[Concatenate[ReadTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        try:
            with heeded():
                tx = Glance(await (self._read_engine if self.is_sqlite else self._write_engine).connect())
                try:
                    with inside():
                        return await act(tx, *args, **kwargs)
                finally:
                    await tx.leave()
        except failing.FAILURES as error:
            raise failing.translated(error) from error

    async def read_public(
        self, act: Callable[Concatenate[ReadTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a reading act that a replica may answer: about what everybody may see, and from which nothing follows.

        It never shows less than the changes this process has heard of (`outdate`), and what it has not heard of at
        most `PARLEY_READ_MAX_LAG` late. Raises Unavailable when neither replica nor primary can be asked.
        """
        if self.replica is None:
            return await self._read_spare(act, *args, **kwargs)
        try:
            return await self.replica.read(act, *args, **kwargs)
        except Unfit as error:
            unfit = error
        try:
            return await self._read_spare(act, *args, **kwargs)
        except Unavailable as away:
            if not (isinstance(unfit, Behind) and unfit.only_late):
                raise
            try:
                return await self.replica.read_late(act, *args, **kwargs)
            except Unfit:
                raise away from None

    async def _read_spare(
        self, act: Callable[Concatenate[ReadTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        if self._public is None:
            return await self.read(act, *args, **kwargs)
        try:
            async with asyncio.timeout(3):
                await self._public.acquire()
        except TimeoutError as error:
            raise Unavailable(retry_after=2) from error
        try:
            return await self.read(act, *args, **kwargs)
        finally:
            self._public.release()

    def outdate(self, tags: Iterable[str] | None) -> None:
        """Pages with these tags changed somewhere (None: any page may have): a replica has to know that first."""
        if self.replica is not None:
            self.replica.horizon.outdate(tags)

    def keeper(self) -> Keeper:
        """The installation's secret; made when it is first asked for. Raises ValueError where there is none."""
        if self._keeper is None:
            self._keeper = Keeper.of(self._settings)
        return self._keeper

    async def watch(self) -> None:
        """Follow the primary's position, so that the replica can be believed, until cancelled."""
        while self.replica is not None:
            horizon = self.replica.horizon
            ticket = horizon.ticket()
            try:
                horizon.mark(await self.read(position), ticket)
            except Unavailable:
                log.info("replica.unwatched", reason="the primary is away")
            except DBAPIError as error:
                # Not PostgreSQL's own log: nothing can be known about this replica.
                log.warning("replica.unwatchable", error=type(error).__name__, state=sqlstate(error))
                horizon.outdate(None)
                await asyncio.sleep(30)
            await horizon.due()

    async def transact(
        self, act: Callable[Concatenate[WriteTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a writing act, commit, return its result. Raises Unavailable when the database cannot be reached."""
        for attempt in range(1, _TRIES + 1):
            try:
                with heeded():
                    return await self._transact_once(act, args, kwargs, may_guess=attempt == 1)
            except failing.FAILURES as error:
                if attempt == _TRIES or not failing.is_repeatable(error):
                    translated = failing.translated(error)
                    if isinstance(translated, StorageFull):
                        self._full_until = time.monotonic() + _FULL_FOR
                    raise translated from error
            # Full jitter keeps two colliding acts from colliding again.
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")

    async def gathered(
        self, act: Callable[Concatenate[WriteTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """As `transact`, but acts that come at the same time share a transaction where they can: see gathering.py.

        For acts that many want at once, that read by `ask_ahead` and `run` and write in `together(last=True)`.
        """
        with heeded():
            gatherer = self._gatherers.get(act) or self._gatherer(act)
            return await gatherer.run(act, args, kwargs, lambda: self.transact(act, *args, **kwargs))

    def _gatherer(self, act: Any) -> Gatherer:
        most_young = 1 if self.is_sqlite else 2
        pilot = Pilot(self._write_engine, engines.BEGIN_WRITING, self.keeper, self._tell, failing.away)
        return self._gatherers.setdefault(act, Gatherer(pilot, most_young=most_young))

    async def _transact_once(
        self, act: Callable[..., Awaitable[R]], args: Sequence[Any], kwargs: Mapping[str, Any], *, may_guess: bool
    ) -> R:
        tx = WriteTx(await self._write_engine.connect(), engines.BEGIN_WRITING)
        tx.may_guess = may_guess
        lend(tx, self.keeper)
        try:
            with inside():
                result = await act(tx, *args, **kwargs)
                await end_for_all(tx, last_for_all(tx))
                for last in last_acts(tx):
                    await last(tx)
            await tx.end()
            # At once: whoever is cancelled from here on has changed something all the same.
            self._tell(tx)
            return result
        finally:
            await tx.leave()

    def _tell(self, tx: WriteTx) -> None:
        changes = changes_of(tx)
        if changes is not None:
            self.outdate(changes.all)
            if self.on_change is not None:
                self.on_change(changes)
        if work_is_left(tx) and self.on_work is not None:
            self.on_work()

    async def scrub(self) -> None:
        """See that what was deleted is in the files of SQLite no more, as far as that can be done while others work.

        Deleted rows are overwritten as they go (`secure_delete`); this also writes the log back and empties it, and
        writes a small database anew, in which copies of rows can lie where pages were divided. PostgreSQL cleans up
        after itself: what `VACUUM` has freed cannot be asked for, and its files are the operator's.
        """
        if self.is_sqlite:
            await scrubbing.scrub(self._write_engine)

    async def close(self) -> None:
        """Give all connections back."""
        await self._write_engine.dispose()
        if self.is_sqlite:
            await self._read_engine.dispose()
        if self.replica is not None:
            await self.replica.engine.dispose()


async def position(tx: ReadTx) -> int:
    """Where the primary's log ends: bytes. Everything committed by now is before that."""
    # Flushed, because only that is sent to replicas: what reads leave in the log (hint bits) may stay unflushed for
    # long. A commit is flushed before it is answered, unless somebody has turned that off.
    asked = text(
        "SELECT pg_wal_lsn_diff(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()"
        " ELSE pg_current_wal_flush_lsn() END, '0/0')::bigint"
    )
    return int((await tx.exec(asked)).scalar_one())  # type: ignore[call-overload]  # raw SQL
