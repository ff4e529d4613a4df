"""The schema changes under a server that goes on answering: nobody's request fails, in either direction."""

# ruff: noqa: S608  # every statement here is our own
from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest
from sqlalchemy import event, inspect, text

from service import sites
from service.kit import migrate
from service.kit.db import Database
from tests.conftest import Floor, settings_of
from tests.servers.parley import SECRET, free_port, parley
from tests.servers.waiting import eventually
from tests.world import OPEN

HOST = "https://courier.example"
ROWS = int(os.environ.get("PARLEY_ROWS", "20000"))
NEXT = '''"""What the next version brings.

expand
"""

import sqlalchemy as sa
from alembic import op

revision = "2099_01_01_0000"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("mood", sa.String(10), nullable=False, server_default="calm"))
    op.add_column("vote", sa.Column("weight", sa.Integer(), nullable=True))
    op.create_table(
        "applause",
        sa.Column("comment_id", sa.BigInteger(), sa.ForeignKey("comment.id"), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
    )
    op.create_index("ix_comment_mood", "comment", ["site_id", "mood", "id"])


def downgrade() -> None:
    op.drop_index("ix_comment_mood", table_name="comment")
    op.drop_table("applause")
    op.drop_column("vote", "weight")
    op.drop_column("comment", "mood")
'''


@dataclass
class Crowd:
    """Readers and writers who never stop; how each of them was answered."""

    client: httpx.AsyncClient
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    is_over: bool = False

    async def ask(self, what: str, expect: int, method: str, path: str, **more: Any) -> httpx.Response:
        since = time.monotonic()
        answer = await self.client.request(method, path, **more)
        self.slowest = max(self.slowest, time.monotonic() - since)
        self.answers[what] += 1
        if answer.status_code != expect:
            self.wrong.append(f"{what}: {answer.status_code} {answer.text[:300]}")
        return answer

    async def write(self, writer: int) -> None:
        for number in itertools.count():
            if self.is_over:
                return
            said = {"body": f"{writer} {number}", "author": {"name": "Ada"}}
            new = {"site": "courier", "url": f"{HOST}/{writer}", **said}
            key = {"Idempotency-Key": f"writer-{writer}-number-{number}"}
            made = await self.ask("post", 201, "POST", "/api/v1/comments", json=new, headers=key)
            if made.status_code == 201:
                path = f"/api/v1/comments/{made.json()['comment']['id']}/vote"
                await self.ask("vote", 200, "PUT", path, json={"value": 1})

    async def read(self, reader: int) -> None:
        for number in itertools.count():
            if self.is_over:
                return
            # Each an article nobody has asked for yet, and one that changes all the time.
            for url in (f"{HOST}/{reader}-{number}", f"{HOST}/{reader % 2}"):
                await self.ask("read", 200, "GET", "/api/v1/threads", params={"site": "courier", "url": url})
            # Who balances the load would take away a server that says it is not ready, and all of them at once.
            await self.ask("ready", 200, "GET", "/readyz")

    async def more(self, by: int = 10) -> None:
        """Until everybody was answered so many times more."""
        before = self.answers.copy()
        await eventually(
            lambda: all(self.answers[what] >= before[what] + by for what in ("post", "vote", "read")),
            "all to be answered",
            seconds=60,
        )


@pytest.fixture
async def db(request: pytest.FixtureRequest, floor: Floor, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of this test's own on the floor, with a big table."""
    url = None if floor.settings.is_sqlite else request.getfixturevalue("postgres_of_run").create_database()
    (tmp_path / "var").mkdir()
    made = Database(settings_of(tmp_path / "var", floor.settings.redis_url or "", url))
    await migrate.upgrade(made.engine)
    await made.transact(sites.create, "courier", "courier", [HOST], dict(OPEN))
    yield made
    await made.close()


@asynccontextmanager
async def _crowd(folder: Path, floor: Floor, db: Database) -> AsyncIterator[Crowd]:
    url = {} if db.is_sqlite else {"PARLEY_DATABASE_URL": db._settings.database_url or ""}
    env = {"PARLEY_SECRET_KEY": SECRET, "PARLEY_REDIS_URL": floor.settings.redis_url or "", **url}
    serving = parley("serve", folder=folder, port=free_port(), env={**env, "PARLEY_WORKER_IN_SERVER": "true"})
    server = await asyncio.to_thread(serving.__enter__)
    try:
        async with httpx.AsyncClient(base_url=server.url, timeout=30, trust_env=False) as client:
            crowd = Crowd(client)
            tasks = [asyncio.create_task(crowd.write(number)) for number in range(3)]
            tasks += [asyncio.create_task(crowd.read(number)) for number in range(3)]
            try:
                yield crowd
            finally:
                crowd.is_over = True
                await asyncio.gather(*tasks)
    finally:
        await asyncio.to_thread(serving.__exit__, None, None, None)
    assert "Traceback" not in server.output()


async def _fill(db: Database) -> None:
    """The one comment there is, many times."""
    async with db.engine.begin() as connection:
        columns = await connection.run_sync(
            lambda sync: [each["name"] for each in inspect(sync).get_columns("comment")]
        )
        others = ", ".join(f'"{name}"' for name in columns if name != "id")
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
        one = f"(SELECT {others} FROM comment LIMIT 1)"
        fill = f"INSERT INTO comment (id, {others}) {numbers} SELECT i, {others} FROM n, {one} c"
        await connection.execute(text(fill))


def _next_version(folder: Path) -> Path:
    """The migrations, and one more of the kind that comes with the next version."""
    copytree(migrate.ROOT, folder / "migrations")
    newest = folder / "migrations" / "versions" / "2099_01_01_0000_next.py"
    newest.write_text(NEXT.format(head=migrate.head()))
    return folder / "migrations"


@pytest.mark.timeout(240)
async def test_nobodys_request_fails_while_the_schema_goes_up_and_down(
    tmp_path: Path, floor: Floor, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, said = migrate.head(), []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2].lower()))
    async with _crowd(tmp_path, floor, db) as crowd:
        await crowd.more(1)
        await _fill(db)
        monkeypatch.setattr(migrate, "ROOT", _next_version(tmp_path))
        async with _somebody_who_reads_long(db) as ended:
            migrating = asyncio.create_task(migrate.upgrade(db.engine))
            if not db.is_sqlite:
                # It wants what the other has, and gives way, so that nobody waits behind it.
                await eventually(
                    lambda: sum("add column mood" in it for it in said) >= 3, "it to try again", seconds=60
                )
            assert not (migrating.done() and not db.is_sqlite)
            ended.set()
            await migrating
        assert (await migrate.state(db.engine))[0] == "2099_01_01_0000"
        await crowd.more()
        await migrate.downgrade(db.engine, head)
        assert (await migrate.state(db.engine))[0] == head
        await crowd.more()
    assert crowd.wrong == []
    assert crowd.slowest < 5, crowd.slowest
    if not db.is_sqlite:
        assert [it for it in said if it.startswith("create index concurrently") and "ix_comment_mood" in it]


@asynccontextmanager
async def _somebody_who_reads_long(db: Database) -> AsyncIterator[asyncio.Event]:
    """A transaction that has read the big table and does not end before it is told: a dump, a report."""
    ended, begun = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with db.engine.connect() as connection:
            if not db.is_sqlite:
                await connection.execute(text("SELECT 1 FROM comment LIMIT 1"))
            begun.set()
            if not db.is_sqlite:
                await ended.wait()

    task = asyncio.create_task(read())
    await begun.wait()
    try:
        yield ended
    finally:
        ended.set()
        await task


async def test_an_index_that_was_not_finished_is_made_by_the_next_migration(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """PostgreSQL keeps what a killed migrator leaves, marked as not valid; nothing uses it, and writing pays for it."""
    url = request.getfixturevalue("postgres_of_run").create_database()
    db = Database(settings_of(tmp_path, "redis://nowhere", url))
    valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_comment_site')")
    try:
        await migrate.upgrade(db.engine)
        async with db.engine.begin() as connection:
            await connection.execute(
                text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_comment_site'::regclass")
            )
            await connection.execute(text("DROP INDEX ix_comment_thread_published"))
        await migrate.upgrade(db.engine)
        async with db.engine.connect() as connection:
            assert (await connection.execute(valid)).scalar_one()
            there = text("SELECT to_regclass('ix_comment_thread_published') IS NOT NULL")
            assert (await connection.execute(there)).scalar_one()
        await migrate.check(db.engine)
    finally:
        await db.close()
