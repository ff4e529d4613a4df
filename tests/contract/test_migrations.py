"""The schema goes up, comes down, and is what the tables say; on both floors."""

# ruff: noqa: S608  # every statement here is our own
from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import event, inspect, text

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


async def test_what_a_newer_version_has_migrated_is_left_as_it_is(empty: Database) -> None:
    """A server of the version before that starts again during an upgrade, or whose program migrates at each start."""
    try:
        await migrate.upgrade(empty.engine)
        for at, is_newer in (("2099_01_01_0000", True), (migrate.head(), False), ("1999_01_01_0000", False)):
            await _run(empty, f"UPDATE alembic_version SET version_num = '{at}'")
            assert migrate.is_newer(at) == is_newer
            if is_newer:
                await migrate.upgrade(empty.engine)
                assert (await migrate.state(empty.engine))[0] == at
        assert not migrate.is_newer(None)
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


# Tables that grow with what readers do: whatever looks at or writes each of their rows keeps writers waiting.
BIG = (
    *("comment", "comment_revision", "decision", "moderation_case", "outbox", "past_rank", "person", "record_detail"),
    *("record_entry", "report", "retry", "statement", "thread", "thread_alias", "vote", "webhook_delivery"),
)
_BIG = rf'"?(?:{"|".join(BIG)})"?'
FORBIDDEN = {
    "a column without a default, which old code does not write": (
        rf"alter table {_BIG} add column (?!.*\bdefault\b).* not null"
    ),
    "a default that writes every row": rf"alter table {_BIG} add column .*\bdefault (?!now\(\))[a-z_]+\(",
    "a type that writes every row": rf"alter table {_BIG} alter column \S+ (?:set data )?type",
    "NOT NULL, which reads every row": rf"alter table {_BIG} alter column \S+ set not null",
    "a constraint that reads every row": rf"alter table {_BIG} add constraint (?!.*not valid)(?!.*using index)",
    "another name, which old code does not know": rf"alter table {_BIG} rename",
    "an index that keeps writers waiting": rf"create (?:unique )?index (?!concurrently).* on {_BIG} ",
    "every row written at once": rf"(?:update {_BIG} set|delete from {_BIG})(?!.* where .*\bid = )",
}
TAKEN_AWAY = {"what old code still uses": r"drop table|alter table \S+ drop column"}


def faults(kind: str, statements: Iterable[str], new: Iterable[str] = ()) -> list[str]:
    """What in a migration of this kind would fail or hold up a server that goes on; `new` tables are nobody's yet."""
    forbidden = FORBIDDEN if kind == "contract" else {**FORBIDDEN, **TAKEN_AWAY}
    found = []
    for statement in statements:
        plain = " ".join(statement.lower().split())
        if any(re.search(rf'(?:table|on|update|from) "?{table}"?(?:\s|$)', plain) for table in new):
            continue
        found += [f"{fault}: {plain}" for fault, pattern in forbidden.items() if re.match(pattern, plain)]
    return found


@pytest.mark.parametrize(
    "bad",
    [
        "ALTER TABLE comment ADD COLUMN mood VARCHAR(10) NOT NULL",
        "ALTER TABLE vote ADD COLUMN token UUID DEFAULT gen_random_uuid() NOT NULL",
        "ALTER TABLE comment ALTER COLUMN body TYPE VARCHAR(10)",
        "ALTER TABLE person ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE comment ADD CONSTRAINT fk_x FOREIGN KEY(x) REFERENCES y (id)",
        'ALTER TABLE "comment" RENAME COLUMN body TO words',
        "CREATE UNIQUE INDEX uq_x ON vote (person_id)",
        "UPDATE comment SET hot = 0",
        "DELETE FROM outbox WHERE state = 'dead'",
        "DROP TABLE report",
        "ALTER TABLE site DROP COLUMN title",
    ],
)
def test_what_would_hold_servers_up_is_seen(bad: str) -> None:
    assert faults("expand", [bad])


@pytest.mark.parametrize(
    "good",
    [
        "ALTER TABLE comment ADD COLUMN mood VARCHAR(10) DEFAULT 'calm' NOT NULL",
        "ALTER TABLE vote ADD COLUMN counted INTEGER",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_x ON comment (site_id)",
        "ALTER TABLE comment ADD CONSTRAINT fk_x FOREIGN KEY(x) REFERENCES y (id) NOT VALID",
        "ALTER TABLE comment VALIDATE CONSTRAINT fk_x",
        "UPDATE moderation_case SET pressure=1 WHERE moderation_case.id = 1",
    ],
)
def test_what_holds_nobody_up_is_let_through(good: str) -> None:
    assert faults("expand", [good]) == []


_AT = "2026-11-25 12:00:00+00:00"
# A row in each table that was big from the beginning.
_SOMETHING = f"""
INSERT INTO site VALUES (1, 'demo', 'Demo', '[]', '{{}}', 1, '{_AT}');
INSERT INTO account (id, email, name, created_at) VALUES (1, 'a@news.test', 'Ada', '{_AT}');
INSERT INTO thread VALUES (1, 1, NULL, 'https://news.test/1', NULL, 'open', 1, 1, '{_AT}', NULL);
INSERT INTO person (id, site_id, kind, name, published_count, created_at) VALUES (1, 1, 'guest', 'Ada', 0, '{_AT}');
INSERT INTO comment (id, site_id, thread_id, under, depth, person_id, body, body_format, html, state, shown,
  reply_count, up, down, best, hot, controversy, version, created_at) VALUES
  (1, 1, 1, 0, 0, 1, '', 'markdown', '', 'published', true, 0, 0, 0, 0, 0, 0, 1, '{_AT}');
INSERT INTO vote (comment_id, person_id, thread_id, value, created_at) VALUES (1, 1, 1, 1, '{_AT}');
INSERT INTO report (comment_id, reporter, site_id, reason, detail, comment_version, created_at) VALUES
  (1, 'r', 1, 'spam', '', 1, '{_AT}');
INSERT INTO moderation_case VALUES (1, 1, 1, 1, 1, 'held', '[]', 'open', 0, '{_AT}', '{_AT}', NULL);
INSERT INTO decision VALUES (1, 1, 1, 1, 1, 'approve', 'x', '', 'held', 'published', 1, '{_AT}')
"""


async def test_no_migration_holds_servers_up(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What PostgreSQL is really told on the way up, with rows in the big tables."""
    url = request.getfixturevalue("postgres_of_run").create_database()
    db = Database(Settings(_env_file=None, data_dir=tmp_path, database_url=url))
    said: list[str] = []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    try:
        await migrate.upgrade(db.engine, "2026_11_24_1750")
        await _run(db, *_SOMETHING.split(";"))
        said.clear()
        await migrate.upgrade(db.engine)
    finally:
        await db.close()
    new = {match[1] for it in said if (match := re.match(r'\s*CREATE TABLE "?(\w+)', it))}
    assert {"past_rank", "statement"} <= new
    assert any("CREATE INDEX CONCURRENTLY" in it for it in said)
    assert faults("expand", said, new) == []
