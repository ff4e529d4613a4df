"""The oracle of the storm finds what it is for: each kind of loss is made on purpose, and is found."""

# ruff: noqa: S608  # statements of ours
from __future__ import annotations

import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgi_lifespan import LifespanManager
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from service import posting, sites, votes, worker
from service.app import create_app
from service.delivery import webhooks
from service.kit import migrate
from service.kit.db import WriteTx
from service.record import TERMINAL
from service.web.parts import Parts, make_parts
from tests.chaos import oracle
from tests.chaos.crowd import HOST, ORIGIN, Reader
from tests.chaos.journal import Journal
from tests.conftest import settings_of
from tests.servers.redis import RedisServer
from tests.world import OPEN

POSTS = 12
_NEW_FACT = (
    "INSERT INTO outbox (id, kind, payload, state, attempts, last_error, due_at, created_at)"
    " VALUES (1, 'x', '{}', 'dead', 12, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
)
_LAST = "(SELECT max(id) FROM comment)"
# What is done, and what the oracle says of it.
SABOTAGE = [
    ([f"DELETE FROM retry WHERE comment_id = {_LAST}", f"DELETE FROM comment WHERE id = {_LAST}"], "lost: "),
    (["UPDATE comment SET body = 'something else' WHERE id = " + _LAST], "another text"),
    (
        [f"UPDATE comment SET body = (SELECT body FROM comment WHERE id <> {_LAST} LIMIT 1) WHERE id = {_LAST}"],
        "there 2",
    ),
    (["UPDATE comment SET parent_id = NULL WHERE parent_id IS NOT NULL"], "another place"),
    (["UPDATE comment SET body = replace(body, ', changed', '')"], "an edit is lost"),
    (["DELETE FROM vote"], "a vote is lost"),
    (["UPDATE vote SET value = -value"], "ups: "),
    (["UPDATE vote SET counted = 0"], "never counted"),
    (["DELETE FROM report"], "a report is lost"),
    (["UPDATE thread SET comment_count = comment_count - 1"], "comments of a thread"),
    (["UPDATE comment SET reply_count = reply_count + 1 WHERE id = " + _LAST], "replies: "),
    (["UPDATE person SET published_count = 0"], "comments of a person"),
    (["UPDATE comment SET state = 'held' WHERE id = " + _LAST], "a held comment"),
    (["UPDATE comment SET state = 'rejected' WHERE id = " + _LAST], "a decision is lost"),
    ([_NEW_FACT], "a fact in the outbox"),
    (["UPDATE webhook_delivery SET state = 'waiting'"], "a delivery: "),
    (["DELETE FROM webhook_delivery"], "nobody sent it"),
]


@dataclass
class Calm:
    """A service in this process, on stores of its own, and what its readers noted."""

    parts: Parts
    reader: Reader

    @property
    def journal(self) -> Journal:
        return self.reader.journal

    async def faults(self, *statements: str) -> list[str]:
        """What the oracle finds, should somebody have done this meanwhile."""
        async with self.parts.db.engine.connect() as connection:
            try:
                return await self._after(connection, *statements)
            finally:
                await connection.rollback()

    async def _after(self, connection: AsyncConnection, *statements: str) -> list[str]:
        for statement in statements:
            await connection.execute(text(statement))
        return await oracle.faults(connection, self.journal)

    async def settle(self) -> None:
        """Everything follows from what happened; what was to be sent has arrived."""
        await self.parts.relay.drain()
        await votes.fold_waiting(self.parts.db)
        async with self.parts.db.engine.begin() as connection:
            await connection.execute(text("UPDATE webhook_delivery SET state = 'delivered'"))
            for number, event, about in (
                await connection.execute(text("SELECT id, event, about FROM webhook_delivery"))
            ).all():
                self.journal.delivered[event].add(f"msg_{number}")
                named = about if isinstance(about, dict) else json.loads(about)
                self.journal.told[str(named["comment"])].add(event)


@pytest.fixture(params=["sqlite", "postgresql"])
async def calm(request: pytest.FixtureRequest, tmp_path: Path, redis_of_run: RedisServer) -> AsyncIterator[Calm]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_of_run").create_database()
    parts = make_parts(settings_of(tmp_path, redis_of_run.url, url), worker.reactions)
    await migrate.upgrade(parts.db.engine)
    site = await parts.db.transact(sites.create, "open", "open", [HOST], dict(OPEN))
    await parts.db.transact(webhooks.create, parts.keeper, site.id, f"{HOST}/hook", ["comment.posted"], by=TERMINAL)
    app = create_app(parts.settings, parts)
    async with (
        LifespanManager(app),
        AsyncClient(transport=ASGITransport(app=app, client=("198.51.100.7", 1)), base_url=ORIGIN) as client,
    ):
        yield Calm(parts, Reader(client, Journal(), random.Random(7)))
    await parts.close()


async def _write(reader: Reader, count: int, *, of_three: int = 0) -> None:
    """So many posts, so many of three of them answers."""
    for number in range(count):
        parent = reader._mine if number % 3 > 2 - of_three else None
        made = await reader._post("open", f"Number {number}", parent)
        assert made.status_code == 201, made.text
        reader.token = made.json()["guest"] or reader.token
        reader._mine = made.json()["comment"]["id"]
        reader.journal.posted[f"Number {number}"] = reader._mine, parent


async def test_each_kind_of_loss_is_found(calm: Calm) -> None:
    reader, journal = calm.reader, calm.journal
    await _write(reader, POSTS, of_three=2)
    journal.people[0] = reader._mine
    other = Reader(reader.client, journal, random.Random(8))
    other.number = 1
    made = await other._post("open", "Another", None)
    assert made.status_code == 201
    other.token, comment = made.json()["guest"], made.json()["comment"]["id"]
    journal.posted["Another"], journal.people[1] = (comment, None), comment
    for _ in range(6):
        await reader._edit()
        await reader._vote()
        await other._vote()
        await other._report()
    journal.decided[comment] = "published"
    await calm.settle()
    # A report opens a case, which nobody here decides, and no decision was made: those two are known.
    known = await calm.faults()
    assert all(each.startswith(("a case: ", "a decision was never made")) for each in known), known
    for statements, says in SABOTAGE:
        found = [each for each in await calm.faults(*statements) if each not in known]
        assert any(says in each for each in found), f"not seen: {says}; {found}"
    journal.delivered["comment.posted"].pop()
    assert any("never arrived" in each for each in await calm.faults())


async def test_a_service_that_forgets_now_and_then_is_found_out(calm: Calm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledged before it is on the disk: every fifth post is rolled back, and its author told that it is there."""
    db, turns = calm.parts.db, 0
    honest = db._transact_once

    async def forgetful(act: Callable[..., Awaitable[Any]], args: Any, kwargs: Any, **more: Any) -> Any:
        nonlocal turns
        turns += act is posting.post
        if act is not posting.post or turns % 5:
            return await honest(act, args, kwargs, **more)
        said: list[Any] = []
        with contextlib.suppress(_Lost):
            await honest(_and_fail, (act, said, *args), kwargs, **more)
        return said[0]

    monkeypatch.setattr(db, "_transact_once", forgetful)
    await _write(calm.reader, POSTS)
    lost = [each for each in await calm.faults() if each.startswith("lost: ")]
    assert len(lost) == POSTS // 5


class _Lost(Exception):
    """Rolls back what was done."""


async def _and_fail(
    tx: WriteTx, act: Callable[..., Awaitable[Any]], said: list[Any], *args: Any, **kwargs: Any
) -> None:
    said.append(await act(tx, *args, **kwargs))
    raise _Lost
