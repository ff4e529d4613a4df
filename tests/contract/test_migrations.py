"""The schema goes up, comes down, and is what the tables say; on both floors."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from service import sites
from service.kit import migrate
from service.kit.db import Database
from service.kit.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database with nothing in it."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_of_run").create_database()
    return Database(Settings(_env_file=None, data_dir=tmp_path, database_url=url))


async def _tables(db: Database) -> set[str]:
    async with db.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_up_with_data_down_and_up_again(empty: Database) -> None:
    try:
        assert await migrate.state(empty.engine) == (None, migrate.head())
        await migrate.upgrade(empty.engine)
        await migrate.check(empty.engine)
        assert await migrate.state(empty.engine) == (migrate.head(), migrate.head())
        await empty.transact(sites.create, "demo", "Demo", ["https://news.test"], {})

        await migrate.upgrade(empty.engine)
        assert [site.name for site in await empty.read(sites.all_sites)] == ["demo"]

        await migrate.downgrade(empty.engine, "base")
        assert await _tables(empty) <= {"alembic_version"}
        await migrate.upgrade(empty.engine)
        assert await empty.read(sites.all_sites) == []
    finally:
        await empty.close()


def test_every_migration_says_what_kind_it_is() -> None:
    for path in (migrate.ROOT / "versions").glob("*.py"):
        lines = path.read_text().splitlines()
        assert {"expand", "contract"} & set(lines[:6]), path.name
