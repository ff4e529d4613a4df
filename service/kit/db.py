"""The database: one word for a transaction.

    posted = await db.transact(post, who, site, draft)     # begins, runs, commits, then returns
    page = await db.read(read_page, key)

An act given to `transact` may run more than once: it touches nothing but its transaction. It is repeated after a
serialization failure, a deadlock, a busy SQLite and a unique race (the second of two identical inserts looks again
and finds the row of the first).
"""

from __future__ import annotations

import asyncio
import random
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

from service.kit.errors import Unavailable
from service.kit.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

# PostgreSQL: serialization_failure, deadlock_detected, unique_violation, lock_not_available.
_REPEATABLE = {"40001", "40P01", "23505", "55P03"}
# The server is going away, starting, or out of connections (classes 08, 57P0x, 53300).
_AWAY = {"57P01", "57P02", "57P03", "53300", "08000", "08003", "08006", "08001", "08004"}
_TRIES = 6
# What connecting itself raises, before there is a driver's error.
_UNREACHABLE = (ConnectionError, TimeoutError, FileNotFoundError, socket.gaierror)


class ReadTx(AsyncSession):
    """A transaction that only reads. Readers ask for this type, so that a replica is a matter of settings."""


class WriteTx(ReadTx):
    """A transaction that may write; only `Database.transact` makes one."""


_CHANGES = "parley.changes"
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


def is_in_transaction() -> bool:
    """Whether the task that asks is inside an act: nobody outside may be waited for then."""
    return _in_transaction.get()


@contextmanager
def _inside() -> Iterator[None]:
    token = _in_transaction.set(True)
    try:
        yield
    finally:
        _in_transaction.reset(token)


@dataclass
class Changes:
    """What a committed act changed that readers can see, as tags of pages. `often`: what changes in storms."""

    now: set[str] = field(default_factory=set)
    often: set[str] = field(default_factory=set)


def changed(tx: WriteTx, tag: str, *, often: bool = False) -> None:
    """Note that pages with this tag are not true any more once the act has committed."""
    changes: Changes = tx.info.setdefault(_CHANGES, Changes())
    (changes.often if often else changes.now).add(tag)


class Database:
    """The engine(s) of one process."""

    on_change: Callable[[Changes], None] | None = None
    """Told after each commit, in this process; a hint that may be lost, never the only way to learn of a change."""

    def __init__(self, settings: Settings) -> None:
        self.is_sqlite = settings.is_sqlite
        if self.is_sqlite:
            self._read_engine = _sqlite(settings.sql_url, begin="BEGIN", pool_size=5)
            # One connection is one writer: the pool's queue is the lock, fair and without busy-waiting.
            self._write_engine = _sqlite(settings.sql_url, begin="BEGIN IMMEDIATE", pool_size=1)
        else:
            self._write_engine = _postgresql(settings)
            # The same pool. A page read in several statements sees one moment, as on SQLite, and writes nothing.
            self._read_engine = self._write_engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._readers = async_sessionmaker(self._read_engine, class_=ReadTx, expire_on_commit=False)
        self._writers = async_sessionmaker(self._write_engine, class_=WriteTx, expire_on_commit=False)

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes, for migrations and doctor."""
        return self._write_engine

    async def read(self, act: Callable[Concatenate[ReadTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a reading act. Raises Unavailable when the database cannot be reached."""
        try:
            async with self._readers() as tx:
                with _inside():
                    return await act(tx, *args, **kwargs)
        except (DBAPIError, PoolTimeout, *_UNREACHABLE) as error:
            raise _translated(error) from error

    async def transact(
        self, act: Callable[Concatenate[WriteTx, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a writing act, commit, return its result. Raises Unavailable when the database cannot be reached."""
        for attempt in range(1, _TRIES + 1):
            try:
                async with self._writers() as tx:
                    async with tx.begin():
                        with _inside():
                            result = await act(tx, *args, **kwargs)
                    self._tell(tx)
                    return result
            except (DBAPIError, PoolTimeout, *_UNREACHABLE) as error:
                if attempt == _TRIES or not _is_repeatable(error):
                    raise _translated(error) from error
            # Full jitter keeps two colliding acts from colliding again.
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")

    def _tell(self, tx: WriteTx) -> None:
        changes: Changes | None = tx.info.get(_CHANGES)
        if changes is not None and self.on_change is not None:
            self.on_change(changes)

    async def close(self) -> None:
        """Give all connections back."""
        await self._write_engine.dispose()
        if self.is_sqlite:
            await self._read_engine.dispose()


def sqlstate(error: BaseException) -> str | None:
    """The PostgreSQL error code behind a driver error, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _is_repeatable(error: BaseException) -> bool:
    if sqlstate(error) in _REPEATABLE:
        return True
    cause = getattr(error, "orig", None)
    if isinstance(error, IntegrityError):
        return "UNIQUE constraint failed" in str(cause)
    return isinstance(error, OperationalError) and "locked" in str(cause)


def _translated(error: BaseException) -> BaseException:
    """Errors that mean `the database is away` become a 503; all others stay what they are."""
    if isinstance(error, (PoolTimeout, *_UNREACHABLE)) or sqlstate(error) in _AWAY:
        return Unavailable(retry_after=2)
    if isinstance(error, DBAPIError):
        cause = getattr(error, "orig", None)
        full_or_readonly = isinstance(cause, sqlite3.OperationalError) and any(
            word in str(cause) for word in ("locked", "disk", "full", "readonly", "unable to open")
        )
        # asyncpg's connection errors carry no SQLSTATE; SQLAlchemy marks them as a lost connection.
        lost = error.connection_invalidated or isinstance(error, InterfaceError)
        if full_or_readonly or lost:
            return Unavailable(retry_after=2)
    return error


def _sqlite(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    # hide_parameters: an error in a log must not carry what readers wrote.
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=15, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged comment survives a power cut
            "foreign_keys=ON",
            "busy_timeout=10000",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(settings: Settings) -> AsyncEngine:
    if settings.pgbouncer:
        # In transaction mode a prepared statement may wake up on another server connection.
        return create_async_engine(
            settings.sql_url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "statement_cache_size": 0,
                "prepared_statement_cache_size": 0,
                "prepared_statement_name_func": lambda: f"__parley_{random.getrandbits(64):x}__",
                "timeout": 3,
            },
        )
    return create_async_engine(
        settings.sql_url,
        hide_parameters=True,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=3,
        pool_recycle=1800,
        pool_pre_ping=False,
        connect_args={
            "timeout": 3,
            "command_timeout": 10,
            "server_settings": {
                "application_name": "parley",
                "statement_timeout": "10000",
                "lock_timeout": "5000",
                "idle_in_transaction_session_timeout": "15000",
                "timezone": "UTC",
            },
        },
    )
