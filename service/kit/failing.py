"""What an error of a database means: try again, it is away, there is no room, or somebody's mistake."""

from __future__ import annotations

import socket
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.kit.errors import StorageFull, Unavailable

# PostgreSQL: serialization_failure, deadlock_detected, unique_violation, lock_not_available; and not_null_violation,
# by which a write says that what it was reckoned from has changed (comments/moving.py).
_REPEATABLE = {"40001", "40P01", "23505", "55P03", "23502"}
# The server is going away, starting, or out of connections (classes 08, 57P0x, 53300); or so busy that a statement's
# time was over before its turn came (57014).
_AWAY = {"57014", "57P01", "57P02", "57P03", "53300", "08000", "08003", "08006", "08001", "08004"}
# No room: disk_full, and a log or a table that cannot grow for another reason (io_error).
_FULL = {"53100", "58030"}
# What connecting itself raises, before there is a driver's error.
UNREACHABLE = (ConnectionError, TimeoutError, FileNotFoundError, socket.gaierror)
FAILURES = (DBAPIError, PoolTimeout, *UNREACHABLE)
"""What asking a database can raise that is not the asker's."""


def sqlstate(error: BaseException) -> str | None:
    """The PostgreSQL error code behind a driver error, or None."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_repeatable(error: BaseException) -> bool:
    """Whether the same act may succeed when it is done again."""
    if sqlstate(error) in _REPEATABLE:
        return True
    cause = getattr(error, "orig", None)
    if isinstance(error, IntegrityError):
        return "UNIQUE constraint failed" in str(cause)
    return isinstance(error, OperationalError) and "locked" in str(cause)


def away(error: BaseException) -> BaseException | None:
    """What is raised of an error that means `the database is away`; None for all others."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None)
    # A value that cannot be sent is somebody's own, and was not sent. (asyncpg calls that an error of its interface.)
    if is_repeatable(error) or type(cause).__name__ == "DataError":
        return None
    told = translated(error)
    # That there is no room is found out, and noted, by each.
    return None if told is error or isinstance(told, StorageFull) else told


def translated(error: BaseException) -> BaseException:
    """Errors that mean `the database is away` become a 503; all others stay what they are."""
    if isinstance(error, (PoolTimeout, *UNREACHABLE)) or sqlstate(error) in _AWAY:
        return Unavailable(retry_after=2)
    if sqlstate(error) in _FULL:
        return StorageFull(retry_after=30)
    if isinstance(error, DBAPIError):
        cause = getattr(error, "orig", None)
        said = str(cause) if isinstance(cause, sqlite3.OperationalError) else ""
        if "full" in said or "disk I/O error" in said:
            return StorageFull(retry_after=30)
        # asyncpg's connection errors carry no SQLSTATE; SQLAlchemy marks them as a lost connection.
        lost = error.connection_invalidated or isinstance(error, InterfaceError)
        if lost or any(word in said for word in ("locked", "readonly", "unable to open")):
            return Unavailable(retry_after=2)
    return error
