"""The schema goes up, comes down, and is what the tables say; on both floors."""

# ruff: noqa: S608  # every statement here is our own
from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from service import sites, votes
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


VOTES = {1: (1, None), 2: (1, 0), 3: (-1, 1), 4: (0, 1), 5: (0, -1), 6: (1, None)}  # person to value and counted


async def test_votes_that_wait_are_counted_on_the_way_down(empty: Database) -> None:
    """What is there counts as counted on the way up; nothing of what came since is lost on the way back."""
    try:
        await migrate.upgrade(empty.engine, "2026_11_24_1750")
        at = "2026-11-25 12:00:00+00:00" if not empty.is_sqlite else "2026-11-25 12:00:00.000000"
        before = [
            f"INSERT INTO site VALUES (1, 'demo', 'Demo', '[]', '{{}}', 1, '{at}')",
            f"INSERT INTO thread VALUES (1, 1, NULL, 'https://news.test/1', NULL, 'open', 2, 1, '{at}', NULL)",
            *(
                f"INSERT INTO person (id, site_id, kind, name, published_count, created_at) VALUES"
                f" ({number}, 1, 'guest', 'Ada', 0, '{at}')"
                for number in VOTES
            ),
            *(
                "INSERT INTO comment (id, site_id, thread_id, under, depth, person_id, body, body_format, html, state,"
                " shown, reply_count, up, down, best, hot, controversy, version, created_at) VALUES"
                f" ({number}, 1, 1, 0, 0, 1, '', 'markdown', '', 'published', true, 0, 4, 1, 0.5, 0.5, 0.5, 1, '{at}')"
                for number in (1, 2)
            ),
            f"INSERT INTO vote (comment_id, person_id, thread_id, value, created_at) VALUES (1, 1, 1, 1, '{at}')",
        ]
        await _run(empty, *before)

        await migrate.upgrade(empty.engine)
        assert await _ask(empty, "SELECT value, counted FROM vote") == [(1, None)]
        assert await _ask(empty, "SELECT up, down, moved FROM comment ORDER BY id") == [(4, 1, 0), (4, 1, 0)]
        written = [
            "INSERT INTO vote (comment_id, person_id, thread_id, value, counted, created_at) VALUES"
            f" (1, {person}, 1, {value}, {'NULL' if counted is None else counted}, '{at}')"
            for person, (value, counted) in VOTES.items()
            if person != 1
        ]
        await _run(empty, *written)
        await votes.fold_waiting(empty)
        assert await _ask(empty, "SELECT up, down FROM comment ORDER BY id") == [(3, 1), (4, 1)]
        await _run(empty, "UPDATE comment SET up = 4, down = 1", "DELETE FROM vote WHERE person_id > 1", *written)

        await migrate.downgrade(empty.engine, "2026_11_24_1750")
        assert await _ask(empty, "SELECT up, down FROM comment ORDER BY id") == [(3, 1), (4, 1)]
        assert await _ask(empty, "SELECT person_id, value FROM vote ORDER BY person_id") == [
            (person, value) for person, (value, _) in VOTES.items() if value
        ]
        await migrate.upgrade(empty.engine)
        await migrate.check(empty.engine)
    finally:
        await empty.close()


async def _run(db: Database, *statements: str) -> None:
    async with db.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def _ask(db: Database, query: str) -> list[tuple[object, ...]]:
    async with db.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


def test_every_migration_says_what_kind_it_is() -> None:
    for path in (migrate.ROOT / "versions").glob("*.py"):
        lines = path.read_text().splitlines()
        assert {"expand", "contract"} & set(lines[:6]), path.name
