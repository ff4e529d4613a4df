"""SQLite's files without what was deleted."""

from __future__ import annotations

import aiosqlite
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

# A SQLite file of at most so many bytes is written anew when somebody was erased: some tenths of a second.
_REWRITTEN = 64 * 2**20
log = structlog.get_logger()


async def scrub(engine: AsyncEngine) -> None:
    """Write the log back and empty it, and write a small database anew; `engine` is the one that writes."""
    async with engine.connect() as connection:
        # Past SQLAlchemy, which would begin a transaction.
        driver = (await connection.get_raw_connection()).driver_connection
        if driver is None:
            return
        pages, size = [await _asked(driver, f"PRAGMA {name}") for name in ("page_count", "page_size")]
        if pages * size <= _REWRITTEN:
            await driver.execute("VACUUM")
        # A reader in the middle of a page keeps a piece of the log: then the next time empties it.
        if await _asked(driver, "PRAGMA wal_checkpoint(TRUNCATE)"):
            log.info("database.log-in-use")


async def _asked(connection: aiosqlite.Connection, question: str) -> int:
    """The first figure of the answer."""
    async with connection.execute(question) as cursor:
        found = await cursor.fetchone()
    return int(found[0]) if found else 0
