"""How the databases are connected to, and with which settings."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from service.kit.settings import Settings

# SQLite's. A writer takes its lock at once: who only reads at first could not be made a writer later.
BEGIN_READING, BEGIN_WRITING = "BEGIN", "BEGIN IMMEDIATE"


def sqlite(url: str, *, begin: str, pool_size: int, cache_kilobytes: int) -> AsyncEngine:
    """Connections to the file; each transaction of theirs begins with `begin`."""
    # hide_parameters: an error in a log must not carry what readers wrote.
    engine = create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=15, pool_reset_on_return=None, hide_parameters=True
    )

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
            "secure_delete=ON",  # what is deleted is gone from the file too
            f"cache_size=-{cache_kilobytes}",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    ends: set[asyncio.Task[None]] = set()

    @event.listens_for(engine.sync_engine, "close")
    def _close(connection: Any, _record: Any) -> None:
        # Who is cancelled in the middle of a query leaves a cursor, and with it a connection that closing does not
        # end (sqlite3_close_v2: a zombie): its transaction, and the one writer's lock, would live until the garbage
        # is collected. What is put into the connection's queue here comes before the closing.
        with contextlib.suppress(RuntimeError):  # no loop: the process ends
            task = asyncio.get_running_loop().create_task(_roll_back(connection.driver_connection))
            ends.add(task)
            task.add_done_callback(ends.discard)

    @event.listens_for(engine.sync_engine, "reset")
    def _reset(connection: Any, _record: Any, state: Any) -> None:
        # Only where there is something: it is a trip to the connection's thread, after each commit as well.
        if state.asyncio_safe and not state.terminate_only and connection.driver_connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # Begun already where statements went past SQLAlchemy (line.py).
        if not connection.connection.driver_connection.in_transaction:
            connection.exec_driver_sql(begin)

    return engine


async def _roll_back(connection: aiosqlite.Connection) -> None:
    with contextlib.suppress(sqlite3.Error, ValueError):  # ValueError: it is closed already
        await connection.rollback()


def postgresql(settings: Settings) -> AsyncEngine:
    """Connections to the primary."""
    return _engine(settings, settings.sql_url, pool_size=settings.pool_size, timeout=3)


def replica(settings: Settings, url: str) -> AsyncEngine:
    """Connections to a copy that only reads."""
    # Impatient: there is somebody else to ask.
    engine = _engine(settings, url, pool_size=settings.read_pool_size, timeout=1)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _engine(settings: Settings, url: str, *, pool_size: int, timeout: float) -> AsyncEngine:
    if settings.pgbouncer:
        # In transaction mode a prepared statement may wake up on another server connection.
        return create_async_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "statement_cache_size": 0,
                "prepared_statement_cache_size": 0,
                "prepared_statement_name_func": lambda: f"__parley_{random.getrandbits(64):x}__",
                "timeout": timeout,
            },
        )
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=timeout,
        pool_recycle=1800,
        pool_pre_ping=False,
        connect_args={
            "timeout": timeout,
            "command_timeout": 10,
            "server_settings": {
                "application_name": "parley",
                "statement_timeout": "10000",
                "lock_timeout": "5000",
                "idle_in_transaction_session_timeout": "15000",
                "timezone": "UTC",
                # A plan is kept with its statement for minutes. Made while a table was small it would read the table
                # whole, and go on doing so when an import or a storm of votes has made it large. All that is asked all
                # day has an index; what has none is still read whole, and not compiled because that is "expensive".
                "enable_seqscan": "off",
                "jit": "off",
            },
        },
    )
