"""Each store slow, narrow, silent and cut off: whoever asks is answered, and nothing that was taken is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest
from sqlalchemy import text

from service import sites
from service.kit import migrate
from service.kit.db import Database
from tests.conftest import settings_of
from tests.servers.faults import Road, State, road
from tests.servers.home import home
from tests.servers.parley import SECRET, Process, free_port, parley
from tests.servers.postgres import postgres_cluster
from tests.servers.redis import redis_server
from tests.world import OPEN

ORIGIN = "http://comments.test"
HOST = "https://courier.example"
_ANSWERED = 10.0  # seconds in which whoever asks is answered
_REFUSED = 503
WATCHES = {"Authorization": "Bearer only for who watches"}


@dataclass
class Roads:
    """A server whose stores lie behind roads."""

    server: Process
    client: httpx.AsyncClient
    database: Road
    redis: Road
    db: Database
    taken: list[str] = field(default_factory=list)
    slowest: float = 0.0

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask, and note how long it took."""
        since = time.monotonic()
        answer = await self.client.request(method, path, **more)
        self.slowest = max(self.slowest, time.monotonic() - since)
        assert answer.status_code < 500 or answer.status_code == _REFUSED, (path, answer.text)
        if answer.status_code == _REFUSED:
            assert answer.headers["retry-after"]
            assert answer.headers["content-type"].startswith("application/problem+json")
        return answer

    async def post(self, number: int | str, key: str) -> httpx.Response:
        body = {"site": "courier", "url": f"{HOST}/faults", "body": f"Number {number}", "author": {"name": "Ada"}}
        answer = await self.ask("POST", "/api/v1/comments", json=body, headers={"Idempotency-Key": key})
        if answer.status_code == 201:
            self.taken.append(answer.json()["comment"]["id"])
        return answer

    def page(self, path: str) -> str:
        return f"/embed?site=courier&url={quote(f'{HOST}/{path}', safe='')}"

    async def bustle(self, name: str) -> set[int]:
        """What readers do in a moment, several at once; how their posts were answered."""
        answers = await asyncio.gather(
            *(self.post(f"{name} {number}", f"key-{name}-{number}") for number in range(4)),
            *(self.ask("GET", self.page(f"faults?{name}-{number}")) for number in range(3)),
            self.ask("GET", self.page("faults")),
            self.ask("GET", "/readyz"),
            self.ask("GET", "/livez"),
        )
        return {answer.status_code for answer in answers[:4]}

    async def well(self) -> None:
        """Until posts are taken again."""
        async with asyncio.timeout(30):
            while (await self.post("again", os.urandom(8).hex())).status_code != 201:  # noqa: ASYNC110  # as a reader would
                await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def roads(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Roads]:
    folder = tmp_path_factory.mktemp("roads")
    with contextlib.ExitStack() as stack:
        cluster, server = stack.enter_context(postgres_cluster()), stack.enter_context(redis_server())
        place = stack.enter_context(home("roads"))
        url = cluster.create_database()
        behind = urlsplit(url)
        sockets = Path(unquote(parse_qs(behind.query)["host"][0]))
        database = stack.enter_context(road(place / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432"))
        redis = stack.enter_context(road(place / "redis.sock", Path(unquote(urlsplit(server.url).path))))
        db = Database(settings_of(folder, server.url, url))
        await migrate.upgrade(db.engine)
        await db.transact(sites.create, "courier", "courier", [HOST], dict(OPEN))
        env = {
            "PARLEY_DATABASE_URL": behind._replace(query=f"host={quote(str(place), safe='')}").geturl(),
            "PARLEY_REDIS_URL": f"unix://{quote(str(place / 'redis.sock'))}",
            "PARLEY_SECRET_KEY": SECRET,
            "PARLEY_PUBLIC_URL": ORIGIN,
            "PARLEY_WORKER_IN_SERVER": "true",
            "PARLEY_METRICS_TOKEN": "only for who watches",
        }
        port = free_port()
        serving = stack.enter_context(parley("serve", folder=folder, port=port, env=env))
        async with httpx.AsyncClient(
            base_url=serving.url, timeout=60, trust_env=False, headers={"Origin": ORIGIN}
        ) as client:
            yield Roads(serving, client, database, redis, db)
        await db.close()


@pytest.mark.timeout(240)
async def test_while_the_database_is_away_pages_are_shown_late_and_posts_refused_soon(roads: Roads) -> None:
    await roads.post("shown", "key-shown")
    async with asyncio.timeout(30):
        while "parley_deaf 0.0" not in (await roads.ask("GET", "/metrics", headers=WATCHES)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    shown = await roads.ask("GET", roads.page("faults"))
    assert "Number shown" in shown.text
    roads.database.become("cut")
    try:
        # Pages live some seconds by themselves; then nothing newer can be had.
        async with asyncio.timeout(40):
            while "cache-status" not in (late := await roads.ask("GET", roads.page("faults"))).headers:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        assert late.status_code == 200
        assert "ttl=-" in late.headers["cache-status"]
        assert late.headers["cache-control"] == "no-cache"
        # The same page, but that it says so to its reader too.
        assert late.text == shown.text.replace(" data-late hidden>", " data-late>")
        assert late.text != shown.text
        roads.slowest = 0.0
        refused = await roads.post("kept by its reader", "key-away")
        assert refused.status_code == _REFUSED
        assert roads.slowest < 4
        assert (await roads.ask("GET", "/readyz")).status_code in {200, _REFUSED}
        assert (await roads.ask("GET", "/livez")).status_code == 200
    finally:
        roads.database.become("open")
    await roads.well()
    # The same key again, as the frame does by itself.
    assert (await roads.post("kept by its reader", "key-away")).status_code == 201
    # For two seconds after it was found to be away nobody asks for pages.
    async with asyncio.timeout(30):
        while (fresh := await roads.ask("GET", roads.page("faults"))).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert "cache-status" not in fresh.headers
    assert "kept by its reader" in fresh.text
    await _all_there(roads)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("state", ["slow", "narrow", "silent", "cut"])
@pytest.mark.parametrize("store", ["database", "redis"])
async def test_whoever_asks_is_answered(roads: Roads, store: str, state: State) -> None:
    name = f"{store}-{state}"
    await roads.post("before", f"key-{name}-before")
    await roads.ask("GET", roads.page("faults"))
    roads.slowest = 0.0
    this: Road = getattr(roads, store)
    this.become(state)
    try:
        answered = [await roads.bustle(f"{name}-{turn}") for turn in range(2)]
    finally:
        this.become("open")
    assert roads.slowest < _ANSWERED
    if store == "redis":
        assert set().union(*answered) == {201}  # posting goes on
    await roads.well()
    await _nothing_stuck(roads)
    await _all_there(roads)


async def _nothing_stuck(roads: Roads) -> None:
    """No transaction is left open that somebody else would wait for."""
    stuck = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        " AND xact_start < now() - interval '2 seconds'"
    )
    async with asyncio.timeout(30):
        while True:
            async with roads.db.engine.connect() as connection:
                if not (await connection.execute(stuck)).scalar_one():
                    return
            await asyncio.sleep(0.2)


async def _all_there(roads: Roads) -> None:
    """Everything that was taken is there, once, and the thread counts what is there."""
    async with roads.db.engine.connect() as connection:
        found = [str(number) for number in (await connection.execute(text("SELECT id FROM comment"))).scalars()]
        counts = text("SELECT sum(comment_count) FROM thread")
        assert (await connection.execute(counts)).scalar_one() == len(found)
    assert set(roads.taken) <= set(found)
