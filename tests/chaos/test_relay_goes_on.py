"""A statement of the database fails, and the work that follows goes on. Kills are in test_storm.py."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from service import identity, sites
from service.kit import migrate
from service.kit.db import Database
from service.kit.settings import Settings
from tests.servers.parley import Process, free_port, parley
from tests.servers.waiting import eventually

STAFF = "ada@news.test"


async def _prepare(folder: Path) -> Path:
    """A database with a site and a moderator; where it lies."""
    settings = Settings(data_dir=folder / "var")
    settings.data_dir.mkdir()
    db = Database(settings)
    await migrate.upgrade(db.engine)
    site = await db.transact(sites.create, "news", "News", ["https://news.test"], {})
    await db.transact(identity.grant, STAFF, "Ada", site.id, "moderator")
    await db.close()
    return settings.data_dir / "parley.sqlite3"


async def test_an_error_of_the_database_does_not_end_the_work_that_follows(tmp_path: Path) -> None:
    """A statement that fails, for whatever reason, must not end the relay for good, with nothing to show for it."""
    database, mails = await _prepare(tmp_path), tmp_path / "var" / "mail"
    async with (
        _server(tmp_path, free_port()) as server,
        httpx.AsyncClient(base_url=server.url, timeout=20, trust_env=False) as client,
    ):
        with contextlib.closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as stored:
            stored.execute("ALTER TABLE outbox RENAME TO elsewhere")
            # The relay looks about once a second, and nothing outside shows that it has.
            await asyncio.sleep(3)
            stored.execute("ALTER TABLE elsewhere RENAME TO outbox")
        assert (await client.post("/api/v1/auth/link", json={"email": STAFF})).status_code == 202
        await eventually(lambda: any(mails.glob("*.eml")), "the mail to be sent", seconds=15)


@contextlib.asynccontextmanager
async def _server(folder: Path, port: int) -> AsyncIterator[Process]:
    running = parley("serve", folder=folder, port=port)
    # Its readiness is waited for in another thread: the readers must not stand still meanwhile.
    yield await asyncio.to_thread(running.__enter__)
    await asyncio.to_thread(running.__exit__, None, None, None)
