"""A streaming replica of the database, asked for public pages as long as it can be believed.

What it does not know, refuses or fails at, the primary is asked. So a replica that lags, or is away, costs the primary
some work and a reader nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.kit.horizon import Horizon
from service.kit.tx import ReadTx, check_with

P = ParamSpec("P")
R = TypeVar("R")

_REST = 3.0  # seconds without a try after a failure
_PATIENCE = 2.5  # seconds one read may take here
# serialization_failure and deadlock_detected: replaying removed what the read looked at. query_canceled: its own time.
_CONFLICT = {"40001", "40P01", "57014"}
# A server that was promoted, or never was a replica, knows all it has written.
_REPLAYED = """SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                           ELSE pg_current_wal_insert_lsn() END, '0/0')::bigint"""


class Unfit(Exception):
    """The replica gives no answer that counts; ask the primary."""


class Behind(Unfit):
    """The replica has not replayed a change of this very page, or lags too far altogether (`only_late`)."""

    def __init__(self, *, only_late: bool) -> None:
        super().__init__("late" if only_late else "does not know the last change")
        self.only_late = only_late


class Replica:
    """One engine whose connections may lead to one server or, through a balancer, to several."""

    def __init__(self, engine: AsyncEngine, horizon: Horizon) -> None:
        self.engine = engine
        self.horizon = horizon
        self._is_failing = False
        self._rest_until = 0.0

    @property
    def is_resting(self) -> bool:
        """True while the breaker is open."""
        return self._is_failing

    async def read(
        self,
        act: Callable[Concatenate[ReadTx, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a reading act here. Raises Behind, and Unfit for whatever else the primary may do better."""
        return await self._try(lambda tx: act(tx, *args, **kwargs), is_late_allowed=False)

    async def read_late(
        self,
        act: Callable[Concatenate[ReadTx, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """The same while there is no primary: a page that is late is better than none; one known to be wrong is not."""
        return await self._try(lambda tx: act(tx, *args, **kwargs), is_late_allowed=True)

    async def _try(self, act: Callable[[ReadTx], Awaitable[R]], *, is_late_allowed: bool) -> R:
        self._pass_breaker()
        try:
            async with asyncio.timeout(_PATIENCE):
                tx = ReadTx(connection := await self.engine.connect())
                try:
                    # Asked before the snapshot is taken, on the connection that takes it: what is read is no older.
                    replayed = await _replayed(connection)
                    if not is_late_allowed:
                        self._check_all(replayed)
                    check_with(tx, lambda tag: self._check(tag, replayed))
                    result = await act(tx)
                finally:
                    await tx.leave()
        except Unfit:
            self._is_failing = False
            raise
        except Exception as error:
            # Refusals too: what is not here yet looks like what never was.
            self._is_failing = _is_failure(error)
            self._rest_until = time.monotonic() + _REST
            raise Unfit(type(error).__name__) from error
        self._is_failing = False
        return result

    def _check_all(self, replayed: int) -> None:
        if not self.horizon.believes(replayed):
            raise Behind(only_late=True)

    def _check(self, tag: str, replayed: int) -> None:
        if not self.horizon.believes_about(tag, replayed):
            raise Behind(only_late=False)

    def _pass_breaker(self) -> None:
        if not self._is_failing:
            return
        now = time.monotonic()
        if now < self._rest_until:
            raise Unfit("resting after a failure")
        # One looks whether it is back; the others go on without it until that one knows.
        self._rest_until = now + _REST


async def _replayed(connection: AsyncConnection) -> int:
    # On the driver's own connection, since SQLAlchemy would open the transaction, and its snapshot, first.
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    try:
        return int(await driver.fetchval(_REPLAYED))
    except Exception as error:
        await connection.invalidate()  # nobody else would notice that it is dead
        raise ConnectionError(f"{type(error).__name__}: {error}") from error


def _is_failure(error: Exception) -> bool:
    """Whether the server is to blame, and not the question or what came in between."""
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) not in _CONFLICT
    return isinstance(error, (OSError, TimeoutError))
